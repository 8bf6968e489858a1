// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <streambuf>
#include <string>
#include <vector>

namespace twin::formats {

/// The text of a file, plain or gzip (also of several members), as a stream buffer that holds
/// 64 KiB of it at a time.
///
/// sgetn() throws Error{data} when more than \p limit bytes come out (a small file may inflate to
/// anything) or the compressed data are wrong. A compressed file that is cut gives what is in it.
class GzipBuffer : public std::streambuf {
 public:
  /// Takes the descriptor \p file over.
  GzipBuffer(int file, std::string name, std::size_t limit);
  ~GzipBuffer() override;
  GzipBuffer(const GzipBuffer&) = delete;
  GzipBuffer& operator=(const GzipBuffer&) = delete;

  [[nodiscard]] bool cut() const { return cut_; }  ///< the compressed data ended too early

 protected:
  int_type underflow() override;

 private:
  void* gz_;
  std::string name_;
  std::size_t limit_, total_ = 0;
  bool cut_ = false;
  std::vector<char> block_;
};

}  // namespace twin::formats
