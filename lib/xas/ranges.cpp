// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ranges.h"

#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr double least_room = 15.0;  // eV: less is the rise of our own edge

std::string at(const atoms::TabulatedEdge& edge) {
  return edge.name() + " at " + significant(edge.energy, 5) + " eV";
}

std::string clipped(const std::string& what, std::optional<double> stated, double used,
                    const std::string& unit, const std::string& why) {
  return what + " " + (stated ? shortest(*stated) + unit : "by default") + " reaches " + why +
         "; " + significant(used, 4) + unit + " is used";
}

// What fits into the range that is left, by the rules that hold without a statement.
void fit_into(double room, const atoms::TabulatedEdge& next, record::ReduceSettings& reduce,
              std::vector<std::string>& warnings) {
  const double norm1 = std::min(25.0, 5 * std::nearbyint(room / 15));
  if (reduce.norm1 && *reduce.norm1 > room - 10) {
    warnings.push_back(clipped("norm1", reduce.norm1, norm1, " eV", at(next)));
    reduce.norm1 = norm1;
  }
  const double width = room - reduce.norm1.value_or(norm1);
  const int most = width < 30 ? 0 : (width < 300 ? 1 : 2);
  if (reduce.nnorm && *reduce.nnorm > most) {
    warnings.push_back("nnorm " + std::to_string(*reduce.nnorm) + " is too much for the " +
                       significant(width, 3) + " eV before " + at(next) + "; " +
                       std::to_string(most) + " is used");
    reduce.nnorm = most;
  }
}

}  // namespace

void stop_before(const atoms::TabulatedEdge& next, double e0, double last,
                 record::ReduceSettings& reduce, record::AutobkSettings& autobk,
                 std::vector<std::string>& warnings) {
  const double room = next.energy - edge_margin - e0;
  if (room >= last - e0) return;
  if (room < least_room) {
    warnings.push_back(at(next) + " can't be kept apart from the edge at " + significant(e0, 6) +
                       " eV; normalisation and background contain both");
    return;
  }
  if (reduce.norm2.value_or(last - e0) > room) {
    warnings.push_back(clipped("norm2", reduce.norm2, room, " eV", at(next)));
    reduce.norm2 = room;
    fit_into(room, next, reduce, warnings);
  }
  const double kmax = std::sqrt(etok * room);
  if (autobk.kmax.value_or(INFINITY) > kmax) {
    warnings.push_back(clipped("autobk's kmax", autobk.kmax, kmax, " 1/Å", at(next)));
    autobk.kmax = kmax;
  }
}

void start_after(const atoms::TabulatedEdge& previous, double e0, double first,
                 record::ReduceSettings& reduce, std::vector<std::string>& warnings) {
  const double gap = e0 - previous.energy;
  if (gap <= least_room) {
    warnings.push_back(at(previous) + " can't be kept apart from the edge at " +
                       significant(e0, 6) + " eV; the pre-edge line contains it");
    return;
  }
  const double pre1 = -(gap - std::min(60.0, gap / 2));
  if (std::max(reduce.pre1.value_or(-INFINITY), first - e0) >= pre1) return;
  warnings.push_back(clipped("pre1", reduce.pre1, pre1, " eV", at(previous)));
  reduce.pre1 = pre1;
  if (reduce.pre2 && *reduce.pre2 <= pre1) {
    warnings.push_back(clipped("pre2", reduce.pre2, pre1 / 2, " eV", at(previous)));
    reduce.pre2 = pre1 / 2;
  }
}

void stay_between(const std::vector<std::string>& elements, const atoms::TabulatedEdge& ours,
                  double e0, double first, double last, record::ReduceSettings& reduce,
                  record::AutobkSettings& autobk, std::vector<std::string>& warnings) {
  for (auto edge = atoms::next_edge(elements, ours); edge && edge->energy - edge_margin < last;
       edge = atoms::next_edge(elements, *edge)) {
    stop_before(*edge, e0, last, reduce, autobk, warnings);
    if (edge->energy - edge_margin - e0 >= least_room) break;
  }
  for (auto edge = atoms::previous_edge(elements, ours); edge && edge->energy > first - 60;
       edge = atoms::previous_edge(elements, *edge)) {
    start_after(*edge, e0, first, reduce, warnings);
    if (e0 - edge->energy > least_room) break;
  }
}

}  // namespace twin::xas
