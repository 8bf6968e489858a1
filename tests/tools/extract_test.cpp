// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <clocale>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/constants.h"
#include "core/text.h"
#include "feff/feff.h"
#include "numeric/spline.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_test {
using ::testing::HasSubstr;

namespace {

struct TwinExtract : Tools {
  void SetUp() override {
    SKIP_WITHOUT("feff6l");
    put("recipe.yaml", recipe());
  }

  std::string acquired(const Words& files) {
    Words argv{"twin-acquire"};
    argv.insert(argv.end(), files.begin(), files.end());
    return run(argv).out;
  }
};

// The EXAFS equation, written down a second time: N, R and σ² of one shell, E0 at the edge.
// J.J. Rehr, R.C. Albers, Rev. Mod. Phys. 72, 621 (2000), eq. (1) and FEFF's columns.
class Shell {
 public:
  Shell(const xas::ScatteringPath& path, double n, double r, double sigma2)
      : path_(path), columns_(path.k, table(path)), n_(n), r_(r), sigma2_(sigma2) {}

  [[nodiscard]] double chi(double k) const {
    const auto at = columns_(k);
    const std::complex<double> p(at[2], 1 / at[3]);
    const auto damping = std::exp(-2.0 * p * p * sigma2_ - 2 * path_.reff * p.imag());
    const auto phase =
        2 * k * path_.reff + at[1] + 2.0 * p * (r_ - path_.reff - 2 * sigma2_ / path_.reff);
    const auto wave = damping * std::exp(std::complex<double>(0, 1) * phase);
    return (n_ * at[0] / (k * r_ * r_) * wave).imag();
  }

 private:
  static Eigen::MatrixXd table(const xas::ScatteringPath& path) {
    Eigen::MatrixXd out(path.k.size(), 4);
    out << path.mag.cwiseProduct(path.reduction), path.phc + path.phase, path.rep, path.lambda;
    return out;
  }

  const xas::ScatteringPath& path_;
  numeric::CubicSpline columns_;
  double n_, r_, sigma2_;
};

std::string spectrum(const Shell& shell) {
  constexpr double edge_eV = 8979.0;
  std::string out = "# energy mu\n";
  const auto add = [&](double e) {
    const double k2 = etok * e;
    const double step = 0.5 + std::atan(e / 1.0) / std::numbers::pi;
    const double fine = k2 > 1 ? shell.chi(std::sqrt(k2)) : 0.0;
    out += shortest(edge_eV + e) + " " + shortest(0.3 - 1e-4 * e + step * (1 + fine)) + "\n";
  };
  for (double e = -200; e < -20; e += 5) add(e);
  for (double e = -20; e < 15; e += 0.5) add(e);
  for (double k = 2; k < 16; k += 0.05) add(k * k / etok);
  return out;
}

TEST_F(TwinExtract, FindsTheShellThatASpectrumWasMadeOf) {
  record::Structure copper;
  copper.element = "Cu";
  copper.a = 3.61;
  copper.supercell = {1, 1, 1};
  const auto paths = feff::ideal_paths({copper, "K", 4.0, 2});
  ASSERT_FALSE(paths.paths.empty());
  put("made.dat", spectrum(Shell(paths.paths.front(), 11.0, 2.560, 0.0080)));
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, acquired({"made.dat"}));
  EXPECT_EQ(said.status, 0) << said.error;
  const auto results = all<record::Result>(said.out);
  ASSERT_EQ(results.size(), 1U);
  const auto& q = results[0].quantities;
  // What AUTOBK and a Fourier window do to a single wave: 2 % of N, 2 mÅ, 2 % of σ².
  EXPECT_NEAR(*q.at("n:Cu-Cu.1").value, 11.0, 0.3);
  EXPECT_NEAR(*q.at("r:Cu-Cu.1").value, 2.560, 0.003);
  EXPECT_NEAR(*q.at("sigma2:Cu-Cu.1").value, 0.0080, 0.0003);
  EXPECT_NEAR(*q.at("edge_step").value, 1.0, 0.02);
  EXPECT_TRUE(results[0].converged);
}

TEST_F(TwinExtract, ABadMeasurementIsAFailureRecordAndTheStreamGoesOn) {
  put("a.dat", columns(1));
  put("c.dat", columns(3));
  record::Measurement bad;
  bad.technique = "xas";
  bad.context.scan = "spoilt";
  bad.columns = {"energy", "mu"};
  bad.arrays["energy"] = {{1, 2, 3}, {3}, "eV", "", ""};
  bad.arrays["mu"] = {{1, 2, 3}, {3}, "", "", ""};
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"},
                        acquired({"a.dat"}) + line(bad) + acquired({"c.dat"}));
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(all<record::Result>(said.out).size(), 2U);
  const auto failures = all<record::Failure>(said.out);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].what, HasSubstr("spoilt"));
  EXPECT_THAT(failures[0].source, HasSubstr("-:4"));
}

