// SPDX-License-Identifier: GPL-3.0-or-later
#include <utility>

#include "app/acquire.h"
#include "app/acquire_sink.h"
#include "app/surroundings.h"
#include "cli/log.h"
#include "core/error.h"
#include "stream/documents.h"

namespace twin::app {

using record::Measurement;

namespace {

void add_context(Measurement& m, const AcquireSettings& settings) {
  for (const auto& text : settings.context) {
    auto [name, quantity] = parse_context(text);
    m.context.environment[name] = std::move(quantity);
  }
  if (!settings.period.empty()) m.context.period = settings.period;
  if (!settings.setup.empty()) m.context.setup = settings.setup;
  if (!settings.sample.empty()) m.context.sample = settings.sample;
  if (!settings.edge.empty()) m.edge = settings.edge;
  m.context.run = settings.run;
}

}  // namespace

void take_measurement(AcquireSink& sink, const AcquireSettings& settings, Measurement m,
                      const std::string& path, bool quietly) {
  if (settings.surroundings != nullptr) settings.surroundings->add(m);
  add_context(m, settings);
  if (!sink.take(m, quietly)) return;
  for (const auto& text : m.warnings) cli::warning(text);
  if (settings.bootstrap <= 0) return;
  try {
    for (auto& repeat : bootstrap(m, "", settings.bootstrap, settings.seed))
      sink.take(std::move(repeat));
  } catch (const Error& error) {
    if (error.cause() != Cause::data) throw;
    sink.failed(error, path);
  }
}

void take_devices(AcquireSink& sink, const std::string& path) {
  record::Event event;
  event.what = "devices";
  const auto devices = stream::read_devices(path);
  event.text = std::to_string(devices.size()) + " devices by " + path;
  event.header.extra = record::Value{record::Value::Object{}};
  event.header.extra.set("devices", stream::encode_devices(devices));
  sink.take(std::move(event), true);
}

}  // namespace twin::app
