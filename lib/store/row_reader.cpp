// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/row_reader.h"

#include <hdf5.h>

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace twin::store::hdf5 {

namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20;  // of a block of rows
constexpr std::size_t texts_at_once = 16;

/// Texts of an attribute; none where it is not there, or no text.
std::vector<std::string> texts_of(const Handle& object, const std::string& name) {
  if (H5Aexists(object.get(), name.c_str()) <= 0) return {};
  const Handle attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), H5Aclose, name),
      space(H5Aget_space(attribute.get()), H5Sclose, name),
      type(H5Aget_type(attribute.get()), H5Tclose, name);
  const auto count = H5Sget_simple_extent_npoints(space.get());
  if (H5Tis_variable_str(type.get()) <= 0 || count < 1 || count > 32) return {};
  std::vector<char*> got(static_cast<std::size_t>(count));
  must_be(H5Aread(attribute.get(), type.get(), got.data()) >= 0, name);
  std::vector<std::string> out;
  for (const char* text : got) out.emplace_back(text == nullptr ? "" : text);
  H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, got.data());
  return out;
}

}  // namespace

void must_be(bool good, const std::string& name) {
  if (!good) throw Error(Cause::data, name + ": not as it was published: " + why());
}

std::string text_of(const Handle& object, const std::string& name) {
  const auto texts = texts_of(object, name);
  return texts.empty() ? "" : texts.back();
}

RowReader::RowReader(const Handle& group, std::string name) : name_(std::move(name)) {
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, name_);
  H5Pset_chunk_cache(access.get(), 0, 0, 0);  // whole chunks are read, once
  set_ = Handle(H5Dopen2(group.get(), name_.c_str(), access.get()), H5Dclose, name_);
  const Handle space(H5Dget_space(set_.get()), H5Sclose, name_),
      type(H5Dget_type(set_.get()), H5Tclose, name_);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  must_be(rank >= 0 && rank <= 4, name_);
  if (rank == 0) return;  // no rows
  sizes_.resize(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), sizes_.data(), nullptr);
  text_ = H5Tis_variable_str(type.get()) > 0;
  const auto kind = H5Tget_class(type.get());
  numbers_ = kind == H5T_FLOAT || kind == H5T_INTEGER;
  const Handle list(H5Dget_create_plist(set_.get()), H5Pclose, name_);
  const auto layout = H5Pget_layout(list.get());
  must_be(layout != H5D_VIRTUAL && H5Pget_external_count(list.get()) == 0, name_);
  block_ = text_ ? texts_at_once : rows();
  std::vector<hsize_t> chunk(sizes_.size());
  if (layout == H5D_CHUNKED) {
    must_be(H5Pget_chunk(list.get(), rank, chunk.data()) == rank, name_);
    block_ = chunk[0];
  }
  must_be(block_ * std::max<std::size_t>(width(), 1) <= most_bytes / sizeof(double), name_);
}

std::vector<double> RowReader::next() {
  if (at_ == end_) {
    waiting_.resize(advance() * width());
    read(H5T_NATIVE_DOUBLE, waiting_.data());
  }
  const auto from = waiting_.begin() + static_cast<std::ptrdiff_t>((at_++ - begin_) * width());
  return {from, from + static_cast<std::ptrdiff_t>(width())};
}

std::string RowReader::next_text() {
  if (at_ == end_) {
    std::vector<char*> got(advance());
    const Handle type(H5Dget_type(set_.get()), H5Tclose, name_);
    const Handle memory = read(type.get(), got.data());
    texts_.clear();
    for (const char* text : got) texts_.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(type.get(), memory.get(), H5P_DEFAULT, got.data());
  }
  return texts_[at_++ - begin_];
}

std::size_t RowReader::width() const {
  std::size_t out = 1;
  for (std::size_t i = 1; i < sizes_.size(); ++i) {
    must_be(sizes_[i] <= most_bytes / out, name_);
    out *= sizes_[i];
  }
  return out;
}

/// To the next block: its rows.
std::size_t RowReader::advance() {
  begin_ = end_;
  end_ = std::min<std::size_t>(rows(), begin_ + block_);
  must_be(end_ > begin_, name_);
  return end_ - begin_;
}

Handle RowReader::read(std::int64_t type, void* to) {
  std::vector<hsize_t> start(sizes_.size(), 0), count = sizes_;
  start[0] = begin_;
  count[0] = end_ - begin_;
  const Handle space(H5Dget_space(set_.get()), H5Sclose, name_);
  Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose,
                name_);
  must_be(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr) >= 0 &&
              H5Dread(set_.get(), type, memory.get(), space.get(), H5P_DEFAULT, to) >= 0,
          name_);
  return memory;
}

}  // namespace twin::store::hdf5
