// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5): χ(R), χ(q) and the wavelet of a result.
#include <algorithm>

#include "core/text.h"
#include "stream/document.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

// Å, half the length of the transform. A wavelet so far over all of k, 1.2 million points of some 9
// bytes, still fits into a line of a stream.
constexpr double furthest_r = 31.4;

double between(Fields& fields, std::string_view key, std::string_view unit, double otherwise,
               double least, double most) {
  const double value = fields.measure(key, unit, true).value_or(otherwise);
  if (!(value >= least) || !(value <= most))
    fields.fail(key, "expected " + shortest(least) + " to " + shortest(most) +
                         (unit.empty() ? "" : " ") + std::string(unit));
  return value;
}

// Whole: its unit, 1/Å^(w+1), has a name up to w = 3. A fit's may be what it is.
double kweight(Fields& fields, double otherwise) {
  if (fields.find("kweight") == nullptr) return otherwise;
  return fields.whole("kweight", 0, 0, 3);
}

BackTransformSettings decode_back(Fields& fields, BackTransformSettings out) {
  out.rmin = between(fields, "rmin", "Å", out.rmin, 0, furthest_r);
  out.rmax = between(fields, "rmax", "Å", out.rmax, 0, furthest_r);
  out.dr = between(fields, "dr", "Å", out.dr, 0, 5);
  out.rwindow = choice(fields, "rwindow", out.rwindow, windows());
  if (!(out.rmin < out.rmax)) fields.fail("rmax", "is not above rmin");
  check_taper(fields, "dr", out.dr, out.rwindow);
  return out;
}

TransformSettings decode_transform(Fields fields, TransformSettings out,
                                   const BackTransformSettings& back) {
  out.stated = true;
  out.kmin = between(fields, "kmin", "1/Å", out.kmin, 0, 40);
  if (fields.find("kmax") != nullptr) out.kmax = between(fields, "kmax", "1/Å", 0, 1, 60);
  out.kweight = kweight(fields, out.kweight);
  out.dk = between(fields, "dk", "1/Å", out.dk, 0, 10);
  out.window = choice(fields, "window", out.window, windows());
  if (!(out.kmin < out.kmax.value_or(TransformSettings::furthest_k)))
    fields.fail("kmax", "is not above kmin");
  check_taper(fields, "dk", out.dk, out.window);
  if (fields.find("rmin") != nullptr || fields.find("rmax") != nullptr)
    out.back = decode_back(fields, back);
  for (const char* key : {"dr", "rwindow"})
    if (!out.back && fields.find(key) != nullptr)
      fields.fail(key, "is of the back transform, which rmin and rmax ask for");
  fields.refuse_rest();
  return out;
}

WaveletSettings decode_wavelet(Fields& recipe, const Value& value,
                               const TransformSettings& transform) {
  WaveletSettings out{.kweight = transform.kweight};
  if (value.is_bool()) return out;
  Fields fields = recipe.inside("wavelet", value);
  out.kweight = kweight(fields, out.kweight);
  out.rmax = between(fields, "rmax", "Å", out.rmax, 0.1, furthest_r);
  fields.refuse_rest();
  return out;
}

}  // namespace

void check_taper(const Fields& fields, std::string_view key, double width,
                 const std::string& window) {
  const double least = window == "kaiser" ? 1e-3 : window == "gaussian" ? 0.05 : 0;
  if (width < least)
    fields.fail(key, shortest(width) + " makes a window " + window + " of nothing; " +
                         shortest(least) + " or more is expected, or hanning");
}

void decode_transforms(Fields& recipe, Recipe& out, bool has_fit) {
  BackTransformSettings back;
  const FitSettings& fit = out.fit;
  if (has_fit) {
    out.transform = {.kmin = fit.kmin,
                     .kmax = fit.kmax,
                     .kweight = fit.kweights.front(),
                     .dk = fit.dk,
                     .window = fit.window,
                     .back = {}};
    back = {.rmin = fit.rmin, .rmax = fit.rmax, .dr = fit.dr, .rwindow = fit.rwindow};
  }
  if (const Value* found = recipe.find("transform"))
    out.transform = decode_transform(recipe.inside("transform", *found), out.transform, back);
  if (const Value* found = recipe.find("wavelet"); found != nullptr && *found != Value(false)) {
    out.transform.stated = true;
    out.wavelet = decode_wavelet(recipe, *found, out.transform);
  }
}

}  // namespace twin::stream
