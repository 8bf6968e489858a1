// SPDX-License-Identifier: GPL-3.0-or-later
// Measured spectra against Larch 2026.3.1. The tolerances are those of the answers themselves, made
// narrower where the agreement is: see each.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "xas/fit.h"
#include "xas/oracle.h"
#include "xas/reduce.h"
#include "xas/transform.h"

namespace twin::xas {
namespace {

using Eigen::VectorXd;
using nlohmann::json;

record::ReduceSettings reduce_settings(const json& args) {
  record::ReduceSettings out;
  out.e0 = args["e0"];
  out.pre1 = args["pre1"];
  out.pre2 = args["pre2"];
  out.norm1 = args["norm1"];
  out.norm2 = args["norm2"];
  out.nnorm = args["nnorm"];
  return out;
}

record::AutobkSettings autobk_settings(const json& args) {
  record::AutobkSettings out;
  out.rbkg = args["rbkg"];
  out.kweight = args["kweight"];
  out.kmin = args["kmin"];
  out.kmax = args["kmax"].get<double>();
  out.dk = args["dk"];
  out.window = args["win"];
  out.nclamp = args["nclamp"];
  out.clamp_lo = args["clamp_lo"];
  out.clamp_hi = args["clamp_hi"];
  return out;
}

// Runs on each spectrum whose curve of µ is there; counts them.
template <typename Use>
int for_each_spectrum(Use use) {
  int count = 0;
  for (const auto& [name, answer] : oracle::answers()["spectra"].items()) {
    const Eigen::MatrixXd curve = oracle::curve(name, "mu");
    if (curve.rows() == 0) continue;
    SCOPED_TRACE(name);
    use(name, answer, curve);
    ++count;
  }
  return count;
}

TEST(Larch, EdgeAndNormalisationByDefaultRules) {
  SKIP_WITHOUT_ORACLE();
  const int count =
      for_each_spectrum([](const std::string&, const json& answer, const Eigen::MatrixXd& curve) {
        const json& expected = answer["pre_edge_default"];
        const Reduction out = reduce(curve.col(0), curve.col(1), {}, oracle::autobk());
        // A grid energy: the same point, energies are written to 0.001 eV.
        EXPECT_NEAR(out.e0, expected["e0"].get<double>(), 1e-3);
        EXPECT_NEAR(out.edge_step / expected["edge_step"].get<double>(), 1, 1e-6);
        for (const auto& [key, value] : {std::pair{"pre1", out.used.pre1},
                                         {"pre2", out.used.pre2},
                                         {"norm1", out.used.norm1},
                                         {"norm2", out.used.norm2}})
          EXPECT_NEAR(*value, expected[key].get<double>(), 1e-3) << key;
        EXPECT_EQ(out.used.nnorm, expected["nnorm"].get<int>());
        EXPECT_LT((out.norm - curve.col(2)).cwiseAbs().maxCoeff(), 1e-6);
        EXPECT_LT((out.flat - curve.col(3)).cwiseAbs().maxCoeff(), 1e-6);
      });
  EXPECT_GE(count, 80);
}

TEST(Larch, EdgeStepWithStatedRanges) {
  SKIP_WITHOUT_ORACLE();
  for_each_spectrum([](const std::string&, const json& answer, const Eigen::MatrixXd& curve) {
    const json& expected = answer["pre_edge_stated"];
    const Reduction out =
        reduce(curve.col(0), curve.col(1), reduce_settings(expected["args"]), oracle::autobk());
    // Linear least squares: the numbers agree to the eight digits that are written.
    EXPECT_NEAR(out.edge_step / expected["edge_step"].get<double>(), 1, 1e-6);
  });
}

TEST(Larch, ChiByDefaultRules) {
  SKIP_WITHOUT_ORACLE();
  int count = 0;
  for_each_spectrum([&](const std::string& name, const json&, const Eigen::MatrixXd& curve) {
    const Eigen::MatrixXd expected = oracle::curve(name, "chi");
    if (expected.rows() == 0) return;
    const Reduction out = reduce(curve.col(0), curve.col(1), {}, oracle::autobk());
    ASSERT_EQ(out.chi.size(), expected.rows());
    const Eigen::Index n = out.chi.size() - 41;  // k > 2
    const double size = expected.col(1).tail(n).cwiseAbs().maxCoeff();
    // Larch ends when the cost falls by less than 1e-6; most agree to 1e-5.
    EXPECT_LT((out.chi - expected.col(1)).tail(n).cwiseAbs().maxCoeff(), 2e-3 * size);
    ++count;
  });
  EXPECT_GE(count, 70);
}

TEST(Larch, ChiWithStatedSettings) {
  SKIP_WITHOUT_ORACLE();
  int count = 0;
  for_each_spectrum([&](const std::string& name, const json& answer, const Eigen::MatrixXd& curve) {
    if (!answer.contains("autobk_stated")) return;
    const json& expected = answer["autobk_stated"];
    record::ReduceSettings settings = reduce_settings(answer["pre_edge_stated"]["args"]);
    settings.e0 = expected["args"]["ek0"].get<double>();
    const Reduction out =
        reduce(curve.col(0), curve.col(1), settings, autobk_settings(expected["args"]));
    double size = 0, worst = 0;
    for (const auto& [k, value] : expected["chi_at_k"].items()) {
      const auto at = static_cast<Eigen::Index>(std::lround(std::stod(k) / kstep));
      if (std::stod(k) < 2 || at >= out.chi.size()) continue;
      size = std::max(size, std::abs(value.get<double>()));
      worst = std::max(worst, std::abs(value.get<double>() - out.chi[at]));
    }
    // Strong clamps, where Larch stops short of the minimum; the noisy Cr2O3 scans most of all.
    EXPECT_LT(worst, (name.find("Cr2O3") == std::string::npos ? 5e-3 : 0.1) * size);
    ++count;
  });
  EXPECT_GE(count, 60);
}

TEST(Larch, TransformOfTheSameChi) {
  SKIP_WITHOUT_ORACLE();
  int count = 0;
  for_each_spectrum([&](const std::string& name, const json& answer, const Eigen::MatrixXd&) {
    const Eigen::MatrixXd chi = oracle::curve(name, "chi"), expected = oracle::curve(name, "chir");
    if (expected.rows() == 0) return;
    const json& s = answer["xftf"];
    const Transform out =
        forward_transform(chi.col(1), s["kmin"], s["kmax"], s["dk"], s["kweight"], s["window"]);
    ASSERT_EQ(out.r.size(), expected.rows());
    EXPECT_LT((out.r - expected.col(0)).cwiseAbs().maxCoeff(), 1e-5);  // written to 5 digits
    Eigen::VectorXcd other(expected.rows());
    other.real() = expected.col(1);
    other.imag() = expected.col(2);
    EXPECT_LT((out.chi - other).cwiseAbs().maxCoeff(), 1e-6 * expected.col(3).maxCoeff());
    ++count;
  });
  EXPECT_GE(count, 70);
}

TEST(Larch, TransformWithStatedSettings) {
  SKIP_WITHOUT_ORACLE();
  for_each_spectrum([&](const std::string& name, const json& answer, const Eigen::MatrixXd& curve) {
    if (!answer.contains("xftf_stated")) return;
    const json& s = answer["xftf_stated"]["args"];
    record::ReduceSettings settings = reduce_settings(answer["pre_edge_stated"]["args"]);
    settings.e0 = answer["autobk_stated"]["args"]["ek0"].get<double>();
    const Reduction reduced = reduce(curve.col(0), curve.col(1), settings,
                                     autobk_settings(answer["autobk_stated"]["args"]));
    const Transform out =
        forward_transform(reduced.chi, s["kmin"], s["kmax"], s["dk"], s["kweight"], s["window"]);
    const json& peak = answer["xftf_stated"]["peaks"][0];
    const auto at = static_cast<Eigen::Index>(std::lround(peak["R"].get<double>() / rstep));
    const double height = out.chi.segment(at - 2, 5).cwiseAbs().maxCoeff();
    // The peak is interpolated between points 0.03 Å apart: 0.5 %. Noisy scans as in chi itself.
    EXPECT_NEAR(height / peak["mag"].get<double>(), 1,
                name.find("Cr2O3") == std::string::npos ? 0.01 : 0.1);
  });
}

// A fit whose parameters are those of its only path.
struct Expected {
  const json& answer;
  record::FitSettings settings;
  std::vector<record::PathSettings> paths;
  std::vector<ScatteringPath> feff;
  VectorXd chi;
};

Expected single_path(const std::string& name) {
  const json& answer = oracle::answers()["feffit"][name];
  const json& t = answer["transform"];
  Expected out{answer, {}, {}, {}, oracle::curve(answer["data"][0], "chi").col(1)};
  out.settings = {.space = "r",
                  .kmin = t["kmin"],
                  .kmax = t["kmax"],
                  .dk = t["dk"],
                  .kweights = {},
                  .window = t["window"],
                  .rmin = t["rmin"],
                  .rmax = t["rmax"]};
  if (t["kweight"].is_array())
    out.settings.kweights = t["kweight"].get<std::vector<double>>();
  else
    out.settings.kweights = {t["kweight"].get<double>()};
  out.feff.push_back(oracle::path(answer["paths"][0][0]));
  record::PathSettings path;
  path.name = "A-B.1";
  path.n.free = path.r.free = path.sigma2.free = path.e0.free = true;
  path.c3.free = answer["params"].contains("c3");
  out.paths.push_back(path);
  return out;
}

class LarchFit : public testing::TestWithParam<const char*> {};

TEST_P(LarchFit, ParametersUncertaintiesAndStatistics) {
  SKIP_WITHOUT_ORACLE();
  const Expected given = single_path(GetParam());
  const Fit out = fit(given.chi, given.settings, given.paths, given.feff, 1.0);
  ASSERT_TRUE(out.converged) << out.message;
  const double degeneracy = given.feff[0].degeneracy, reff = given.feff[0].reff;
  const json& p = given.answer["params"];
  const auto check = [&](const std::string& name, const char* key, double unit, double origin) {
    const auto at =
        std::find(out.names.begin(), out.names.end(), name + ":A-B.1") - out.names.begin();
    ASSERT_LT(at, out.values.size()) << name;
    const double value = p[key][0], sigma = p[key][1];
    EXPECT_NEAR((out.values[at] - origin) / unit, value, 0.02 * sigma) << name;
    // As from the covariance scaled to reduced χ² = 1; written to four digits.
    const double own = std::sqrt(out.covariance(at, at) * out.reduced_chi2) / unit;
    EXPECT_NEAR(own / sigma, 1, 2e-3) << name;
  };
  check("n", "amp", degeneracy, 0);
  check("r", "dr", 1, reff);
  check("sigma2", "ss", 1, 0);
  check("de0", "de0", 1, 0);
  if (p.contains("c3")) check("c3", "c3", 1, 0);
  EXPECT_NEAR(out.n_idp, given.answer["n_idp"].get<double>(), 1e-4);
  EXPECT_NEAR(out.r_factor / given.answer["rfactor"].get<double>(), 1, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, LarchFit,
                         testing::Values("cu1_cu_metal_10K.xdi", "cu1_cu_50k.xmu",
                                         "cu1_cu_metal_rt.xdi", "cu_rt_kw123", "larch_doc_feffit1",
                                         "ni1", "znse_zn", "znse_zn_larchpath", "fes2_1",
                                         "pbfoil_c3", "pbi2_1"),
                         [](const auto& given) {
                           std::string name = given.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(Larch, FitOfTwoShells) {
  SKIP_WITHOUT_ORACLE();
  Expected given = single_path("feo_2path_doc4");
  given.feff.push_back(oracle::path(given.answer["paths"][0][1]));
  record::PathSettings second = given.paths[0];
  second.name = "A-C.2";
  second.e0 = {};  // shares that of the first
  given.paths.push_back(second);
  const Fit out = fit(given.chi, given.settings, given.paths, given.feff, 0.70);
  ASSERT_TRUE(out.converged);
  const std::vector<std::string> names{"n:A-B.1", "r:A-B.1", "sigma2:A-B.1", "de0:A-B.1",
                                       "n:A-C.2", "r:A-C.2", "sigma2:A-C.2"};
  EXPECT_EQ(out.names, names);
  const std::vector<const char*> keys{"n1", "d1", "s1", "de0", "n2", "d2", "s2"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    const double origin = i == 1 ? given.feff[0].reff : (i == 5 ? given.feff[1].reff : 0.0);
    const json& p = given.answer["params"][keys[i]];
    EXPECT_NEAR(out.values[at] - origin, p[0].get<double>(), 0.02 * p[1].get<double>()) << keys[i];
    EXPECT_NEAR(std::sqrt(out.covariance(at, at) * out.reduced_chi2) / p[1].get<double>(), 1, 5e-3);
  }
}

TEST(Larch, ThirdCumulantOfTheLeadFoilIsNotDetermined) {
  SKIP_WITHOUT_ORACLE();
  const Expected given = single_path("pbfoil_c3");
  const Fit out = fit(given.chi, given.settings, given.paths, given.feff, 1.0);
  EXPECT_EQ(out.undetermined, std::vector<std::string>{"c3:A-B.1"});
}

TEST(Larch, FitFromOwnChiAgreesWithinTheUncertainty) {
  SKIP_WITHOUT_ORACLE();
  const Expected given = single_path("cu1_cu_metal_rt.xdi");
  const Eigen::MatrixXd curve = oracle::curve("cu_metal_rt.xdi", "mu");
  const Reduction own = reduce(curve.col(0), curve.col(1), {}, oracle::autobk());
  const Fit out = fit(own.chi, given.settings, given.paths, given.feff, 1.0);
  const json& p = given.answer["params"];
  EXPECT_NEAR(out.values[0] / 12, p["amp"][0].get<double>(), 0.01 * p["amp"][1].get<double>());
  EXPECT_NEAR(out.values[1] - given.feff[0].reff, p["dr"][0].get<double>(),
              0.01 * p["dr"][1].get<double>());
}

}  // namespace
}  // namespace twin::xas
