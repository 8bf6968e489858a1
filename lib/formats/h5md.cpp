// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/h5md.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "formats/h5md_element.h"
#include "formats/trajectory_file.h"

namespace twin::formats {

using atoms::TrajectoryFrame;

namespace {

constexpr const char* ours = "/parameters/twin-simulate";

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;

std::string only_group(Hdf5Tree& tree, const std::string& group) {
  const auto groups = h5md_groups(tree);
  const auto fail = [&](const std::string& what) {
    throw Error(Cause::data, tree.name() + ": " + printable(what));
  };
  if (groups.empty()) fail("H5MD without positions in time");
  if (group.empty() && groups.size() > 1)
    fail("several groups of particles: " + join(groups, ", ") +
         "; name one, as FILE::" + groups.front());
  if (!group.empty() && std::ranges::find(groups, group) == groups.end())
    fail("no group of particles " + group + "; it has " + join(groups, ", "));
  return group.empty() ? groups.front() : group;
}

class H5md final : public TrajectoryFile {
 public:
  H5md(std::unique_ptr<Hdf5Tree> tree, const std::string& group)
      : TrajectoryFile(tree->name()),
        tree_(std::move(tree)),
        group_(only_group(*tree_, group)),
        at_("/particles/" + group_),
        position_(*tree_, at_ + "/position"),
        image_(*tree_, at_ + "/image"),
        edges_(*tree_, at_ + "/box/edges"),
        species_(*tree_, at_ + "/species") {
    check_positions();
    check_box();
    if (species_ && species_.shape() != std::vector<std::size_t>{count_})
      fail(at_ + "/species: as many as there are atoms are expected");
    // Rows that were not written whole: the writer was stopped.
    rows_ = position_.rows();
    for (const auto* other : {&image_, &edges_, &species_})
      if (*other && other->in_time()) rows_ = std::min(rows_, other->rows());
    cut_ = rows_ < position_.rows();
    find_observables();
    find_origin();
  }

 private:
  std::optional<TrajectoryFrame> read() override {
    const std::size_t row = frames();
    if (row >= rows_) return std::nullopt;
    TrajectoryFrame frame;
    frame.cell = cell_at(row);
    const auto numbers = position_.at(row);
    frame.positions =
        Eigen::Map<const RowMajor>(numbers.data(), static_cast<Eigen::Index>(count_), 3) *
        length_A_;
    if (image_) {
      const auto counts = image_.at(row);
      frame.positions +=
          Eigen::Map<const RowMajor>(counts.data(), static_cast<Eigen::Index>(count_), 3) *
          frame.cell;
    }
    if (row == 0 || species_.in_time()) take_species(row);
    frame.step = position_.step(row);
    frame.time_ps = position_.time_ps(row);
    frame.temperature = observed(temperature_, "K", row);
    frame.energy_eV = observed(energy_, "eV", row);
    if (frame.energy_eV) *frame.energy_eV *= static_cast<double>(count_);
    frame.virial_bar = observed(virial_, "bar", row);
    return frame;
  }

  [[nodiscard]] bool ended_early() const override { return cut_; }

  void check_positions() {
    const auto shape = position_.shape();
    if (!position_.in_time() || shape.size() != 2 || shape[1] != 3 || shape[0] < 1 ||
        shape[0] > most_atoms)
      fail(at_ + "/position: numbers [frames × atoms × 3] are expected");
    if (position_.rows() > 0 && position_.value().hollow())
      fail(at_ + "/position: declared, but not written");
    count_ = shape[0];
    if (image_ && image_.shape() != shape) fail(at_ + "/image: not of the shape of the positions");
    const auto factor = h5md_unit(position_.unit(), "Å");
    if (factor) length_A_ = *factor;
    if (factor) return;
    if (!position_.unit().empty())
      fail(at_ + "/position: unit '" + printable(position_.unit()) +
           "'; nm or Angstrom is expected");
    warnings_.push_back(name() + ": its lengths have no unit; they are taken as Å");
  }

  void check_box() {
    for (const auto& boundary : tree_->attribute(at_ + "/box", "boundary"))
      if (boundary != "periodic")
        fail(at_ + "/box: boundary " + printable(boundary) + "; a periodic crystal is expected");
    const auto shape = edges_.shape();
    const bool fits =
        edges_ && (shape == std::vector<std::size_t>{3} || shape == std::vector<std::size_t>{3, 3});
    if (!fits) fail(at_ + "/box/edges: three lengths or three vectors are expected");
    const auto factor = h5md_unit(edges_.unit(), "Å");
    if (!edges_.unit().empty() && !factor)
      fail(at_ + "/box/edges: unit '" + printable(edges_.unit()) + "'; nm or Angstrom is expected");
    edge_A_ = factor.value_or(length_A_);
  }

