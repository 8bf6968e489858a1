// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/cluster.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "remote/relay.h"
#include "remote/world.h"

namespace twin::remote {

namespace fs = std::filesystem;

namespace {

/// Daemons lie where no user's $PATH has them.
std::string program(const std::string& name) {
  const std::string found = process::find_program(name);
  return found.empty() ? "/usr/sbin/" + name : found;
}

std::string node_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  const std::string whole = name.data();
  return whole.substr(0, whole.find('.'));
}

}  // namespace

std::string Cluster::missing() {
  if (::getuid() != 0) return "SLURM needs root";
  for (const char* name : {"munged", "slurmctld", "slurmd", "sbatch"})
    if (::access(program(name).c_str(), X_OK) != 0) return std::string("no ") + name;
  return "";
}

Cluster::Cluster() : folder_("slurm"), port_(free_port()) {
  for (const char* name : {"state", "spool"}) fs::create_directory(file(name));
  fs::permissions(folder_.path(), fs::perms::owner_all);
  World::write(file("munge.key"), noise(1024));
  fs::permissions(file("munge.key"), fs::perms::owner_read | fs::perms::owner_write);
  write_settings();
  munge_ = start({program("munged"), "--foreground", "--force", "--key-file=" + file("munge.key"),
                  "--socket=" + file("munge.sock"), "--pid-file=" + file("munge.pid"),
                  "--log-file=" + file("munge.log"), "--seed-file=" + file("munge.seed")});
  start_controller();
  node_ = start({program("slurmd"), "-D", "-f", file("slurm.conf")});
  for (int attempt = 0; attempt < 300; ++attempt) {
    const auto said = process::run(
        {.argv = {"sinfo", "-h", "-o", "%T"}, .environment = {{"SLURM_CONF", file("slurm.conf")}}},
        process::Seconds(30));
    if (said.out == "idle\n") return;
    std::this_thread::sleep_for(process::Seconds(0.1));
  }
  throw std::runtime_error("SLURM: " + controller_->last_lines() + " | " + node_->last_lines());
}

Cluster::~Cluster() {
  static_cast<void>(process::run(
      {.argv = {"scancel", "--user=root"}, .environment = {{"SLURM_CONF", file("slurm.conf")}}},
      process::Seconds(30)));
}

std::unique_ptr<process::Child> Cluster::start(std::vector<std::string> argv) const {
  return std::make_unique<process::Child>(process::Launch{
      .argv = std::move(argv), .environment = {{"SLURM_CONF", file("slurm.conf")}}});
}

void Cluster::start_controller() {
  controller_ = start({program("slurmctld"), "-D", "-f", file("slurm.conf")});
}

std::string Cluster::ask(const std::vector<std::string>& argv) const {
  const auto said = process::run(
      {.argv = argv, .environment = {{"SLURM_CONF", file("slurm.conf")}}}, process::Seconds(60));
  if (said.ending.status != 0) throw std::runtime_error(argv.front() + ": " + said.error);
  return said.out;
}

void Cluster::write_settings() const {
  const std::string name = node_name();
  std::ofstream conf(file("slurm.conf"));
  conf << "ClusterName=tests\nSlurmctldHost=" << name << "(127.0.0.1)\n"
       << "SlurmUser=root\nSlurmdUser=root\nAuthType=auth/munge\nCredType=cred/munge\n"
       << "AuthInfo=socket=" << file("munge.sock") << "\nSlurmctldPort=" << port_
       << "\nSlurmdPort=" << free_port() << "\nSlurmctldPidFile=" << file("slurmctld.pid")
       << "\nSlurmdPidFile=" << file("slurmd.pid") << "\nStateSaveLocation=" << file("state")
       << "\nSlurmdSpoolDir=" << file("spool")
       << "\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\n"
       << "ReturnToService=2\nSchedulerParameters=sched_interval=1,batch_sched_delay=0\n"
       << "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\n"
       << "AccountingStorageType=accounting_storage/none\nJobAcctGatherType=jobacct_gather/none\n"
       << "KillWait=5\nMinJobAge=300\nSlurmctldTimeout=30\nSlurmdTimeout=30\n"
       << "NodeName=" << name << " NodeAddr=127.0.0.1 CPUs=" << std::thread::hardware_concurrency()
       << " State=UNKNOWN\nPartitionName=main Nodes=" << name
       << " Default=YES MaxTime=INFINITE State=UP\n";
}

}  // namespace twin::remote
