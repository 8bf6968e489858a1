// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions of expressions: parameters that follow from others, and those of paths by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "message_of.h"
#include "xas/copper_series.h"
#include "xas/dependencies.h"
#include "xas/expression.h"

namespace twin::xas::fit_expressions_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

record::FitParameter following(const std::string& name, const std::string& expression) {
  record::FitParameter out;
  out.name = name;
  out.free = false;
  out.expression = expression;
  return out;
}

// Copper with each of its parameters free.
FitData untied(const std::string& name, double alpha, unsigned seed) {
  FitData out = copper(name, 200, alpha, 1e-3, seed);
  out.paths[0] = {};
  out.paths[0].name = "Cu-Cu.1";
  out.paths[0].n.free = out.paths[0].r.free = out.paths[0].sigma2.free = out.paths[0].e0.free =
      true;
  return out;
}

double of(const Fit& fit, const std::string& name, double* sigma = nullptr) {
  for (std::size_t i = 0; i < fit.names.size(); ++i) {
    const auto at = static_cast<Index>(i);
    if (fit.names[i] != name) continue;
    if (sigma) *sigma = std::sqrt(fit.covariance(at, at));
    return fit.values[at];
  }
  for (std::size_t i = 0; i < fit.derived_names.size(); ++i) {
    const auto row = fit.derived_jacobian.row(static_cast<Index>(i));
    if (fit.derived_names[i] != name) continue;
    if (sigma) *sigma = std::sqrt(row * fit.covariance * row.transpose());
    return fit.derived_values[static_cast<Index>(i)];
  }
  ADD_FAILURE() << name;
  return std::nan("");
}

TEST(PathParameter, IsNamedAsKindAndPath) {
  const std::vector<std::string> names{"a", "r:Cu-Cu.1", "n:Cu-O", "n:Cu-O-x", "r:Cu-Cu.12"};
  const VectorXd x = (VectorXd(5) << 2, 3, 5, 7, 11).finished();
  const auto value = [&](const std::string& text) { return Expression(text, names).value(x, {}); };
  EXPECT_EQ(value("r:Cu-Cu.1"), 3);
  EXPECT_EQ(value("r:Cu-Cu.12*a"), 22);
  EXPECT_EQ(value("r:Cu-Cu.1-a"), 1);
  EXPECT_EQ(value("-r:Cu-Cu.1^2+(n:Cu-O)"), -4);
  EXPECT_EQ(value("n:Cu-O-x"), 7);   // the longest name that there is
  EXPECT_EQ(value("n:Cu-O -a"), 3);  // unless it ends
  EXPECT_EQ(value("max(n:Cu-O, r:Cu-Cu.1)"), 5);
  const auto complaint = [&](const std::string& text) {
    return message_of([&] { Expression(text, names); }, Cause::configuration);
  };
  EXPECT_THAT(complaint("1 + r:Cu-Cu.2"),
              HasSubstr("position 5: 'r:Cu-Cu.2': unknown name; perhaps r:Cu-Cu.1"));
  EXPECT_THAT(complaint("r:Cu-Cu.1.5"), HasSubstr("'r:Cu-Cu.1.5': unknown name"));
  EXPECT_THAT(complaint("r:"), HasSubstr("'r:': unknown name"));
  EXPECT_THAT(complaint("a:b"), HasSubstr("position 1: 'a:b': unknown name"));
}

