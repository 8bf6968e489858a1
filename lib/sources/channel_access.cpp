// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/channel_access.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace twin::sources {

namespace {

std::string of_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> places_of_libca() {
  if (const auto named = of_environment("TWIN_LIBCA"); !named.empty()) return {named};
  std::vector<std::string> out{"libca.so", "libca.so.4.13.5"};
  const auto base = of_environment("EPICS_BASE"), architecture = of_environment("EPICS_HOST_ARCH");
  if (!base.empty() && !architecture.empty())
    out.push_back(base + "/lib/" + architecture + "/libca.so");
  return out;
}

void* open_libca() {
  std::string why;
  for (const auto& place : places_of_libca()) {
    if (void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    if (const char* said = ::dlerror(); said != nullptr && why.empty()) why = printable(said);
  }
  throw Error(Cause::unavailable,
              "libca, EPICS Channel Access, is not there (" + why +
                  "); Debian's libca4.13.5, or its file named by $TWIN_LIBCA, is expected");
}

template <typename Function>
void find_in_libca(void* library, const char* name, Function& out) {
  void* found = ::dlsym(library, name);
  if (found == nullptr)
    throw Error(Cause::unavailable, std::string("libca has no ") + name +
                                        "; the library of EPICS Channel Access is expected");
  out = reinterpret_cast<Function>(found);
}

}  // namespace

ChannelAccess load_channel_access() {
  void* library = open_libca();
  ChannelAccess out{};
  find_in_libca(library, "ca_context_create", out.context_create);
  find_in_libca(library, "ca_add_exception_event", out.add_exception_event);
  find_in_libca(library, "ca_replace_printf_handler", out.replace_printf_handler);
  find_in_libca(library, "ca_create_channel", out.create_channel);
  find_in_libca(library, "ca_puser", out.puser);
  find_in_libca(library, "ca_field_type", out.field_type);
  find_in_libca(library, "ca_element_count", out.element_count);
  find_in_libca(library, "ca_write_access", out.write_access);
  find_in_libca(library, "ca_create_subscription", out.create_subscription);
  find_in_libca(library, "ca_array_get_callback", out.array_get_callback);
  find_in_libca(library, "ca_array_put_callback", out.array_put_callback);
  find_in_libca(library, "ca_flush_io", out.flush_io);
  find_in_libca(library, "ca_message", out.message);
  return out;
}

}  // namespace twin::sources
