// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/pre_edge.h"

#include <algorithm>
#include <cmath>
#include <list>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

double rounded(double value, double step) { return step * std::nearbyint(value / step); }

std::string range(double from, double to) { return shortest(from) + " to " + shortest(to) + " eV"; }

// The ranges in force: what the recipe states, clipped to the data; else Larch's rules.
class Ranges {
 public:
  Ranges(const VectorXd& energy, double e0, const record::ReduceSettings& settings,
         std::vector<std::string>& warnings)
      : energy_(energy),
        e0_(e0),
        first_(energy[0] - e0),
        last_(energy[energy.size() - 1] - e0),
        in_(settings),
        warnings_(warnings) {
    check_order("pre1", in_.pre1, "pre2", in_.pre2);
    check_order("norm1", in_.norm1, "norm2", in_.norm2);
    below();
    above();
  }

  double pre1 = 0, pre2 = 0, norm1 = 0, norm2 = 0;
  int nnorm = 0;

 private:
  static void check_order(const char* from_name, std::optional<double> from, const char* to_name,
                          std::optional<double> to) {
    if (from && to && !(*from < *to))
      throw Error(Cause::configuration, std::string("pre-edge: ") + from_name + " " +
                                            shortest(*from) + " is not below " + to_name + " " +
                                            shortest(*to) + "; eV from e0");
  }

  void below() {
    const double unit = index_nearest(energy_, e0_) > 20 ? 5 : 2;
    pre1 = in_.pre1.value_or(rounded(energy_[1] - e0_, unit));
    if (in_.pre1 && pre1 < first_) clipped("pre1", pre1, first_);
    pre1 = std::max(pre1, first_);
    pre2 = in_.pre2.value_or(0.5 * pre1);
    if (in_.pre2 && *in_.pre2 <= first_)
      outside("pre-edge", in_.pre1.value_or(*in_.pre2), *in_.pre2);
    if (in_.pre1 && *in_.pre1 >= last_) outside("pre-edge", pre1, pre2);
    if (in_.pre2 && *in_.pre2 > 0)
      throw Error(Cause::configuration, "pre2 " + shortest(*in_.pre2) +
                                            " eV: the pre-edge range ends above the edge; 0 eV "
                                            "from e0 or less is expected");
    if (pre1 > pre2) std::swap(pre1, pre2);
  }

  void above() {
    upper_ends();
    if (norm1 > norm2) std::swap(norm1, norm2);
    if (in_.norm1 && norm1 > norm2 - 2)
      warnings_.push_back("the normalisation range " + range(norm1, norm2) +
                          " is too narrow; it begins at " + shortest(norm2 - 2) + " eV");
    norm1 = std::min(norm1, norm2 - 2);
    const double width = norm2 - norm1;
    nnorm = std::clamp(in_.nnorm.value_or(width < 30 ? 0 : (width < 300 ? 1 : 2)), 0, 5);
  }

  void upper_ends() {
    norm2 = in_.norm2.value_or(rounded(last_, 5));
    if (before_end()) return;
    if (in_.norm1 && *in_.norm1 >= last_) outside("normalisation", *in_.norm1, norm2);
    if (in_.norm2 && *in_.norm2 <= 0)
      throw Error(Cause::configuration, "norm2 " + shortest(*in_.norm2) +
                                            " eV: the normalisation range ends below the edge; "
                                            "more than 0 eV from e0 is expected");
    if (in_.norm2 && norm2 > last_) clipped("norm2", norm2, last_);
    norm2 = std::min(norm2, last_);
    norm1 = in_.norm1.value_or(std::min(25.0, 5 * std::nearbyint(norm2 / 15)));
  }

