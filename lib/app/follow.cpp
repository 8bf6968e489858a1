// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/follow.h"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/companion.h"
#include "app/load_model.h"
#include "app/match_mixture.h"
#include "app/match_sides.h"
#include "app/read_all.h"
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
        digital_(out_, settings, model_.measure_with),
        companion_(out_, digital_, model_),
        live_(std::ranges::none_of(session.inputs, is_file)) {}

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

  static bool is_file(const std::string& input) {
    struct stat status {};
    const int rc = input == "-" ? ::fstat(0, &status) : ::stat(input.c_str(), &status);
    return rc == 0 && S_ISREG(status.st_mode);
  }

  static Model started(const MatchSettings& settings) {
    Model model = load_model(settings.model);
    apply_to_search(settings, model);
    check_phases(model);
    if (model.measure_with.size() > 1)
      throw Error(Cause::configuration,
                  "measure_with: --follow leads a twin along the results of one recipe; expected "
                  "one, or a search by --with");
    return model;
  }

  [[nodiscard]] bool is_ours(const Result& result) const {
    return model_.measure_with.empty() || result.recipe_sha256 == digital_.recipe_sha256();
  }

  void take(record::Record record) {
    const auto* result = std::get_if<Result>(&record);
    const bool physical = result != nullptr && result->origin == record::Origin::physical;
    std::optional<Result> copy;
    if (physical && is_ours(*result)) copy = *result;
    others_ += physical && !copy;
    out_.write(std::move(record));
    std::unique_lock lock(mutex_);
    // What is read from a file can wait; what comes live can't.
    if (copy && !live_) changed_.wait(lock, [this] { return !waiting_ || gone_; });
    if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
    if (!copy || gone_) return;
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
    std::exception_ptr failed;
    try {
      while (auto now = next()) match(*now);
    } catch (...) {  // stdout is gone: whoever reads the stream tells
      failed = std::current_exception();
    }
    digital_.close();  // here: the engine is told of the end of the thread that began it
    const std::lock_guard lock(mutex_);
    failed_ = failed;
    gone_ = true;
    changed_.notify_all();
  }

  std::optional<Waiting> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ || ended_; });
    if (!waiting_ || interrupted()) return std::nullopt;
    auto now = std::exchange(waiting_, std::nullopt);
    const int skipped = std::exchange(skipped_, 0);
    changed_.notify_all();
    lock.unlock();
    if (skipped > 0) tell_gap(skipped);
    return now;
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
      check_covariances(now.result);
      verdict = companion_.take(now.result);
    } catch (const Error& error) {
      if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
      if (!interrupted()) out_.fail(error, now.result.context.scan);
      return;
    }
    // Of the run that it judges, which need not be the newest.
    const auto judged = verdict.header.from.empty() ? DigitalSide::Written{}
                                                    : digital_.written[verdict.header.from.back()];
    digital_.written.clear();
    verdict.header.from = {now.result.header.id, judged.digital};
    verdict.model = judged.model;
    verdict.lag_seconds = monotonic_seconds() - now.arrived;
    tell(verdict);
    lags_.push_back(verdict.lag_seconds);
    matches_ += verdict.answer == Answer::match;
    const bool matched = verdict.answer == Answer::match;
    out_.write(std::move(verdict));
    {
      const std::lock_guard lock(mutex_);
      kept_up_ += !waiting_;
    }
    if (matched && !interrupted()) companion_.foretell();
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
  DigitalSide digital_;
  Companion companion_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::optional<Waiting> waiting_;
  int skipped_ = 0;
  bool ended_ = false, gone_ = false;  ///< no more is read; no more is matched
  std::exception_ptr failed_;
  bool live_;

  int results_ = 0, others_ = 0;                   // of the reading thread
  int passed_by_ = 0, matches_ = 0, kept_up_ = 0;  // of the matching thread
  std::vector<double> lags_;
};

}  // namespace

void follow(Session& session, const MatchSettings& settings) { Follower(session, settings).run(); }

}  // namespace twin::app