  Eigen::Matrix3d cell_at(std::size_t row) {
    const auto numbers = edges_.at(row);
    Eigen::Matrix3d cell = Eigen::Matrix3d::Zero();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      if (numbers.size() == 3)
        cell(at, at) = numbers[i] * edge_A_;
      else
        cell(at / 3, at % 3) = numbers[i] * edge_A_;
    }
    return cell;
  }

  void take_species(std::size_t row) {
    if (!species_) return;
    std::vector<int> kinds;
    for (const double kind : species_.at(row)) {
      if (!(std::abs(kind) <= 1e6)) fail(at_ + "/species: small integers are expected");
      kinds.push_back(static_cast<int>(kind));
    }
    if (row > 0 && kinds != atoms_.kinds) fail(at_ + "/species: atoms change their species");
    if (row > 0) return;
    const auto names = species_.value().names();
    for (const int kind : kinds)
      if (const auto name = names.find(kind); name != names.end())
        atoms_.elements.push_back(name->second);
    if (atoms_.elements.size() != kinds.size()) atoms_.elements.clear();
    atoms_.kinds = std::move(kinds);
  }

  void find_observables() {
    const bool thermodynamics = tree_->is_group("/h5md/modules/thermodynamics");
    for (const std::string& folder :
         {"/observables/" + group_ + "/", std::string("/observables/")}) {
      const auto find = [&](std::optional<H5mdElement>& into, const std::string& name) {
        if (into) return;
        H5mdElement found(*tree_, folder + name);
        if (found && found.in_time() && found.shape().empty()) into = std::move(found);
      };
      if (thermodynamics) find(temperature_, "temperature");
      if (thermodynamics) find(energy_, "potential_energy");
      find(virial_, "virial_pressure");
    }
    for (auto* one : {&temperature_, &energy_, &virial_}) {
      if (!*one || (*one)->rows() >= rows_) continue;
      one->reset();
      warnings_.push_back(name() + ": observables that are not at the times of the positions are " +
                          "left out");
    }
  }

  std::optional<double> observed(std::optional<H5mdElement>& element, const std::string& unit,
                                 std::size_t row) {
    if (!element) return std::nullopt;
    const auto factor = h5md_unit(element->unit(), unit);
    return factor ? std::optional(element->at(row).front() * *factor) : std::nullopt;
  }

  void find_origin() {
    const auto text = [&](const std::string& what) {
      const auto texts = tree_->texts(std::string(ours) + "/" + what);
      return texts.empty() ? "" : texts.front();
    };
    origin_.potential = text("potential");
    origin_.ensemble = text("ensemble");
    const auto value = [](Hdf5Rows rows) -> std::optional<double> {
      if (!rows || !rows.shape().empty()) return std::nullopt;
      const double number = rows.all().front();
      return std::isfinite(number) ? std::optional(number) : std::nullopt;
    };
    origin_.thermostat = value(Hdf5Rows(*tree_, std::string(ours) + "/thermostat"));
    if (const auto number = value(Hdf5Rows(*tree_, std::string(ours) + "/seed")))
      if (std::abs(*number) < 9e15) origin_.seed = static_cast<std::int64_t>(*number);
  }

  std::unique_ptr<Hdf5Tree> tree_;
  std::string group_, at_;
  H5mdElement position_, image_, edges_, species_;
  std::optional<H5mdElement> temperature_, energy_, virial_;
  std::size_t count_ = 0, rows_ = 0;
  double length_A_ = 1.0, edge_A_ = 1.0;
  bool cut_ = false;
};

/// "replica10" after "replica9".
bool before(const std::string& one, const std::string& other) {
  const auto parts = [](const std::string& name) {
    const auto end = name.find_last_not_of("0123456789") + 1;
    return std::pair(name.substr(0, end), parse_integer(name.substr(end)).value_or(-1));
  };
  return parts(one) < parts(other);
}

}  // namespace

bool is_h5md(Hdf5Tree& tree) { return tree.is_group("/h5md"); }

std::vector<std::string> h5md_groups(Hdf5Tree& tree) {
  std::vector<std::string> out;
  for (const auto& name : tree.children("/particles"))
    if (tree.shape("/particles/" + name + "/position/value")) out.push_back(name);
  std::ranges::sort(out, before);
  return out;
}

bool is_h5md_of_replicas(Hdf5Tree& tree) { return tree.is_group(ours); }

std::unique_ptr<atoms::TrajectoryReader> h5md(std::unique_ptr<Hdf5Tree> tree,
                                              const std::string& group) {
  return std::make_unique<H5md>(std::move(tree), group);
}

}  // namespace twin::formats
