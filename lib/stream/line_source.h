// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace twin::stream {

/// Lines of a file or of stdin, each as soon as it is there.
class LineSource {
 public:
  struct Line {
    std::string text;  ///< without the line feed, and without a carriage return before it
    std::size_t number = 0;
    bool too_long = false;  ///< text is empty: the line was skipped without being held
  };

  /// \p path "-" is stdin.  \throws Error{no_input}
  LineSource(const std::string& path, std::size_t longest);
  /// The lines of \p text.
  LineSource(std::string text, std::size_t longest, const std::string& name);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  /// The next line; nothing at the end. The last one needs no line feed.
  /// \throws Error{no_input}  reading failed
  std::optional<Line> next();

  /// A signal that ends the program came while nothing else did: what was read since the last line
  /// is no line.
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  bool fill();

  std::string path_;
  int descriptor_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< of what is not yet handed out
  std::size_t scanned_ = 0;  ///< no line feed before this
  std::size_t number_ = 0;
  bool skipping_ = false;
  bool ended_ = false, interrupted_ = false;
};

}  // namespace twin::stream
