// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/epics_child.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "process/child.h"
#include "process/confine.h"
#include "sources/channel_access.h"
#include "sources/channel_news.h"
#include "sources/scan_message.h"

namespace twin::sources {

namespace {

using News = ChannelNews;

constexpr std::size_t epics_memory = std::size_t{8} << 30;  // of addresses: a thread takes many
constexpr double epics_cpu = 1e9;                           // s: it lives as long as the experiment

struct WatchedVariable {
  std::uint32_t number = 0;
  std::string name;
  CaId channel = nullptr;
  bool connected = false, subscribed = false;
};

/// A put or a question under way; its address goes through the library.
struct Pending {
  WatchedVariable* of = nullptr;
  std::uint32_t request = 0;
};

constexpr int last_open = -1;    // it has no answer yet
constexpr double last_for = 60;  // s, that it is tried

/// One a program: callbacks of the library have no other way to it.
struct EpicsChild {
  ChannelAccess ca{};
  std::mutex mouth;                       ///< of stdout
  std::mutex mutex;                       ///< of the variables
  std::deque<WatchedVariable> variables;  ///< their addresses stay
  std::deque<Pending> pending;            ///< likewise; some bytes for each put of a run
  std::optional<std::pair<std::uint32_t, double>> last;
  std::atomic<int> last_status = last_open;  ///< of the put when whoever gave the orders is dead
};
EpicsChild* epics = nullptr;

void say(const News& news) {
  const std::string bytes = encode({Message::Kind::channel, encode_news(news)});
  const std::lock_guard lock(epics->mouth);
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t put_in = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (put_in > 0) rest.remove_prefix(static_cast<std::size_t>(put_in));
    if (put_in < 0 && errno != EINTR) return;  // nobody listens: stdin will end
  }
}

/// EGU as text: what is no UTF-8 is taken for Latin-1, where \xB0 is the degree.
std::string unit_text(const std::array<char, 8>& unit) {
  const std::string raw(unit.data(), strnlen(unit.data(), unit.size()));
  if (is_utf8(raw)) return printable(trim(raw));
  std::string out;
  for (const char one : raw) {
    const auto byte = static_cast<unsigned char>(one);
    if (byte < 0x80) {
      out += one;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return printable(trim(out));
}

bool is_double(const CaEvent& event, long type) {
  return event.status == ca_normal && event.data != nullptr && event.type == type &&
         event.count >= 1;
}

void value_came(CaEvent event) {
  const auto& variable = *static_cast<WatchedVariable*>(event.user);
  News news{.kind = News::Kind::value, .channel = variable.number};
  CaTimeDouble data{};
  if (is_double(event, ca_type_time_double)) {
    std::memcpy(&data, event.data, sizeof data);
    news.value = data.value;
    news.severity = data.severity < 0 || data.severity > 3 ? std::int16_t{3} : data.severity;
    news.alarm = data.status;
    if (data.stamp.seconds != 0 && data.stamp.nanoseconds < 1000000000)
      news.stamp = ca_epoch + data.stamp.seconds + 1e-9 * data.stamp.nanoseconds;
  } else {
    news.value = std::numeric_limits<double>::quiet_NaN();
    news.severity = ca_severity_invalid;
  }
  say(news);
}

News properties_of(const CaEvent& event, const WatchedVariable& variable) {
  News news{.kind = News::Kind::properties, .channel = variable.number};
  CaCtrlDouble data{};
  std::memcpy(&data, event.data, sizeof data);
  news.unit = unit_text(data.unit);
  news.lower = data.lower_control;
  news.upper = data.upper_control;
  news.writable = epics->ca.write_access(event.channel) != 0;
  return news;
}

void properties_came(CaEvent event) {
  if (!is_double(event, ca_type_ctrl_double)) return;
  say(properties_of(event, *static_cast<WatchedVariable*>(event.user)));
}

void answer(const Pending& pending, const std::string& text) {
  say({.kind = News::Kind::answer,
       .channel = pending.of->number,
       .request = pending.request,
       .text = printable(text)});
}

void was_asked(CaEvent event) {
  const auto& pending = *static_cast<Pending*>(event.user);
  if (!is_double(event, ca_type_ctrl_double))
    return answer(pending, epics->ca.message(event.status));
  News news = properties_of(event, *pending.of);
  news.request = pending.request;
  say(news);
}

void was_put(CaEvent event) {
  answer(*static_cast<Pending*>(event.user),
         event.status == ca_normal ? "" : epics->ca.message(event.status));
}

void connection_changed(CaConnection now) {
  auto& variable = *static_cast<WatchedVariable*>(epics->ca.puser(now.channel));
  const bool up = now.operation == ca_up;
  bool first = false;
  {
    const std::lock_guard lock(epics->mutex);
    variable.connected = up;
    first = up && !std::exchange(variable.subscribed, variable.subscribed || up);
  }
  if (!up) return say({.kind = News::Kind::down, .channel = variable.number});
  say({.kind = News::Kind::up,
       .channel = variable.number,
       .type = epics->ca.field_type(now.channel),
       .elements = epics->ca.element_count(now.channel)});
  if (!first) return;  // the library subscribes again by itself
  // One element of whatever it is: nobody needs the others, and they may be millions.
  void* ignored = nullptr;
  epics->ca.create_subscription(ca_type_ctrl_double, 1, now.channel, ca_on_property,
                                properties_came, &variable, &ignored);
  epics->ca.create_subscription(ca_type_time_double, 1, now.channel, ca_on_value | ca_on_alarm,
                                value_came, &variable, &ignored);
  epics->ca.flush_io();
}

WatchedVariable* variable_of(std::uint32_t number) {
  for (auto& one : epics->variables)
    if (one.number == number) return &one;
  return nullptr;
}

void watch(std::uint32_t number, std::string_view name) {
  auto& variable = epics->variables.emplace_back();
  variable.number = number;
  variable.name = name;
  if (epics->ca.create_channel(variable.name.c_str(), connection_changed, &variable, 0,
                               &variable.channel) != ca_normal)
    epics->variables.pop_back();  // never connected, then
  epics->ca.flush_io();
}

bool is_connected(const WatchedVariable& variable) {
  const std::lock_guard lock(epics->mutex);
  return variable.connected;
}

void request(bool ask, WatchedVariable& variable, std::uint32_t number, double value) {
  auto& pending = epics->pending.emplace_back(Pending{&variable, number});
  if (!is_connected(variable)) return answer(pending, "it is not connected");
  const int status = ask ? epics->ca.array_get_callback(ca_type_ctrl_double, 1, variable.channel,
                                                        was_asked, &pending)
                         : epics->ca.array_put_callback(ca_type_double, 1, variable.channel, &value,
                                                        was_put, &pending);
  if (status != ca_normal) return answer(pending, epics->ca.message(status));
  epics->ca.flush_io();
}

void obey_line(const std::string& line) {
  const auto all = words(line);
  if (all.empty()) return;
  if (all[0] == "last" && all.size() == 1) return epics->last.reset();
  if (all.size() < 3) return;
  const auto number = static_cast<std::uint32_t>(parse_integer(all[1]).value_or(0));
  if (all[0] == "watch") return watch(number, all[2]);
  WatchedVariable* const variable = variable_of(number);
  if (variable == nullptr) return;
  if (all[0] == "last") {
    if (const auto value = parse_double(all[2])) epics->last.emplace(number, *value);
    return;
  }
  const auto value = all.size() > 3 ? parse_double(all[3]) : std::optional(0.0);
  if (value)
    request(all[0] == "ask", *variable,
            static_cast<std::uint32_t>(parse_integer(all[2]).value_or(0)), *value);
}

void last_was_put(CaEvent event) { epics->last_status = event.status; }

/// Whether a record has processed the value.
bool put_and_wait(const WatchedVariable& variable, double value) {
  constexpr double patience = 5;  // s
  epics->last_status = last_open;
  if (epics->ca.array_put_callback(ca_type_double, 1, variable.channel, &value, last_was_put,
                                   nullptr) != ca_normal)
    return false;
  epics->ca.flush_io();
  const double end = monotonic_seconds() + patience;
  while (epics->last_status == last_open && is_connected(variable) && monotonic_seconds() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return epics->last_status == ca_normal;
}

/// Whoever gave the orders is dead: the one that he left, until a record has taken it.
void put_last() {
  if (!epics->last) return;
  const WatchedVariable* const variable = variable_of(epics->last->first);
  const double end = monotonic_seconds() + last_for;
  while (variable != nullptr && monotonic_seconds() < end) {
    if (is_connected(*variable) && put_and_wait(*variable, epics->last->second)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void obey_lines() {
  process::LineBuffer lines;
  std::array<char, 4096> bytes;
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    lines.add({bytes.data(), static_cast<std::size_t>(got)});
    while (const auto line = lines.next()) obey_line(*line);
  }
}

}  // namespace

bool is_epics_child(int argc, char** argv) {
  return argc == 2 && std::string_view(argv[1]) == epics_child_mark;
}

int be_epics_child() {
  (void)prctl(PR_SET_PDEATHSIG, 0);  // stdin ends then, and something may be left to put
  (void)std::signal(SIGPIPE, SIG_IGN);
  process::confine(epics_memory, epics_cpu);
  static EpicsChild child;
  epics = &child;
  try {
    child.ca = load_channel_access();
    process::change_no_files();
    if (child.ca.context_create(ca_preemptive) != ca_normal)
      throw Error(Cause::unavailable, "libca can't begin");
    child.ca.replace_printf_handler([](const char*, __builtin_va_list) { return 0; });
    child.ca.add_exception_event([](CaException) {}, nullptr);
    say({.kind = News::Kind::ready});
    obey_lines();
    put_last();
  } catch (const std::exception& error) {
    say({.kind = News::Kind::missing, .text = printable(error.what())});
  }
  _exit(0);  // without the library's farewell, which may wait for hosts that have gone
}

}  // namespace twin::sources
