// SPDX-License-Identifier: GPL-3.0-or-later
#include "potential/cp2k.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "atoms/element.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "process/child.h"

namespace twin::potential {

namespace {

constexpr double hartree_eV = 27.211386245988;  // CODATA 2018
constexpr double gpa_per_eV_A3 = 160.2176634;   // CODATA 2018, exact

const std::string missing = ": not found; Debian packages cp2k and cp2k-data have it";

std::string row(const Eigen::RowVector3d& values) {
  return shortest(values[0]) + " " + shortest(values[1]) + " " + shortest(values[2]);
}

int k_points(double length, double spacing) {
  return std::max(1, static_cast<int>(std::ceil(2 * std::numbers::pi / length / spacing)));
}

/// A section of the k points; none where the zone's centre is all: the faster code is for that.
std::string k_section(const Eigen::Matrix3d& cell, double spacing) {
  std::string mesh;
  bool one = true;
  for (Eigen::Index i = 0; i < 3; ++i) {
    const int count = k_points(cell.row(i).norm(), spacing);
    one = one && count == 1;
    mesh += " " + std::to_string(count);
  }
  return one ? "" : "    &KPOINTS\n      SCHEME MONKHORST-PACK" + mesh + "\n    &END KPOINTS\n";
}

std::string kind_sections(const Unlabelled& frame) {
  std::string text;
  const std::set<std::string> elements(frame.elements.begin(), frame.elements.end());
  for (const std::string& element : elements) {
    (void)atoms::atomic_number(element);  // no other words reach the input
    text += "    &KIND " + element +
            "\n      BASIS_SET DZVP-MOLOPT-SR-GTH\n      POTENTIAL GTH-PBE\n    &END KIND\n";
  }
  return text;
}

/// What stands in the output, line by line.
class Output {
 public:
  Output(std::string_view text, const Unlabelled& frame, const std::string& name)
      : lines_(split(text, '\n')), frame_(frame), name_(printable(name)) {}

  Labels labels() {
    check_convergence();
    Labels out;
    out.energy_eV = energy();
    out.forces = forces();
    out.virial_eV = stress() * std::abs(frame_.cell.determinant());
    if (!find("PROGRAM ENDED AT")) fail("its output ends too early");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Cause::data, name_ + ": " + what);
  }

  /// The line that has \p text.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view text) const {
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (lines_[i].find(text) != std::string_view::npos) return i;
    return std::nullopt;
  }

  void check_convergence() const {
    for (const auto line : lines_)
      if (line.find("SCF run NOT converged") != std::string_view::npos)
        fail("the SCF did not converge");
    if (!find("SCF run converged in")) fail("no SCF that converged; its output ends too early");
  }

  [[nodiscard]] double number(std::string_view word) const {
    const auto value = parse_double(word);
    if (!value || !std::isfinite(*value))
      fail("'" + printable(word.substr(0, 40)) + "'; a number is expected");
    return *value;
  }

  /// The words of a line after \p start.
  [[nodiscard]] std::vector<std::string_view> fields(std::size_t line, std::size_t count,
                                                     const char* what) const {
    if (line >= lines_.size()) fail(std::string(what) + ": its output ends too early");
    auto out = words(lines_[line]);
    if (out.size() != count)
      fail(std::string(what) + ": '" + printable(lines_[line].substr(0, 80)) + "'; expected " +
           std::to_string(count) + " words");
    return out;
  }

  [[nodiscard]] double energy() const {
    const auto line = find("ENERGY| Total FORCE_EVAL");
    if (!line) fail("no energy; its output ends too early");
    return number(words(lines_[*line]).back()) * hartree_eV;
  }

  [[nodiscard]] Eigen::MatrixX3d forces() const {
    const auto head = find("ATOMIC FORCES in [a.u.]");
    if (!head) fail("no forces; its output ends too early");
    std::size_t line = *head + 1;
    while (line < lines_.size() && !trim(lines_[line]).starts_with("#")) ++line;
    const auto atoms = static_cast<Eigen::Index>(frame_.elements.size());
    Eigen::MatrixX3d out(atoms, 3);
    for (Eigen::Index i = 0; i < atoms; ++i) {
      const auto words = fields(++line, 6, "forces");
      if (words[2] != frame_.elements[static_cast<std::size_t>(i)])
        fail("forces: atom " + std::to_string(i + 1) + " is " + printable(words[2]) + "; " +
             frame_.elements[static_cast<std::size_t>(i)] + " is expected");
      for (std::size_t axis = 0; axis < 3; ++axis)
        out(i, static_cast<Eigen::Index>(axis)) = number(words[3 + axis]) * hartree_eV / bohr;
    }
    return out;
  }

