// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "formats/athena_group.h"

namespace twin::formats {

namespace {

using Names = std::pair<const char*, const char*>;

constexpr std::array<Names, 13> same{{{"bkg_eshift", "eshift"},
                                      {"bkg_pre1", "pre1"},
                                      {"bkg_pre2", "pre2"},
                                      {"bkg_nor1", "norm1"},
                                      {"bkg_nor2", "norm2"},
                                      {"bkg_rbkg", "rbkg"},
                                      {"bkg_kw", "kweight"},
                                      {"bkg_nclamp", "nclamp"},
                                      {"bkg_clamp1", "clamp_lo"},
                                      {"bkg_clamp2", "clamp_hi"},
                                      {"fft_kmin", "kmin"},
                                      {"fft_kmax", "kmax"},
                                      {"bkg_e0", "e0"}}};

constexpr std::array<std::pair<const char*, double>, 6> clamps{
    {{"none", 0}, {"slight", 3}, {"weak", 6}, {"medium", 12}, {"strong", 24}, {"rigid", 96}}};

std::optional<double> number(const std::map<std::string, std::string>& arguments, const char* key) {
  const auto at = arguments.find(key);
  if (at == arguments.end()) return std::nullopt;
  const auto text = trim(at->second);
  if (const auto value = parse_double(text))
    return std::isfinite(*value) ? value : std::optional<double>();
  if (std::string_view(key).starts_with("bkg_clamp"))
    for (const auto& [word, value] : clamps)
      if (lower(text) == word) return value;
  return std::nullopt;
}

}  // namespace

std::map<std::string, double> stored_parameters(const std::map<std::string, std::string>& arguments,
                                                bool by_larch) {
  std::map<std::string, double> out;
  for (const auto& [theirs, ours] : same)
    if (const auto value = number(arguments, theirs)) out[ours] = *value;
  if (out.contains("e0") && out["e0"] <= 0) out.erase("e0");  // not found yet
  if (const auto terms = number(arguments, "bkg_nnorm"); terms && *terms >= (by_larch ? 0 : 1))
    out["nnorm"] = *terms - (by_larch ? 0 : 1);
  const auto fixed = number(arguments, "bkg_fixstep"), step = number(arguments, "bkg_step");
  if (fixed && *fixed != 0 && step && *step > 0) out["edge_step"] = *step;
  return out;
}

}  // namespace twin::formats