TEST(FitExpressions, ARestraintOnAPathIsThePriorOfItsParameter) {
  FitData data = untied("", 0.001, 3);
  const Fit by_restraint = fit({data}, {}, {{"r:Cu-Cu.1", 2.54, 0.002}});
  data.paths[0].r.prior = record::Prior{2.54, 0.002};
  const Fit by_prior = fit({data});
  ASSERT_TRUE(by_restraint.converged);
  EXPECT_EQ(by_restraint.n_rows, 1);
  for (Index i = 0; i < by_prior.values.size(); ++i) {
    EXPECT_DOUBLE_EQ(by_restraint.values[i], by_prior.values[i]);
    EXPECT_DOUBLE_EQ(by_restraint.covariance(i, i), by_prior.covariance(i, i));
  }
  // Of two at once: E0 is made what ten times the way beyond 2.5 Å is.
  const Fit tied =
      fit({untied("", 0.001, 3)}, {}, {{"e0:Cu-Cu.1 - 10*(r:Cu-Cu.1 - 2.5)", 0, 1e-9}});
  EXPECT_NEAR(of(tied, "de0:Cu-Cu.1"), 10 * (of(tied, "r:Cu-Cu.1") - 2.5), 1e-7);
}

TEST(FitExpressions, AParameterMayFollowFromOthers) {
  std::vector<record::FitParameter> shared = series();
  const FitData plain = copper("", 200, 0.001, 1e-3);
  const Fit direct = fit({plain}, shared);
  FitData data = plain;
  data.paths[0].n.expression = "n*share";
  shared.push_back(following("share", "half*2"));  // whatever the order
  shared.push_back(following("half", "amp/2"));
  shared.push_back(following("told", "1000*alpha + 0*T"));
  const Fit out = fit({data}, shared);
  ASSERT_TRUE(out.converged);
  EXPECT_THAT(out.names, ElementsAre("amp", "alpha", "theta", "shift"));
  EXPECT_THAT(out.derived_names, ElementsAre("n:Cu-Cu.1", "r:Cu-Cu.1", "sigma2:Cu-Cu.1",
                                             "de0:Cu-Cu.1", "share", "half", "told"));
  double sigma = 0, own = 0;
  for (const char* name : {"amp", "n:Cu-Cu.1", "theta"}) {
    EXPECT_NEAR(of(out, name, &sigma) / of(direct, name, &own), 1, 1e-9) << name;
    EXPECT_NEAR(sigma / own, 1, 1e-6) << name;
  }
  EXPECT_NEAR(of(out, "half", &sigma), of(out, "amp", &own) / 2, 1e-15);
  EXPECT_NEAR(sigma, own / 2, 1e-12);
  of(out, "told", &sigma);
  of(out, "alpha", &own);
  EXPECT_NEAR(sigma, 1000 * own, 1e-9);
  EXPECT_THAT(out.undetermined, IsEmpty()) << out.message;
}

// As copper with the second half of its neighbours farther out, known by how much.
TEST(FitExpressions, APathMayFollowFromAnother) {
  FitData data = untied("", 0, 4);
  data.feff.push_back(data.feff[0]);
  data.paths.push_back({});
  data.paths[1].name = "far";
  data.paths[1].n.expression = "12 - n:Cu-Cu.1";
  data.paths[1].r.expression = "r:Cu-Cu.1 + gap";
  data.paths[1].sigma2.expression = "sigma2:Cu-Cu.1";
  data.chi = path_chi(data.feff[0], {.amplitude = 7, .e0 = 3, .sigma2 = 0.004}, k_grid(321)) +
             path_chi(data.feff[0], {.amplitude = 5, .e0 = 3, .delta_r = 0.3, .sigma2 = 0.004},
                      k_grid(321));
  data.paths[0].n.value = 6;
  const Fit out = fit({data}, {parameter("gap", 0.25)});
  ASSERT_TRUE(out.converged) << out.message;
  EXPECT_NEAR(of(out, "n:Cu-Cu.1"), 7, 1e-5);
  EXPECT_NEAR(of(out, "n:far"), 5, 1e-5);
  EXPECT_NEAR(of(out, "gap"), 0.3, 1e-6);
  EXPECT_NEAR(of(out, "r:far"), 2.8478, 1e-6);
  EXPECT_NEAR(of(out, "sigma2:far"), 0.004, 1e-8);
}

