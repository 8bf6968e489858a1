// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/export_curves.h"
#include "app/extract_figure.h"
#include "app/extract_series.h"
#include "app/extract_state.h"
#include "app/extract_warnings.h"
#include "app/joint_extraction.h"
#include "app/ordered.h"
#include "app/read_all.h"
#include "app/recipe_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "plot/figure.h"
#include "store/run.h"

namespace twin::app {

namespace {

bool fatal(const Error& error) {
  return error.cause() == Cause::closed_pipe || error.cause() == Cause::output;
}

// Curves that the result was not asked to carry.
void drop_arrays(record::Result& result, const std::string& kept) {
  static const std::vector<std::string> of_fit = {
      "k",        "chi", "delta_chi", "fit",      "r",       "chi_r",     "chi_r_re",
      "chi_r_im", "q",   "chi_q",     "chi_q_im", "wavelet", "wavelet_r", "wavelet_k"};
  if (kept == "all") return;
  if (kept == "none") return result.arrays.clear();
  std::erase_if(result.arrays, [](const auto& entry) {
    return std::ranges::find(of_fit, entry.first) == of_fit.end();
  });
}

// A number that is none can't be written: the scan fails, the stream goes on.
void check_finite(const record::Result& result) {
  const auto fine = [](double x) { return std::isfinite(x); };
  for (const auto& [name, q] : result.quantities)
    if (!fine(q.value.value_or(0)) || !fine(q.sigma.value_or(0)) || !fine(q.sigma_sys.value_or(0)))
      throw Error(Cause::data, name +
                                   " or its uncertainty is not finite; are the recipe's values "
                                   "and expressions ones that a sample can have?");
  for (const auto& [name, array] : result.arrays)
    if (!std::ranges::all_of(array.data, fine))
      throw Error(Cause::data, "the curve " + name + " is not finite");
}

// One pass over the stream. Measurements that come before their standard wait for it. What can be
// done apart is done by Ordered's threads; merging, and all writing, one after the other.
class Extractor {
 public:
  Extractor(Session& session, const ExtractSettings& settings)
      : session_(session),
        settings_(settings),
        xas_(settings.read ? *settings.read : checked_recipe(settings.recipe)),
        series_(xas_),
        exported_(settings.export_as, settings.export_into),
        ordered_(static_cast<int>(settings.jobs)) {
    if (xas_.plan().recipe.merge) merging_.emplace(xas_);
  }

  void take(stream::Item item) {
    std::string source = item.source + ":" + std::to_string(item.line);
    if (auto* state = std::get_if<record::State>(&item.record)) {
      const auto copy = std::make_shared<record::State>(*state);
      pass(std::move(item.record));
      simulated(copy, source);
    } else if (auto* m = std::get_if<record::Measurement>(&item.record)) {
      measured(std::move(*m), source);
    } else {
      pass(std::move(item.record));
    }
  }

  void finish() {
    for (auto& [m, source] : std::exchange(waiting_, {})) {
      const std::string where = source;
      ordered_.push([this, where] {
        return [this, where] {
          session_.fail(
              Error(Cause::data, "the recipe's standard " +
                                     printable(xas_.plan().recipe.standard->scan) +
                                     " did not come in the stream; hand in that scan too, or state "
                                     "its s02 in the recipe"),
              where);
        };
      });
    }
    if (merging_ && !xas_.waits_for_standard())
      guarded("merge", "", [&] {
        for (auto& merged : merging_->finish()) physical(std::move(merged), "merge");
      });
    ordered_.finish();
    guarded("joint", "", [&] { last(series_.joint()); });
    guarded("series", "", [&] {
      auto components = series_.components();
      if (!session_.common.plot.empty()) drawn_series_ = components;
      last(std::move(components));
    });
    if (!session_.common.quiet) told_.finish();
    if (!session_.common.plot.empty()) draw();
  }

 private:
  void pass(record::Record record) {
    ordered_.push([this, record = std::move(record)]() mutable {
      return [this, record = std::move(record)]() mutable { write(std::move(record), ""); };
    });
  }

  void measured(record::Measurement m, const std::string& source) {
    const bool standard = xas_.waits_for_standard() && xas_.is_standard(m);
    if (!standard && !merging_ && !xas_.waits_for_standard()) return physical(std::move(m), source);
    guarded(m.context.scan, source, [&] {
      resolve(m);
      if (standard) {
        ordered_.finish();  // nobody reads the standard's values while they change
        learn(m);
        for (auto& [earlier, where] : std::exchange(waiting_, {})) one(std::move(earlier), where);
      }
      if (standard_failed_) throw Error(Cause::data, *standard_failed_);
      if (xas_.waits_for_standard())
        waiting_.emplace_back(std::move(m), source);
      else
        one(std::move(m), source);
    });
  }

  // A standard that fails is told, with each scan that needs it.
  void learn(const record::Measurement& m) {
    try {
      xas_.learn_standard(m);
    } catch (const Error& error) {
      standard_failed_ = std::string("the standard failed: ") + error.what();
      const auto waiting = std::exchange(waiting_, {});
      for (const auto& [earlier, where] : waiting)
        guarded(earlier.context.scan, where, [&] { throw Error(Cause::data, *standard_failed_); });
      throw;
    }
  }

