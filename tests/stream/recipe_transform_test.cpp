// SPDX-License-Identifier: GPL-3.0-or-later
// What recipes say of χ(R), χ(q) and the wavelet.
#include <gmock/gmock.h>

#include "core/error.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::stream::recipe_transform_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

record::Recipe recipe(const std::string& more) {
  const std::string text = "{format: twin-recipe/1, edge: Cu K" + more + "}";
  return decode_recipe(parse_yaml(text, "x.yaml"), "x.yaml");
}

std::string error(const std::string& more) {
  try {
    static_cast<void>(recipe(more));
  } catch (const Error& mistake) {
    EXPECT_EQ(mistake.cause(), Cause::configuration) << mistake.what();
    return mistake.what();
  }
  return "no error";
}

TEST(RecipeTransform, IsLarchsWhereNothingIsSaid) {
  const auto plain = recipe("").transform;
  EXPECT_FALSE(plain.stated);
  EXPECT_EQ(plain.kmin, 0);
  EXPECT_FALSE(plain.kmax);
  EXPECT_EQ(plain.kweight, 2);
  EXPECT_EQ(plain.dk, 1);
  EXPECT_EQ(plain.window, "kaiser");
  EXPECT_FALSE(plain.back);
  EXPECT_FALSE(recipe("").wavelet);
  EXPECT_TRUE(recipe(", transform: {}").transform.stated);
  const auto back = recipe(", transform: {rmax: 3 Å}").transform.back;
  ASSERT_TRUE(back);
  EXPECT_EQ(back->rmin, 0);
  EXPECT_EQ(back->rmax, 3);
  EXPECT_EQ(back->dr, 1);
  EXPECT_EQ(back->rwindow, "kaiser");
}

TEST(RecipeTransform, IsTheFitsWhereThereIsOne) {
  const std::string fit =
      ", fit: {kmin: 2, kmax: 9, dk: 2, kweights: [3, 1], window: parzen, rmin: 1.1, rmax: 2.9,"
      " dr: 0.3, rwindow: sine}";
  const auto plain = recipe(fit).transform;
  EXPECT_FALSE(plain.stated);
  EXPECT_EQ(plain.kmin, 2);
  EXPECT_EQ(plain.kmax, 9);
  EXPECT_EQ(plain.kweight, 3);
  EXPECT_EQ(plain.window, "parzen");
  EXPECT_FALSE(plain.back);
  const auto own = recipe(fit + ", transform: {kmax: 8 1/Å, kweight: 1, rmin: 1}").transform;
  EXPECT_EQ(own.kmin, 2);
  EXPECT_EQ(own.kmax, 8);
  EXPECT_EQ(own.kweight, 1);
  EXPECT_EQ(own.back->rmin, 1);
  EXPECT_EQ(own.back->rmax, 2.9);
  EXPECT_EQ(own.back->dr, 0.3);
  EXPECT_EQ(own.back->rwindow, "sine");
  EXPECT_EQ(recipe(", bands: [2.8-3.6]").transform.kmax, 12);  // a band has the fit's range
}

TEST(RecipeTransform, TheWaveletIsOfItsKWeight) {
  EXPECT_EQ(recipe(", wavelet: true").wavelet->rmax, 6);
  EXPECT_EQ(recipe(", wavelet: true").wavelet->kweight, 2);
  EXPECT_EQ(recipe(", transform: {kweight: 1}, wavelet: {rmax: 5 Å}").wavelet->kweight, 1);
  EXPECT_EQ(recipe(", wavelet: {kweight: 0}").wavelet->kweight, 0);
  EXPECT_TRUE(recipe(", wavelet: true").transform.stated);
  EXPECT_FALSE(recipe(", wavelet: false").wavelet);
}

TEST(RecipeTransform, MistakesAreNamedWithTheirLine) {
  EXPECT_THAT(error(",\n transform: {\n kweigth: 3}"),
              AllOf(StartsWith("x.yaml:3: "), HasSubstr("kweigth: unknown; perhaps kweight")));
  EXPECT_THAT(error(", transform: {kmin: -1}"), HasSubstr("kmin: expected 0 to 40 1/Å"));
  EXPECT_THAT(error(", transform: {kmax: 101}"), HasSubstr("kmax: expected"));
  EXPECT_THAT(error(", transform: {kmin: 5, kmax: 4}"), HasSubstr("kmax: is not above kmin"));
  EXPECT_THAT(error(", transform: {kmin: 20}"), HasSubstr("kmax: is not above kmin"));
  EXPECT_THAT(error(", transform: {kmin: 3 Å}"), HasSubstr("kmin: "));
  EXPECT_THAT(error(", transform: {kweight: 4}"), HasSubstr("kweight: "));
  EXPECT_THAT(error(", transform: {kweight: 0.5}"), HasSubstr("kweight: "));
  EXPECT_THAT(error(", transform: {dk: -1}"), HasSubstr("dk: expected"));
  EXPECT_THAT(error(", transform: {window: haning}"),
              HasSubstr("window: \"haning\"; expected hanning, "));
  EXPECT_THAT(error(", transform: {rmin: 3, rmax: 2}"), HasSubstr("rmax: is not above rmin"));
  EXPECT_THAT(error(", transform: {rmax: 40}"), HasSubstr("rmax: expected 0 to 31.4 Å"));
  EXPECT_THAT(error(", transform: {dk: 0}"), HasSubstr("dk: 0 makes a window kaiser of nothing"));
  EXPECT_THAT(error(", transform: {rmin: 1, dr: 0}"), HasSubstr("dr: 0 makes a window kaiser"));
  EXPECT_THAT(error(", transform: {dr: 0.1}"), HasSubstr("dr: is of the back transform"));
  EXPECT_THAT(error(", transform: {rwindow: sine}"), HasSubstr("rwindow: is of the back"));
  EXPECT_THAT(error(", transform: true"), HasSubstr("transform"));
  EXPECT_THAT(error(", wavelet: {rmx: 5}"), HasSubstr("rmx: unknown; perhaps rmax"));
  EXPECT_THAT(error(", wavelet: {rmax: 0}"), HasSubstr("rmax: expected 0.1 to 31.4 Å"));
  EXPECT_THAT(error(", wavelet: {kweight: 7}"), HasSubstr("kweight: "));
  EXPECT_THAT(error(", wavelet: yes please"), HasSubstr("wavelet"));
}

TEST(RecipeTransform, AWaveletMayGoAsFarAsTheTransform) {
  EXPECT_EQ(recipe(", transform: {kmax: 60}, wavelet: {rmax: 31.4}").wavelet->rmax, 31.4);
}

}  // namespace
}  // namespace twin::stream::recipe_transform_test
