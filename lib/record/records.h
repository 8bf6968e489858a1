// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "record/model.h"
#include "record/quantity.h"
#include "record/value.h"

/// The records of twin-stream(5). One struct a kind; JSON and YAML are the business of stream.
namespace twin::record {

/// What every record carries.
struct Header {
  std::string id;                 ///< content hash, 32 hex digits; "" until it is written
  std::string by;                 ///< id of the start record of the program that wrote it
  std::vector<std::string> from;  ///< ids of the records that it was made from
  std::string time;               ///< UTC, ISO 8601; not part of the id
  std::string request;            ///< serve protocol: the id of the request; not part of the id
  Value extra;                    ///< an object of the fields that we do not know: passed through
};

/// Where a measurement comes from: the experiment or the simulation.
enum class Origin { physical, digital };

enum class Completeness { final, partial };

/// A file or record that went in, and its SHA-256.
struct Input {
  std::string name;
  std::string sha256;
};

/// The first record that a program writes; its id is the hash of all but time.
struct Start {
  Header header;
  std::string tool;
  std::string version;
  std::vector<std::string> command;  ///< without options on jobs and verbosity
  std::optional<std::int64_t> seed;
  std::vector<Input> inputs;
};

/// Under what conditions, in which period: on every record of a measurement.
struct Context {
  std::string run;         ///< name of the run
  std::string scan;        ///< name of the scan within it
  std::string period;      ///< label of the period that it belongs to, "" = none
  std::string setup;       ///< beamline set-up: systematic errors are shared within one
  std::string sample;      ///< name or formula
  Quantities environment;  ///< "temperature", "field", "humidity", "storage_time" ...
  std::string synthetic;   ///< how it was made when nobody measured it ("" = measured)
};

/// Data as taken (or as simulated): arrays by column name with units.
struct Measurement {
  Header header;
  Origin origin = Origin::physical;
  std::string technique;  ///< "xas"
  std::string edge;       ///< "Cu K"; "" when not known
  Context context;
  std::string source_file;    ///< the file, as it was called; not part of the id
  std::string measured_from;  ///< UTC: when it began, where the source says so with its zone; not
                              ///< part of the id
  std::string measured_at;    ///< UTC: when it ended, likewise; else when the file was written
                              ///< last; not part of the id
  std::string source_sha256;  ///< of the file's raw bytes; of a SPEC file's those of the scan, of
                              ///< HDF5 of the scan's numbers
  Arrays arrays;              ///< physical XAS: columns of the file. digital XAS: k, chi, and
                              ///< optionally chi_without_block [blocks × k]; tangents "chi@a" [k]
  std::vector<std::string> columns;  ///< names of the arrays in the order of the file's columns
  Value stored;  ///< what the file says of its own reduction, by the recipe's names: e0, pre1 ...
  Completeness status = Completeness::final;
  int revision = 0;
  std::vector<std::string> warnings;
};

/// What was found from a measurement.
struct Result {
  Header header;
  Origin origin = Origin::physical;
  std::string technique;
  std::string edge;
  std::string recipe_sha256;  ///< of the recipe's canonical form: equal recipes compare
  std::string recipe_name;
  Context context;
  std::string measured_at;  ///< UTC: the measurement's; header.time is when it was written
  Quantities quantities;
  Covariance covariance;      ///< random
  Covariance covariance_sys;  ///< systematic
  Jacobian jacobian;          ///< of the digital side, where the engine gave tangents
  Arrays arrays;              ///< k, chi, r, chir_mag ...
  bool converged = true;
  Value parameters;  ///< effective settings, as used
  Completeness status = Completeness::final;
  int revision = 0;
  std::vector<std::string> warnings;
};

/// A model on the wire, to be simulated.
struct ModelRecord {
  Header header;
  Model model;
};

/// A trajectory that a state is read from.
struct TrajectoryPart {
  std::string file;  ///< with "::GROUP" of H5MD behind it
  std::int64_t frames = 0;
  std::int64_t skipped = 0;                 ///< of these, at the beginning
  std::optional<double> first_ps, last_ps;  ///< times of those that count, where the file has them
};

/// What a simulation came to.
struct State {
  Header header;
  std::string model;      ///< id of the model record
  std::string potential;  ///< which of the alternatives ran
  std::string how;        ///< "run", "reweighted" or "trajectory": one that was run elsewhere
  std::string start;      ///< where the run began: "ideal" or "restart"; "" where nobody said
  std::string ensemble;   ///< names the trajectory: states of one share their noise; "" likewise
  bool equilibrated = false;
  std::string missing;    ///< what is missing for equilibrium, for people; "" when nothing is
  double n_eff = 0.0;     ///< effective number of independent samples of the slowest observable
  Quantities parameters;  ///< the free parameters' values that it ran with
  Quantities quantities;  ///< observables with standard errors
  Covariance covariance;  ///< of them, where errors are shared
  Jacobian jacobian;      ///< ∂(observable)/∂(free parameter) from fluctuations
  Arrays arrays;          ///< distributions: r, rdf:Pb-I, delta_rdf:Pb-I, lag, msd:Pb ...
  Context context;
  std::vector<TrajectoryPart> trajectories;  ///< what it was read from
  std::vector<Measurement> simulated;        ///< what it would show the beamline
  double wall_seconds = 0.0;                 ///< not part of the id
  double cpu_seconds = 0.0;                  ///< not part of the id
  std::optional<std::int64_t> seed;
  std::vector<std::string> warnings;
};

/// One compared quantity of a verdict.
struct Pair {
  std::string name;
  std::string unit;
  double measured = 0.0, sigma_measured = 0.0;        ///< random and systematic together
  double sigma_random = 0.0, sigma_systematic = 0.0;  ///< the two parts of sigma_measured
  double simulated = 0.0, sigma_simulated = 0.0;      ///< statistical error of the simulation
  double sigma_model = 0.0;                           ///< discrepancy declared for the model
  double z = 0.0;
  std::optional<double> tolerance;  ///< same unit
  bool within_tolerance = true;
  bool fitted = false;  ///< weaker evidence than held-back data
  bool input = false;   ///< a measured condition that the model was free to leave
};

enum class Answer { match, no_match, inconclusive };

/// A model alternative's standing beside the others.
struct Standing {
  std::string alternative;
  Answer answer = Answer::inconclusive;
  double chi2 = 0.0;
  double log_odds = 0.0;  ///< natural log of the posterior odds against the best; ≤ 0
  int simulations = 0;
  std::string reason;
  Quantities parameters;  ///< where it ended
};

struct Verdict {
  Header header;
  Answer answer = Answer::inconclusive;
  std::string reason;  ///< one sentence
  std::string model;   ///< id of the model record
  std::string scan;
  std::string alternative;
  double chi2 = 0.0;
  int dof = 0;
  std::optional<double> p;
  double chi2_held_back = 0.0;
  int dof_held_back = 0;
  std::optional<double> p_held_back;
  std::vector<Pair> pairs;
  std::vector<std::string> unpaired;  ///< "name: why"
  std::vector<Standing> standings;
  Quantities parameters;  ///< the free parameters with their uncertainties
  Covariance covariance;  ///< of them; empty where there is no jacobian
  int run = 0;            ///< simulations so far
  int budget = 0;
  bool confirmed = false;
  std::vector<std::string> unresolved;    ///< free parameters whose 95 % interval reaches a bound
  std::vector<std::string> unobservable;  ///< free parameters of which the data say next to nothing
  bool adequate = true;                   ///< false: no model of this kind can do better (status 3)
  std::string next;                       ///< file of the next model, "" when none
  double lag_seconds = 0.0;               ///< not part of the id
};

/// Something happened in a stream of results.
struct Event {
  Header header;
  std::string what;                      ///< "period-difference", "duplicate", "onset" ...
  std::string first, second;             ///< periods or bounds
  Quantities quantities;                 ///< differences with uncertainties
  std::vector<std::string> significant;  ///< names whose difference is, after correction
  double p = 1.0;                        ///< adjusted p of the event as a whole
  std::string text;
};

/// A mode that the acquisition should go to: asked for, no tool of this version acts on it.
struct Command {
  Header header;
  std::int64_t sequence = 0;
  std::string mode;
  double ttl_seconds = 0.0;
  std::string reason;
  Value details;  ///< the mode's scan template, interval ...: as the policy has them
};

struct Failure {
  Header header;
  std::string what;    ///< the message
  std::string source;  ///< file or record
  int cause = 70;      ///< an exit status, see twin::Cause
};

/// Records that were skipped, and why.
struct Gap {
  Header header;
  std::string reason;
  std::int64_t count = 0;
};

struct Heartbeat {
  Header header;
};

/// Of the serve protocol: a sign of life of a request under way.
struct Progress {
  Header header;
  std::string stage;
  double fraction = 0.0;  ///< 0..1
  std::string text;
};

/// Of the serve protocol: give up the request named in the header.
struct Cancel {
  Header header;
};

/// The last record of a program that came to its end. A stream without one was cut.
struct End {
  Header header;
  std::int64_t count = 0;  ///< records written, without start and end
  std::int64_t failures = 0;
  int status = 0;  ///< the exit status that the program leaves with
};

using Record = std::variant<Start, Measurement, Result, ModelRecord, State, Verdict, Event, Command,
                            Failure, Gap, Heartbeat, Progress, Cancel, End>;

/// The name of the kind on the wire: "measurement", "model" ...
[[nodiscard]] std::string_view kind_of(const Record& record);

[[nodiscard]] Header& header_of(Record& record);
[[nodiscard]] const Header& header_of(const Record& record);

/// True for the kinds that pass every filter: start, failure, gap, heartbeat, progress, end, event.
[[nodiscard]] bool is_control(const Record& record);

[[nodiscard]] std::string_view name_of(Answer answer);  ///< "MATCH", "NO MATCH", "INCONCLUSIVE"

}  // namespace twin::record
