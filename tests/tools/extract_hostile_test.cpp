// SPDX-License-Identifier: GPL-3.0-or-later
// What nobody should hand to twin-extract, and somebody will.
#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <numbers>

#include "core/text.h"
#include "process/child.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_hostile_test {
using record::Measurement;
using record::Result;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

constexpr int points = 700;

double mu(double energy) { return 0.5 + std::atan((energy - 8979) / 1.5) / std::numbers::pi; }

// A copper K edge as a record, before somebody touched it.
Measurement measured() {
  Measurement out;
  out.header.id = std::string(32, 'a');
  out.header.time = "2026-01-01T00:00:00Z";
  out.technique = "xas";
  out.context.scan = "a";
  out.columns = {"energy", "mu"};
  record::Array energy{{}, {points}, "", "", ""}, curve = energy;
  for (int i = 0; i < points; ++i) {
    energy.data.push_back(8779 + i);
    curve.data.push_back(mu(8779 + i));
  }
  out.arrays = {{"energy", energy}, {"mu", curve}};
  return out;
}

struct TwinExtractHostile : Tools {
  Said extracted(const std::function<void(Measurement&)>& touch, const std::string& recipe = "") {
    put("recipe.yaml", "format: twin-recipe/1\nedge: Cu K\n" + recipe);
    Measurement m = measured();
    touch(m);
    return run({"twin-extract", "--recipe", "recipe.yaml"}, whole_stream(line(m)));
  }

  // The only result.
  Result result(const std::function<void(Measurement&)>& touch, const std::string& recipe = "") {
    const auto said = extracted(touch, recipe);
    const auto found = all<Result>(said.out);
    EXPECT_EQ(found.size(), 1U) << said.error;
    return found.empty() ? Result{} : found[0];
  }

  std::string failure(const std::function<void(Measurement&)>& touch,
                      const std::string& recipe = "") {
    const auto said = extracted(touch, recipe);
    EXPECT_EQ(said.status, 2);
    EXPECT_TRUE(all<Result>(said.out).empty());
    return said.error;
  }
};

TEST_F(TwinExtractHostile, ColumnsOfOtherLengthsAreRefused) {
  const auto cut = [](const char* name) {
    return [name](Measurement& m) {
      m.arrays[name].data.resize(points - 3);
      m.arrays[name].shape = {points - 3};
    };
  };
  EXPECT_THAT(failure(cut("energy")), HasSubstr("column mu has 700 values for 697 energies"));
  EXPECT_THAT(failure(cut("mu")), HasSubstr("column mu has 697 values for 700 energies"));
  // In a ratio too, where the arithmetic would reach over the end.
  const auto short_i0 = [](Measurement& m) {
    m.arrays["i0"] = {std::vector<double>(10, 1e6), {10}, "", "", ""};
    m.arrays["it"] = m.arrays["mu"];
  };
  EXPECT_THAT(failure(short_i0, "columns: {energy: energy, i0: i0, it: it}\n"),
              HasSubstr("column i0 has 10 values for 700 energies"));
  EXPECT_THAT(
      failure([](Measurement& m) { m.columns = {"nowhere"}; }, "columns: {energy: 1, mu: 2}\n"),
      HasSubstr("column 1: not in the measurement"));
}

TEST_F(TwinExtractHostile, UnitsOfEnergiesCount) {
  const auto in = [](const std::string& unit, double factor) {
    return [unit, factor](Measurement& m) {
      for (double& e : m.arrays["energy"].data) e *= factor;
      m.arrays["energy"].unit = unit;
    };
  };
  const auto e0 = [](const Result& r) { return r.quantities.at("e0").value.value(); };
  EXPECT_NEAR(e0(result(in("keV", 1e-3))), 8979, 1);
  EXPECT_NEAR(e0(result(in("eV", 1))), 8979, 1);
  EXPECT_NEAR(e0(result(in("eV", 1), "columns: {energy: 1, mu: 2, energy_unit: keV}\n")), 8979, 1);
  EXPECT_NEAR(e0(result(in("", 1e-3), "columns: {energy: 1, mu: 2, energy_unit: keV}\n")), 8979, 1);
  EXPECT_THAT(failure(in("deg", 1e-3)),
              HasSubstr("column energy is in deg; energies are expected"));
}

