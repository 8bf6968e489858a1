// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/lammps_data.h"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "atoms/element.h"
#include "atoms/mass.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/line_reader.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;
constexpr long long most_atoms = 10'000, most_types = 1'000;
constexpr double widest = 1e5;        // Å
constexpr double same_weight = 0.1;   // u
constexpr double rough_weight = 1.5;  // u, where a label says what it is

/// Where in a line of Atoms type and position stand.
struct Style {
  std::string_view name;
  std::size_t type, position;
};
constexpr std::array<Style, 4> styles{
    {{"atomic", 1, 2}, {"charge", 1, 3}, {"molecular", 2, 3}, {"full", 2, 4}}};

/// A line without its comment, and the comment.
struct Line {
  std::vector<std::string_view> words;
  std::string_view comment;
};

Line cut(std::string_view text) {
  const auto at = text.find('#');
  const bool comment = at != std::string_view::npos;
  return {words(text.substr(0, at)), comment ? trim(text.substr(at + 1)) : std::string_view{}};
}

/// The element that a label begins with: "Pb", "Pb2+", "I1"; nothing of "CA3" or "opls_145".
std::optional<std::string> element_in(std::string_view label) {
  const auto all = words(label);
  if (all.empty()) return std::nullopt;
  const auto letters = std::min(all[0].find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                                all[0].size());
  const std::string symbol(all[0].substr(0, letters));
  try {
    static_cast<void>(atoms::atomic_number(symbol));
  } catch (const Error&) {
    return std::nullopt;
  }
  return symbol;
}

/// Of all elements, those whose standard weight is \p mass.
std::vector<std::string> elements_of(double mass) {
  constexpr int last = 103;
  std::vector<std::string> found;
  for (int z = 1; z <= last; ++z) {
    const std::string symbol = atoms::symbol_of(z);
    try {
      if (std::abs(atoms::atomic_mass(symbol) - mass) <= same_weight) found.push_back(symbol);
    } catch (const Error&) {  // its weight is not known
      continue;
    }
  }
  return found;
}

class DataParser {
 public:
  DataParser(std::istream& in, const std::string& name)
      : lines_(in, name, "a data file is text, and") {}

  atoms::Structure parse() {
    if (!lines_.next()) fail("empty; a data file of LAMMPS is expected");  // the first is a title
    Line line = read_header();
    while (!line.words.empty()) {
      const std::string section = join_words(line.words);
      if (section == "Masses") {
        line = read_masses();
      } else if (section == "Atoms") {
        style_ = style_named(line.comment);
        line = read_atoms();
      } else {
        line = pass_over();
      }
    }
    return build();
  }

