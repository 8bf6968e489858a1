// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/libssh2_sftp.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "remote/local_file.h"
#include "remote/remote_shell.h"

namespace twin::remote {

namespace {

/// libssh2_sftp_read() asks for four times its buffer ahead: 3 MiB, all that a cut can cost, keep
/// 20 ms of a fast network full.
constexpr std::size_t buffer_size = 768U << 10;

/// An open file of the other side, which closes itself.
class RemoteFile {
 public:
  RemoteFile(Session& session, LIBSSH2_SFTP* sftp, const std::string& name)
      : session_(session), sftp_(sftp), where_(printable(session.settings().alias + ":" + name)) {
    handle_ = session_.open<LIBSSH2_SFTP_HANDLE>(
        [&] {
          return libssh2_sftp_open_ex(sftp_, name.data(), static_cast<unsigned>(name.size()),
                                      LIBSSH2_FXF_READ, 0, LIBSSH2_SFTP_OPENFILE);
        },
        soon());
    if (handle_ == nullptr) no_input("can't be opened");
  }
  ~RemoteFile() {
    session_.release([this] { return libssh2_sftp_close_handle(handle_); });
  }
  RemoteFile(const RemoteFile&) = delete;
  RemoteFile& operator=(const RemoteFile&) = delete;

  /// Its size now.
  std::uint64_t size() {
    LIBSSH2_SFTP_ATTRIBUTES attributes = {};
    if (session_.call([&] { return libssh2_sftp_fstat(handle_, &attributes); }, soon()) != 0)
      no_input("can't be asked for its size");
    if ((attributes.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) != 0 &&
        !LIBSSH2_SFTP_S_ISREG(attributes.permissions))
      throw Error(Cause::no_input, where_ + ": not a file, but a folder or a device");
    if ((attributes.flags & LIBSSH2_SFTP_ATTR_SIZE) == 0) no_input("has no size");
    return attributes.filesize;
  }

  void seek(std::uint64_t offset) { libssh2_sftp_seek64(handle_, offset); }

  /// \return bytes read; 0 at its end, or \p whole where it grew between two requests under way
  std::size_t read(std::vector<char>& buffer, bool whole) {
    const long got = session_.call(
        [&] { return static_cast<long>(libssh2_sftp_read(handle_, buffer.data(), buffer.size())); },
        soon());
    if (got >= 0) return static_cast<std::size_t>(got);
    const bool grew = got == LIBSSH2_ERROR_SFTP_PROTOCOL && libssh2_sftp_last_error(sftp_) == 0;
    if (grew && whole) return 0;
    if (grew) session_.broke("answers out of their order (" + session_.words() + ")");
    no_input("can't be read");
  }

  [[nodiscard]] const std::string& where() const { return where_; }

  [[noreturn]] void no_input(const std::string& what) const {
    const bool sftp_said = session_.code() == LIBSSH2_ERROR_SFTP_PROTOCOL;
    switch (sftp_said ? libssh2_sftp_last_error(sftp_) : LIBSSH2_FX_OK) {
      case LIBSSH2_FX_NO_SUCH_FILE:
      case LIBSSH2_FX_NO_SUCH_PATH:
        throw Error(Cause::no_input, where_ + ": not there");
      case LIBSSH2_FX_PERMISSION_DENIED:
        throw Error(Cause::no_input, where_ + ": " + what + ": permission denied");
      default:
        throw Error(Cause::no_input, where_ + ": " + what + ": " + session_.words());
    }
  }

 private:
  [[nodiscard]] Session::Clock::time_point soon() const { return session_.in(session_.how().idle); }

  Session& session_;
  LIBSSH2_SFTP* sftp_;
  std::string where_;
  LIBSSH2_SFTP_HANDLE* handle_ = nullptr;
};

}  // namespace

Sftp::Sftp(Session& session) : session_(session) {
  sftp_ = session.open<LIBSSH2_SFTP>([&] { return libssh2_sftp_init(session.get()); },
                                     session.in(session.how().idle));
  if (sftp_ == nullptr)
    throw Error(Cause::unavailable,
                printable(session.settings().alias) + ": no SFTP there: " + session.words());
}

Sftp::~Sftp() {
  session_.release([this] { return libssh2_sftp_shutdown(sftp_); });
}

Sftp::Fetched Sftp::fetch(const std::string& remote, const std::string& local,
                          const Connection::Progress& progress) {
  check_remote_name(remote);
  LocalFile file(local);
  RemoteFile source(session_, sftp_, remote);
  const std::uint64_t size = source.size();
  if (size < file.size())
    throw Error(Cause::no_input, source.where() + ": " + std::to_string(size) +
                                     " bytes, shorter than what is here of it (" +
                                     std::to_string(file.size()) + "); was it written anew?");
  source.seek(file.size());
  std::vector<char> buffer(buffer_size);
  Fetched fetched;
  while (const std::size_t got = source.read(buffer, file.size() >= size)) {
    file.append({buffer.data(), got});
    fetched.bytes += got;
    if (!progress || progress(fetched.bytes)) continue;
    fetched.ended_early = true;
    break;
  }
  file.close();
  if (!fetched.ended_early && file.size() < size)
    throw Error(Cause::no_input, source.where() + ": it got shorter while it was fetched");
  return fetched;
}

Sftp::Left Sftp::left(const std::string& remote, const std::string& local) {
  check_remote_name(remote);
  RemoteFile source(session_, sftp_, remote);
  std::error_code none;
  const auto here = std::filesystem::file_size(local, none);
  const std::uint64_t held = none ? 0 : here;
  Left out{0, process::Seconds(1e9)};
  for (int i = 0; i < 3; ++i) {
    const double asked = monotonic_seconds();
    const std::uint64_t size = source.size();
    out.bytes = size > held ? size - held : 0;
    out.answer = std::min(out.answer, process::Seconds(monotonic_seconds() - asked));
  }
  return out;
}

}  // namespace twin::remote
