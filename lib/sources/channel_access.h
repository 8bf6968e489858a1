// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

/// What Twinline needs of libca, the client library of EPICS Channel Access, as it lies in memory.
/// The library is found when the program runs; nothing of it is needed to build.
///
/// Source: the C interface of EPICS 7, unchanged since 3.14: R3.14 Channel Access Reference Manual
/// (J. O. Hill, R. Lange), function reference; layouts of `db_access.h`, codes of `caerr.h`.
namespace twin::sources {

struct CaChannel;  ///< theirs
using CaId = CaChannel*;

/// Of a callback of a channel's connection, handed over by value.
struct CaConnection {
  CaId channel;
  long operation;
};
inline constexpr long ca_up = 6;  ///< CA_OP_CONN_UP; the other is 7

/// Of a callback of a subscription, a get, a put.
struct CaEvent {
  void* user;
  CaId channel;
  long type, count;
  const void* data;
  int status;
};

/// What went wrong where nobody waits for it.
struct CaException {
  void* user;
  CaId channel;
  long type, count;
  void* address;
  long status, operation;
  const char* context;
  const char* file;
  unsigned line;
};

inline constexpr int ca_normal = 1;      ///< ECA_NORMAL
inline constexpr int ca_preemptive = 1;  ///< callbacks come from threads of the library
inline constexpr long ca_type_string = 0, ca_type_enum = 3, ca_type_double = 6,
                      ca_type_time_double = 20, ca_type_ctrl_double = 34;
inline constexpr long ca_on_value = 1, ca_on_alarm = 4, ca_on_property = 8;
inline constexpr int ca_severity_invalid = 3;

struct CaStamp {
  std::uint32_t seconds;  ///< since 1990-01-01, UTC; 0: nobody stamped it
  std::uint32_t nanoseconds;
};
inline constexpr double ca_epoch = 631152000;  ///< s, from 1970 to 1990

/// DBR_TIME_DOUBLE.
struct CaTimeDouble {
  std::int16_t status, severity;
  CaStamp stamp;
  std::int32_t padding;
  double value;
};
static_assert(sizeof(CaTimeDouble) == 24);

/// DBR_CTRL_DOUBLE. The unit is no string: where it is long there is no zero behind it.
struct CaCtrlDouble {
  std::int16_t status, severity, precision, padding;
  std::array<char, 8> unit;
  double upper_display, lower_display, upper_alarm, upper_warning, lower_warning, lower_alarm,
      upper_control, lower_control;  ///< of ao and longout these are DRVH and DRVL
  double value;
};
static_assert(sizeof(CaCtrlDouble) == 88);

/// The library, once it is loaded.
struct ChannelAccess {
  int (*context_create)(int preemptive);
  int (*add_exception_event)(void (*handler)(CaException), void* user);
  int (*replace_printf_handler)(int (*handler)(const char*, __builtin_va_list));
  int (*create_channel)(const char* name, void (*handler)(CaConnection), void* user,
                        unsigned priority, CaId* out);
  void* (*puser)(CaId channel);
  short (*field_type)(CaId channel);
  unsigned long (*element_count)(CaId channel);
  unsigned (*write_access)(CaId channel);
  int (*create_subscription)(long type, unsigned long count, CaId channel, long mask,
                             void (*handler)(CaEvent), void* user, void** out);
  int (*array_get_callback)(long type, unsigned long count, CaId channel, void (*handler)(CaEvent),
                            void* user);
  int (*array_put_callback)(long type, unsigned long count, CaId channel, const void* value,
                            void (*handler)(CaEvent), void* user);
  int (*flush_io)();
  const char* (*message)(long status);
};

/// Loads the library: the file that $TWIN_LIBCA names, else libca.so as the system finds it (EPICS,
/// Debian's libca4.13.5), else that of $EPICS_BASE/lib/$EPICS_HOST_ARCH. Never unloaded.
/// \throws Error{unavailable}  it is not there, or not this library
[[nodiscard]] ChannelAccess load_channel_access();

}  // namespace twin::sources
