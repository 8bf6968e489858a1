// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "core/text.h"
#include "process/child.h"
#include "remote/world.h"
#include "tools/tool.h"

/// What tests of twin-simulate's --submit, --status, --fetch and --cancel share.
namespace tools {

using namespace twin;
using remote::World;

/// A model of a small crystal.
inline std::string copper(const std::string& name, double temperature, int produce = 3000,
                          const std::string& potential = "Cu_mishin1", int every = 10) {
  return "format: twin-model/1\nname: " + name +
         "\nstructure: {lattice: fcc, element: Cu, a: 3.62 Å, supercell: [3, 3, 3]}\npotential: " +
         potential + "\nensemble: {nvt: {temperature: " + shortest(temperature) +
         " K}}\nrun: {replicas: 2, equilibrate: 200, produce: " + std::to_string(produce) +
         ", sample_every: " + std::to_string(every) +
         ", timestep: 4 fs, friction: 0.2 ps}\nseed: 7\n";
}

/// A machine that is reached as "far", and what of it the tests want.
class Far : public Tools {
 protected:
  void SetUp() override {
    if (const auto missing = World::missing(); !missing.empty()) GTEST_SKIP() << missing;
    SKIP_WITHOUT("lmp");
    world = std::make_unique<World>();
    world->make_key("id");
    World::write(world->file("authorized_keys"), read_file(world->file("id.pub")));
    put("job.sh", job_template());
  }

  void open(const std::string& settings) {
    const int port = world->start_sshd("sshd", {"ed25519"}, settings + "\n");
    World::write(world->file("known_hosts"), world->known_line(port, "sshd_ed25519"));
    world->add_host("far", port);
  }

  /// The shared template with what a site's modules would set.
  [[nodiscard]] std::string job_template() const {
    std::string text = read_file(environment().at("TWINLINE_SHARE") + "/remote/job.sh");
    const std::string before = "simulate() {";
    std::string own =
        "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
        "OMPI_MCA_mpi_yield_when_idle=1\n";  // tests share the cores
    for (const char* name : {"PATH", "TWINLINE_SHARE"})
      own += std::string("export ") + name + "=" + environment().at(name) + "\n";
    text.insert(text.find(before), own);
    const std::string tasks = "{{tasks}}";  // more than this machine has: replicas share it
    return text.replace(text.find(tasks), tasks.size(), "{{ranks}}");
  }

  [[nodiscard]] std::string place() const { return "far:" + world->file("far/work"); }

  Said far(Words argv, const Words& more = {}) {
    argv.insert(argv.begin(), "twin-simulate");
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv, {}, {{"XDG_STATE_HOME", path("state")}});
  }
  Said submit(const Words& models, const Words& more = {}) {
    Words argv{"--submit", place(), "--template", "job.sh"};
    argv.insert(argv.end(), more.begin(), more.end());
    return far(argv, models);
  }
  Said fetch(const Words& more = {}) {
    return far({"--fetch", place(), "--into", "here", "--poll", "1"}, more);
  }

  static std::vector<std::string> what(const Said& said) {
    std::vector<std::string> out;
    for (const auto& event : all<record::Event>(said.out)) out.push_back(event.what);
    std::ranges::sort(out);
    return out;
  }

  /// Asks until a job is in \p state; false after a minute.
  bool becomes(const std::string& state) {
    for (int attempt = 0; attempt < 120; ++attempt) {
      const auto said = what(far({"--status", place()}));
      if (std::ranges::find(said, state) != said.end()) return true;
      std::this_thread::sleep_for(process::Seconds(0.5));
    }
    return false;
  }

  /// Frames a replica of the one job, by its checkpoint.
  [[nodiscard]] int produced() const {
    for (const auto& job : std::filesystem::directory_iterator(world->file("far/work/jobs"))) {
      const std::string file = job.path() / "restart.json", key = "\"produced\":";
      if (!std::filesystem::exists(file)) continue;
      const std::string text = read_file(file);
      if (const auto at = text.find(key); at != std::string::npos)
        return std::stoi(text.substr(at + key.size()));
    }
    return 0;
  }

  /// The template has runs write their checkpoints all the time.
  void put_shorter_checkpoints() {
    std::string text = job_template();
    const std::string before = "\"$@\"";
    put("job.sh", text.insert(text.find(before), "--checkpoint-every 0.1 "));
  }

  /// Waits for a file of the one job; false after half a minute.
  bool appears(const std::string& name, int attempts = 300) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
      for (const auto& job : std::filesystem::directory_iterator(world->file("far/work/jobs")))
        if (std::filesystem::exists(job.path() / name)) return true;
      std::this_thread::sleep_for(process::Seconds(0.1));
    }
    return false;
  }

  std::unique_ptr<World> world;
};

}  // namespace tools
