// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/cif_symmetry.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <gemmi/symmetry.hpp>
#include <numbers>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_operations = 192;  // of the conventional cell of F m -3 m and its like
constexpr double same_place = 0.2;            // Å
constexpr double metric_tolerance = 0.01;

[[noreturn]] void refuse(const std::string& what) { throw Error(Cause::data, what); }

Operation converted(const gemmi::Op& op) {
  Operation result;
  for (int i = 0; i < 3; ++i) {
    const auto row = static_cast<std::size_t>(i);
    for (int j = 0; j < 3; ++j)
      result.rotation(i, j) =
          op.rot[row][static_cast<std::size_t>(j)] / static_cast<double>(gemmi::Op::DEN);
    result.shift[i] = op.tran[row] / static_cast<double>(gemmi::Op::DEN);
  }
  return result;
}

std::vector<Operation> converted(const gemmi::GroupOps& group) {
  std::vector<Operation> result;
  for (const auto& op : group) result.push_back(converted(op));
  return result;
}

double angle(const Eigen::Matrix3d& cell, int i, int j) {
  return std::acos(cell.row(i).normalized().dot(cell.row(j).normalized())) * 180 / std::numbers::pi;
}

const gemmi::SpaceGroup* named(const std::string& name, const Eigen::Matrix3d& cell) {
  // Longer ones are no names; gemmi's look-up reads a character ahead.
  constexpr std::size_t longest = 32;
  if (trim(name).empty() || name.size() > longest) return nullptr;
  return gemmi::find_spacegroup_by_name(name, angle(cell, 1, 2), angle(cell, 0, 1));
}

/// A name without ":1" or ":2" of a group that has two origins.
bool origin_is_open(const gemmi::SpaceGroup& group, const std::string& name) {
  return (group.ext == '1' || group.ext == '2') && name.find(':') == std::string::npos;
}

std::vector<Operation> from_name(const std::string& name, const Eigen::Matrix3d& cell) {
  const auto* group = named(name, cell);
  if (!group)
    refuse("space group '" + printable(name) + "' is unknown; expected a name such as 'P -3 m 1'");
  if (origin_is_open(*group, name))
    refuse("space group '" + printable(name) + "' has two origins; expected '" + group->hm +
           ":1' or ':2', or its operations");
  return converted(group->operations());
}

/// gemmi multiplies numbers by 24 before it looks at them.
bool has_long_number(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 9) return true;
  }
  return false;
}

/// A screw of a Hall symbol needs an axis: written, or implied by its place. gemmi's parser looks
/// nothing up otherwise, but beyond the end of an array.
bool screws_have_axes(const std::string& name) {
  std::string blanks = name.substr(0, name.find('('));
  std::ranges::replace(blanks, '_', ' ');
  std::string_view rest = trim(blanks);
  if (rest.starts_with('-')) rest = trim(rest.substr(1));
  if (rest.empty()) return false;
  const auto parts = words(rest.substr(1));  // behind the lattice's letter
  const auto order = [](std::string_view part) {
    if (part.starts_with('-')) part.remove_prefix(1);
    return part.empty() ? ' ' : part.front();
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i].substr(parts[i].starts_with('-') ? 1 : 0);
    if (part.empty()) return false;
    const bool screw = part.find_first_of("12345", 1) != std::string_view::npos;
    const bool after_even = i == 1 && (order(parts[0]) == '2' || order(parts[0]) == '4');
    const bool diagonal = part.find_first_of("'\"*") != std::string_view::npos;
    const bool implied = !diagonal && (i == 0 || (after_even && order(part) == '2'));
    if (screw && !implied && part.find_first_of("xyz") == std::string_view::npos) return false;
  }
  return true;
}

std::vector<Operation> from_hall(const std::string& name) {
  try {
    if (!screws_have_axes(name) || has_long_number(name))
      throw Error(Cause::data, "a screw without an axis, or a number too long");
    return converted(gemmi::symops_from_hall(name.c_str()));
  } catch (const std::exception&) {
    refuse("Hall symbol '" + printable(name) + "' can't be read");
  }
}

std::vector<Operation> from_number(const std::string& text) {
  const auto number = parse_integer(trim(text));
  const gemmi::SpaceGroup* first = nullptr;
  int settings = 0;
  for (const auto& group : gemmi::spacegroup_tables::main)
    if (number && group.number == *number && settings++ == 0) first = &group;
  if (!first) refuse("space group number '" + printable(text) + "'; expected 1 to 230");
  if (settings > 1)
    refuse("space group number " + std::to_string(*number) + " has " + std::to_string(settings) +
           " settings; expected a name such as '" + first->xhm() + "', or its operations");
  return converted(first->operations());
}

