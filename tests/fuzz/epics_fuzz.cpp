// SPDX-License-Identifier: GPL-3.0-or-later
// What the child that speaks Channel Access hands over: any bytes are an Error of cause data, or
// news as promised, which come back; and whatever news there are, a condition of a scan is finite
// and within what was said, or null.
#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/channel_state.h"
#include "core/error.h"
#include "core/text.h"
#include "sources/channel_news.h"

namespace {

using twin::sources::ChannelNews;

void take_bytes(const std::string& bytes) {
  try {
    const auto news = twin::sources::decode_news(bytes);
    if (twin::sources::encode_news(news) != bytes && !std::isnan(news.value) &&
        !std::isnan(news.lower) && !std::isnan(news.upper) &&
        twin::sources::decode_news(twin::sources::encode_news(news)) != news)
      std::abort();
    (void)twin::sources::other_unit(news.unit, "K", std::nullopt);
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
}

ChannelNews made(FuzzedDataProvider& in) {
  ChannelNews news{
      .kind = in.PickValueInArray({ChannelNews::Kind::up, ChannelNews::Kind::down,
                                   ChannelNews::Kind::value, ChannelNews::Kind::properties})};
  news.value = in.ConsumeBool() ? in.ConsumeFloatingPoint<double>()
                                : in.ConsumeFloatingPointInRange(0.0, 1e3);
  news.stamp = in.ConsumeFloatingPointInRange(0.0, 2e3);
  news.severity = in.ConsumeIntegralInRange<std::int16_t>(0, 3);
  news.alarm = in.ConsumeIntegral<std::int16_t>();
  news.type = in.ConsumeBool() ? std::int16_t{6} : in.ConsumeIntegral<std::int16_t>();
  news.elements = in.ConsumeBool() ? 1 : in.ConsumeIntegral<std::uint64_t>();
  news.unit = in.ConsumeBool() ? "K" : twin::printable(in.ConsumeRandomLengthString(8));
  return news;
}

void check(const twin::record::Quantities& found) {
  const auto& quantity = found.at("t");
  if (quantity.value && !std::isfinite(*quantity.value)) std::abort();
  if (quantity.sigma && !(*quantity.sigma >= 0)) std::abort();
  if (quantity.value.has_value() == (quantity.extra.find("reason") != nullptr)) std::abort();
  if (quantity.sigma && !std::isfinite(*quantity.sigma)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  take_bytes({reinterpret_cast<const char*>(data), size});
  FuzzedDataProvider in(data, size);
  twin::app::ChannelState state("t", {.pv = "T:t", .unit = "K"});
  double now = 1000;
  for (int i = 0; i < 100 && in.remaining_bytes() > 0; ++i) {
    const auto news = made(in);
    take_bytes(twin::sources::encode_news(news));
    now += in.ConsumeFloatingPointInRange(0.0, 10.0);
    if (news.kind == ChannelNews::Kind::down)
      (void)state.lost(now);
    else
      (void)state.take(news, now);
    twin::record::Quantities found;
    state.put_into(found, now - in.ConsumeFloatingPointInRange(0.0, 50.0), now, 10);
    check(found);
    found.clear();
    state.put_into(found, std::nullopt, now, 10);
    check(found);
  }
  return 0;
}
