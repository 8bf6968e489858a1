// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/libssh2_login.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "remote/agent.h"
#include "remote/identity.h"
#include "remote/refusal.h"

namespace twin::remote {

namespace {

struct AgentKey {
  libssh2_agent_publickey* key = nullptr;
  std::string type, blob;
  bool named = false;  ///< by an IdentityFile
};

void end_agent(LIBSSH2_AGENT* agent) {
  libssh2_agent_disconnect(agent);
  libssh2_agent_free(agent);
}

using Agent = std::unique_ptr<LIBSSH2_AGENT, decltype(&end_agent)>;

/// "ssh-ed25519" is "ed25519" to people.
std::string short_type(const std::string& type) {
  if (type.starts_with("ssh-")) return printable(type.substr(4));
  return type.starts_with("ecdsa-") ? "ecdsa" : printable(type);
}

class Login {
 public:
  explicit Login(Session& session)
      : session_(session),
        settings_(session.settings()),
        deadline_(session.in(session.how().idle)),
        identities_(identities_of(settings_)) {}

  std::string run() {
    if (ask_methods()) return "no key asked for";
    if (has("publickey")) {
      if (std::string by = by_agent(); !by.empty()) return by;
      if (std::string by = by_files(); !by.empty()) return by;
    }
    refuse();
  }

 private:
  bool has(std::string_view method) const {
    const auto all = split(methods_, ',');
    return std::find(all.begin(), all.end(), method) != all.end();
  }

  /// \return true when it lets in whoever comes
  bool ask_methods() {
    const std::string& user = settings_.user;
    const char* list = session_.open<char>(
        [&] {
          return libssh2_userauth_list(session_.get(), user.data(),
                                       static_cast<unsigned>(user.size()));
        },
        deadline_);
    methods_ = list != nullptr ? list : "";
    if (list == nullptr && libssh2_userauth_authenticated(session_.get()) != 0) return true;
    if (list == nullptr && session_.farewell().empty()) session_.broke(session_.words());
    return false;
  }

  void note(const std::string& what) {
    if (std::find(tried_.begin(), tried_.end(), what) == tried_.end()) tried_.push_back(what);
  }

  /// \return true when that key opened the door
  bool took(long rc, const std::string& what) {
    if (rc == 0) return true;
    if (breaks(rc) || session_.ended()) {
      if (session_.farewell().empty()) session_.broke(session_.words());
      note(what);
      refuse();
    }
    note(rc == LIBSSH2_ERROR_AGENT_PROTOCOL ? what + " (the agent does not sign)" : what);
    return false;
  }

  std::vector<AgentKey> keys_of(LIBSSH2_AGENT* agent) const {
    std::vector<AgentKey> keys;
    libssh2_agent_publickey* key = nullptr;
    while (libssh2_agent_get_identity(agent, &key, key) == 0) {
      AgentKey one;
      one.key = key;
      one.blob.assign(reinterpret_cast<const char*>(key->blob), key->blob_len);
      one.type = type_of_key(one.blob);
      for (const Identity& identity : identities_)
        one.named = one.named || identity.blob == one.blob;
      if (one.named || !settings_.identities_only) keys.push_back(std::move(one));
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const AgentKey& a, const AgentKey& b) { return a.named && !b.named; });
    return keys;
  }

  std::string by_agent() {
    if (settings_.agent.empty()) return {};
    if (!agent_answers(settings_.agent, session_.how().connect)) {
      note("the agent (none answers)");
      return {};
    }
    const Agent agent(libssh2_agent_init(session_.get()), end_agent);
    if (!agent) return {};
    libssh2_agent_set_identity_path(agent.get(), settings_.agent.c_str());
    if (libssh2_agent_connect(agent.get()) != 0 ||
        libssh2_agent_list_identities(agent.get()) != 0) {
      note("the agent (none answers)");
      return {};
    }
    const auto keys = keys_of(agent.get());
    if (keys.empty())
      note(settings_.identities_only ? "the agent (it has none of the identities asked for)"
                                     : "the agent (it has no keys; have they expired?)");
    for (const AgentKey& key : keys) {
      const std::string what = "the agent's " + short_type(key.type) + " key";
      if (const std::string why = unusable(key.type); !why.empty()) {
        pass_over(what, why);
        continue;
      }
      of_agent_.push_back(key.blob);
      const long rc = session_.call(
          [&] { return libssh2_agent_userauth(agent.get(), settings_.user.c_str(), key.key); },
          deadline_);
      if (took(rc, what)) return short_type(key.type) + " key of the agent";
    }
    return {};
  }

  void pass_over(const std::string& what, const std::string& why) {
    note(what + " (" + why + ")");
    openssh_may_ = true;
  }

  std::string by_files() {
    for (const Identity& identity : identities_) {
      const bool done =
          std::find(of_agent_.begin(), of_agent_.end(), identity.blob) != of_agent_.end();
      if (!identity.present || (done && !identity.blob.empty())) continue;
      const std::string file = printable(identity.file);
      if (const std::string why = unusable(identity.type); !why.empty()) {
        pass_over(file, why);
      } else if (identity.loose) {
        note(file + " (refused: others may read it; chmod 600 " + file + ")");
      } else if (identity.encrypted) {
        note(file + " (it has a passphrase; ssh-add " + file + " gives it to an ssh-agent)");
      } else if (took(with_file(identity.file), file)) {
        return short_type(identity.type.empty() ? "key" : identity.type) + " key " + file;
      }
    }
    return {};
  }

  long with_file(const std::string& file) {
    const std::string& user = settings_.user;
    return session_.call(
        [&] {
          return libssh2_userauth_publickey_fromfile_ex(session_.get(), user.data(),
                                                        static_cast<unsigned>(user.size()), nullptr,
                                                        file.c_str(), nullptr);
        },
        deadline_);
  }

  [[noreturn]] void refuse() {
    const std::string before = methods_;
    if (!tried_.empty() && has("publickey")) ask_methods();  // a key that was taken leaves others
    if (methods_.empty())
      note("then the host hung up (" + session_.farewell() + "); IdentitiesOnly yes offers fewer");
    else if (methods_ != before && !has("publickey"))
      note("and a key was taken, but more is wanted");
    const std::string text = not_let_in(settings_, methods_, join(tried_, ", "));
    if (openssh_may_ || has("gssapi-with-mic") || has("hostbased"))
      throw Unable(Cause::permission, text);
    throw Error(Cause::permission, text);
  }

  Session& session_;
  const Settings& settings_;
  Session::Clock::time_point deadline_;
  std::vector<Identity> identities_;
  std::string methods_;
  std::vector<std::string> tried_, of_agent_;
  bool openssh_may_ = false;
};

}  // namespace

std::string login(Session& session) {
  std::string by = Login(session).run();
  session.let_in();
  return by;
}

}  // namespace twin::remote
