// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <thread>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "core/time.h"
#include "process/child.h"
#include "remote/local_file.h"
#include "remote/openssh_words.h"
#include "remote/refusal.h"
#include "remote/remote_shell.h"
#include "remote/transports.h"

namespace twin::remote {

namespace {

/// sftp reads its commands in lines of 2048 bytes.
constexpr std::size_t longest_command = 2000;

struct Said {
  int status = 0;
  std::string out, error;
  bool late = false;  ///< stopped at its limit, or since nothing moved for the idle time
  bool told_to_end = false;
};

/// Asked now and then while a child runs, whether it may go on.
using GoesOn = std::function<bool()>;

/// Runs ssh or sftp to its end. Not to the end of its pipes: a shared connection's master, which it
/// may leave behind, could hold those open.
Said talk(const process::Launch& launch, std::string_view input, process::Seconds limit,
          const GoesOn& goes_on) {
  const double end = monotonic_seconds() + limit.count();
  const auto left = [&] { return process::Seconds(std::max(0.0, end - monotonic_seconds())); };
  process::Child child(launch);
  Said said;
  try {
    child.write(input, limit);
  } catch (const Error&) {
    // It went before it had read all: it has said why.
  }
  child.close_input();
  const auto take = [&](process::Seconds patience) {
    const auto chunk = child.read(patience);
    if (!chunk) return false;
    (chunk->channel == process::Channel::out ? said.out : said.error) += chunk->bytes;
    if (said.error.size() > most_error) said.error.resize(most_error);
    if (said.out.size() <= most_output) return true;
    throw Error(Cause::unavailable, launch.argv.front() + ": a script wrote more than 64 MiB");
  };
  while (child.running()) {
    if (interrupted() != 0) throw Error(Cause::unavailable, "interrupted");
    said.late = left().count() <= 0;
    said.told_to_end = !said.late && !goes_on();
    if (said.late || said.told_to_end) break;
    if (!take(std::min(left(), process::Seconds(0.05))) && !child.timed_out())
      std::this_thread::sleep_for(process::Seconds(0.005));  // its pipes are closed, it runs still
  }
  const bool ended = !child.running();
  said.status = (ended ? child.wait(process::Seconds(5)) : child.stop(process::Seconds(1))).status;
  while (take(process::Seconds(0))) {
  }
  return said;
}

std::uint64_t length_of(const std::string& file) {
  struct stat status = {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

class OpensshConnection final : public Connection {
 public:
  OpensshConnection(Settings settings, ConnectSettings how, std::string why)
      : settings_(std::move(settings)), how_(how), why_(std::move(why)) {
    for (const char* program : {"ssh", "sftp"})
      if (process::find_program(program).empty())
        throw Error(Cause::unavailable,
                    std::string(program) + ": not found; it is in the package openssh-client");
    options_ = common_options();
    const process::Seconds limit = how_.connect + process::Seconds(20);
    Said said = ask("exit 0\n", limit, {"-o", "LogLevel=INFO"});  // says more of how it failed
    // What a jump host says is lost on the way to a shared connection: once more without.
    if (!said.late && said.status != 0 && !settings_.jump.empty())
      said = ask("exit 0\n", limit, {"-o", "ControlPath=none", "-o", "LogLevel=INFO"});
    if (said.late)
      throw Error(Cause::unavailable, printable(settings_.alias) + ": no answer within " +
                                          shortest(how_.connect.count() + 20) + " s");
    if (!understood(said.out, said.error)) explain(said);
    inside_ = true;
  }

  Ran run(const std::string& script, process::Seconds limit) override {
    Said said = ask(script, limit);
    if (said.late) {
      end_own_master();
      throw Error(Cause::try_again, printable(settings_.alias) + ": a script ran past its " +
                                        shortest(limit.count()) + " s");
    }
    auto ran = understood(std::move(said.out), said.error);
    if (!ran) explain(said);
    return std::move(*ran);
  }

  std::uint64_t fetch(const std::string& remote, const std::string& local,
                      const Progress& progress) override {
    check_remote_name(remote);
    const std::string here = std::filesystem::absolute(local).string();
    check_remote_name(here);
    const std::string command = "reget " + sftp_word(remote) + " " + sftp_word(here) + "\n";
    if (command.size() > longest_command)
      throw Error(Cause::data, printable(remote) + ": a name too long for sftp");
    const std::uint64_t before = LocalFile(local).size();
    Watched watched{before, monotonic_seconds()};
    const auto goes_on = [&] { return look(here, before, progress, watched); };
    process::Launch launch = launched("sftp");
    launch.argv.insert(launch.argv.end(), {"-q", "-b", "-", "--", bracketed()});
    const Said said = talk(launch, command, process::Seconds(1e8), goes_on);
    const std::uint64_t fetched = length_of(here) - std::min(before, length_of(here));
    if (progress && !said.told_to_end && fetched > 0) progress(fetched);
    if (watched.silent) {
      end_own_master();
      throw Error(Cause::try_again, printable(settings_.alias) + ": nothing came for " +
                                        shortest(how_.idle.count()) + " s");
    }
    if (!said.told_to_end && said.status != 0)
      throw said_by_sftp(settings_, remote, local, said.error);
    return fetched;
  }

  [[nodiscard]] std::string description() const override {
    std::string text = "OpenSSH";
    if (!settings_.control_path.empty() || !own_path_.empty()) text += ", shared connection";
    return text + (why_.empty() ? "" : " (" + why_ + ")");
  }

 private:
  struct Watched {
    std::uint64_t size;
    double moved;
    bool silent = false;
  };

  /// sftp writes the file itself: how far it is, and whether it moves at all, its length says.
  bool look(const std::string& file, std::uint64_t before, const Progress& progress,
            Watched& watched) const {
    const std::uint64_t size = length_of(file);
    if (size > watched.size) {
      watched.size = size;
      watched.moved = monotonic_seconds();
      return !progress || progress(size - before);
    }
    watched.silent = monotonic_seconds() - watched.moved > how_.idle.count();
    return !watched.silent;
  }

  /// Host keys are checked whatever the user's configuration says; nothing is asked of a terminal.
  std::vector<std::string> common_options() {
    const auto whole = [](process::Seconds time) {
      return std::to_string(std::max(1L, std::lround(time.count())));
    };
    std::vector<std::string> set{
        "BatchMode=yes",
        "ConnectTimeout=" + whole(how_.connect),
        "ServerAliveInterval=" + whole(how_.idle / 4),
        "ServerAliveCountMax=3",
        std::string("StrictHostKeyChecking=") + (how_.accept_new ? "accept-new" : "yes"),
        "LogLevel=ERROR",
        "RemoteCommand=none",
        "RequestTTY=no",
        "ForwardX11=no",
        "ForwardAgent=no",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no"};
    if (settings_.control_path.empty()) own_path_ = own_control_path(settings_);
    if (!settings_.control_path.empty() || !own_path_.empty()) {
      set.emplace_back("ControlMaster=auto");
      if (!settings_.control_persist) set.emplace_back("ControlPersist=60");
      if (!own_path_.empty()) set.push_back("ControlPath=" + own_path_);
    }
    std::vector<std::string> options;
    if (!settings_.config.empty()) options = {"-F", settings_.config};
    for (const std::string& one : set) options.insert(options.end(), {"-o", one});
    return options;
  }

  process::Launch launched(const std::string& program) const {
    // A jump host's ssh has none of these options: it is kept from asking at the terminal by this.
    process::Launch launch{
        .argv = {program},
        .environment = {
            {"LC_ALL", "C"}, {"SSH_ASKPASS", "/bin/false"}, {"SSH_ASKPASS_REQUIRE", "force"}}};
    launch.argv.insert(launch.argv.end(), options_.begin(), options_.end());
    return launch;
  }

  Said ask(const std::string& script, process::Seconds limit,
           const std::vector<std::string>& first = {}) const {
    process::Launch launch = launched("ssh");
    launch.argv.insert(launch.argv.begin() + 1, first.begin(), first.end());
    launch.argv.insert(launch.argv.end(), {"-T", "--", settings_.alias, shell_command()});
    return talk(launch, script, limit, [] { return true; });
  }

  /// The host as sftp wants it, which takes what follows a colon for a file.
  std::string bracketed() const {
    const auto at = settings_.alias.rfind('@') + 1;
    const std::string name = settings_.alias.substr(at);
    if (name.find(':') == std::string::npos) return settings_.alias;
    return settings_.alias.substr(0, at) + "[" + name + "]";
  }

  [[noreturn]] void explain(const Said& said) const {
    if (said.status == 255 || said.status > 128) throw said_by_ssh(settings_, said.error, inside_);
    throw Error(Cause::unavailable,
                printable(settings_.alias) +
                    ": it runs no commands; it said: " + printable(trim(said.error)));
  }

  /// A master whose connection is dead would keep the next call waiting as well.
  void end_own_master() const {
    if (own_path_.empty()) return;
    process::Launch launch = launched("ssh");
    launch.argv.insert(launch.argv.end(), {"-O", "exit", "--", settings_.alias});
    talk(launch, "", process::Seconds(5), [] { return true; });
  }

  Settings settings_;
  ConnectSettings how_;
  std::string why_, own_path_;
  std::vector<std::string> options_;
  bool inside_ = false;
};

}  // namespace

std::unique_ptr<Connection> connect_openssh(const Settings& settings, const ConnectSettings& how,
                                            const std::string& why) {
  return std::make_unique<OpensshConnection>(settings, how, why);
}

}  // namespace twin::remote