TEST_F(TwinExtract, AWrongColumnIsToldWithTheNamesThereAre) {
  auto other = recipe();
  other.replace(other.find("mu: mu"), 6, "mu: xmu");
  put("bad.yaml", other);
  put("a.dat", columns());
  const auto said = run({"twin-extract", "--recipe", "bad.yaml"}, acquired({"a.dat"}));
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("xmu"));
  EXPECT_THAT(said.error, HasSubstr("energy, mu"));
}

TEST_F(TwinExtract, RefusesWithoutARecipe) {
  EXPECT_EQ(run({"twin-extract"}).status, 64);
  EXPECT_EQ(run({"twin-extract", "--recipe", "none.yaml"}).status, 66);
}

TEST_F(TwinExtract, AnUnknownKeyOfTheRecipeIsToldWithLineAndSuggestion) {
  put("bad.yaml", recipe() + "fitt: {kmin: 3}\n");
  const auto said = run({"twin-extract", "--recipe", "bad.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("bad.yaml:11"));
  EXPECT_THAT(said.error, HasSubstr("perhaps fit"));
}

TEST_F(TwinExtract, AStreamThatWasCutIsNeverASuccess) {
  put("a.dat", columns());
  auto stream = acquired({"a.dat"});
  stream.resize(stream.rfind("{\"schema\""));  // all but the end
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, stream);
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("without an end"));
  EXPECT_EQ(all<record::Result>(said.out).size(), 1U);
}

TEST_F(TwinExtract, GarbageOnStdinIsAFailureRecord) {
  std::string garbage;
  for (int i = 0; i < 5000; ++i) garbage += static_cast<char>((i * 7919) >> 3);
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, garbage);
  EXPECT_EQ(said.status, 2);
  EXPECT_FALSE(all<record::Failure>(said.out).empty());
  EXPECT_EQ(run({"twin-extract", "--recipe", "recipe.yaml"}, std::string(2 << 20, '{')).status, 2);
}

TEST_F(TwinExtract, TablesHaveOneRowAResult) {
  put("a.dat", columns(1));
  put("b.dat", columns(2));
  const auto stream = acquired({"a.dat", "b.dat"});
  const auto tsv = run({"twin-extract", "--recipe", "recipe.yaml", "--format", "tsv", "--columns",
                        "scan,e0,edge_step"},
                       stream);
  EXPECT_EQ(tsv.status, 0) << tsv.error;
  const auto lines = split(tsv.out, '\n');
  ASSERT_EQ(lines.size(), 4U) << tsv.out;  // the last is empty
  EXPECT_TRUE(lines[0].starts_with("scan\te0")) << tsv.out;
  EXPECT_TRUE(lines[1].starts_with("a\t8979")) << tsv.out;
  EXPECT_TRUE(lines[2].starts_with("b\t8979")) << tsv.out;
  const auto table = run({"twin-extract", "--recipe", "recipe.yaml", "--format", "table"}, stream);
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("edge_step"));
}

TEST_F(TwinExtract, AResultSaysWhenItWasMeasured) {
  put("a.xdi", xdi());
  const auto stream = acquired({"a.xdi"});
  const auto results =
      all<record::Result>(run({"twin-extract", "--recipe", "recipe.yaml"}, stream).out);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].measured_at, all<record::Measurement>(stream).at(0).measured_at);
  EXPECT_FALSE(results[0].measured_at.empty());
}

TEST_F(TwinExtract, TheLocaleDoesNotTouchNumbers) {
  const bool known = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
  std::setlocale(LC_ALL, "C");
  if (!known) GTEST_SKIP() << "skipped: no locale de_DE.UTF-8";
  put("a.dat", columns());
  const auto script = "twin-acquire a.dat | twin-extract --recipe recipe.yaml";
  const auto plain = all<record::Result>(bash(script, {{"LC_ALL", "C"}}).out);
  const auto german = all<record::Result>(bash(script, {{"LC_ALL", "de_DE.UTF-8"}}).out);
  ASSERT_EQ(plain.size(), 1U);
  ASSERT_EQ(german.size(), 1U);
  EXPECT_EQ(plain[0].header.id, german[0].header.id);
}

TEST_F(TwinExtract, WithoutFeffTheRecipeThatNeedsItIsRefused) {
  put("a.dat", columns());
  put_program("nothing", "");
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, acquired({"a.dat"}),
                        {{"PATH", path("bin")}});
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(said.error, HasSubstr("feff85exafs"));
}

}  // namespace

}  // namespace extract_test
