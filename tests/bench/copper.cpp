// SPDX-License-Identifier: GPL-3.0-or-later
#include "copper.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "core/constants.h"
#include "core/error.h"
#include "feff/feff.h"
#include "xas/reduce.h"
#include "xas/transform.h"

namespace copper {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using namespace twin;

Spectrum measured() {
  std::ifstream in("/usr/share/doc/ifeffit/examples/data/cu.xmu");
  std::vector<double> energy, mu;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    double e = 0, m = 0;
    if (!(words >> e >> m)) continue;
    energy.push_back(e);
    mu.push_back(m);
  }
  const auto n = static_cast<Index>(energy.size());
  return {"cu.xmu", Eigen::Map<VectorXd>(energy.data(), n), Eigen::Map<VectorXd>(mu.data(), n)};
}

// A step with the wave of the first shell on it.
Spectrum made_up() {
  const VectorXd below = VectorXd::LinSpaced(112, -190, 30), k = VectorXd::LinSpaced(500, 2.85, 25);
  Spectrum out{"made up", VectorXd(612), VectorXd(612)};
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

void write_path(const std::string& file, const xas::ScatteringPath& path) {
  std::ofstream out(file);
  out << "Cu\n Abs Z=29 Rmt= 1.2 Rnm= 1.4 K shell\n Pot 1 Z=29 Rmt= 1.2 Rnm= 1.4\n"
         " Gam_ch=1.7 H-L exch\n Mu=-3.0 kf=1.8 Vint=-16.0 Rs_int= 2.0\n ---------------\n"
      << path.legs << ' ' << path.degeneracy << ' ' << std::setprecision(10) << path.reff
      << " 2.6 -3.0  nleg, deg, reff, rnrmav(bohr), edge\n  x y z pot at#\n";
  for (Index i = 0; i < path.atoms.rows(); ++i)
    out << path.atoms.row(i) << (i == 0 ? " 0" : " 1") << " 29 Cu\n";
  out << "  k real[2*phc] mag[feff] phase[feff] red factor lambda real[p]@#\n";
  for (Index i = 0; i < path.k.size(); ++i)
    out << path.k[i] << ' ' << path.phc[i] << ' ' << path.mag[i] << ' ' << path.phase[i] << ' '
        << path.reduction[i] << ' ' << path.lambda[i] << ' ' << path.rep[i] << '\n';
}

}  // namespace

const Spectrum& spectrum() {
  static const Spectrum out = [] {
    Spectrum found = measured();
    return found.energy.size() > 100 ? found : made_up();
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
  std::ofstream mu(folder + "/mu.dat"), wave(folder + "/chi.dat");
  mu << std::setprecision(12);
  wave << std::setprecision(12);
  for (Index i = 0; i < spectrum().mu.size(); ++i)
    mu << spectrum().energy[i] << ' ' << spectrum().mu[i] << '\n';
  for (Index i = 0; i < chi().size(); ++i)
    wave << xas::kstep * static_cast<double>(i) << ' ' << chi()[i] << '\n';
  for (std::size_t i = 0; i < 4 && i < paths().size(); ++i)
    write_path(folder + "/feff000" + std::to_string(i + 1) + ".dat", paths()[i]);
}

}  // namespace copper
