// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "store/hdf5_file.h"
#include "store/run.h"

namespace twin::store {

namespace {

constexpr std::size_t most_numbers = std::size_t{1} << 27;  // 1 GiB

/// `FILE::/path[i]` in its parts.
struct Reference {
  std::string file, path;
  std::optional<std::size_t> index;
};

[[noreturn]] void fail(const std::string& text, const std::string& what,
                       Cause cause = Cause::data) {
  throw Error(cause, "reference '" + printable(text) + "': " + what);
}

Reference parse(const std::string& text) {
  const std::size_t colons = text.find("::/");
  if (colons == text.npos || colons == 0 || text.find('\0') != text.npos)
    fail(text, "not understood; 'FILE::/path' or 'FILE::/path[i]' is expected");
  Reference out{text.substr(0, colons), text.substr(colons + 2), {}};
  if (!out.path.ends_with(']')) return out;
  const std::size_t open = out.path.rfind('[');
  if (open == out.path.npos) fail(text, "a ']' without '['; 'FILE::/path[i]' is expected");
  const auto index =
      parse_integer(std::string_view(out.path).substr(open + 1, out.path.size() - open - 2));
  if (!index || *index < 0) fail(text, "the index is not a whole number from 0");
  out.index = static_cast<std::size_t>(*index);
  out.path.resize(open);
  return out;
}

/// Opens \p file below \p base step by step, following no symbolic link: what is checked is what
/// is opened.
Descriptor open_inside(const std::string& base, const std::string& file, const std::string& text) {
  if (file.front() == '/')
    fail(text, "an absolute path; one inside the stream's folder is expected");
  Descriptor at(::open(base.empty() ? "." : base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.open()) fail(text, printable(base) + ": " + std::strerror(errno), Cause::no_input);
  const auto parts = split(file, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part(parts[i]);
    if (part.empty() || part == "." || part == "..")
      fail(text, "'" + part + "' in the path; a plain path inside the stream's folder is expected");
    const bool last = i + 1 == parts.size();
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (last ? O_NONBLOCK : O_DIRECTORY);
    Descriptor next(::openat(at.number(), part.c_str(), flags));
    if (!next.open() && errno == ENOENT)
      fail(text, "no file '" + printable(file) + "'", Cause::no_input);
    if (!next.open() && (errno == ELOOP || errno == ENOTDIR))
      fail(text, "'" + printable(part) + "' is a symbolic link or no folder; it is not followed");
    if (!next.open()) fail(text, std::strerror(errno), Cause::no_input);
    at = std::move(next);
  }
  struct stat status {};
  if (::fstat(at.number(), &status) != 0 || !S_ISREG(status.st_mode))
    fail(text, "not a plain file");
  return at;
}

/// Every step of the path is a hard link: soft, external and user-defined ones lead elsewhere.
void check_links(const hdf5::Handle& file, const std::string& path, const std::string& text) {
  std::string walked;
  for (const auto part : split(std::string_view(path).substr(1), '/')) {
    if (part.empty() || part == "..") fail(text, "an empty step in the path inside the file");
    walked.append("/").append(part);
    H5L_info_t link{};
    if (H5Lget_info(file.get(), walked.c_str(), &link, H5P_DEFAULT) < 0)
      fail(text, "no '" + printable(walked) + "' in the file");
    if (link.type != H5L_TYPE_HARD)
      fail(text, "'" + printable(walked) + "' is a link to elsewhere; it is not followed");
  }
}

/// The numbers must lie in this file: neither in raw files beside it nor in other HDF5 files.
void check_storage(const hdf5::Handle& set, const std::string& text) {
  const hdf5::Handle list(H5Dget_create_plist(set.get()), H5Pclose, "properties");
  if (H5Pget_layout(list.get()) == H5D_VIRTUAL || H5Pget_external_count(list.get()) > 0)
    fail(text, "its numbers lie in other files; they are not followed");
}

std::vector<std::size_t> shape_of(const hdf5::Handle& space, const std::string& text) {
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > 4) fail(text, "not an array of up to four dimensions");
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  return {sizes.begin(), sizes.end()};
}

std::size_t count_of(const std::vector<std::size_t>& shape, const std::string& text) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (size > 0 && count > most_numbers / size) fail(text, "more than 1 GiB of numbers");
    count *= size;
  }
  return count;
}

/// Narrows \p space and \p shape to one index of the first dimension.
void select(const hdf5::Handle& space, std::vector<std::size_t>& shape, std::size_t index,
            const std::string& text) {
  if (shape.empty() || index >= shape.front())
    fail(text, "index " + std::to_string(index) + " of " +
                   std::to_string(shape.empty() ? 0 : shape.front()));
  std::vector<hsize_t> start(shape.size(), 0), count(shape.begin(), shape.end());
  start.front() = index;
  count.front() = 1;
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  shape.erase(shape.begin());
}

