// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/perl_literal.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 128 && (std::isalnum(byte) || c == '_');
}

/// Of numbers and of the words that programs write for undef.
bool is_bare(char c) { return is_word(c) || c == '.' || c == '-' || c == '+'; }

void append_utf8(std::string& out, unsigned code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace

void PerlReader::fail(const std::string& what) const {
  throw Error(Cause::data, name_ + ":" + std::to_string(line_) + ": " + what);
}

void PerlReader::skip_line() {
  while (!ended() && peek() != '\n') ++at_;
}

void PerlReader::skip_blanks() {
  for (; !ended(); ++at_) {
    if (peek() == '#') skip_line();
    if (ended() || !std::isspace(static_cast<unsigned char>(peek()))) return;
    if (peek() == '\n') ++line_;
  }
}

std::optional<PerlStatement> PerlReader::next() {
  skip_blanks();
  if (ended()) return std::nullopt;
  PerlStatement out;
  out.line = line_;
  if (comes("[record]")) {
    skip_line();
    out.kind = PerlStatement::Kind::record;
    return out;
  }
  if (comes("1;")) {
    at_ += 2;
    out.kind = PerlStatement::Kind::end;
    return out;
  }
  if (peek() != '$' && peek() != '@' && peek() != '%') {
    const auto rest = text_.substr(at_);
    const bool cut = std::string_view("[record]").starts_with(rest) || rest == "1";
    if (!cut)
      fail("'" + printable(rest.substr(0, std::min<std::size_t>(rest.find('\n'), 40))) +
           "' is no variable of a project; '@x = (...);' is expected");
    at_ = text_.size();
    return std::nullopt;
  }
  out.variable = peek();
  for (++at_; !ended() && is_word(peek()); ++at_) out.variable += peek();
  skip_blanks();
  if (!ended() && peek() != '=') fail("no '=' behind " + printable(out.variable));
  if (!ended()) ++at_;
  items_ = 0;
  out.cut = ended() || !value(out.value, 0);
  skip_blanks();
  if (!out.cut && ended()) out.cut = true;
  if (out.cut) return out;
  if (peek() != ';')
    fail("code behind the value of " + printable(out.variable) +
         "; a literal and ';' are expected");
  ++at_;
  return out;
}

bool PerlReader::value(PerlValue& out, int depth) {
  skip_blanks();
  if (ended()) return false;
  if (++items_ > most_items) fail("more than 4 million values in a list; a spectrum is expected");
  switch (peek()) {
    case '(':
      return list(out, ')', depth);
    case '[':
      return list(out, ']', depth);
    case '{':
      return list(out, '}', depth);
    case '\'':
    case '"':
      return quoted(out.text);
    default:
      return bare(out.text);
  }
}

bool PerlReader::list(PerlValue& out, char close, int depth) {
  if (depth >= deepest) fail("lists more than 8 deep; a spectrum is expected");
  out.is_list = true;
  ++at_;
  while (true) {
    skip_blanks();
    if (ended()) return false;
    if (peek() == close) break;
    PerlValue item;
    // A text or a list that the end cuts is left out; numbers before it are whole.
    if (!value(item, depth + 1)) return false;
    skip_blanks();
    if (ended()) return false;
    out.items.push_back(std::move(item));
    if (peek() == close) break;
    if (peek() != ',' && !comes("=>"))
      fail("'" + printable(text_.substr(at_, 1)) + "' in a list; a comma is expected");
    at_ += peek() == ',' ? 1 : 2;
  }
  ++at_;
  return true;
}

bool PerlReader::quoted(std::string& out) {
  const char quote = peek();
  for (++at_; !ended(); ++at_) {
    const char c = peek();
    if (c == quote) {
      ++at_;
      return true;
    }
    if (c == '\n') ++line_;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (++at_ >= text_.size()) return false;
    if (quote == '"') {
      escape(out);
    } else {
      if (peek() != '\'' && peek() != '\\') out += '\\';
      out += peek();
      if (peek() == '\n') ++line_;
    }
  }
  return false;
}

/// What stands behind a backslash in double quotes; the last character of it becomes current.
void PerlReader::escape(std::string& out) {
  const char c = peek();
  if (c == 'n' || c == 't' || c == 'r') {
    out += c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
  } else if (c == 'x' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') {
    const char* first = text_.data() + at_ + 2;
    unsigned code = 0;
    const auto [stop, error] = std::from_chars(first, text_.data() + text_.size(), code, 16);
    const bool closed = stop != text_.data() + text_.size() && *stop == '}';
    if (error != std::errc() || !closed || code == 0 || code > 0x10FFFF)
      fail("'\\x{...}' that is no character");
    append_utf8(out, code);
    at_ = static_cast<std::size_t>(stop - text_.data());
  } else {
    if (is_word(c)) out += '\\';
    out += c;
    if (c == '\n') ++line_;
  }
}

bool PerlReader::bare(std::string& out) {
  while (!ended() && is_bare(peek())) out += text_[at_++];
  if (ended()) return false;  // `1.2` of `1.25` can't be told from the whole
  if (out.empty())
    fail("'" + printable(text_.substr(at_, 1)) + "' where a text, a number or a list is expected");
  if (out == "undef" || out == "None") out.clear();
  return true;
}

}  // namespace twin::formats