  /// eV/Å³; CP2K's is positive where the cell is pressed.
  [[nodiscard]] Eigen::Matrix3d stress() const {
    const auto head = find("STRESS| Analytical stress tensor [GPa]");
    if (!head) fail("no stress; its output ends too early");
    Eigen::Matrix3d out;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto words = fields(*head + 2 + i, 5, "stress");
      for (std::size_t j = 0; j < 3; ++j)
        out(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
            number(words[2 + j]) / gpa_per_eV_A3;
    }
    return out;
  }

  std::vector<std::string_view> lines_;
  const Unlabelled& frame_;
  std::string name_;
};

/// A single process that need look for no daemon, network or fabric.
process::Launch launch(const Cp2kSettings& settings, std::vector<std::string> arguments,
                       const std::string& folder) {
  if (process::find_program(settings.program).empty())
    throw Error(Cause::unavailable, printable(settings.program) + missing);
  arguments.insert(arguments.begin(), settings.program);
  return {.argv = std::move(arguments),
          .folder = folder,
          .environment = {{"OMPI_MCA_ess_singleton_isolated", "1"},
                          {"OMPI_MCA_pml", "ob1"},
                          {"OMPI_MCA_btl", "self"},
                          {"OMPI_MCA_mtl", "^ofi"},
                          {"OMP_NUM_THREADS", "1"}},
          .niceness = settings.niceness};
}

}  // namespace

std::string cp2k_input(const Unlabelled& frame, const Cp2kSettings& settings) {
  std::string text =
      "&GLOBAL\n  PROJECT label\n  RUN_TYPE ENERGY_FORCE\n  PRINT_LEVEL LOW\n&END GLOBAL\n"
      "&FORCE_EVAL\n  METHOD QS\n  STRESS_TENSOR ANALYTICAL\n  &DFT\n"
      "    BASIS_SET_FILE_NAME BASIS_MOLOPT\n    POTENTIAL_FILE_NAME GTH_POTENTIALS\n"
      "    &MGRID\n      CUTOFF [Ry] " +
      shortest(settings.cutoff_Ry) +
      "\n      REL_CUTOFF [Ry] 40\n    &END MGRID\n"
      "    &QS\n      EPS_DEFAULT 1.0E-12\n    &END QS\n" +
      k_section(frame.cell, settings.k_spacing) + "    &SCF\n      EPS_SCF 1.0E-6\n      MAX_SCF " +
      std::to_string(settings.most_scf_steps) +
      "\n      SCF_GUESS ATOMIC\n      &MIXING\n        METHOD BROYDEN_MIXING\n"
      "        ALPHA 0.4\n        NBROYDEN 8\n      &END MIXING\n    &END SCF\n"
      "    &XC\n      &XC_FUNCTIONAL PBE\n      &END XC_FUNCTIONAL\n    &END XC\n  &END DFT\n"
      "  &SUBSYS\n    &CELL\n      A " +
      row(frame.cell.row(0)) + "\n      B " + row(frame.cell.row(1)) + "\n      C " +
      row(frame.cell.row(2)) + "\n    &END CELL\n    &COORD\n";
  for (std::size_t i = 0; i < frame.elements.size(); ++i)
    text += "      " + frame.elements[i] + " " +
            row(frame.positions.row(static_cast<Eigen::Index>(i))) + "\n";
  return text + "    &END COORD\n" + kind_sections(frame) +
         "  &END SUBSYS\n  &PRINT\n    &FORCES ON\n    &END FORCES\n"
         "    &STRESS_TENSOR ON\n    &END STRESS_TENSOR\n  &END PRINT\n&END FORCE_EVAL\n";
}

Labels parse_cp2k(std::string_view output, const Unlabelled& frame, const std::string& name) {
  return Output(output, frame, name).labels();
}

Labels label_by_cp2k(const Unlabelled& frame, const Cp2kSettings& settings) {
  const TemporaryFolder folder("twinline-cp2k");
  write_file_atomically(folder.path() + "/label.inp", cp2k_input(frame, settings));
  const auto done = process::run(launch(settings, {"-i", "label.inp"}, folder.path()),
                                 process::Seconds(settings.seconds));
  // It ends so, with a status of its own, where its SCF does not converge: that is the frame's.
  if (done.out.find("SCF run NOT converged") != std::string::npos)
    throw Error(Cause::data, settings.program + ": the SCF did not converge in " +
                                 std::to_string(settings.most_scf_steps) + " steps");
  if (done.ending.status != 0)
    throw Error(Cause::unavailable, settings.program + ": ended with status " +
                                        std::to_string(done.ending.status) +
                                        "; it said: " + done.ending.last_lines);
  return parse_cp2k(done.out, frame, settings.program);
}

std::string cp2k_version(const Cp2kSettings& settings) {
  const auto said = process::run(launch(settings, {"--version"}, ""), process::Seconds(60));
  const auto first = said.out.substr(0, said.out.find('\n'));
  return first.find("CP2K") == std::string::npos ? "CP2K of an unknown version"
                                                 : printable(trim(first));
}

}  // namespace twin::potential
