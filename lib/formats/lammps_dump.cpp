// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/lammps_dump.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.h"
#include "formats/atom_slots.h"
#include "formats/lammps_box.h"
#include "formats/line_reader.h"
#include "formats/trajectory_file.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

constexpr std::string_view items[] = {"ITEM: UNITS",           "ITEM: TIME",       "ITEM: TIMESTEP",
                                      "ITEM: NUMBER OF ATOMS", "ITEM: BOX BOUNDS", "ITEM: ATOMS"};

/// Where in a line what stands.
struct Columns {
  using Triple = std::array<std::size_t, 3>;

  std::size_t count = 0;
  std::optional<std::size_t> id, type, element;
  Triple position{};
  bool scaled = false;
  std::optional<Triple> image;  ///< counts of boxes that are still to be added

  /// Nothing where \p names has no coordinates.
  static std::optional<Columns> of(const std::vector<std::string_view>& names) {
    Columns columns;
    columns.count = names.size();
    const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
      const auto at = std::ranges::find(names, name);
      if (at == names.end()) return std::nullopt;
      return static_cast<std::size_t>(at - names.begin());
    };
    const auto triple = [&](const std::string& before, const std::string& after) {
      const auto x = find(before + "x" + after), y = find(before + "y" + after),
                 z = find(before + "z" + after);
      return x && y && z ? std::optional(Triple{*x, *y, *z}) : std::nullopt;
    };
    columns.id = find("id");
    columns.type = find("type");
    columns.element = find("element");
    for (const std::string form : {"u", "su", "", "s"}) {
      const auto found = triple("", form);
      if (!found) continue;
      columns.position = *found;
      columns.scaled = form.starts_with('s');
      if (!form.ends_with('u')) columns.image = triple("i", "");
      return columns;
    }
    return std::nullopt;
  }
};

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

class Dump final : public TrajectoryStream {
 public:
  Dump(std::shared_ptr<std::istream> stream, const std::string& file)
      : TrajectoryStream(std::move(stream), printable(file)),
        lines_(in(), file, "LAMMPS' text dump is") {}

 private:
  std::optional<TrajectoryFrame> read() override {
    TrajectoryFrame frame;
    std::optional<std::size_t> count;
    std::optional<LammpsBox> box;
    for (bool begun = false;; begun = true) {
      const auto text = lines_.next();
      if (!text && !begun) return std::nullopt;
      if (!text) throw Cut();
      if (trim(*text).empty() && !begun) continue;
      const std::string item(*text);
      if (item.starts_with("ITEM: ATOMS")) {
        if (!count || !box || !frame.step)
          fail("ITEM: ATOMS; the time step, the number of atoms and the box come before it");
        read_atoms(item, *count, *box, frame);
        return frame;
      }
      read_item(item, frame, count, box);
    }
  }

  [[nodiscard]] std::string place() const override { return ":" + std::to_string(lines_.number()); }

  void read_item(const std::string& item, TrajectoryFrame& frame, std::optional<std::size_t>& count,
                 std::optional<LammpsBox>& box) {
    if (item.starts_with(items[4])) {
      box = read_box(item.substr(items[4].size()));
    } else if (item.starts_with(items[3])) {
      const auto number = parse<std::int64_t>(trim(line()));
      if (!number || *number < 1 || static_cast<std::size_t>(*number) > most_atoms)
        fail("a number of atoms is expected, at most " + std::to_string(most_atoms));
      count = static_cast<std::size_t>(*number);
    } else if (item.starts_with(items[2])) {
      frame.step = parse<std::int64_t>(trim(line()));
      if (!frame.step) fail("a time step is expected");
    } else if (item.starts_with(items[1])) {
      const auto time = parse<double>(trim(line()));
      if (!time || !std::isfinite(*time)) fail("a time is expected");
      if (units_.time_ps) frame.time_ps = *time * *units_.time_ps;
    } else if (item.starts_with(items[0])) {
      const std::string name(trim(line()));
      const auto known = lammps_units(name);
      if (!known) fail("units " + printable(name.substr(0, 80)) + "; metal or real are expected");
      units_ = *known;
    } else {
      fail("'" + printable(item.substr(0, 80)) + "'; an ITEM of a LAMMPS dump is expected");
    }
  }

  LammpsBox read_box(std::string_view rest) {
    const auto kind = lammps_box_kind(rest);
    if (!kind) fail("the bounds of a box are expected, as ITEM: BOX BOUNDS pp pp pp");
    if (!kind->periodic) fail("a box that is not periodic; a periodic crystal is expected");
    std::array<std::array<double, 4>, 3> numbers{};
    for (auto& row : numbers) {
      const auto fields = words(line());
      if (fields.size() != numbers_a_line(*kind))
        fail(std::to_string(fields.size()) + " numbers of the box, " +
             std::to_string(numbers_a_line(*kind)) + " are expected");
      for (std::size_t i = 0; i < fields.size(); ++i) row[i] = number(fields[i]);
    }
    LammpsBox box = lammps_box(*kind, numbers);
    if (!(box.cell.diagonal().minCoeff() > 0) && !kind->vectors)
      fail("a box whose upper bounds are not above the lower ones");
    return box;
  }