 private:
  struct Atom {
    std::size_t type = 0;
    Eigen::Vector3d at = Eigen::Vector3d::Zero();
  };

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Cause::data, lines_.name() + ":" + std::to_string(lines_.number()) + ": " + what);
  }

  static std::string join_words(const std::vector<std::string_view>& all) {
    std::string out;
    for (const auto word : all) out += (out.empty() ? "" : " ") + std::string(word);
    return out;
  }

  /// The next line that is not empty; without words at the end of the file.
  Line next() {
    while (const auto text = lines_.next()) {
      Line line = cut(*text);
      if (!line.words.empty()) return line;
    }
    return {};
  }

  static bool begins_section(const Line& line) {
    const char first = line.words.front().front();
    return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
  }

  double number(std::string_view word) const {
    const auto value = parse_double(word);
    if (!value || !std::isfinite(*value)) fail("'" + printable(word) + "' is no number");
    return *value;
  }

  std::size_t count(std::string_view word, long long most) const {
    const auto value = parse_integer(word);
    if (!value || *value < 1 || *value > most)
      fail("'" + printable(word) + "'; expected a whole number of 1 to " + std::to_string(most));
    return static_cast<std::size_t>(*value);
  }

  /// \return the first line of the first section
  Line read_header() {
    for (Line line = next();; line = next()) {
      if (line.words.empty() || begins_section(line)) return line;
      read_header_line(line.words);
    }
  }

  void read_header_line(const std::vector<std::string_view>& all) {
    static constexpr std::array<std::string_view, 3> low{"xlo", "ylo", "zlo"};
    static constexpr std::array<std::string_view, 3> high{"xhi", "yhi", "zhi"};
    if (all.size() == 2 && all[1] == "atoms") {
      atoms_.resize(count(all[0], most_atoms));
    } else if (all.size() == 3 && all[1] == "atom" && all[2] == "types") {
      elements_.resize(count(all[0], most_types));
    } else if (all.size() == 6 && all[3] == "xy") {
      for (std::size_t i = 0; i < 3; ++i) {
        tilts_[static_cast<Eigen::Index>(i)] = number(all[i]);
        if (!(std::abs(number(all[i])) < widest)) fail("the box leans by over 100 000 Å");
      }
    } else if (all.size() == 4) {
      const auto axis = std::ranges::find(low, all[2]) - low.begin();
      if (axis == 3 || all[3] != high[static_cast<std::size_t>(axis)])
        fail("'" + printable(join_words(all)) + "'; as in '0 25.2 xlo xhi' is expected");
      origin_[axis] = number(all[0]);
      length_[axis] = number(all[1]) - origin_[axis];
      if (!(length_[axis] > 0 && length_[axis] < widest && std::abs(origin_[axis]) < widest))
        fail("the box is empty or wider than 100 000 Å");
    }
  }

  std::size_t type(std::string_view word) const {
    if (elements_.empty()) fail("the header has no number of atom types");
    return count(word, static_cast<long long>(elements_.size())) - 1;
  }

  Line read_masses() {
    for (Line line = next();; line = next()) {
      if (line.words.empty() || begins_section(line)) return line;
      if (line.words.size() != 2) fail("expected a type and its mass");
      auto& element = elements_[type(line.words[0])];
      if (!element.empty()) fail("the type's mass is there twice");
      element = element_of(number(line.words[1]), line.comment);
    }
  }

  std::string element_of(double mass, std::string_view comment) const {
    const auto named = element_in(comment);
    const auto found = elements_of(mass);
    if (named) {
      if (std::ranges::find(found, *named) != found.end()) return *named;
      if (std::abs(atoms::atomic_mass(*named) - mass) < rough_weight) return *named;
    }
    if (found.size() != 1)
      fail("a mass of " + shortest(mass) + " u is that of " +
           (found.empty() ? "no element" : join(found, " and ")) +
           "; expected its symbol behind it, as in '# Pb'");
    return found.front();
  }

  std::optional<Style> style_named(std::string_view comment) const {
    const auto all = words(comment);
    if (all.empty()) return std::nullopt;
    for (const Style& style : styles)
      if (style.name == all[0]) return style;
    fail("atom style " + printable(all[0]) + "; atomic, charge, molecular or full can be read");
  }

  /// Of the number of columns, with or without three of images.
  Style style_of(std::size_t columns) const {
    if (columns == 5 || columns == 8) return styles[0];
    if (columns == 7 || columns == 10) return styles[3];
    fail(std::to_string(columns) +
         " columns; the atom style is expected behind the title, as in 'Atoms # charge'");
  }

  Line read_atoms() {
    if (atoms_.empty()) fail("the header has no number of atoms");
    if (!(length_.minCoeff() > 0)) fail("the header has no box");
    for (Line line = next();; line = next()) {
      if (line.words.empty() || begins_section(line)) return line;
      const auto columns = line.words.size();
      if (!style_) style_ = style_of(columns);
      if (columns != style_->position + 3 && columns != style_->position + 6)
        fail(std::to_string(columns) + " columns; atom style " + std::string(style_->name) +
             " has " + std::to_string(style_->position + 3) + ", or 3 more");
      const auto id = count(line.words[0], static_cast<long long>(atoms_.size()));
      auto& atom = atoms_[id - 1];
      if (atom) fail("atom " + std::to_string(id) + " is there twice");
      Atom& placed = atom.emplace();
      placed.type = type(line.words[style_->type]);
      for (std::size_t i = 0; i < 3; ++i)
        placed.at[static_cast<Eigen::Index>(i)] = number(line.words[style_->position + i]);
    }
  }

  Line pass_over() {
    for (Line line = next();; line = next())
      if (line.words.empty() || begins_section(line)) return line;
  }

  atoms::Structure build() const {
    atoms::Structure out;
    out.name = lines_.name();
    if (atoms_.empty() || !atoms_.front()) fail("the file ends without atoms");
    out.cell << length_[0], 0, 0, tilts_[0], length_[1], 0, tilts_[1], tilts_[2], length_[2];
    const Eigen::Matrix3d inverse = out.cell.inverse();
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      const auto& atom = atoms_[i];
      if (!atom) fail("the file ends without atom " + std::to_string(i + 1));
      const std::string& element = elements_[atom->type];
      if (element.empty())
        fail("the file ends without the mass of type " + std::to_string(atom->type + 1));
      Eigen::Vector3d at = inverse.transpose() * (atom->at - origin_);
      for (double& x : at) {
        x -= std::floor(x);
        if (!(x < 1)) x = 0;
      }
      out.sites.push_back({element + std::to_string(i + 1), element, at});
    }
    return out;
  }

  LineReader lines_;
  Eigen::Vector3d origin_ = Eigen::Vector3d::Zero(), length_ = Eigen::Vector3d::Zero();
  Eigen::Vector3d tilts_ = Eigen::Vector3d::Zero();  ///< xy, xz, yz
  std::vector<std::string> elements_;                ///< of types
  std::vector<std::optional<Atom>> atoms_;
  std::optional<Style> style_;
};

}  // namespace

atoms::Structure parse_lammps_data(std::istream& in, const std::string& name) {
  return DataParser(in, name).parse();
}

atoms::Structure read_lammps_data(const std::string& path) {
  std::istringstream in(read_file(path, most_bytes));
  return parse_lammps_data(in, std::filesystem::path(path).filename().string());
}

}  // namespace twin::formats