  /// Of several edges the recipe's.
  void simulated(const std::shared_ptr<record::State>& state, const std::string& source) {
    const auto& edge = xas_.plan().recipe.edge;
    const bool only = state->simulated.size() == 1;
    bool any = state->simulated.empty();
    for (const auto& one : state->simulated) {
      if (!only && !is_of_edge(one, edge)) continue;
      any = true;
      work(one.context.scan, source,
           [this, state, &one] { return extract_state(xas_, *state, one); });
    }
    if (any) return;
    guarded(state->context.scan, source, [&] {
      throw Error(Cause::data, "no edge of this state is the recipe's " + printable(edge));
    });
  }

  void one(record::Measurement m, const std::string& source) {
    if (!merging_) return physical(std::move(m), source);
    guarded(m.context.scan, source, [&] {
      if (auto merged = merging_->take(m)) physical(std::move(*merged), source);
    });
  }

  void resolve(record::Measurement& m) const {
    record::Record holder = std::move(m);
    store::resolve(holder, settings_.base);
    m = std::get<record::Measurement>(std::move(holder));
  }

  void physical(record::Measurement m, const std::string& source) {
    const std::string scan = m.context.scan;
    work(scan, source, [this, m = std::move(m)]() mutable {
      resolve(m);
      return xas_.extract(m);
    });
  }

  // Extracts apart, and writes the result or the failure in order.
  template <typename Function>
  void work(const std::string& scan, const std::string& source, Function extract) {
    ordered_.push([this, scan, source, extract = std::move(extract)]() mutable -> Ordered::Outcome {
      try {
        auto result = extract();
        check_finite(result);
        return [this, result = std::move(result)]() mutable { done(std::move(result)); };
      } catch (const Error& error) {
        if (fatal(error)) throw;
        return [this, scan, source, error] {
          session_.fail(error.at(scan.empty() ? source : printable(scan)), source);
        };
      }
    });
  }

  void done(record::Result result) {
    exported_.write(result);
    if (!session_.common.plot.empty()) remember(result);
    if (!session_.common.quiet) told_.see(result);
    record::Result written = result;
    drop_arrays(written, settings_.arrays);
    result.header.id = write(std::move(written), result.context.scan);
    series_.take(result);
  }

  // Curves of all scans together are there unless no curves are wanted.
  void last(std::optional<record::Result> result) {
    if (!result) return;
    if (!session_.common.quiet) told_.see(*result);
    if (settings_.arrays == "none") result->arrays.clear();
    const std::string scan = result->context.scan;
    write(std::move(*result), scan);
  }

  // A record that no reader would take fails, and the stream goes on.
  std::string write(record::Record record, const std::string& scan) {
    try {
      return session_.out.write(std::move(record));
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      session_.fail(scan.empty() ? error : error.at(printable(scan)), "");
      return "";
    }
  }

  void draw() {
    draw_extract(drawn_, drawable_, drawn_series_, xas_.plan().recipe, session_.common.plot);
    if (drawable_ > most_curves && !session_.common.quiet)
      cli::warning("--plot: " + session_.common.plot + " shows the curves of the last " +
                   std::to_string(most_curves) + " of " + std::to_string(drawable_) + " scans");
  }

  void remember(const record::Result& result) {
    ++drawable_;
    constexpr std::size_t most = 200;
    if (drawn_.size() == most) drawn_.erase(drawn_.begin());
    drawn_.push_back(result);
    drawn_.back().arrays.erase("wavelet");  // is not drawn, and large
  }

  // What is wrong with one measurement does not stop the stream; what is wrong with our output
  // does.
  template <typename Work>
  void guarded(const std::string& scan, const std::string& source, Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (fatal(error)) throw;
      const Error told = error.at(scan.empty() ? source : printable(scan));
      ordered_.push(
          [this, told, source] { return [this, told, source] { session_.fail(told, source); }; });
    }
  }

  Session& session_;
  const ExtractSettings& settings_;
  XasExtraction xas_;
  Series series_;
  std::optional<Merging> merging_;
  std::vector<std::pair<record::Measurement, std::string>> waiting_;
  std::optional<std::string> standard_failed_;
  std::vector<record::Result> drawn_;  // the last of them
  std::optional<record::Result> drawn_series_;
  std::size_t drawable_ = 0;  // all that came
  WarningsTold told_;
  CurveExport exported_;
  Ordered ordered_;  // last: its threads use all of the above
};

}  // namespace

void extract(Session& session, const ExtractSettings& settings) {
  if (!settings.export_as.empty() && !std::filesystem::is_directory(settings.export_into))
    throw Error(Cause::cannot_create,
                "--export-into " + printable(settings.export_into) + ": no such folder");
  if (!session.common.plot.empty()) plot::check_target(session.common.plot);
  Extractor extractor(session, settings);
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) { extractor.take(std::move(item)); });
  extractor.finish();
}

}  // namespace twin::app
