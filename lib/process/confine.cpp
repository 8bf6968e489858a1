// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/confine.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/file_system.h"

namespace twin::process {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

void limit(decltype(RLIMIT_AS) what, rlim_t soft, rlim_t hard) {
  const rlimit both{soft, hard};
  (void)setrlimit(what, &both);
}

/// What reading takes: what is open, memory, time, an end.
constexpr std::array<std::uint32_t, 35> allowed{SYS_read,
                                                SYS_pread64,
                                                SYS_readv,
                                                SYS_write,
                                                SYS_writev,
                                                SYS_lseek,
                                                SYS_fstat,
                                                SYS_newfstatat,
                                                SYS_close,
                                                SYS_fcntl,
                                                SYS_mmap,
                                                SYS_munmap,
                                                SYS_mprotect,
                                                SYS_mremap,
                                                SYS_madvise,
                                                SYS_brk,
                                                SYS_futex,
                                                SYS_nanosleep,
                                                SYS_clock_nanosleep,
                                                SYS_clock_gettime,
                                                SYS_gettimeofday,
                                                SYS_rt_sigaction,
                                                SYS_rt_sigprocmask,
                                                SYS_rt_sigreturn,
                                                SYS_sigaltstack,
                                                SYS_setitimer,
                                                SYS_getpid,
                                                SYS_gettid,
                                                SYS_getppid,
                                                SYS_tgkill,
                                                SYS_getrandom,
                                                SYS_sched_yield,
                                                SYS_getrusage,
                                                SYS_exit,
                                                SYS_exit_group};

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t architecture = 0;
#endif

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

/// Refuses calls of another architecture; what follows sees the number of the call.
std::vector<sock_filter> beginning() {
  return {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
          BPF_STMT(BPF_RET | BPF_K, refuse),
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
}

void filter_by(std::vector<sock_filter>& program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/// What changes files, runs programs, or reaches other processes.
constexpr std::array refused {
#if defined(__x86_64__)
  SYS_creat, SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_symlink, SYS_mknod,
      SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_fork, SYS_vfork,
      SYS_renameat,
#endif
      SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_mknodat, SYS_fchmod,
      SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_truncate, SYS_ftruncate, SYS_fallocate,
      SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
      SYS_fremovexattr, SYS_execve, SYS_execveat, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo,
      SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal, SYS_ptrace, SYS_process_vm_writev, SYS_mount,
      SYS_io_uring_setup, SYS_openat2, SYS_open_by_handle_at
};

/// open() and openat(), where their flags say more than to read.
void refuse_writers(std::vector<sock_filter>& program, std::uint32_t call, std::size_t flags) {
  constexpr std::uint32_t writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  const auto at = static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                             flags * sizeof(seccomp_data::args[0]));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));  // its lower half: little endian
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, writes, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

void allow_little() {
  if (architecture == 0) return;
  std::vector<sock_filter> program = beginning();
  for (std::size_t i = 0; i < allowed.size(); ++i)
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                               static_cast<std::uint8_t>(allowed.size() - i), 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  filter_by(program);
}

}  // namespace

void confine(std::size_t memory_bytes, double cpu_seconds) {
  (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 0, 0);
  const auto seconds = static_cast<rlim_t>(std::ceil(cpu_seconds));
  limit(RLIMIT_CPU, seconds, seconds + 1);
  if (!sanitized) limit(RLIMIT_AS, memory_bytes, memory_bytes);
}

void change_no_files() {
  if (architecture == 0 || sanitized) return;
  std::vector<sock_filter> program = beginning();
  for (const auto call : refused) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  }
  // abort() signals itself.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 4));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)));
  program.push_back(
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(::getpid()), 1, 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
#if defined(__x86_64__)
  refuse_writers(program, SYS_open, 1);
#endif
  refuse_writers(program, SYS_openat, 2);
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  filter_by(program);
}

void open_nothing_more() {
  if (sanitized) return;
  limit(RLIMIT_NOFILE, 0, 0);
  allow_little();
}

bool is_sanitized() { return sanitized; }

Writer writer_of(int file) {
  // There a lease is refused by the same word where nobody writes: NFS without a delegation, SMB
  // without an oplock.
  if (!network_file_system(file).empty()) return Writer::unknown;
  if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
    (void)::fcntl(file, F_SETLEASE, F_UNLCK);
    return Writer::none;
  }
  return errno == EAGAIN ? Writer::some : Writer::unknown;
}

}  // namespace twin::process
