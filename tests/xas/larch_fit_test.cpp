// SPDX-License-Identifier: GPL-3.0-or-later
// Fits of measured spectra against Larch 2026.3.1, whose answers come with tolerances: 0.02 of the
// quoted uncertainty for a value, 5 % for the uncertainty. Where the agreement is closer, so are
// the tolerances.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "xas/fit.h"
#include "xas/oracle.h"
#include "xas/reduce.h"

namespace twin::xas::larch_fit_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using nlohmann::json;

record::FitSettings settings_of(const json& t) {
  record::FitSettings out;
  out.space = t["fitspace"];
  out.kmin = t["kmin"];
  out.kmax = t["kmax"];
  out.dk = t["dk"];
  out.window = t["window"];
  out.rmin = t["rmin"];
  out.rmax = t["rmax"];
  if (t["kweight"].is_array())
    out.kweights = t["kweight"].get<std::vector<double>>();
  else
    out.kweights = {t["kweight"].get<double>()};
  return out;
}

// Larch's fit, word for word: its parameters, and its expressions for each path.
struct Told {
  FitData data;
  std::vector<record::FitParameter> parameters;
};

record::PathSettings path_of(const json& given, const std::string& name) {
  record::PathSettings out;
  out.name = name;
  const std::string count =
      given.contains("degen") ? std::to_string(given["degen"].get<int>()) : "n";
  out.n.expression = count + "*(" + given["s02"].get<std::string>() + ")";
  out.e0.expression = given["e0"];
  out.r.expression = "reff+" + given["deltar"].get<std::string>();
  out.sigma2.expression = given["sigma2"];
  if (given.contains("third")) out.c3.expression = given["third"];
  return out;
}

Told told(const json& answer) {
  Told out;
  out.data.chi = oracle::curve(answer["data"][0], "chi").col(1);
  out.data.settings = settings_of(answer["transform"]);
  for (std::size_t i = 0; i < answer["paths"][0].size(); ++i) {
    out.data.feff.push_back(oracle::path(answer["paths"][0][i]));
    out.data.paths.push_back(path_of(answer["path_params"][0][i], "A-B." + std::to_string(i + 1)));
  }
  for (const auto& [name, start] : answer["init"].items()) {
    record::FitParameter& one = out.parameters.emplace_back();
    one.name = name;
    one.free = !start.is_array();
    one.value = start.is_array() ? start[0].get<double>() : start.get<double>();
  }
  return out;
}

Index at_of(const Fit& fit, const std::string& name) {
  const auto at = std::find(fit.names.begin(), fit.names.end(), name) - fit.names.begin();
  EXPECT_LT(at, fit.values.size()) << name;
  return std::min<Index>(at, fit.values.size() - 1);
}

class LarchTold : public testing::TestWithParam<const char*> {};

TEST_P(LarchTold, ParametersUncertaintiesCorrelationsAndStatistics) {
  SKIP_WITHOUT_ORACLE();
  const json& answer = oracle::answers()["feffit"][GetParam()];
  Told given = told(answer);
  const bool in_k = given.data.settings.space == "k";
  // Larch's noise has the background's uncertainty in it; in R it is then √2 less.
  if (in_k)
    given.data.delta_chi = oracle::curve(answer["data"][0], "chi").col(2);
  else
    given.data.settings.epsilon_k = answer["epsilon_k"].get<double>() / std::sqrt(2.0);
  const Fit out = fit({given.data}, given.parameters);
  ASSERT_TRUE(out.converged) << out.message;
  ASSERT_EQ(out.names.size(), answer["nvarys"].get<std::size_t>());
  for (const auto& [name, p] : answer["params"].items()) {
    const Index at = at_of(out, name);
    const double sigma = p[1], own = std::sqrt(out.covariance(at, at) * out.reduced_chi2);
    EXPECT_NEAR(out.values[at], p[0].get<double>(), 0.02 * sigma) << name;
    // Written to four digits. Derivatives by differences, as Larch has them, tell in fits that are
    // hardly determined.
    const bool poor = answer["quality"] != "ok";
    EXPECT_NEAR(own / sigma, 1, poor ? 0.05 : 5e-3) << name;
  }
  for (const auto& [pair, value] : answer["correl"].items()) {
    const std::size_t comma = pair.find(',');
    const Index i = at_of(out, pair.substr(0, comma)), j = at_of(out, pair.substr(comma + 1));
    EXPECT_NEAR(out.correlation(i, j), value.get<double>(), 0.01) << pair;
  }
  EXPECT_NEAR(out.n_idp, answer["n_idp"].get<double>(), 1e-4);
  EXPECT_NEAR(out.r_factor / answer["rfactor"].get<double>(), 1, 1e-4);
  if (given.data.settings.space != "r") return;  // in k and q Larch's noise is not that of Parseval
  EXPECT_NEAR(out.chi2 / answer["chi_square"].get<double>(), 1, 1e-3);
  EXPECT_NEAR(out.aic, answer["aic"].get<double>(), 1e-3 * out.n_idp);
  EXPECT_NEAR(out.bic, answer["bic"].get<double>(), 1e-3 * out.n_idp);
}

const auto name_of = [](const auto& given) {
  std::string name = given.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
};

INSTANTIATE_TEST_SUITE_P(All, LarchTold,
                         testing::Values("cu1_cu_metal_10K.xdi", "cu1_cu_50k.xmu",
                                         "cu1_cu_metal_rt.xdi", "cu_rt_kw123", "cu_rt_qspace",
                                         "cu_rt_kspace_window", "larch_doc_feffit1", "cu10K_5paths",
                                         "ni1", "fe2", "znse_zn", "znse_zn_larchpath", "fes2_1",
                                         "feo_2path_doc4", "pbfoil_c3", "pbi2_1", "pbi2_1_fixamp",
                                         "pbtio3_300K_1"),
                         name_of);

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
  Expected out{answer,
               settings_of(answer["transform"]),
               {},
               {},
               oracle::curve(answer["data"][0], "chi").col(1)};
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
                         name_of);

TEST(LarchFits, FitOfTwoShells) {
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

TEST(LarchFits, ThirdCumulantOfTheLeadFoilIsNotDetermined) {
  SKIP_WITHOUT_ORACLE();
  const Expected given = single_path("pbfoil_c3");
  const Fit out = fit(given.chi, given.settings, given.paths, given.feff, 1.0);
  EXPECT_EQ(out.undetermined, std::vector<std::string>{"c3:A-B.1"});
}

TEST(LarchFits, FitFromOwnChiAgreesWithinTheUncertainty) {
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
}  // namespace twin::xas::larch_fit_test
