// SPDX-License-Identifier: GPL-3.0-or-later
// twin-devices(5).
#include "core/text.h"
#include "core/time.h"
#include "stream/document.h"
#include "stream/documents.h"

namespace twin::stream {

using namespace record;

namespace {

/// Of an instant; 0 where it is not there.
double instant(Fields& fields, std::string_view key) {
  const std::string text = fields.text(key);
  if (text.empty()) return 0;
  const auto at = parse_utc(text);
  if (!at) fields.fail(key, "expected UTC, as 2026-11-30T08:00:00Z");
  return *at;
}

Device decode_device(Fields fields) {
  Device out;
  out.name = fields.need_text("name");
  out.model = fields.text("model");
  out.serial = fields.need_text("serial");
  out.since = instant(fields, "since");
  out.until = instant(fields, "until");
  out.note = fields.text("note");
  if (out.until != 0 && out.until <= out.since) fields.fail("until", "is not after since");
  fields.refuse_rest();
  return out;
}

}  // namespace

Devices decode_devices(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-devices/1");
  const Value& list = fields.need("devices");
  if (!list.is_array()) fields.fail("devices", "expected a list");
  Devices out;
  for (const Value& entry : list.array()) {
    out.push_back(decode_device(fields.inside("devices", entry)));
    const Device& last = out.back();
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
      const Device& other = out[i];
      const bool apart = (other.until != 0 && other.until <= last.since) ||
                         (last.until != 0 && last.until <= other.since);
      if (other.name == last.name && !apart)
        fields.fail("devices", "two at the same time are called " + last.name, &entry);
    }
  }
  fields.refuse_rest();
  return out;
}

Value encode_devices(const Devices& devices) {
  Value::Array list;
  for (const Device& device : devices) {
    Value one{Value::Object{}};
    one.set("name", device.name);
    if (!device.model.empty()) one.set("model", device.model);
    one.set("serial", device.serial);
    if (device.since != 0) one.set("since", utc_of(device.since));
    if (device.until != 0) one.set("until", utc_of(device.until));
    if (!device.note.empty()) one.set("note", device.note);
    list.push_back(std::move(one));
  }
  Value out{Value::Object{}};
  out.set("format", "twin-devices/1");
  out.set("devices", std::move(list));
  return out;
}

Devices read_devices(const std::string& path) { return decode_devices(load_document(path), path); }

}  // namespace twin::stream
