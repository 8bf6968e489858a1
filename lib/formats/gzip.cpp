// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/gzip.h"

#include <unistd.h>
#include <zlib.h>

#include "core/error.h"

namespace twin::formats {

GzipBuffer::GzipBuffer(int file, std::string name, std::size_t limit)
    : gz_(gzdopen(file, "rb")), name_(std::move(name)), limit_(limit), block_(1u << 16) {
  if (gz_) return;
  ::close(file);
  throw Error(Cause::internal, name_ + ": zlib did not take the file");
}

GzipBuffer::~GzipBuffer() { gzclose(static_cast<gzFile>(gz_)); }

GzipBuffer::int_type GzipBuffer::underflow() {
  const auto gz = static_cast<gzFile>(gz_);
  const int got = cut_ ? 0 : gzread(gz, block_.data(), static_cast<unsigned>(block_.size()));
  int status = Z_OK;
  const char* message = gzerror(gz, &status);
  // Z_BUF_ERROR: the end of the file came before the end of the compressed data.
  if (status == Z_BUF_ERROR) cut_ = true;
  if (status == Z_ERRNO) throw Error(Cause::no_input, name_ + ": it can't be read");
  if (status != Z_OK && status != Z_STREAM_END && !cut_)
    throw Error(Cause::data, name_ + ": gzip: " + (message ? message : "wrong data"));
  if (got <= 0) return traits_type::eof();
  total_ += static_cast<std::size_t>(got);
  if (total_ > limit_)
    throw Error(Cause::data, name_ + ": more than " + std::to_string(limit_ >> 20) +
                                 " MiB of text; a scan is expected");
  setg(block_.data(), block_.data(), block_.data() + got);
  return traits_type::to_int_type(block_.front());
}

}  // namespace twin::formats