  void read_atoms(const std::string& item, std::size_t count, const LammpsBox& box,
                  TrajectoryFrame& frame) {
    const auto columns = Columns::of(words(std::string_view(item).substr(items[5].size())));
    if (!columns) fail("no coordinates; columns x y z, xu yu zu, xs ys zs or xsu ysu zsu are");
    const auto n = static_cast<Eigen::Index>(count);
    // Rows as they come: nothing is set aside for atoms that the file does not have.
    std::vector<double> coordinates;
    ids_.clear();
    now_ = {};
    for (std::size_t i = 0; i < count; ++i) read_row(*columns, box, coordinates);
    sort_out(columns->id.has_value());
    frame.positions.resize(n, 3);
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto at = static_cast<Eigen::Index>(place_of(static_cast<std::size_t>(i)));
      for (int axis = 0; axis < 3; ++axis)
        frame.positions(at, axis) =
            coordinates[static_cast<std::size_t>(3 * i + axis)] * units_.length_A;
    }
    frame.cell = box.cell * units_.length_A;
  }

  void read_row(const Columns& columns, const LammpsBox& box, std::vector<double>& coordinates) {
    fields_ = words(line());
    if (fields_.size() != columns.count)
      fail(std::to_string(fields_.size()) + " columns, " + std::to_string(columns.count) +
           " are expected");
    Eigen::RowVector3d at, image = Eigen::RowVector3d::Zero();
    for (int axis = 0; axis < 3; ++axis) {
      const auto which = static_cast<std::size_t>(axis);
      at[axis] = number(fields_[columns.position[which]]);
      if (columns.image)
        image[axis] = static_cast<double>(integer(fields_[(*columns.image)[which]]));
    }
    const Eigen::RowVector3d r =
        (columns.scaled ? box.origin + at * box.cell : at) + image * box.cell;
    coordinates.insert(coordinates.end(), r.begin(), r.end());
    if (columns.id) ids_.push_back(integer(fields_[*columns.id]));
    if (columns.type) {
      const auto type = integer(fields_[*columns.type]);
      if (type < 1 || type > 1'000'000)
        fail("type " + std::to_string(type) + "; 1 or more is expected");
      now_.kinds.push_back(static_cast<int>(type));
    }
    if (columns.element) now_.elements.emplace_back(fields_[*columns.element]);
  }

  /// Kinds and elements in the order of the numbers; those of the first frame are kept.
  void sort_out(bool numbered) {
    if (frames() == 0) {
      slots_ = AtomSlots(ids_);
      if (const auto twice = slots_.doubled())
        fail("two atoms have the id " + std::to_string(*twice));
    }
    if (slots_.empty() == numbered) fail("some frames have a column id, others have none");
    if (numbered) check_all_are_there();
    atoms::TrajectoryAtoms sorted = now_;
    for (std::size_t i = 0; i < now_.kinds.size(); ++i) sorted.kinds[place_of(i)] = now_.kinds[i];
    for (std::size_t i = 0; i < now_.elements.size(); ++i)
      sorted.elements[place_of(i)] = now_.elements[i];
    if (frames() > 0 && (sorted.kinds != atoms_.kinds || sorted.elements != atoms_.elements))
      fail("atoms are of another type or element than in the first frame");
    if (frames() == 0) atoms_ = std::move(sorted);
  }

  void check_all_are_there() {
    std::vector<bool> seen(ids_.size());
    for (const auto id : ids_) {
      const auto at = slots_.place(id);
      if (!at || *at >= seen.size() || seen[*at])
        fail("the atom with id " + std::to_string(id) + " is not in the first frame, or is twice");
      seen[*at] = true;
    }
  }

  /// Where the atom of row \p i belongs.
  [[nodiscard]] std::size_t place_of(std::size_t i) const {
    return ids_.empty() ? i : *slots_.place(ids_[i]);
  }

  std::string_view line() {
    const auto text = lines_.next();
    if (!text || !lines_.ended()) throw Cut();  // a number without its end may look like one
    return *text;
  }

  double number(std::string_view text) {
    const auto value = parse<double>(text);
    if (!value || !std::isfinite(*value))
      fail("'" + printable(text.substr(0, 40)) + "'; a finite number is expected");
    return *value;
  }

  std::int64_t integer(std::string_view text) {
    const auto value = parse<std::int64_t>(text);
    if (!value || std::abs(*value) > (std::int64_t{1} << 53))
      fail("'" + printable(text.substr(0, 40)) + "'; an integer is expected");
    return *value;
  }

  LineReader lines_;
  LammpsUnits units_;
  AtomSlots slots_;
  std::vector<std::string_view> fields_;
  std::vector<std::int64_t> ids_;  ///< of the rows of the frame; empty: they have none
  atoms::TrajectoryAtoms now_;     ///< of the frame, in the order of its rows
};

}  // namespace

std::unique_ptr<atoms::TrajectoryReader> lammps_dump(std::shared_ptr<std::istream> in,
                                                     const std::string& name) {
  return std::make_unique<Dump>(std::move(in), name);
}

}  // namespace twin::formats
