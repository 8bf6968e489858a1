// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/inline_svg.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"

namespace twin::plot {

namespace {

constexpr std::array<std::string_view, 12> elements{"svg",   "g",        "defs",    "path",
                                                    "rect",  "circle",   "line",    "text",
                                                    "tspan", "polyline", "polygon", "use"};
constexpr std::array<std::string_view, 36> attributes{"width",
                                                      "height",
                                                      "viewBox",
                                                      "x",
                                                      "y",
                                                      "x1",
                                                      "y1",
                                                      "x2",
                                                      "y2",
                                                      "cx",
                                                      "cy",
                                                      "r",
                                                      "d",
                                                      "points",
                                                      "id",
                                                      "fill",
                                                      "stroke",
                                                      "stroke-width",
                                                      "stroke-linecap",
                                                      "stroke-linejoin",
                                                      "color",
                                                      "transform",
                                                      "font-family",
                                                      "font-size",
                                                      "text-anchor",
                                                      "fill-opacity",
                                                      "stroke-opacity",
                                                      "fill-rule",
                                                      "stroke-dasharray",
                                                      "font-weight",
                                                      "font-style",
                                                      "dx",
                                                      "dy",
                                                      "opacity",
                                                      "dominant-baseline",
                                                      "preserveAspectRatio"};

bool is_in(const auto& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == ':' || c == '_';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Text or the value of an attribute: markup that is escaped stays so, and nothing else is any.
std::string plain(std::string_view text) {
  static constexpr std::string_view entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool entity = std::ranges::any_of(
        entities, [&](std::string_view e) { return text.substr(i).starts_with(e); });
    if (c == '&')
      out += entity ? "&" : "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out;
}

/// One that leads nowhere outside of the figure, as it may be written; "" of others.
std::string kept(std::string_view name, std::string_view value) {
  if (name == "xlink:href" || name == "href")
    return value.starts_with('#') ? " href=\"" + plain(value) + "\"" : "";
  std::string lower(value);  // CSS knows no case
  for (char& c : lower) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  const bool outside = lower.find("url(") != std::string::npos ||
                       lower.find("script") != std::string::npos ||
                       value.find('\\') != std::string_view::npos;
  if (outside || !is_in(attributes, name)) return "";
  return " " + std::string(name) + "=\"" + plain(value) + "\"";
}

class Cleaner {
 public:
  explicit Cleaner(std::string_view svg) : rest_(svg) {}

  std::string clean() {
    const auto begin = rest_.find("<svg");
    if (begin == std::string_view::npos) fail("no <svg> in it");
    rest_.remove_prefix(begin);
    do {
      const auto next = std::min(rest_.find('<'), rest_.size());
      if (within_ > 0) out_ += plain(rest_.substr(0, next));
      rest_.remove_prefix(next);
      if (rest_.empty()) fail("its end is missing");
      tag();
    } while (depth_ > 0);
    return std::move(out_);
  }

 private:
  [[noreturn]] static void fail(const std::string& what) {
    throw Error(Cause::data, "figure: " + what + "; expected an SVG of gnuplot's");
  }

  void skip_to(std::string_view end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) fail("a tag has no end");
    rest_.remove_prefix(at + end.size());
  }

  std::string_view name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    const auto out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
  }

  void blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  void tag() {
    if (rest_.starts_with("<!--")) return skip_to("-->");
    if (rest_.starts_with("<!") || rest_.starts_with("<?")) return skip_to(">");
    rest_.remove_prefix(1);
    const bool closing = rest_.starts_with('/');
    if (closing) rest_.remove_prefix(1);
    const auto element = name();
    const std::string drawn = all_attributes();
    const bool empty = rest_.starts_with('/');
    skip_to(">");
    if (!is_in(elements, element)) return;
    if (!empty) depth_ += closing ? -1 : 1;
    // Words stand in text alone; the rest between tags is none of the figure.
    if (element == "text" && !empty) within_ = closing ? 0 : 1;
    out_ += closing ? "</" + std::string(element) + ">"
                    : "<" + std::string(element) + drawn + (empty ? "/>" : ">");
    if (within_ == 0) out_ += '\n';
  }

  std::string all_attributes() {
    std::string out;
    for (blanks(); !rest_.empty() && is_name(rest_.front()); blanks()) {
      const auto key = name();
      blanks();
      if (!rest_.starts_with('=')) fail("attribute " + printable(key) + " has no value");
      rest_.remove_prefix(1);
      blanks();
      const char quote = rest_.empty() ? ' ' : rest_.front();
      const auto end = rest_.find(quote, 1);
      if ((quote != '"' && quote != '\'') || end == std::string_view::npos)
        fail("attribute " + printable(key) + " has no quotes");
      out += kept(key, rest_.substr(1, end - 1));
      rest_.remove_prefix(end + 1);
    }
    return out;
  }

  std::string_view rest_;
  std::string out_;
  int within_ = 0;  ///< of a text
  int depth_ = 0;   ///< elements that are open
};

}  // namespace

std::string inline_svg(std::string_view svg) { return Cleaner(svg).clean(); }

}  // namespace twin::plot
