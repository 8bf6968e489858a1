// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// A group of an Athena project as its file has it.
struct AthenaGroup {
  std::string name;                              ///< "nbbw"
  std::map<std::string, std::string> arguments;  ///< "bkg_e0": "2824.18"
  std::vector<std::string> titles;
  std::map<std::string, std::vector<double>> arrays;  ///< "x", "y", "i0" ...; NaN = no number
  std::size_t line = 0;                               ///< 0 = not known
  bool cut = false;                                   ///< the file ended inside it
};

/// A whole project.
struct AthenaProject {
  std::string name;                 ///< of the file, printable
  std::vector<AthenaGroup> groups;  ///< in their order
  bool by_larch = false;            ///< Larch wrote it
  bool cut = false;                 ///< the file ended early
};

/// The two dialects. \throws Error{data}
[[nodiscard]] AthenaProject parse_athena_perl(const std::string& text, const std::string& name);
[[nodiscard]] AthenaProject parse_athena_json(const std::string& text, const std::string& name);

/// The scan of \p group; nothing when it is no spectrum, and why goes to \p why. Its label is set,
/// but may be one that came before. \throws Error{data}  it is a spectrum that can't be used
[[nodiscard]] std::optional<ScanFile> scan_of(AthenaGroup& group, const AthenaProject& project,
                                              std::string& why);

/// What `stored` of athena.h says. \p by_larch: `bkg_nnorm` is the order itself.
[[nodiscard]] std::map<std::string, double> stored_parameters(
    const std::map<std::string, std::string>& arguments, bool by_larch);

/// The places of the longest run of values that rises strictly, wherever it has gaps; all are kept
/// when they rise, or when they fall throughout. Cost n log n.
[[nodiscard]] std::vector<std::size_t> rising(const std::vector<double>& values);

}  // namespace twin::formats