std::vector<Operation> from_triplets(const std::vector<std::string>& triplets) {
  if (triplets.size() > most_operations)
    refuse("over " + std::to_string(most_operations) + " symmetry operations; no space group has");
  std::vector<Operation> result;
  for (const auto& text : triplets) {
    try {
      if (has_long_number(text)) throw Error(Cause::data, "a number too long");
      result.push_back(converted(gemmi::parse_triplet(text)));
    } catch (const std::exception&) {
      refuse("symmetry operation '" + printable(text) +
             "' can't be read; expected such as '-x,y,z'");
    }
    if (std::abs(std::abs(result.back().rotation.determinant()) - 1) > 1e-6)
      refuse("symmetry operation '" + printable(text) + "' changes volumes");
  }
  return result;
}

/// The name, where it is there and clear, says how many there should be.
void check_count(const StatedSymmetry& stated, std::size_t count, const Eigen::Matrix3d& cell) {
  const auto* group = named(stated.hermann_mauguin, cell);
  if (!group) return;
  const auto expected = static_cast<std::size_t>(group->operations().order());
  if (count != expected)
    refuse("lists " + std::to_string(count) + " symmetry operations, but its space group " +
           group->xhm() + " has " + std::to_string(expected));
}

void check_metric(const std::vector<Operation>& all, const Eigen::Matrix3d& cell) {
  const Eigen::Matrix3d metric = cell * cell.transpose();
  const Eigen::Vector3d lengths = cell.rowwise().norm();
  for (const auto& operation : all) {
    const Eigen::Matrix3d change =
        operation.rotation.transpose() * metric * operation.rotation - metric;
    if (!(change.array().abs() <= metric_tolerance * (lengths * lengths.transpose()).array()).all())
      refuse(
          "its symmetry does not fit its cell: an operation changes lengths or angles by over 1 %");
  }
}

Eigen::Vector3d shortest_step(const Eigen::Vector3d& step) {
  return step - step.array().round().matrix();
}

Eigen::Vector3d wrapped(const Eigen::Vector3d& x) {
  constexpr double rounding = 1e-9;
  Eigen::Vector3d inside = x - x.array().floor().matrix();
  for (double& value : inside)
    if (value > 1 - rounding || value < rounding) value = 0;
  return inside;
}

}  // namespace

std::vector<Operation> operations(const StatedSymmetry& stated, const Eigen::Matrix3d& cell) {
  std::vector<Operation> result;
  if (!stated.triplets.empty()) {
    result = from_triplets(stated.triplets);
    check_count(stated, result.size(), cell);
  } else if (!stated.hall.empty()) {
    result = from_hall(stated.hall);
  } else if (!stated.hermann_mauguin.empty()) {
    result = from_name(stated.hermann_mauguin, cell);
  } else if (!stated.number.empty()) {
    result = from_number(stated.number);
  } else {
    refuse(
        "says nothing about symmetry; expected _space_group_symop_operation_xyz or a name of the "
        "space group ('P 1' when all atoms are listed)");
  }
  check_metric(result, cell);
  return result;
}

std::vector<Eigen::Vector3d> orbit(const Eigen::Vector3d& x,
                                   const std::vector<Operation>& operations,
                                   const Eigen::Matrix3d& cell) {
  const auto near = [&cell](const Eigen::Vector3d& step) {
    return (cell.transpose() * step).norm() < same_place;
  };
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  int copies = 0;
  for (const auto& [rotation, shift] : operations)
    if (const auto step = shortest_step(rotation * x + shift - x); near(step))
      sum += step, ++copies;
  const Eigen::Vector3d place = copies > 0 ? Eigen::Vector3d(x + sum / copies) : x;
  std::vector<Eigen::Vector3d> places{wrapped(place)};
  for (const auto& [rotation, shift] : operations) {
    const Eigen::Vector3d copy = rotation * place + shift;
    const auto known = [&](const Eigen::Vector3d& other) {
      return near(shortest_step(copy - other));
    };
    if (std::ranges::none_of(places, known)) places.push_back(wrapped(copy));
  }
  return places;
}

}  // namespace twin::formats
