// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gate.h"

#include <cmath>

#include "app/load_model.h"
#include "atoms/crystal.h"
#include "cli/log.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/extended_xyz.h"
#include "md/deep.h"

namespace twin::app {

namespace {

using potential::GateRun;
using potential::GateVerdict;

std::string frames_text(const md::Plan& plan, const GateVerdict& verdict) {
  std::vector<std::string> elements;
  for (const int species : plan.system.ideal.species)
    elements.push_back(plan.system.species[static_cast<std::size_t>(species)]);
  std::string text;
  for (const potential::GateFrame* from : verdict.to_label) {
    atoms::TrajectoryFrame frame;
    frame.cell = from->frame.cell;
    frame.positions = from->frame.positions;
    frame.temperature = plan.temperature;  // of the thermostat: what labels are recorded for
    if (from->force_deviation)
      frame.notes["force_deviation"] = significant(*from->force_deviation, 4) + " eV/Å";
    frame.notes["potential"] = plan.system.potential.name;
    text += formats::extended_xyz_text(elements, frame);
  }
  return text;
}

record::Event event_of(const record::ModelRecord& model, const md::Plan& plan, const GateRun& run,
                       const GateVerdict& verdict) {
  record::Event event;
  event.header.from = {model.header.id};
  event.what = verdict.passed ? "gate-passed" : "gate-refused";
  event.first = plan.system.potential.name;
  event.second = shortest(plan.temperature) + " K";
  event.quantities = verdict.quantities;
  event.significant = verdict.failed;
  event.p = 0;
  event.text = verdict.passed ? "within all bounds" : join(verdict.reasons, "; ");
  for (const std::string& remark : verdict.remarks) event.text += "; " + remark;
  if (run.ns_per_day > 0)
    event.text += "; " + significant(run.ns_per_day, 3) + " ns a day of one core, " +
                  std::to_string(plan.system.ideal.species.size()) + " atoms";
  return event;
}

void one(Session& session, const GateCommand& command, const std::string& input) {
  record::ModelRecord model;
  model.model = with_settings(load_model(input), command.model);
  model.header.id = session.out.write(model);
  const md::Plan plan = md::make_plan(model.model);
  auto settings = command.settings;
  if (command.lattice_A > 0) settings.lattice = command.lattice_A;
  settings.lattice_tolerance = 0.01 * command.lattice_percent;
  settings.seed = plan.seed;
  const std::string models = md::sha256_of_models(plan.system.potential);
  const GateRun run =
      potential::run_gate(plan, {}, settings, [&](const std::string& stage, double f) {
        cli::progress(plan.system.potential.name + ": " + stage + " " +
                      std::to_string(std::lround(100 * f)) + " %");
        if (interrupted()) throw Error(Cause::unavailable, "interrupted");
      });
  const GateVerdict verdict = potential::judge(plan, run, settings);
  const std::string path = md::description_of(plan.system.potential.name);
  if (!command.frames.empty() && !verdict.to_label.empty())
    write_file_atomically(command.frames, frames_text(plan, verdict));
  auto event = event_of(model, plan, run, verdict);
  if (verdict.passed)
    cli::note(event.first + ": passed: " + event.text);
  else
    cli::warning(event.first + ": refused: " + event.text);
  session.out.write(event);
  write_file_atomically(
      path, potential::with_gate(read_file(path, 1U << 16U), verdict, plan.temperature, models));
  if (!verdict.passed && session.status == 0) session.status = static_cast<int>(Cause::negative);
}

}  // namespace

void gate(Session& session, const GateCommand& command) {
  for (const auto& input : session.inputs) {
    try {
      one(session, command, input);
    } catch (const Error& error) {
      if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
      session.fail(error, input);
      session.status = static_cast<int>(error.cause());
    }
  }
}

}  // namespace twin::app