  // A range that is counted from the end follows a scan as it grows: where it does not fit yet,
  // the rules for open ranges hold.
  bool before_end() {
    if (!in_.before_end || in_.norm2) return false;
    const double end = last_ - *in_.before_end;
    const double begin = in_.norm1.value_or(std::min(25.0, 5 * std::nearbyint(end / 15)));
    const bool fits = *in_.before_end >= 0 && end - begin >= 2;
    norm2 = fits ? end : std::min(norm2, last_);
    norm1 = fits ? begin : std::min(25.0, 5 * std::nearbyint(norm2 / 15));
    if (!fits)
      warnings_.push_back("the scan ends too early for a normalisation range from " +
                          shortest(begin) + " eV to " + shortest(*in_.before_end) +
                          " eV before its end; " + range(norm1, norm2) + " is used");
    return true;
  }

  void clipped(const char* name, double stated, double used) {
    warnings_.push_back(std::string(name) + " " + shortest(stated) +
                        " eV lies outside of the data; " + significant(used, 6) + " eV is used");
  }

  [[noreturn]] void outside(const char* name, double from, double to) const {
    throw Error(Cause::data, std::string(name) + " range " + range(from, to) +
                                 " from e0 lies outside of the data; they go from " +
                                 significant(first_, 6) + " to " + significant(last_, 6) + " eV");
  }

  const VectorXd& energy_;
  double e0_, first_, last_;
  const record::ReduceSettings& in_;
  std::vector<std::string>& warnings_;
};

// The polynomial of \p order through y(x); what depends on x alone is kept for the next spectrum
// on the same grid, in this thread's store.
numeric::Polynomial polynomial(const Eigen::Ref<const VectorXd>& x,
                               const Eigen::Ref<const VectorXd>& y, int order) {
  struct Known {
    VectorXd x;
    int order = 0;
    numeric::PolynomialFit fit;
  };
  constexpr std::size_t kept = 16;
  static thread_local std::list<Known> store;
  const auto found = std::find_if(store.begin(), store.end(), [&](const Known& one) {
    return one.order == order && one.x.size() == x.size() && one.x == x;
  });
  if (found != store.end()) {
    store.splice(store.begin(), store, found);
    return store.front().fit(y);
  }
  store.push_front({x, order, numeric::PolynomialFit(x, order)});
  if (store.size() > kept) store.pop_back();
  return store.front().fit(y);
}

// The line below the edge; a constant where fewer than three points lie there.
VectorXd line_below(const VectorXd& energy, const VectorXd& mu, double e0, int nvict,
                    const Ranges& ranges, std::vector<std::string>& warnings) {
  const Index from = index_below(energy, ranges.pre1 + e0);
  Index to = index_nearest(energy, ranges.pre2 + e0);
  const bool constant = index_below(energy, ranges.pre2 + e0) - from < 3;
  if (constant) {
    warnings.push_back("fewer than three points in the pre-edge range " +
                       range(ranges.pre1, ranges.pre2) + "; their mean is used instead of a line");
    to = std::max(to, from + 1);
    return VectorXd::Constant(energy.size(), mu.segment(from, to - from).mean());
  }
  to = std::clamp(to, from + 2, energy.size());
  const auto x = energy.segment(from, to - from), y = mu.segment(from, to - from);
  if (nvict == 0) return polynomial(x, y, 1)(energy);
  // E in units of e0, so that powers of it stay near 1: the line is the same.
  const VectorXd power = (energy / e0).array().pow(nvict);
  const VectorXd scaled = y.cwiseProduct(power.segment(from, to - from));
  return polynomial(x, scaled, 1)(energy).cwiseQuotient(power);
}

VectorXd curve_above(const VectorXd& energy, const VectorXd& above_line, double e0, Ranges& ranges,
                     std::vector<std::string>& warnings) {
  Index from = std::min(index_below(energy, ranges.norm1 + e0), energy.size() - 3);
  const Index to = index_nearest(energy, ranges.norm2 + e0);
  const int wanted = ranges.nnorm;
  if (to - from < 2) {
    from = std::max<Index>(0, from - 2);
    ranges.nnorm = 0;
  } else if (to - from < 5) {
    ranges.nnorm = std::min(1, wanted);
  }
  if (ranges.nnorm < wanted)
    warnings.push_back("few points in the normalisation range " +
                       range(ranges.norm1, ranges.norm2) + "; nnorm " +
                       std::to_string(ranges.nnorm) + " is used");
  if (to - from < 1)
    throw Error(Cause::data, "normalisation range " + range(ranges.norm1, ranges.norm2) +
                                 " from e0: no point lies in it");
  ranges.nnorm = std::min<int>(ranges.nnorm, static_cast<int>(to - from) - 1);
  return polynomial(energy.segment(from, to - from), above_line.segment(from, to - from),
                    ranges.nnorm)(energy);
}

