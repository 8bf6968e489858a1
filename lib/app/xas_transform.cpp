// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_transform.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "app/arrays.h"
#include "core/text.h"
#include "xas/transform.h"
#include "xas/wavelet.h"

namespace twin::app {

using Eigen::Index;
using Eigen::VectorXd;
using record::Result;
using record::TransformSettings;
using record::Value;

namespace {

constexpr double shown_r = 6.2;  // Å; a back transform from farther shows more

std::string unit_of_power(int power) {  // of 1/Å
  static const std::vector<std::string> units{"", "1/Å", "1/Å²", "1/Å³", "1/Å⁴"};
  return units.at(static_cast<std::size_t>(std::clamp(power, 0, 4)));
}

int rounded(double kweight) { return static_cast<int>(std::lround(kweight)); }

Value used(const TransformSettings& transform, double kmax) {
  Value out;
  out.set("kmin", transform.kmin);
  out.set("kmax", kmax);
  out.set("kweight", transform.kweight);
  out.set("dk", transform.dk);
  out.set("window", transform.window);
  if (!transform.back) return out;
  out.set("rmin", transform.back->rmin);
  out.set("rmax", transform.back->rmax);
  out.set("dr", transform.back->dr);
  out.set("rwindow", transform.back->rwindow);
  return out;
}

void add_back_transform(Result& out, const TransformSettings& transform,
                        const Eigen::VectorXcd& chi_r, double end) {
  const auto& back = *transform.back;
  const auto found = xas::back_transform(chi_r, back.rmin, back.rmax, back.dr, back.rwindow, end);
  const auto unit = unit_of_power(rounded(transform.kweight));
  out.arrays["q"] = inline_array(found.q, "1/Å");
  out.arrays["chi_q"] = inline_array(found.chi.real(), unit);
  out.arrays["chi_q_im"] = inline_array(found.chi.imag(), unit);
}

// Five digits of the largest value: noise is far above, and a record has its limit.
Eigen::MatrixXd to_five_digits(const Eigen::MatrixXd& values) {
  const double largest = values.cwiseAbs().maxCoeff();
  if (!(largest > 1e-200)) return values;
  const double steps = std::pow(10.0, 5 - std::ceil(std::log10(largest)));
  return values.unaryExpr([steps](double x) { return std::round(x * steps) / steps; });
}

void add_wavelet(Result& out, const record::WaveletSettings& settings, const VectorXd& chi,
                 double kmin, double kmax) {
  const auto found = xas::cauchy_wavelet(chi, settings.kweight, settings.rmax);
  const auto first = static_cast<Index>(std::ceil(kmin / xas::kstep - 1e-6));
  const auto last = std::min(static_cast<Index>(kmax / xas::kstep + 1e-6), chi.size() - 1);
  const Index n = last - first + 1;
  out.arrays["wavelet_r"] = inline_array(found.r, "Å");
  out.arrays["wavelet_k"] = inline_array(found.k.segment(first, n), "1/Å");
  out.arrays["wavelet"] =
      inline_matrix(to_five_digits(found.chi.middleRows(first, n).cwiseAbs().transpose()),
                    unit_of_power(rounded(settings.kweight)));
  Value parameters;
  parameters.set("kweight", settings.kweight);
  parameters.set("rmax", settings.rmax);
  out.parameters.set("wavelet", parameters);
}

}  // namespace

void add_transforms(Result& out, const record::Recipe& recipe, const VectorXd& k,
                    const VectorXd& chi) {
  const auto& transform = recipe.transform;
  const double end = k.size() > 0 ? k[k.size() - 1] : 0.0;
  const double kmax = transform.kmax.value_or(std::min(end, TransformSettings::furthest_k));
  if (end < kmax - xas::kstep / 2 || kmax < transform.kmin + 2 * xas::kstep) {
    if (!transform.stated && !transform.kmax) return;  // nobody asked
    out.warnings.push_back("χ(k) ends at " + significant(end, 4) +
                           " 1/Å, and the transform is of " + shortest(transform.kmin) + " to " +
                           (transform.kmax ? shortest(*transform.kmax) : "its end") +
                           " 1/Å; there is no χ(R)");
    out.status = record::Completeness::partial;
    return;
  }
  const double farthest = transform.back ? std::max(shown_r, transform.back->rmax) : shown_r;
  // All of R where there is a way back: the taper at rmax is on it.
  const auto found =
      xas::forward_transform_to(transform.back ? 31.4 : farthest, chi, transform.kmin, kmax,
                                transform.dk, transform.kweight, transform.window);
  const Index shown = (found.r.array() <= farthest).count();
  const auto unit = unit_of_power(rounded(transform.kweight) + 1);
  out.arrays["r"] = inline_array(found.r.head(shown), "Å");
  out.arrays["chi_r"] = inline_array(found.chi.head(shown).cwiseAbs(), unit);
  out.arrays["chi_r_re"] = inline_array(found.chi.head(shown).real(), unit);
  out.arrays["chi_r_im"] = inline_array(found.chi.head(shown).imag(), unit);
  out.parameters.set("transform", used(transform, kmax));
  if (transform.back) add_back_transform(out, transform, found.chi, end);
  if (recipe.wavelet) add_wavelet(out, *recipe.wavelet, chi, transform.kmin, kmax);
}

}  // namespace twin::app
