// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "message_of.h"
#include "xas/thermal_paths.h"

namespace twin::xas::expression_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> names{"alpha", "theta", "b2"};

PathContext context() { return {2.5478, 12, 300.0, thermal_path(copper_pair())}; }

double value(const std::string& text) {
  return Expression(text, names).value(Eigen::Vector3d(0.01, 315, 2), context());
}

TEST(Expression, IsArithmeticAsOnPaper) {
  EXPECT_EQ(value("1+2*3-4/8"), 6.5);
  EXPECT_EQ(value("(1+2)*3"), 9);
  EXPECT_EQ(value("2^3^2"), 512);
  EXPECT_EQ(value("-2^2"), -4);
  EXPECT_EQ(value("2^-1"), 0.5);
  EXPECT_EQ(value("1 - -1 - +1"), 1);
  EXPECT_EQ(value("8/4/2"), 1);
  EXPECT_EQ(value("1.5e1+.5+2."), 17.5);
  EXPECT_EQ(value("max(1,b2)+min(1,b2)"), 3);
  EXPECT_EQ(value("abs(-b2)+sqrt(16)"), 6);
  EXPECT_NEAR(value("exp(log(3))+sin(pi/2)+cos(pi)+tan(pi/4)"), 4, 1e-14);
}

TEST(Expression, KnowsThePath) {
  EXPECT_EQ(value("reff*(1+alpha)"), 2.5478 * 1.01);
  EXPECT_EQ(value("n/b2"), 6);
  EXPECT_EQ(value("T"), 300);
  EXPECT_EQ(value("debye(T, theta)"), debye(300, 315, *context().thermal).sigma2);
  EXPECT_EQ(value("einstein(T, theta) + 1"), 1 + einstein(300, 315, *context().thermal).sigma2);
}

TEST(Expression, TellsWhatItUses) {
  const Expression one("b2*alpha + b2", names);
  EXPECT_THAT(one.used(), ElementsAre(0, 2));
  EXPECT_FALSE(one.uses_temperature() || one.uses_path() || one.uses_thermal());
  const Expression other("debye(T, theta)*n", names);
  EXPECT_TRUE(other.uses_temperature() && other.uses_path() && other.uses_thermal() &&
              other.uses_debye());
}

class ExpressionSlope : public testing::TestWithParam<const char*> {};