std::vector<double> read_numbers(const hdf5::Handle& set, const hdf5::Handle& space,
                                 const std::vector<std::size_t>& shape, const std::string& text) {
  const hdf5::Handle type(H5Dget_type(set.get()), H5Tclose, "type");
  const auto kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) fail(text, "not numbers");
  std::vector<double> data(count_of(shape, text));
  if (data.empty()) fail(text, "an empty array");
  const hsize_t size = data.size();
  const hdf5::Handle memory(H5Screate_simple(1, &size, nullptr), H5Sclose, "space");
  if (H5Dread(set.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), H5P_DEFAULT, data.data()) <
      0)
    fail(text, hdf5::why());
  return data;
}

/// The file that was read last, with its arrays: a series refers to thousands of rows of one array,
/// and to open a file costs a hundred times what a row does.
class OpenFile {
 public:
  OpenFile(const struct stat& status, hdf5::Handle file)
      : status_(status), file_(std::move(file)) {}

  /// Of the file behind \p descriptor, opened where it is another, or has changed.
  static OpenFile& of(const Descriptor& descriptor, const std::string& text) {
    static auto* kept = new std::optional<OpenFile>;  // never destroyed: HDF5 ends first
    struct stat status {};
    if (::fstat(descriptor.number(), &status) != 0) fail(text, std::strerror(errno));
    if (*kept && (*kept)->is(status)) return **kept;
    kept->reset();
    const std::string opened = "/proc/self/fd/" + std::to_string(descriptor.number());
    const auto id = H5Fopen(opened.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (id < 0) fail(text, "the file is not HDF5, or damaged: " + hdf5::why());
    kept->emplace(status, hdf5::Handle(id, H5Fclose, "file"));
    return **kept;
  }

  const hdf5::Handle& set(const std::string& path, const std::string& text) {
    constexpr std::size_t most = 64;
    if (const auto at = sets_.find(path); at != sets_.end()) return at->second;
    check_links(file_, path, text);
    const auto id = H5Dopen2(file_.get(), path.c_str(), H5P_DEFAULT);
    if (id < 0) fail(text, "not an array");
    hdf5::Handle set(id, H5Dclose, "array");
    check_storage(set, text);
    if (sets_.size() == most) sets_.clear();
    return sets_.emplace(path, std::move(set)).first->second;
  }

 private:
  [[nodiscard]] bool is(const struct stat& other) const {
    return status_.st_dev == other.st_dev && status_.st_ino == other.st_ino &&
           status_.st_size == other.st_size && status_.st_mtim.tv_sec == other.st_mtim.tv_sec &&
           status_.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
  }

  struct stat status_;
  hdf5::Handle file_;
  std::map<std::string, hdf5::Handle> sets_;
};

void fill(record::Array& array, const std::string& base) {
  if (array.reference.empty() || !array.data.empty()) return;
  const std::string& text = array.reference;
  const Reference reference = parse(text);
  const auto inside = hdf5::enter();
  const Descriptor descriptor = open_inside(base, reference.file, text);
  const hdf5::Handle& set = OpenFile::of(descriptor, text).set(reference.path, text);
  const hdf5::Handle space(H5Dget_space(set.get()), H5Sclose, "space");
  auto shape = shape_of(space, text);
  if (reference.index) select(space, shape, *reference.index, text);
  if (!array.shape.empty() && array.shape != shape)
    fail(text, "its shape is not what the record says");
  auto data = read_numbers(set, space, shape, text);
  static_assert(std::endian::native == std::endian::little);
  const std::string_view bytes(reinterpret_cast<const char*>(data.data()),
                               data.size() * sizeof(double));
  if (!array.sha256.empty() && sha256(bytes) != lower(array.sha256))
    fail(text, "the SHA-256 of its numbers is not what the record says; the file has changed");
  array.data = std::move(data);
  array.shape = std::move(shape);
}

}  // namespace

void resolve(record::Record& record, const std::string& base) {
  const auto fill_all = [&](record::Arrays& arrays) {
    for (auto& [name, array] : arrays) fill(array, base);
  };
  if (auto* measurement = std::get_if<record::Measurement>(&record)) fill_all(measurement->arrays);
  if (auto* result = std::get_if<record::Result>(&record)) fill_all(result->arrays);
  if (auto* state = std::get_if<record::State>(&record)) {
    fill_all(state->arrays);
    for (auto& simulated : state->simulated) fill_all(simulated.arrays);
  }
}

}  // namespace twin::store
