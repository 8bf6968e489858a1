// SPDX-License-Identifier: GPL-3.0-or-later
// χ(R), χ(q) and the wavelet through the real tools, against closed forms.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

#include "core/text.h"
#include "stream/json.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_transform_test {
using record::Result;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr double shell = 2.2;  // Å, half the period of χ in 2k

double chi(double k) { return std::sin(2 * k * shell) * std::exp(-std::pow((k - 8) / 1.2, 2) / 2); }

// sin² from a to b.
double rise(double k, double a, double b) {
  const double t = std::clamp((k - a) / (b - a), 0.0, 1.0);
  return std::pow(std::sin(std::numbers::pi / 2 * t), 2);
}

double hanning(double k) { return rise(k, 2.5, 3.5) * rise(k, 12.5, 11.5); }  // 3 to 12, dk 1

const std::string range = "kmin: 3, kmax: 12, kweight: 2, dk: 1, window: hanning";

struct TwinExtractTransform : Tools {
  void put_chi(double end, double noise = 0.0) {
    std::mt19937 random(1);
    std::normal_distribution<double> normal(0, 1);
    std::string text = "# k chi\n";
    for (int i = 0; i * 0.05 < end + 0.01; ++i)
      text += shortest(i / 20.0) + " " + shortest(chi(i / 20.0) + noise * normal(random)) + "\n";
    put("a.dat", text);
  }

  std::string extracted(const std::string& recipe, const Words& options = {}) {
    put("recipe.yaml", "format: twin-recipe/1\nedge: Cu K\n" + recipe);
    Words argv{"twin-extract", "--recipe", "recipe.yaml"};
    argv.insert(argv.end(), options.begin(), options.end());
    const auto said = run(argv, run({"twin-acquire", "a.dat"}).out);
    EXPECT_EQ(said.status, 0) << said.error;
    return said.out;
  }

  Result result(const std::string& recipe, const Words& options = {}) {
    return all<Result>(extracted(recipe, options)).at(0);
  }
};

TEST_F(TwinExtractTransform, IsTheSumThatDefinesIt) {
  put_chi(16);
  const auto found = result("transform: {" + range + "}\n");
  const auto &r = found.arrays.at("r").data, &re = found.arrays.at("chi_r_re").data;
  const auto &im = found.arrays.at("chi_r_im").data, &size = found.arrays.at("chi_r").data;
  ASSERT_EQ(r.size(), 203U);  // 6.2 Å in steps of π/102.4
  for (std::size_t j = 0; j < r.size(); j += 9) {
    std::complex<double> sum = 0;
    for (int i = 0; i <= 320; ++i) {
      const double k = i / 20.0;
      sum += k * k * chi(k) * hanning(k) *
             std::polar(0.05 / std::sqrt(std::numbers::pi), 2 * k * r[j]);
    }
    // The sign of the exponent is Larch's: FFT, exp(-2ikR).
    EXPECT_NEAR(re[j], sum.real(), 1e-9) << r[j];
    EXPECT_NEAR(im[j], -sum.imag(), 1e-9) << r[j];
    EXPECT_NEAR(size[j], std::abs(sum), 1e-9) << r[j];
  }
  EXPECT_EQ(found.arrays.at("chi_r").unit, "1/Å³");
  EXPECT_FALSE(found.arrays.contains("q"));
  EXPECT_EQ(found.status, record::Completeness::final);
}

TEST_F(TwinExtractTransform, BackOverAllOfRIsWhatWentIn) {
  put_chi(16);
  const auto found =
      result("transform: {" + range + ", rmin: 0, rmax: 31, dr: 0, rwindow: hanning}\n");
  const auto &q = found.arrays.at("q").data, &back = found.arrays.at("chi_q").data;
  ASSERT_EQ(q.size(), found.arrays.at("k").data.size());
  for (std::size_t i = 0; i < q.size(); ++i)  // up to 70; the tapers' tail beyond 31 Å is left out
    EXPECT_NEAR(back[i], q[i] * q[i] * chi(q[i]) * hanning(q[i]), 1e-3) << q[i];
  EXPECT_EQ(found.arrays.at("chi_q").unit, "1/Å²");
  // The part in quadrature: where the window is flat the envelope is the Gaussian's.
  const auto& im = found.arrays.at("chi_q_im").data;
  EXPECT_NEAR(std::hypot(back[160], im[160]), 64, 0.2);  // k = 8
}