TEST_F(TwinExtractHostile, OtherTechniquesAndEdgesAreTold) {
  EXPECT_THAT(failure([](Measurement& m) { m.technique = "xrd"; }),
              HasSubstr("technique is xrd; the recipe is of xas"));
  const auto other = result([](Measurement& m) { m.edge = "Fe K"; });
  EXPECT_EQ(other.edge, "Cu K");
  EXPECT_THAT(other.warnings, Contains(HasSubstr("the file says Fe K, the recipe Cu K")));
  for (const char* same : {"Cu K", "cu  k", ""})
    EXPECT_TRUE(result([same](Measurement& m) { m.edge = same; }).warnings.empty()) << same;
}

TEST_F(TwinExtractHostile, AFileOfDataIsNoStreamAndIsToldWhereToGo) {
  put("recipe.yaml", "format: twin-recipe/1\nedge: Cu K\n");
  put("scan.dat", "# energy mu\n8779 0.1\n8780 0.1\n");
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml", "scan.dat"});
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("files of measurements become records by twin-acquire"));
}

TEST_F(TwinExtractHostile, AFigureThatCantBeDrawnIsToldBeforeTheWork) {
  put("recipe.yaml", "format: twin-recipe/1\nedge: Cu K\n");
  const auto plot = [&](const std::string& path, const std::string& where = "") {
    Environment environment;
    if (!where.empty()) environment["PATH"] = where;
    const auto said = run({"twin-extract", "--recipe", "recipe.yaml", "--plot", path},
                          whole_stream(line(measured())), environment);
    EXPECT_TRUE(all<Result>(said.out).empty()) << path;
    return said;
  };
  EXPECT_EQ(plot("x.pdf").status, 64);
  EXPECT_EQ(plot("nowhere/x.svg").status, 73);
  EXPECT_THAT(plot("nowhere/x.svg").error, HasSubstr("nowhere/x.svg: no folder nowhere"));
  EXPECT_EQ(plot("x.svg", "/nowhere").status, 69);
}

// A signal ends the wait for a reader that says nothing more.
TEST_F(TwinExtractHostile, ASignalEndsTheWaitForMore) {
  put("recipe.yaml", "format: twin-recipe/1\nedge: Cu K\n");
  put("start.jsonl", whole_stream(line(measured())));
  const auto before = std::chrono::steady_clock::now();
  const auto said = bash(
      "mkfifo pipe; exec 3<>pipe\n"
      "twin-extract --recipe recipe.yaml pipe > out.jsonl & child=$!\n"
      "cat start.jsonl >&3; printf '{\"half\": ' >&3\n"
      "for i in $(seq 100); do grep -q '\"result\"' out.jsonl && break; sleep 0.1; done\n"
      "kill -TERM $child; wait $child; echo \"status $?\"");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  EXPECT_THAT(said.out, HasSubstr("status 143"));
  EXPECT_LT(took.count(), 30);
  const auto lines = get("out.jsonl");
  EXPECT_EQ(all<Result>(lines).size(), 1U);
  EXPECT_EQ(all<record::End>(lines).at(1).status, 143);
  EXPECT_TRUE(all<record::Failure>(lines).empty());
}

// A file may have the sign in its name that elsewhere leads to one of its scans.
TEST_F(TwinExtractHostile, AStandardMayHaveColonsInItsName) {
  std::string rows = "# energy mu\n";
  for (int i = 0; i < points; ++i)
    rows += std::to_string(8779 + i) + " " + shortest(mu(8779 + i)) + "\n";
  put("a::b.dat", rows);
  const auto found =
      result([](Measurement&) {}, "xanes: {lcf: {standards: [{name: a, file: 'a::b.dat'}]}}\n");
  EXPECT_TRUE(found.quantities.contains("fraction:a"));
}

}  // namespace

}  // namespace extract_hostile_test
