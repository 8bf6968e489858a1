// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract.h"

#include <utility>
#include <vector>

#include "app/read_all.h"
#include "core/error.h"
#include "core/text.h"
#include "store/run.h"
#include "stream/documents.h"

namespace twin::app {

namespace {

// One pass over the stream. Measurements that come before their standard wait for it.
class Extractor {
 public:
  Extractor(Session& session, const ExtractSettings& settings)
      : session_(session), settings_(settings), xas_(stream::read_recipe(settings.recipe)) {}

  void take(stream::Item item) {
    std::string source = item.source + ":" + std::to_string(item.line);
    if (auto* state = std::get_if<record::State>(&item.record)) {
      const auto state_copy = *state;
      session_.out.write(std::move(item.record));
      for (const auto& simulated : state_copy.simulated) digital(state_copy, simulated, source);
    } else if (auto* m = std::get_if<record::Measurement>(&item.record)) {
      measured(std::move(*m), source);
    } else {
      session_.out.write(std::move(item.record));
    }
  }

  void finish() {
    if (waiting_.empty()) return;
    for (auto& [m, source] : waiting_)
      session_.fail(Error(Cause::data,
                          "the recipe's standard did not come in the stream; hand in that "
                          "scan too, or state its s02 in the recipe"),
                    source);
  }

 private:
  void measured(record::Measurement m, const std::string& source) {
    guarded(m.context.scan, source, [&] {
      record::Record holder = std::move(m);
      store::resolve(holder, settings_.base);
      m = std::get<record::Measurement>(std::move(holder));
      if (xas_.waits_for_standard() && xas_.is_standard(m)) {
        xas_.learn_standard(m);
        for (auto& [earlier, where] : std::exchange(waiting_, {})) physical(earlier, where);
      }
      if (xas_.waits_for_standard())
        waiting_.emplace_back(std::move(m), source);
      else
        physical(m, source);
    });
  }

  void physical(const record::Measurement& m, const std::string& source) {
    guarded(m.context.scan, source, [&] { session_.out.write(xas_.extract(m)); });
  }

  void digital(const record::State& state, const record::Measurement& m,
               const std::string& source) {
    guarded(m.context.scan, source, [&] { session_.out.write(extract_state(xas_, state, m)); });
  }

  // What is wrong with one measurement does not stop the stream; what is wrong with our output
  // does.
  template <typename Work>
  void guarded(const std::string& scan, const std::string& source, Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
      session_.fail(error.at(scan.empty() ? source : printable(scan)), source);
    }
  }

  Session& session_;
  const ExtractSettings& settings_;
  XasExtraction xas_;
  std::vector<std::pair<record::Measurement, std::string>> waiting_;
};

}  // namespace

record::Result extract_state(const XasExtraction& extraction, const record::State& state,
                             const record::Measurement& simulated) {
  auto result = extraction.extract(simulated);
  result.header.from = {state.header.id};
  for (const auto& [name, quantity] : state.quantities) result.quantities[name + "/md"] = quantity;
  return result;
}

void extract(Session& session, const ExtractSettings& settings) {
  Extractor extractor(session, settings);
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) { extractor.take(std::move(item)); });
  extractor.finish();
}

}  // namespace twin::app
