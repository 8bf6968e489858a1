// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace twin::plot {

/// \p svg, a file of gnuplot's, as an element of a page: what draws and what writes is kept, by a
/// list of elements and attributes; scripts, styles, filters, events, links and all references but
/// those within the figure (`#name`) are not. Prologue and comments go, titles with them.
/// \throws Error{data}  it is no SVG: no <svg>, a tag or an element without an end, an attribute
///                      without quotes
[[nodiscard]] std::string inline_svg(std::string_view svg);

}  // namespace twin::plot
