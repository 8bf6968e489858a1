// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

/// The little of HDF5 that this room needs, without its header: identifiers are std::int64_t.
namespace twin::store::hdf5 {

/// An identifier that is closed when this goes.
class Handle {
 public:
  using Close = int (*)(std::int64_t);
  Handle() = default;
  /// \throws Error{output} `id` is negative: \p what, and the top of HDF5's own error stack
  Handle(std::int64_t id, Close how, const std::string& what);
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;

  [[nodiscard]] std::int64_t get() const { return id_; }
  /// Closes now.  \throws Error{output} that failed: for a file, something was not written
  void close(const std::string& what);

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

/// Only one thread at a time may be in the library; it prints nothing while this is held.
[[nodiscard]] std::unique_lock<std::mutex> enter();

/// The deepest message of the library's error stack; "" when there is none.
[[nodiscard]] std::string why();

/// A new file; object times are left out of it, so that equal content gives equal bytes.
/// \param over  a file that is there is emptied; else that is an error
[[nodiscard]] Handle create_file(const std::string& path, bool over = false);

/// A group with its NX_class.
[[nodiscard]] Handle create_group(const Handle& parent, const std::string& name,
                                  const std::string& nx_class);

void set_text(const Handle& object, const std::string& name, const std::string& value);
void set_texts(const Handle& object, const std::string& name,
               const std::vector<std::string>& values);
void set_integer(const Handle& object, const std::string& name, std::int64_t value);

/// Data sets. \p shape in elements; more than 1 kB is chunked, shuffled and deflated (level 4).
void write_text(const Handle& parent, const std::string& name, const std::string& value);
void write_integers(const Handle& parent, const std::string& name,
                    std::span<const std::int64_t> values);
/// \p unit "" = none; \p long_name "" = none   \return the data set, for more attributes
Handle write_numbers(const Handle& parent, const std::string& name, std::span<const double> values,
                     const std::vector<std::size_t>& shape, const std::string& unit,
                     const std::string& long_name = "");

/// What rows are of: std::int64_t, double, const char*.
enum class Kind { integers, numbers, texts };

/// A data set of \p rows rows that put_rows() fills. Numbers of more than 1 kB are packed as above,
/// \p block rows together, or less: a block has to be put at once, else it is packed again.
/// \param row  shape of one row
void create_rows(const Handle& parent, const std::string& name, Kind kind, std::size_t rows,
                 const std::vector<std::size_t>& row, std::size_t block, const std::string& unit,
                 const std::string& long_name);

/// \p count rows from number \p first on.
void put_rows(const Handle& parent, const std::string& name, Kind kind, std::size_t first,
              std::size_t count, const std::vector<std::size_t>& row, const void* data);

[[nodiscard]] Handle open_set(const Handle& parent, const std::string& name);

}  // namespace twin::store::hdf5
