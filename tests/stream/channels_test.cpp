// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/error.h"
#include "places.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace twin::stream;

namespace channels_test {
namespace {

TEST(Channels, SayWhichVariablesInWhatUnit) {
  const auto shipped = read_channels(source_dir() + "/share/epics/virtual.yaml");
  EXPECT_EQ(shipped.channels.at("temperature").pv, "VB:temperature");
  EXPECT_EQ(shipped.channels.at("temperature").sigma, 0.5);
  const auto put = read_bounds(source_dir() + "/share/bounds/virtual-ioc.yaml").actuator;
  EXPECT_EQ(put.pv, "VB:mode");
  EXPECT_EQ(put.read_back_pv, "VB:mode:is");
  EXPECT_EQ(put.pv_values.at("track"), 2);
  const auto one = [](const std::string& channel) {
    const std::string text =
        "format: twin-epics/1\ntolerance: 1 min\nchannels: {t: " + channel + "}";
    return decode_channels(parse_yaml(text, "x"), "x");
  };
  const auto all = one("{pv: a, unit: degC, egu: deg C, sigma_sys: 1 K, over: end}");
  EXPECT_EQ(all.tolerance_seconds, 60);
  EXPECT_EQ(all.channels.at("t").unit, "°C");
  EXPECT_EQ(all.channels.at("t").egu, "deg C");
  EXPECT_EQ(all.channels.at("t").sigma_sys, 1);
  EXPECT_FALSE(all.channels.at("t").mean);
  EXPECT_EQ(one("{pv: a, unit: ''}").channels.at("t").unit, "");
  EXPECT_FALSE(one("{pv: a, unit: ''}").channels.at("t").egu);
  for (const auto* wrong : {"{pv: a}", "{unit: K}", "{pv: a, unit: K, sigma: -1 K}",
                            "{pv: a, unit: K, over: 3}", "{pv: [a], unit: K}", "[]", "3"})
    EXPECT_THROW((void)one(wrong), Error) << wrong;
}

}  // namespace

}  // namespace channels_test