TEST(FitExpressions, OfWhatSpectraShareCountOnce) {
  const FitData cold = copper("cold", 20, -0.001, 1e-3), warm = copper("warm", 300, 0.002, 1e-3, 2);
  std::vector<record::FitParameter> shared = series();
  shared.push_back(following("twice", "2*amp"));
  shared.push_back(following("length", "2.5478*(1+alpha)"));
  const Fit out = fit({cold, warm}, shared, {{"twice", 1.8, 0.1}, {"n:Cu-Cu.1 + 0", 10.8, 1}});
  EXPECT_EQ(out.n_rows, 2);
  EXPECT_NEAR(of(out, "twice"), 2 * of(out, "amp"), 1e-12);
  EXPECT_NEAR(of(out, "length@warm"), of(out, "r:Cu-Cu.1@warm"), 1e-12);
  EXPECT_NEAR(of(out, "length@cold"), of(out, "r:Cu-Cu.1@cold"), 1e-12);
  EXPECT_EQ(fit({cold, warm}, shared, {{"length", 2.55, 0.1}}).n_rows, 2);
  EXPECT_EQ(fit({untied("a", 0, 1), untied("b", 0, 2)}, {}, {{"r:Cu-Cu.1", 2.55, 0.1}}).n_rows, 2);
}

TEST(FitExpressions, AParameterWithoutInfluenceIsTold) {
  std::vector<record::FitParameter> shared = series();
  shared.push_back(parameter("lonely", 3));
  shared.push_back(following("told", "2*lonely"));
  const Fit out = fit({copper("", 200, 0.001, 1e-3)}, shared);
  EXPECT_THAT(out.message, HasSubstr("lonely is in no expression"));
  double sigma = 1;
  EXPECT_EQ(of(out, "told", &sigma), 6);
  EXPECT_EQ(sigma, 0);
}

TEST(FitExpressions, MistakesSayWhere) {
  const FitData good = copper("", 200, 0);
  const auto complaint = [&](const FitData& data, std::vector<record::FitParameter> more,
                             const std::vector<record::Restraint>& restraints = {}) {
    std::vector<record::FitParameter> shared = series();
    shared.insert(shared.end(), more.begin(), more.end());
    return message_of([&] { (void)fit({data}, shared, restraints); }, Cause::configuration);
  };
  EXPECT_THAT(complaint(good, {following("a", "b+1"), following("b", "2*a")}),
              HasSubstr("fit: a: the expression 'b+1' comes back to itself"));
  EXPECT_THAT(complaint(good, {following("a", "a")}), HasSubstr("comes back to itself"));
  FitData itself = good;
  itself.paths[0].n.expression = "n:Cu-Cu.1*2";
  EXPECT_THAT(complaint(itself, {}), HasSubstr("fit: n:Cu-Cu.1: the expression"));
  EXPECT_THAT(complaint(good, {following("a", "reff*2")}), HasSubstr("fit: a: no path"));
  EXPECT_THAT(complaint(good, {following("a", "1/0")}), HasSubstr("a: the expression has no fin"));
  EXPECT_THAT(complaint(good, {}, {{"r:Cu-Cu.2", 1, 1}}), HasSubstr("restraint 1: position 1"));
  EXPECT_THAT(complaint(good, {}, {{"log(0)", 1, 1}}), HasSubstr("restraint 1: the expression"));
}

TEST(Dependencies, ComeInAnOrderOrInACircle) {
  EXPECT_THAT(in_order({{1, 2}, {2}, {}, {0}}, {0}).order, ElementsAre(2, 1, 0));
  EXPECT_THAT(in_order({{1}, {2}, {0}, {}}, {3}).order, ElementsAre(3));
  EXPECT_TRUE(in_order({{1}, {2}, {0}, {}}, {0}).circular);
  // A long chain, and one that branches at each link: neither recursion nor powers of two.
  std::vector<std::vector<std::size_t>> chain(100'000);
  for (std::size_t i = 2; i < chain.size(); ++i) chain[i] = {i - 1, i - 2};
  EXPECT_EQ(in_order(chain, {chain.size() - 1}).order.size(), chain.size());
}

}  // namespace
}  // namespace twin::xas::fit_expressions_test
