// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/follow.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/companion.h"
#include "app/load_model.h"
#include "app/match_sides.h"
#include "app/read_all.h"
#include "app/recipe_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

using record::Answer;
using record::Model;
using record::Result;
using record::Verdict;

namespace {

class Follower {
 public:
  Follower(Session& session, const MatchSettings& settings)
      : session_(session),
        out_(session),
        model_(started(settings)),
        recipe_(recipe_of(model_)),
        digital_(out_, settings, recipe_),
        companion_(out_, digital_, model_),
        live_(std::ranges::none_of(session.inputs, [](const std::string& input) {
          return input != "-" && std::filesystem::is_regular_file(input);
        })) {}

  void run() {
    std::thread worker([this] { work(); });
    std::optional<std::string> trouble;
    try {
      stream::Reader reader(session_.inputs);
      trouble = for_each_record(
          reader, [this](stream::Item item) { take(std::move(item.record)); },
          [this](const Error& error) { out_.fail(error, ""); });
    } catch (...) {
      finish(worker);
      throw;
    }
    finish(worker);
    if (failed_) std::rethrow_exception(failed_);
    if (trouble) {
      cli::warning(*trouble);
      if (session_.status == 0) session_.status = static_cast<int>(Cause::partial);
    }
    summarize();
  }

 private:
  struct Waiting {
    Result result;
    double arrived = 0;
  };

  static Model started(const MatchSettings& settings) {
    Model model = load_model(settings.model);
    apply(settings, model);
    if (settings.budget > 0) model.budget = static_cast<int>(settings.budget);
    if (model.potential.empty()) model.potential = model.potentials.front();
    return model;
  }

  static std::optional<record::Recipe> recipe_of(const Model& model) {
    if (model.measure_with.empty()) return std::nullopt;
    return checked_recipe(model.measure_with);
  }

  void take(record::Record record) {
    const auto* result = std::get_if<Result>(&record);
    const bool physical = result != nullptr && result->origin == record::Origin::physical;
    std::optional<Result> copy;
    if (physical && (!recipe_ || result->recipe_sha256 == recipe_->sha256)) copy = *result;
    others_ += physical && !copy;
    out_.write(std::move(record));
    if (!copy) return;
    std::unique_lock lock(mutex_);
    // What is read from a file can wait; what comes live can't.
    if (!live_) changed_.wait(lock, [this] { return !waiting_ || failed_; });
    if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
    ++results_;
    skipped_ += waiting_.has_value();
    waiting_ = Waiting{std::move(*copy), monotonic_seconds()};
    changed_.notify_all();
  }

  void finish(std::thread& worker) {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    worker.join();
  }

  void work() {
    try {
      while (true) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ || ended_; });
        if (!waiting_ || interrupted()) return;
        const Waiting now = *std::exchange(waiting_, std::nullopt);
        const int skipped = std::exchange(skipped_, 0);
        changed_.notify_all();
        lock.unlock();
        if (skipped > 0) tell_gap(skipped);
        match(now);
      }
    } catch (...) {  // stdout is gone: whoever reads the stream tells
      const std::lock_guard lock(mutex_);
      failed_ = std::current_exception();
      changed_.notify_all();
    }
  }

  void tell_gap(int skipped) {
    record::Gap gap;
    gap.count = skipped;
    gap.reason = "the twin was behind: results that passed by without a verdict";
    out_.write(std::move(gap));
    passed_by_ += skipped;
  }

  void match(const Waiting& now) {
    Verdict verdict;
    try {
      verdict = companion_.take(now.result);
    } catch (const Error& error) {
      if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
      if (!interrupted()) out_.fail(error, now.result.context.scan);
      return;
    }
    verdict.header.from = {now.result.header.id, digital_.digital_id};
    verdict.model = digital_.model_id;
    verdict.lag_seconds = monotonic_seconds() - now.arrived;
    tell(verdict);
    lags_.push_back(verdict.lag_seconds);
    matches_ += verdict.answer == Answer::match;
    out_.write(std::move(verdict));
    const std::lock_guard lock(mutex_);
    kept_up_ += !waiting_;
  }

  void summarize() {
    if (results_ == 0) {
      cli::error(others_ > 0 ? "nothing was compared: the results were made by other recipes than "
                               "the model's"
                             : "nothing was compared: no physical result came in");
      if (session_.status == 0) session_.status = static_cast<int>(Cause::data);
      return;
    }
    if (others_ > 0)
      cli::warning(std::to_string(others_) +
                   " results by other recipes than the model's passed by");
    std::ranges::sort(lags_);
    const auto share = [&](double s) {
      return lags_.empty() ? 0.0 : lags_[static_cast<std::size_t>(s * (double(lags_.size()) - 1))];
    };
    cli::note(std::to_string(results_) + " results, " + std::to_string(lags_.size()) +
              " verdicts, " + std::to_string(matches_) + " of them MATCH; " +
              std::to_string(passed_by_) + " passed by; " + std::to_string(kept_up_) +
              " verdicts before the next result; lag " + significant(share(0.5), 2) +
              " s, 95 % below " + significant(share(0.95), 2) + " s; simulations: " +
              std::to_string(digital_.run) + " run, " + std::to_string(digital_.reweighted) +
              " reweighted, " + significant(digital_.cpu_seconds, 3) + " CPU-s");
  }

  Session& session_;
  SharedOutput out_;
  Model model_;
  std::optional<record::Recipe> recipe_;
  DigitalSide digital_;
  Companion companion_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::optional<Waiting> waiting_;
  int skipped_ = 0;
  bool ended_ = false;
  std::exception_ptr failed_;
  bool live_;

  int results_ = 0, others_ = 0;                   // of the reading thread
  int passed_by_ = 0, matches_ = 0, kept_up_ = 0;  // of the matching thread
  std::vector<double> lags_;
};

}  // namespace

void follow(Session& session, const MatchSettings& settings) { Follower(session, settings).run(); }

}  // namespace twin::app
