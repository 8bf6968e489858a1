// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/engine_client.h"
#include "app/joint_extraction.h"
#include "app/match.h"
#include "match/carry.h"
#include "record/model.h"
#include "record/records.h"

namespace twin::app {

/// Stdout, which two threads write to.
class SharedOutput {
 public:
  explicit SharedOutput(Session& session) : session_(session) {}
  std::string write(record::Record record);
  void fail(const Error& error, const std::string& source);

 private:
  Session& session_;
  std::mutex mutex_;
};

/// An engine that brings models to their states, and what is found from them by a recipe, or what
/// they say themselves. Writes each model, state and digital result.
class DigitalSide {
 public:
  /// \param recipes  of the model; none: what its states say themselves
  DigitalSide(SharedOutput& out, const MatchSettings& settings,
              const std::vector<std::string>& recipes);

  /// Of the recipe; "" without one.
  [[nodiscard]] std::string recipe_sha256() const {
    return extraction_ ? extraction_->sha256() : "";
  }

  /// \param fitted_to  what the fractions of phases are found from; nothing: they are as asked
  /// \throws Error  of the engine, which the next call starts anew where it has died for good
  [[nodiscard]] record::Evaluation simulate(const record::Model& model, bool confirmation,
                                            const record::Result* fitted_to = nullptr);

  /// Ends the engine, as the serve protocol has it.
  void close() { engine_.reset(); }

  struct Written {
    std::string model, digital;
  };
  std::map<std::string, Written> written;  ///< by the id of the state
  int run = 0, reweighted = 0;             ///< simulations
  double cpu_seconds = 0;

 private:
  SharedOutput& out_;
  const MatchSettings& settings_;
  std::optional<JointExtraction> extraction_;
  std::unique_ptr<EngineClient> engine_;
};

/// The model that is led along a series of measured results, one of its alternatives at a time.
class Companion {
 public:
  Companion(SharedOutput& out, DigitalSide& digital, record::Model model);

  /// Expects, compares, and where that is no match searches: see follow(). After a search that
  /// found nothing the next one, two, four ... sixteen results are compared only.
  [[nodiscard]] record::Verdict take(const record::Result& measured);

  /// Simulates, each once (three times, where that fails), the structures that the model's
  /// transitions lead to from the one that holds now, or came from: whoever forecasts a transition
  /// knows then what it would change.
  void foretell();

 private:
  struct Found {
    record::Verdict verdict;
    record::Evaluation last;
  };
  struct Candidate {
    std::string name;                       ///< of an alternative
    std::optional<record::Evaluation> run;  ///< where it was run already
    double chi2 = 0;                        ///< what its own priors leave unexplained
  };
  template <class Call>
  auto tried(const std::string& alternative, const Call& call) -> std::optional<decltype(call())>;
  [[nodiscard]] std::vector<Candidate> candidates(const record::Result& measured,
                                                  record::Evaluation predicted);
  [[nodiscard]] Found best_of(const record::Result& measured, const std::string& alternative,
                              std::optional<record::Evaluation> first);
  [[nodiscard]] record::Verdict search(const record::Result& measured,
                                       record::Evaluation predicted);
  [[nodiscard]] record::Verdict keep(const record::Result& measured, const Found& found);
  void tell_change(const std::string& what, const std::string& from, std::string text,
                   const record::Result& measured);
  [[nodiscard]] std::int64_t next_seed() { return model_.seed += far_apart; }

  /// Of seeds: engines and searches derive those of their runs by counting on.
  static constexpr std::int64_t far_apart = 100000;
  static constexpr int foretold_at_most = 3;

  SharedOutput& out_;
  DigitalSide& digital_;
  record::Model model_;
  std::string current_;
  std::map<std::string, match::Belief> beliefs_;  ///< by alternative
  std::int64_t seed_;                             ///< of the predictions
  std::map<std::string, int> foretold_;           ///< structures: how often that was tried
  int patience_ = 0, rest_ = 0;
};

}  // namespace twin::app
