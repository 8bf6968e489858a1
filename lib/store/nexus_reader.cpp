// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus_reader.h"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"
#include "store/hdf5_file.h"
#include "store/row_reader.h"
#include "stream/json.h"
#include "stream/parts.h"

namespace twin::store {

using hdf5::Handle;
using hdf5::RowReader;

namespace {

/// A group that holds records: a stack of scans, or what a program wrote.
class Part {
 public:
  Part(const Handle& entry, const std::string& path, const std::string& number,
       const std::string& text)
      : group_(H5Gopen2(entry.get(), path.c_str(), H5P_DEFAULT), H5Gclose, path),
        texts_(group_, text) {
    RowReader sequences(group_, number);
    hdf5::must_be(texts_.rank() == 1 && texts_.texts() && sequences.rank() == 1 &&
                      sequences.numbers() && sequences.rows() == texts_.rows(),
                  path);
    for (std::size_t i = 0; i < sequences.rows(); ++i)
      sequences_.push_back(static_cast<std::int64_t>(sequences.next()[0]));
    hdf5::must_be(std::ranges::is_sorted(sequences_, std::less_equal<>()), path);
  }

  [[nodiscard]] const std::vector<std::int64_t>& sequences() const { return sequences_; }

  /// The next record as a document; \p arrays are added to. To be called in the order of numbers.
  std::string next(record::Arrays& arrays) {
    for (auto& [name, array] : arrays_)
      arrays[name] = {array->next(), array->shape(), units_[name], "", ""};
    if (!axis_.first.empty()) arrays[axis_.first] = axis_.second;
    return texts_.next_text();
  }

  void add_arrays() {
    std::vector<std::string> names;
    H5Literate(group_.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
    const std::string axis = hdf5::text_of(group_, "axes");
    for (const auto& name : names) {
      H5O_info_t info{};
      if (H5Oget_info_by_name(group_.get(), name.c_str(), &info, H5P_DEFAULT) < 0 ||
          info.type != H5O_TYPE_DATASET)
        continue;
      auto set = std::make_unique<RowReader>(group_, name);
      const std::string title = hdf5::text_of(set->set(), "long_name");
      if (name == axis && set->rank() == 1 && set->numbers())
        axis_ = {title, axis_of(*set)};
      else if (set->rank() >= 2 && set->numbers() && set->rows() == sequences_.size()) {
        units_[title] = hdf5::text_of(set->set(), "units");
        arrays_.emplace_back(title, std::move(set));
      }
    }
  }

 private:
  static herr_t collect(std::int64_t, const char* name, const H5L_info_t* link, void* out) {
    if (link->type == H5L_TYPE_HARD)
      static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  }

  static record::Array axis_of(RowReader& set) {
    record::Array out{{}, {set.rows()}, hdf5::text_of(set.set(), "units"), "", ""};
    for (std::size_t i = 0; i < set.rows(); ++i) out.data.push_back(set.next()[0]);
    return out;
  }

  Handle group_;
  RowReader texts_;
  std::vector<std::int64_t> sequences_;
  std::vector<std::pair<std::string, std::unique_ptr<RowReader>>> arrays_;
  std::map<std::string, std::string> units_;
  std::pair<std::string, record::Array> axis_;
};

std::deque<Part> parts_of(const Handle& file) {
  const Handle entry(H5Gopen2(file.get(), "/entry", H5P_DEFAULT), H5Gclose, "/entry");
  const auto there = [&](const std::string& name) {
    return H5Lexists(entry.get(), name.c_str(), H5P_DEFAULT) > 0;
  };
  std::deque<Part> parts;
  for (int i = 1; there("scans_" + std::to_string(i)); ++i)
    parts.emplace_back(entry, "scans_" + std::to_string(i), "sequence", "record").add_arrays();
  for (int i = 1; there("process_" + std::to_string(i)); ++i)
    parts.emplace_back(entry, "process_" + std::to_string(i) + "/records", "sequence_index",
                       "data");
  return parts;
}

/// The record's line: arrays in the order of their names, as stream::encode() puts them.
std::string line_of(const std::string& text, record::Arrays arrays) {
  if (arrays.empty()) return text;
  record::Value document = stream::parse_json(text, "record");
  record::Value* there = document.find("arrays");
  hdf5::must_be(there != nullptr && there->is_object(), "record");
  record::Value restored = stream::encode_arrays(arrays);
  for (auto& member : there->object()) restored.object().push_back(std::move(member));
  std::ranges::sort(
      restored.object(), {}, [](const auto& member) -> auto& { return member.first; });
  *there = std::move(restored);
  return stream::dump_json(document);
}

/// An attribute that is one number or one text of \p size bytes; false where it is none.
bool read_attribute(std::int64_t file, const char* name, std::int64_t type, H5T_class_t kind,
                    std::size_t size, void* to) {
  const auto id = H5Aopen(file, name, H5P_DEFAULT);
  if (id < 0) return false;
  const Handle attribute(id, H5Aclose, name), space(H5Aget_space(id), H5Sclose, name),
      there(H5Aget_type(id), H5Tclose, name);
  return H5Sget_simple_extent_npoints(space.get()) == 1 && H5Tget_class(there.get()) == kind &&
         H5Tis_variable_str(there.get()) <= 0 && H5Tget_size(there.get()) == size &&
         H5Aread(id, type, to) >= 0;
}

/// A file that does not open because a program writes it is not one that is none of ours.
void refuse_while_written(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.open()) return;
  if (::flock(file.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw Error(Cause::try_again,
                printable(path) + ": another program has it open for writing; later may work");
}

}  // namespace

Published read_published(const std::string& path) {
  refuse_while_written(path);
  const auto inside = hdf5::enter();
  const auto file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return {};
  const Handle closed(file, H5Fclose, "file");
  Published out;
  std::array<char, 64> digest{};
  // What lies in the attribute itself only: in a damaged heap of texts HDF5 may look for ever.
  if (!read_attribute(file, sequence_attribute, H5T_NATIVE_INT64, H5T_INTEGER, 8, &out.sequence))
    return {};
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "text type");
  H5Tset_size(type.get(), digest.size());
  if (read_attribute(file, sha256_attribute, type.get(), H5T_STRING, digest.size(), digest.data()))
    out.sha256.assign(digest.data(), digest.size());
  return out;
}

void read_nexus(const std::string& path, const Visit& visit) {
  const auto inside = hdf5::enter();
  const auto id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0) throw Error(Cause::no_input, printable(path) + ": " + hdf5::why());
  const Handle file(id, H5Fclose, "file");
  try {
    auto parts = parts_of(file);
    std::vector<std::pair<std::int64_t, std::size_t>> order;  // sequence, part
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (const auto sequence : parts[i].sequences()) order.emplace_back(sequence, i);
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size();) {
      const std::int64_t sequence = order[i].first;
      record::Arrays arrays;
      std::string text;
      for (; i < order.size() && order[i].first == sequence; ++i)
        text = parts[order[i].second].next(arrays);
      visit(sequence, line_of(text, std::move(arrays)));
    }
  } catch (const Error& error) {
    throw Error(error.cause() == Cause::output ? Cause::data : error.cause(),
                printable(path) + ": " + error.what());
  }
}

}  // namespace twin::store
