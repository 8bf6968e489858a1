// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"

namespace twin::app {

struct TrainSettings {
  std::string name;   ///< of the potential
  std::string into;   ///< the folder of its description and models
  std::string input;  ///< an input.json of DeePMD-kit's; "" = share/training/se_e2_a.json
  long long members = 4;
  long long steps = 4000;
  long long seed = 1;
};

/// twin-simulate --train: folders of labelled frames in, a deep potential of so many members out,
/// with its description: INTO/NAME.yaml and INTO/NAME.0.pb ... An event tells its errors on the
/// frames held back. What a killed run has left is gone on with.
void train(Session& session, const TrainSettings& settings);

}  // namespace twin::app
