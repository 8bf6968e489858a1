// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/npy.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

namespace {

constexpr std::string_view npy_magic = "\x93NUMPY";
constexpr std::size_t most_values = std::size_t{1} << 27;  // 1 GiB

/// What stands behind `'key':` in the header, which is a dictionary as Python writes it.
std::string_view after(std::string_view header, std::string_view key) {
  const auto at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return {};
  const auto colon = header.find(':', at);
  return colon == std::string_view::npos ? std::string_view{} : trim(header.substr(colon + 1));
}

class NpyParser {
 public:
  NpyParser(std::string_view bytes, const std::string& name)
      : bytes_(bytes), name_(printable(name)) {}

  NpyArray parse() {
    const std::string_view header = take_header();
    const auto kind = after(header, "descr").substr(0, 5);
    const bool doubles = kind == "'<f8'", floats = kind == "'<f4'";
    if (!doubles && !floats)
      fail("numbers of kind " + printable(kind) + "; '<f8' or '<f4' are expected");
    if (!after(header, "fortran_order").starts_with("False"))
      fail("columns first; C's order is expected");
    NpyArray out;
    out.shape = shape_of(after(header, "shape"));
    std::size_t count = 1;
    for (const std::size_t n : out.shape) {
      if (n != 0 && count > most_values / n) fail("more numbers than can be read");
      count *= n;
    }
    const std::size_t size = doubles ? 8 : 4;
    if (bytes_.size() != count * size)
      fail(std::to_string(bytes_.size()) + " bytes of numbers, " + std::to_string(count * size) +
           " are expected");
    out.values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) out.values.push_back(number(i * size, doubles));
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Cause::data, name_ + ": " + what);
  }

  std::string_view take(std::size_t count) {
    if (bytes_.size() < count) fail("it ends too early");
    const auto out = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return out;
  }

  std::string_view take_header() {
    if (!bytes_.starts_with(npy_magic)) fail("no file of NumPy's; it begins with other bytes");
    take(npy_magic.size());
    const std::string_view version = take(2);
    if (version[0] < 1 || version[0] > 3) fail("an unknown version of NumPy's files");
    std::size_t length = 0;
    const std::string_view written = take(version[0] == 1 ? 2 : 4);
    for (std::size_t i = written.size(); i-- > 0;)
      length = length << 8U | static_cast<unsigned char>(written[i]);
    return take(length);
  }

  /// "(292, 120), ..."
  std::vector<std::size_t> shape_of(std::string_view text) const {
    const auto end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos) fail("no shape in its header");
    std::vector<std::size_t> shape;
    for (const auto part : split(text.substr(1, end - 1), ',')) {
      if (trim(part).empty()) continue;
      const auto n = parse_integer(trim(part));
      if (!n || *n < 0 || shape.size() == 8) fail("a shape that is none: " + printable(text));
      shape.push_back(static_cast<std::size_t>(*n));
    }
    return shape;
  }

  [[nodiscard]] double number(std::size_t at, bool is_double) const {
    double value = 0;
    if (is_double) {
      std::memcpy(&value, bytes_.data() + at, 8);
    } else {
      float single = 0;
      std::memcpy(&single, bytes_.data() + at, 4);
      value = static_cast<double>(single);
    }
    if (!std::isfinite(value)) fail("a number is not finite");
    return value;
  }

  static_assert(std::endian::native == std::endian::little);
  std::string_view bytes_;
  std::string name_;
};

}  // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  return NpyParser(bytes, name).parse();
}

std::string npy_bytes(const NpyArray& array) {
  std::size_t count = 1;
  std::string shape;
  for (const std::size_t n : array.shape) {
    count *= n;
    shape += std::to_string(n) + ",";
  }
  if (count != array.values.size())
    throw Error(Cause::internal, "npy: the shape is of another size");
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + "), }";
  while ((npy_magic.size() + 4 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string out(npy_magic);
  out += {'\x01', '\x00', static_cast<char>(header.size() & 0xffU),
          static_cast<char>(header.size() >> 8U)};
  out += header;
  out.append(reinterpret_cast<const char*>(array.values.data()), 8 * array.values.size());
  return out;
}

}  // namespace twin::formats
