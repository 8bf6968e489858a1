// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/extended_xyz.h"

#include <Eigen/LU>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/constants.h"
#include "core/text.h"
#include "formats/line_reader.h"
#include "formats/trajectory_file.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

using Keys = std::map<std::string, std::string>;

/// Where in a line an atom's symbol and coordinates stand, and perhaps forces.
struct Layout {
  std::size_t symbol = 0, position = 1, count = 4;
  std::optional<std::size_t> forces{};
};

/// \p properties  "species:S:1:pos:R:3:forces:R:3"; nothing where that has no symbol or positions
std::optional<Layout> layout_of(const std::string& properties) {
  const auto parts = split(properties, ':');
  if (parts.size() % 3 != 0) return std::nullopt;
  Layout layout{0, 0, 0};
  bool symbol = false, position = false;
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    const auto columns = parse_integer(parts[i + 2]);
    if (!columns || *columns < 1 || *columns > 1000) return std::nullopt;
    if (parts[i] == "species" && parts[i + 1] == "S" && *columns == 1) {
      layout.symbol = layout.count;
      symbol = true;
    }
    if (parts[i] == "pos" && parts[i + 1] == "R" && *columns == 3) {
      layout.position = layout.count;
      position = true;
    }
    if ((parts[i] == "forces" || parts[i] == "force") && parts[i + 1] == "R" && *columns == 3)
      layout.forces = layout.count;
    layout.count += static_cast<std::size_t>(*columns);
  }
  return symbol && position ? std::optional(layout) : std::nullopt;
}

class ExtendedXyz final : public TrajectoryStream {
 public:
  ExtendedXyz(std::shared_ptr<std::istream> stream, const std::string& file)
      : TrajectoryStream(std::move(stream), printable(file)),
        lines_(in(), file, "extended XYZ is text, and that is") {}

 private:
  std::optional<TrajectoryFrame> read() override {
    auto text = lines_.next();
    while (text && trim(*text).empty()) text = lines_.next();
    if (!text) return std::nullopt;
    if (!lines_.ended()) throw Cut();
    const auto count = parse_integer(trim(*text));
    if (!count || *count < 1 || static_cast<std::size_t>(*count) > most_atoms)
      fail("'" + printable(text->substr(0, 40)) + "'; a number of atoms is expected");
    TrajectoryFrame frame;
    const Keys keys = read_keys();
    read_keys_into(keys, frame);
    const auto properties = keys.find("properties");
    const auto layout = properties == keys.end() ? Layout{} : layout_of(properties->second);
    if (!layout) fail("Properties without species:S:1 or pos:R:3");
    read_atoms(static_cast<std::size_t>(*count), *layout, frame);
    return frame;
  }

  [[nodiscard]] std::string place() const override { return ":" + std::to_string(lines_.number()); }

  Keys read_keys() {
    const auto keys = xyz_keys(line());
    if (!keys) fail("a quote that is not closed");
    return *keys;
  }

  void read_keys_into(const Keys& keys, TrajectoryFrame& frame) {
    if (!keys.contains("lattice"))
      fail("no Lattice=\"ax ay az bx ...\"; extended XYZ of a periodic crystal is expected");
    const auto lattice = numbers(keys, "lattice", 9);
    for (Eigen::Index i = 0; i < 9; ++i)
      frame.cell(i / 3, i % 3) = (*lattice)[static_cast<std::size_t>(i)];
    if (const auto pbc = keys.find("pbc"); pbc != keys.end())
      for (const auto one : words(pbc->second))
        if (const auto yes = lower(one); yes != "t" && yes != "true" && yes != "1")
          fail("pbc=\"" + printable(pbc->second.substr(0, 40)) +
               "\"; periodic in all directions is");
    if (const auto energy = numbers(keys, "energy", 1)) frame.energy_eV = energy->front();
    if (const auto t = numbers(keys, "temperature", 1)) frame.temperature = t->front();
    if (const auto time = numbers(keys, "time_ps", 1)) frame.time_ps = time->front();
    if (const auto step = keys.find("step"); step != keys.end())
      if (const auto number = parse_integer(step->second)) frame.step = *number;
    const double volume = std::abs(frame.cell.determinant());
    const auto trace = [](const std::vector<double>& m) { return m[0] + m[4] + m[8]; };
    const auto tensor = [](const std::vector<double>& m) {
      return Eigen::Matrix3d(Eigen::Map<const Eigen::Matrix3d>(m.data()).transpose());
    };
    if (const auto virial = numbers(keys, "virial", 9)) {
      frame.virial_bar = trace(*virial) / (3 * volume) / eV_per_bar_A3;
      frame.virial_eV = tensor(*virial);
    } else if (const auto stress = numbers(keys, "stress", 9)) {
      frame.virial_bar = -trace(*stress) / 3 / eV_per_bar_A3;
      frame.virial_eV = -volume * tensor(*stress);
    }
    frame.notes = keys;
  }

  /// The numbers of a key; nothing where it is not there.
  std::optional<std::vector<double>> numbers(const Keys& keys, const std::string& key,
                                             std::size_t count) {
    const auto found = keys.find(key);
    if (found == keys.end()) return std::nullopt;
    std::vector<double> values;
    std::string text = found->second;
    for (char& c : text)  // QUIP writes blanks, others arrays: [[a, b, c], ...]
      if (c == '[' || c == ']' || c == ',') c = ' ';
    for (const auto word : words(text)) values.push_back(number(word));
    if (values.size() != count)
      fail(key + " has " + std::to_string(values.size()) + " numbers, " + std::to_string(count) +
           " are expected");
    return values;
  }

  void read_atoms(std::size_t count, const Layout& layout, TrajectoryFrame& frame) {
    std::vector<double> coordinates, forces;  // as they come: see most_atoms
    std::vector<std::string> elements;
    for (std::size_t i = 0; i < count; ++i) {
      const auto fields = words(line());
      if (fields.size() < layout.count)
        fail(std::to_string(fields.size()) + " columns, " + std::to_string(layout.count) +
             " are expected");
      elements.emplace_back(fields[layout.symbol]);
      for (std::size_t axis = 0; axis < 3; ++axis)
        coordinates.push_back(number(fields[layout.position + axis]));
      for (std::size_t axis = 0; layout.forces && axis < 3; ++axis)
        forces.push_back(number(fields[*layout.forces + axis]));
    }
    if (frames() == 0) atoms_.elements = elements;
    if (elements != atoms_.elements) fail("atoms are of other elements than in the first frame");
    const auto rows = static_cast<Eigen::Index>(count);
    using ByAtom = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;
    frame.positions = Eigen::Map<const ByAtom>(coordinates.data(), rows, 3);
    if (layout.forces) frame.forces = Eigen::Map<const ByAtom>(forces.data(), rows, 3);
  }

  double number(std::string_view text) {
    const auto value = parse_double(text);
    if (!value || !std::isfinite(*value))
      fail("'" + printable(text.substr(0, 40)) + "'; a finite number is expected");
    return *value;
  }

  std::string_view line() {
    const auto text = lines_.next();
    if (!text || !lines_.ended()) throw Cut();  // a number without its end may look like one
    return *text;
  }

  LineReader lines_;
};

}  // namespace

std::unique_ptr<atoms::TrajectoryReader> extended_xyz(std::shared_ptr<std::istream> in,
                                                      const std::string& name) {
  return std::make_unique<ExtendedXyz>(std::move(in), name);
}

}  // namespace twin::formats