// Ranges that reach into the rise: the line below it rises with it, and continues so.
void warn_of_the_rise(const PreEdge& found, const VectorXd& energy, const VectorXd& mu, double e0,
                      const Ranges& ranges, std::vector<std::string>& warnings) {
  constexpr double reach = 10;  // eV
  const Index from = index_below(energy, e0 - 20);
  const Index count = std::max<Index>(1, index_below(energy, e0 + 50) - from + 1);
  const auto about = mu.segment(from, count);
  const double rise = about.maxCoeff() - about.minCoeff();
  const Index edge = std::clamp<Index>(index_nearest(energy, e0), 1, energy.size() - 2);
  const double slope =
      (found.pre[edge + 1] - found.pre[edge - 1]) / (energy[edge + 1] - energy[edge - 1]);
  if (std::abs(slope) * reach > 0.2 * rise)
    warnings.push_back("the pre-edge line through " + range(ranges.pre1, ranges.pre2) +
                       " changes by " + significant(100 * std::abs(slope) * reach / rise, 2) +
                       " % of the edge in 10 eV; its range is too short, or reaches into the edge");
  const Index begin = index_nearest(energy, e0 + ranges.norm1);
  const double further = mu[index_nearest(energy, e0 + ranges.norm1 + reach)] - mu[begin];
  if (ranges.norm1 < 15 && further > 0.2 * rise)
    warnings.push_back("the normalisation range begins at " + shortest(ranges.norm1) +
                       " eV, and in the next 10 eV µ rises by " +
                       significant(100 * further / rise, 2) +
                       " % of the edge; it reaches into the rise");
}

}  // namespace

Index index_below(const VectorXd& x, double value) {
  const auto* found = std::upper_bound(x.data(), x.data() + x.size(), value);
  return std::max<Index>(0, found - x.data() - 1);
}

Index index_nearest(const VectorXd& x, double value) {
  const Index below = index_below(x, value);
  if (below + 1 < x.size() && std::abs(x[below + 1] - value) < std::abs(x[below] - value))
    return below + 1;
  return below;
}

PreEdge pre_edge(const VectorXd& energy, const VectorXd& mu, double e0,
                 const record::ReduceSettings& settings, std::vector<std::string>& warnings) {
  Ranges ranges(energy, e0, settings, warnings);
  PreEdge out;
  out.pre = line_below(energy, mu, e0, settings.nvict, ranges, warnings);
  const VectorXd curve = curve_above(energy, mu - out.pre, e0, ranges, warnings);
  out.post = out.pre + curve;
  const Index edge = index_nearest(energy, e0);
  if (curve[edge] < 0)
    warnings.push_back("the edge step is negative: absorption falls at the edge");
  out.edge_step = std::abs(curve[edge]);
  if (!(out.edge_step > 1e-12 * mu.cwiseAbs().maxCoeff()))
    throw Error(Cause::data, "pre-edge: the edge step is zero; an absorption edge is wanted");
  out.norm = (mu - out.pre) / out.edge_step;
  out.flat = out.norm;
  const Index above = energy.size() - edge;
  out.flat.tail(above).array() -= (curve.tail(above).array() - curve[edge]) / out.edge_step;
  if (curve[edge] > 0) warn_of_the_rise(out, energy, mu, e0, ranges, warnings);
  out.used = settings;
  out.used.e0 = e0;
  out.used.pre1 = ranges.pre1;
  out.used.pre2 = ranges.pre2;
  out.used.norm1 = ranges.norm1;
  out.used.norm2 = ranges.norm2;
  out.used.nnorm = ranges.nnorm;
  return out;
}

}  // namespace twin::xas