TEST_P(ExpressionSlope, IsThatByDifferences) {
  const Expression expression(GetParam(), names);
  const VectorXd x = Eigen::Vector3d(0.7, 315, 2);
  VectorXd slope;
  EXPECT_EQ(expression.value(x, context(), &slope), expression.value(x, context()));
  ASSERT_EQ(slope.size(), static_cast<Eigen::Index>(expression.used().size()));
  for (Eigen::Index i = 0; i < slope.size(); ++i) {
    const Eigen::Index at = expression.used()[static_cast<std::size_t>(i)];
    const double step = 1e-5 * x[at];
    VectorXd up = x, down = x;
    up[at] += step;
    down[at] -= step;
    const double numeric =
        (expression.value(up, context()) - expression.value(down, context())) / (2 * step);
    EXPECT_NEAR(slope[i], numeric, 1e-7 * std::max(1.0, std::abs(numeric)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExpressionSlope,
                         testing::Values("alpha+b2*3-theta/7", "alpha/b2/(1+alpha)", "alpha^b2",
                                         "b2^alpha^2", "-alpha^3", "sqrt(alpha)*exp(-b2)",
                                         "log(theta)/b2", "sin(alpha)*cos(b2)", "tan(alpha)",
                                         "abs(alpha-b2)", "min(alpha, 1)*max(theta, b2)*max(b2, 1)",
                                         "1e3*einstein(T, theta)", "1e3*debye(T*b2, theta*alpha)",
                                         "reff*(1+alpha) + n*b2"));

TEST(Expression, SlopeOfAConstantsRootIsNotAskedFor) {
  VectorXd slope;
  EXPECT_EQ(Expression("alpha + sqrt(0) + 0^0.5", names).value(VectorXd::Ones(3), {}, &slope), 1);
  EXPECT_THAT(slope, ElementsAre(1));
  EXPECT_EQ(Expression("(-2)^2*alpha", names).value(VectorXd::Ones(3), {}, &slope), 4);
  EXPECT_THAT(slope, ElementsAre(4));
}

TEST(Expression, WithoutAValueIsNoNumber) {
  const VectorXd x = VectorXd::Zero(3);
  EXPECT_TRUE(std::isnan(Expression("T", names).value(x, {})));
  EXPECT_TRUE(std::isnan(Expression("debye(1,1)", names).value(x, {})));
  EXPECT_TRUE(std::isnan(Expression("sqrt(-1)", names).value(x, {})));
  EXPECT_TRUE(std::isinf(Expression("1/alpha", names).value(x, {})));
}

std::string complaint(const std::string& text) {
  return message_of([&] { Expression(text, names); }, Cause::configuration);
}

TEST(Expression, ErrorsNameThePosition) {
  EXPECT_THAT(complaint("einstien(T, theta)"),
              HasSubstr("position 1: 'einstien': unknown name; perhaps einstein"));
  EXPECT_THAT(complaint("1 + thet"), HasSubstr("position 5: 'thet': unknown name; perhaps theta"));
  EXPECT_THAT(complaint("(1+2"), HasSubstr("position 5: ')' is missing"));
  EXPECT_THAT(complaint("1+2)"), HasSubstr("position 4: ')' is one too many"));
  EXPECT_THAT(complaint("2 alpha"), HasSubstr("position 3: 'a' is one too many"));
  EXPECT_THAT(complaint("3*"), HasSubstr("position 3: ends"));
  EXPECT_THAT(complaint(""), HasSubstr("position 1: ends"));
  EXPECT_THAT(complaint("1e"), HasSubstr("position 1: '1e' is no number"));
  EXPECT_THAT(complaint("1.2.3"), HasSubstr("position 4: '.' is one too many"));
  EXPECT_THAT(complaint("sqrt 2"), HasSubstr("position 1: 'sqrt': unknown name"));
  EXPECT_THAT(complaint("sqrt()"), HasSubstr("position 6: ')' where"));
  EXPECT_THAT(complaint("sqrt(1,2)"), HasSubstr("an argument too many"));
  EXPECT_THAT(complaint("max(1)"), HasSubstr("a comma is missing"));
  EXPECT_THAT(complaint(std::string("1+\0", 3)), HasSubstr("position 3: '\\x00'"));
  EXPECT_THAT(complaint("alpha = 2"), HasSubstr("position 7: '='"));
}

TEST(Expression, LengthAndDepthAreCapped) {
  EXPECT_THAT(complaint(std::string(1001, '1')), HasSubstr("more than 1000"));
  EXPECT_THAT(complaint(std::string(400, '(') + "1" + std::string(400, ')')),
              HasSubstr("nested too deep"));
  std::string powers = "1";
  for (int i = 0; i < 400; ++i) powers += "^1";
  EXPECT_THAT(complaint(powers), HasSubstr("nested too deep"));
  EXPECT_EQ(value(std::string(40, '(') + "1" + std::string(40, ')')), 1);
  EXPECT_EQ(value(std::string(999, '-') + "1"), -1);
}

TEST(Expression, MayNotNameAParameterAsOneOfItsWords) {
  for (const char* name : {"alpha", "_x", "ss_1", "N2", "t"})
    EXPECT_TRUE(Expression::may_name(name)) << name;
  for (const char* name : {"", "1a", "T", "n", "reff", "debye", "a-b", "a b", "sigma2:Cu", "é"})
    EXPECT_FALSE(Expression::may_name(name)) << name;
}

}  // namespace
}  // namespace twin::xas::expression_test
