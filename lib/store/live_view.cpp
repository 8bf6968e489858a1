// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/live_view.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "store/aside.h"
#include "store/growing.h"
#include "store/hdf5_file.h"
#include "store/stack.h"
#include "store/table.h"

namespace twin::store {

using hdf5::Handle;

namespace {

constexpr std::size_t most_scans = 200;
constexpr std::size_t most_grids = 100;
constexpr const char* mark = "twinline_live";  // attribute of the root

struct Scan {
  std::int64_t sequence = 0;
  std::size_t stack = 0;
  std::map<std::string, std::vector<double>> arrays;  ///< by name
};

/// The file, with all that it will ever have but rows: in SWMR mode nothing else may come.
class LiveFile {
 public:
  LiveFile(const std::string& path, const Stack& stack) {
    const std::string part = Aside::name_of(path);
    ::unlink(part.c_str());
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "properties");
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
    file_ = Handle(H5Fcreate(part.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, access.get()), H5Fclose,
                   printable(part));
    create(stack);
    if (H5Fstart_swmr_write(file_.get()) < 0 || std::rename(part.c_str(), path.c_str()) != 0)
      throw Error(Cause::output, printable(path) + ": " + hdf5::why());
  }

  void append(const Scan& scan) {
    for (auto& [name, set] : arrays_) {
      set.append(scan.arrays.at(name).data());
      set.flush();
    }
    sequence_.append(&scan.sequence);
    sequence_.flush();  // last: a row that has its number is whole
    ++rows_;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  void create(const Stack& stack) {
    const Handle root(H5Gopen2(file_.get(), "/", H5P_DEFAULT), H5Gclose, "/");
    hdf5::set_integer(root, mark, 1);
    hdf5::set_text(root, "NX_class", "NXroot");
    hdf5::set_text(root, "default", "entry");
    const Handle entry = hdf5::create_group(root, "entry", "NXentry"),
                 group = hdf5::create_group(entry, "scans", "NXdata");
    hdf5::set_text(entry, "default", "scans");
    Names names;
    const std::string axis = stack.axis.empty() ? "." : names.unique(stack.axis);
    if (axis != ".")
      hdf5::write_numbers(group, axis, stack.grid.data, {stack.grid.data.size()}, stack.grid.unit,
                          stack.axis);
    sequence_ = {group, names.unique("sequence"), hdf5::Growing::Kind::integers, {}, ""};
    for (const auto& signal : stack.signals) {
      const std::string name = names.unique(signal.name);
      arrays_.emplace(signal.name,
                      hdf5::Growing(group, name, hdf5::Growing::Kind::numbers, signal.shape, ""));
      if (!signal.unit.empty()) hdf5::set_text(hdf5::open_set(group, name), "units", signal.unit);
      if (signal.name == stack.plotted()) hdf5::set_text(group, "signal", name);
    }
    hdf5::set_texts(group, "axes", {"sequence", axis});
  }

  Handle file_;
  hdf5::Growing sequence_;
  std::map<std::string, hdf5::Growing> arrays_;
  std::size_t rows_ = 0;
};

/// A file of ours that a program which was killed has left, or none.
bool is_ours(const std::string& path) {
  const auto file = H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, H5P_DEFAULT);
  if (file < 0) return false;
  const Handle opened(file, H5Fclose, "file");
  return H5Aexists(file, mark) > 0;
}

}  // namespace

struct LiveView::State {
  std::string path;
  std::optional<LiveFile> file;
  Stacks stacks;
  std::size_t stack = 0;    ///< in the file
  std::deque<Scan> last;    ///< as they came
  std::size_t waiting = 0;  ///< of these, at the end: not in the file yet
  double rests_until = 0;   ///< monotonic, s

  void begin(std::size_t which) {
    file.reset();
    file.emplace(path, stacks.all()[which]);
    stack = which;
    for (auto at = last.begin(); at != last.end() - static_cast<std::ptrdiff_t>(waiting); ++at)
      if (at->stack == which) file->append(*at);
  }

  /// Where each scan has a grid of its own, they are not kept for ever.
  void forget() {
    const auto inside = hdf5::enter();
    file.reset();
    stacks = {};
    last.clear();
    waiting = 0;
  }

  void write() {
    while (waiting > 0) {
      const Scan& next = *(last.end() - static_cast<std::ptrdiff_t>(waiting));
      if (!file || next.stack != stack || file->rows() >= 2 * most_scans) begin(next.stack);
      file->append(next);
      --waiting;
    }
  }
};

LiveView::LiveView(std::string path) : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  const auto inside = hdf5::enter();
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(state_->path, ignored)) &&
      !is_ours(state_->path))
    throw Error(Cause::cannot_create, printable(state_->path) +
                                          ": there is a file that is no live view; another name is "
                                          "expected");
}

LiveView::~LiveView() {
  const auto inside = hdf5::enter();
  ::unlink(Aside::name_of(state_->path).c_str());  // of one that could not be begun
  if (!state_->file) return;
  state_->file.reset();
  ::unlink(state_->path.c_str());
}

void LiveView::add(std::int64_t sequence, const record::Measurement& scan) {
  if (state_->stacks.all().size() >= most_grids) state_->forget();
  const auto stacks = state_->stacks.of(scan.technique + '\n' + scan.edge, scan.arrays);
  if (stacks.empty()) return;
  Scan row{sequence, stacks.front(), {}};
  for (const auto& signal : state_->stacks.all()[row.stack].signals)
    row.arrays[signal.name] = scan.arrays.at(signal.name).data;
  state_->last.push_back(std::move(row));
  state_->waiting = std::min(state_->waiting + 1, most_scans);
  if (state_->last.size() > most_scans) state_->last.pop_front();
  catch_up();
}

void LiveView::catch_up() {
  if (state_->waiting == 0 || monotonic_seconds() < state_->rests_until) return;
  const auto inside = hdf5::enter();
  const double before = monotonic_seconds();
  state_->write();
  const double now = monotonic_seconds();
  state_->rests_until = now + 9 * (now - before);
}

}  // namespace twin::store
