// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/dump_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "md/explosion.h"

namespace twin::md {

namespace {

constexpr int header_lines = 9;
constexpr std::size_t longest_line = 1000;

}  // namespace

void DumpParser::fail(std::string_view text, const std::string& expected) {
  throw Error(Cause::data,
              "trajectory: '" + printable(text.substr(0, 80)) + "'; expected " + expected);
}

void DumpParser::add(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    if (rest_.empty()) {
      line(bytes.substr(0, end));
    } else {
      rest_.append(bytes.substr(0, end));
      line(rest_);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  rest_.append(bytes);
  if (rest_.size() > longest_line) fail(rest_, "a line of a dump");
}

std::optional<DumpFrame> DumpParser::next() {
  if (frames_.empty()) return std::nullopt;
  DumpFrame frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

void DumpParser::line(std::string_view text) {
  if (place_ < header_lines) {
    header(text);
  } else {
    row(text);
  }
  if (++place_ < header_lines + atoms_) return;
  frames_.push_back(std::move(current_));
  current_ = {};
  place_ = 0;
}

/// ITEM: TIMESTEP, number, ITEM: NUMBER OF ATOMS, number, ITEM: BOX BOUNDS, three lines, ITEM:
/// ATOMS.
void DumpParser::header(std::string_view text) {
  const auto expect = [&](std::string_view item) {
    if (!text.starts_with(item)) fail(text, std::string(item));
  };
  switch (place_) {
    case 0:
      return expect("ITEM: TIMESTEP");
    case 1:
      if (const auto step = parse_integer(text); step && *step >= 0) {
        current_.step = *step;
        return;
      }
      fail(text, "a step");
    case 2:
      return expect("ITEM: NUMBER OF ATOMS");
    case 3:
      if (const auto left = parse_integer(text); left && *left >= 0 && *left < atoms_)
        throw lost_atoms(*left, atoms_, current_.step);
      if (parse_integer(text) != static_cast<long long>(atoms_))
        fail(text, std::to_string(atoms_) + " atoms");
      current_.positions.resize(atoms_, 3);
      return;
    case 4:
      oblique_ = text.starts_with("ITEM: BOX BOUNDS xy xz yz p");
      return oblique_ ? void() : expect("ITEM: BOX BOUNDS p");
    case 5:
    case 6:
    case 7:
      return bounds(text, static_cast<std::size_t>(place_ - 5));
    case 8:
      return expect("ITEM: ATOMS xu yu zu");
    default:
      return;
  }
}

/// Of an oblique box the bounds are those of the upright one around it; the tilts are xy, xz, yz
/// (docs.lammps.org/Howto_triclinic.html).
void DumpParser::bounds(std::string_view text, std::size_t axis) {
  const auto all = words(text);
  if (all.size() != (oblique_ ? 3U : 2U)) fail(text, "the bounds of a box");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto value = parse_double(all[i]);
    if (!value) fail(text, "the bounds of a box");
    if (!std::isfinite(*value))
      throw explosion("the box is from '" + printable(text.substr(0, 80)) + "' at step " +
                      std::to_string(current_.step));
    bounds_[axis][i] = *value;
  }
  if (axis < 2) return;
  const double xy = bounds_[0][2], xz = bounds_[1][2], yz = bounds_[2][2];
  const auto length = [&](std::size_t i, std::initializer_list<double> corners) {
    return bounds_[i][1] - std::max(corners) - (bounds_[i][0] - std::min(corners));
  };
  current_.cell << length(0, {0, xy, xz, xy + xz}), 0, 0, xy, length(1, {0, yz}), 0, xz, yz,
      length(2, {0});
  if (!(current_.cell.diagonal().minCoeff() > 0) || !current_.cell.allFinite())
    fail(text, "the bounds of a box");
}

void DumpParser::row(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const Eigen::Index atom = place_ - header_lines;
  for (int axis = 0; axis < 3; ++axis) {
    while (at != end && *at == ' ') ++at;
    double value = 0;
    const auto [after, error] = std::from_chars(at, end, value);
    if (error == std::errc() && !std::isfinite(value))
      throw explosion("atom " + std::to_string(atom + 1) + " is at '" +
                      printable(text.substr(0, 80)) + "' at step " + std::to_string(current_.step));
    if (error != std::errc()) fail(text, "three coordinates");
    current_.positions(atom, axis) = value;
    at = after;
  }
  while (at != end && *at == ' ') ++at;
  if (at != end) fail(text, "three coordinates and no more");
}

}  // namespace twin::md