TEST_F(TwinExtractTransform, BackFromWhereNothingIsIsNothing) {
  put_chi(16);
  const auto found =
      result("transform: {" + range + ", rmin: 4, rmax: 6, dr: 0.2, rwindow: hanning}\n");
  for (const double value : found.arrays.at("chi_q").data)
    EXPECT_NEAR(value, 0, 0.1);  // of 64: the tapers' sides
}

TEST_F(TwinExtractTransform, TheWaveletIsHighestWhereTheShellIs) {
  put_chi(16);
  const auto found = result("transform: {kmin: 2, kmax: 14}\nwavelet: {kweight: 0, rmax: 5}\n");
  const auto &r = found.arrays.at("wavelet_r").data, &k = found.arrays.at("wavelet_k").data;
  const auto& wavelet = found.arrays.at("wavelet");
  ASSERT_THAT(wavelet.shape, ElementsAre(r.size(), k.size()));
  EXPECT_NEAR(k.front(), 2, 1e-9);
  EXPECT_NEAR(k.back(), 14, 1e-9);
  EXPECT_EQ(r.back(), 5);
  const auto at = std::ranges::max_element(wavelet.data) - wavelet.data.begin();
  const auto n = static_cast<std::ptrdiff_t>(k.size());
  EXPECT_NEAR(r[static_cast<std::size_t>(at / n)], shell,
              0.062);  // two points: the filter is lopsided
  EXPECT_NEAR(k[static_cast<std::size_t>(at % n)], 8, 0.1);
}

TEST_F(TwinExtractTransform, TakesTheFitsRangeElseAllThatThereIs) {
  put_chi(16);
  const auto used = [&](const std::string& recipe) {
    return stream::canonical_json(*result(recipe).parameters.find("transform"));
  };
  EXPECT_EQ(used(""), R"({"dk":1,"kmax":16,"kmin":0,"kweight":2,"window":"kaiser"})");
  EXPECT_EQ(used("fit: {kmin: 3, kmax: 11, kweights: [1]}\n"),
            R"({"dk":1,"kmax":11,"kmin":3,"kweight":1,"window":"hanning"})");
}

TEST_F(TwinExtractTransform, AShortScanIsPartial) {
  put_chi(8);
  const auto found = result("transform: {" + range + "}\nwavelet: true\n");
  EXPECT_EQ(found.status, record::Completeness::partial);
  EXPECT_THAT(found.warnings, Contains(HasSubstr("χ(k) ends at 8.000 1/Å, and the transform")));
  EXPECT_FALSE(found.arrays.contains("chi_r"));
  EXPECT_FALSE(found.arrays.contains("wavelet"));
  EXPECT_TRUE(found.arrays.contains("chi"));
  const auto open = result("");  // whose range is what there is
  EXPECT_EQ(open.status, record::Completeness::final);
  EXPECT_TRUE(open.arrays.contains("chi_r"));
}

TEST_F(TwinExtractTransform, TheLargestWaveletFitsIntoARecord) {
  put_chi(60, 0.01);
  const auto out = extracted("transform: {kmax: 60, rmin: 1, rmax: 31.4}\nwavelet: {rmax: 31.4}\n",
                             {"--arrays", "all"});
  std::size_t longest = 0;
  for (const auto line : split(out, '\n')) longest = std::max(longest, line.size());
  EXPECT_GT(longest, 8'000'000U);
  EXPECT_LT(longest, std::size_t{16} << 20);
  put("all.jsonl", out);
  const auto again = run({"twin-extract", "--recipe", "recipe.yaml", "all.jsonl"});
  EXPECT_EQ(again.status, 0) << again.error;
  ASSERT_EQ(all<record::Result>(again.out).size(), 1U);
  EXPECT_EQ(all<record::Result>(again.out)[0].arrays.at("wavelet").shape[0], 1023U);
  const auto yaml =
      run({"twin-extract", "--recipe", "recipe.yaml", "--format", "yaml", "all.jsonl"});
  EXPECT_EQ(yaml.status, 2);
  EXPECT_THAT(yaml.error, HasSubstr("a YAML document holds at most 1 MiB: fewer columns"));
  EXPECT_TRUE(result("wavelet: true\n", {"--arrays", "none"}).arrays.empty());
}

TEST_F(TwinExtractTransform, IsWrittenAsFiles) {
  put_chi(16);
  extracted("transform: {" + range + ", rmin: 1, rmax: 3}\n", {"--export", "ascii"});
  EXPECT_THAT(get("a.chir.dat"), HasSubstr("chi_r_re"));
  EXPECT_THAT(get("a.chiq.dat"), HasSubstr("chi_q_im"));
}

}  // namespace

}  // namespace extract_transform_test
