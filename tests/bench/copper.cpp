// SPDX-License-Identifier: GPL-3.0-or-later
#include "copper.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "core/constants.h"
#include "core/error.h"
#include "feff/feff.h"
#include "measured_data.h"
#include "xas/reduce.h"
#include "xas/transform.h"

namespace copper {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using namespace twin;

Spectrum two_columns(const std::string& name, std::istream& in) {
  std::vector<double> energy, mu;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    double e = 0, m = 0;
    if (!(words >> e >> m)) continue;
    energy.push_back(e);
    mu.push_back(m);
  }
  const auto n = static_cast<Index>(energy.size());
  return {name, Eigen::Map<VectorXd>(energy.data(), n), Eigen::Map<VectorXd>(mu.data(), n)};
}

Spectrum measured() {
  std::ifstream in("/usr/share/doc/ifeffit/examples/data/cu.xmu");
  return two_columns("Cu_10K", in);
}

// A curve of µ(E) that was written for the tests.
Spectrum stored(const std::string& name, const std::string& file, double kmax) {
  std::istringstream text;
  if (FILE* pipe = popen(("gzip -dc '" + (measured_data() / "xas/oracle_arrays" / file).string() +
                          ".mu.txt.gz' 2>/dev/null")
                             .c_str(),
                         "r")) {
    std::string all;
    std::array<char, 65536> part{};
    for (std::size_t n; (n = fread(part.data(), 1, part.size(), pipe)) > 0;)
      all.append(part.data(), n);
    pclose(pipe);
    text.str(all);
  }
  Spectrum out = two_columns(name, text);
  out.kmax = kmax;
  return out;
}

// A step with the wave of the first shell on it.
Spectrum made_up() {
  const VectorXd below = VectorXd::LinSpaced(112, -190, 30), k = VectorXd::LinSpaced(500, 2.85, 25);
  Spectrum out{"made_up", VectorXd(612), VectorXd(612)};
  out.energy << below, k.array().square() / etok;
  out.mu = out.energy.unaryExpr([](double e) {
    const double q = e > 1 ? std::sqrt(etok * e) : 1e9;
    return 1 - 1e-4 * e +
           2.3 * (0.5 + std::atan(e / 2) / 3.14159265358979) *
               (1 + 0.5 * std::sin(5.1 * q - 1) * std::exp(-0.007 * q * q) / q);
  });
  out.energy.array() += 8979;
  return out;
}

// In FEFF6's columns: old programs read by place.
void write_path(const std::string& file, const xas::ScatteringPath& path) {
  std::ofstream out(file);
  out << " Cu                                                     Feff 6L.02  potph 4.12\n"
         " Abs   Z=29 Rmt= 1.200 Rnm= 1.400 K  shell\n Pot 1 Z=29 Rmt= 1.200 Rnm= 1.400\n"
         " Gam_ch=1.700E+00 H-L exch\n Mu=-3.000E+00 kf=1.800E+00 Vint=-1.600E+01 Rs_int= 2.000\n"
         " Path    1      icalc       2                           Feff 6L.02  genfmt 1.44\n"
         " -------------------------------------------------------------------------------\n";
  std::array<char, 160> line{};
  const auto write = [&](const char* format, auto... values) {
    std::snprintf(line.data(), line.size(), format, values...);
    out << line.data() << '\n';
  };
  write(" %3d%8.3f%9.4f%10.4f%11.5f nleg, deg, reff, rnrmav(bohr), edge", path.legs,
        path.degeneracy, path.reff, 2.6, -3.0);
  out << "        x         y         z   pot at#\n";
  for (Index i = 0; i < path.atoms.rows(); ++i)
    write(" %10.4f%10.4f%10.4f%3d%4d Cu", path.atoms(i, 0), path.atoms(i, 1), path.atoms(i, 2),
          i == 0 ? 0 : 1, 29);
  out << "    k   real[2*phc]   mag[feff]  phase[feff] red factor   lambda      real[p]@#\n";
  for (Index i = 0; i < path.k.size(); ++i)
    write(" %6.3f %11.4E %11.4E %11.4E %10.4E %11.4E %11.4E", path.k[i], path.phc[i], path.mag[i],
          path.phase[i], path.reduction[i], path.lambda[i], path.rep[i]);
}

}  // namespace

const Spectrum& spectrum() {
  static const Spectrum out = [] {
    Spectrum found = measured();
    return found.energy.size() > 100 ? found : made_up();
  }();
  return out;
}

const std::vector<Spectrum>& spectra() {
  static const std::vector<Spectrum> out = [] {
    std::vector<Spectrum> found{spectrum()};
    for (const Spectrum& one :
         {stored("Fe", "fe_metal_rt_01.xdi", 12.0), stored("PbI2", "pbL3_camd__pbI2.dat", 7.0),
          stored("Ni_quick", "series_NiK_rock__op2_pos1_0001.txt", 14.0)})
      if (one.energy.size() > 0) found.push_back(one);
    return found;
  }();
  return out;
}

const std::vector<xas::ScatteringPath>& paths() {
  static const std::vector<xas::ScatteringPath> out = [] {
    try {
      feff::Request request;
      request.crystal.element = "Cu";
      request.crystal.a = 3.61;
      return feff::ideal_paths(request).paths;
    } catch (const Error& error) {
      std::fprintf(stderr, "skipped: no paths: %s\n", error.what());
      return std::vector<xas::ScatteringPath>{};
    }
  }();
  return out;
}

const VectorXd& chi() {
  static const VectorXd out = xas::reduce(spectrum().energy, spectrum().mu, {}, {}).chi;
  return out;
}

Fit fit(int count) {
  Fit out;
  out.settings.kmax = 15;
  out.settings.rmax = count == 1 ? 3.0 : 3.6;
  for (int i = 0; i < count && paths().size() >= static_cast<std::size_t>(count); ++i) {
    out.feff.push_back(paths()[static_cast<std::size_t>(i)]);
    record::PathSettings path;
    path.name = "Cu-Cu." + std::to_string(i + 1);
    path.n.free = path.r.free = path.e0.free = i == 0;
    path.sigma2.free = true;
    out.paths.push_back(path);
  }
  return out;
}

void write_inputs() {
  const char* given = std::getenv("TWINLINE_BENCH_INPUTS");
  if (!given) return;
  const std::string folder = given;
  for (const Spectrum& one : spectra()) {
    std::ofstream mu(folder + "/" + one.name + ".mu.dat");
    mu << "# kmax " << one.kmax << '\n' << std::setprecision(12);
    for (Index i = 0; i < one.mu.size(); ++i) mu << one.energy[i] << ' ' << one.mu[i] << '\n';
  }
  std::ofstream wave(folder + "/chi.dat");
  wave << std::setprecision(12);
  for (Index i = 0; i < chi().size(); ++i)
    wave << xas::kstep * static_cast<double>(i) << ' ' << chi()[i] << '\n';
  for (std::size_t i = 0; i < 4 && i < paths().size(); ++i)
    write_path(folder + "/feff000" + std::to_string(i + 1) + ".dat", paths()[i]);
}

}  // namespace copper
