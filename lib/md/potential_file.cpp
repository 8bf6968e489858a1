// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potential_file.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "atoms/element.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace twin::md {

namespace {

constexpr std::size_t largest_file = 64U << 20;
constexpr double largest_table = 1e7;

/// A file word by word, as LAMMPS reads it: without what follows a #.
class Reader {
 public:
  Reader(std::string_view text, std::string where) : rest_(text), where_(std::move(where)) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Cause::data, where_ + ":" + std::to_string(line_) + ": " + what);
  }

  /// The words of the next line that has any.
  std::vector<std::string> line(const std::string& expected) {
    while (!rest_.empty()) {
      const auto found = words(raw_line());
      if (!found.empty()) return {found.begin(), found.end()};
    }
    fail("the file ends where " + expected + " should be: it is truncated");
  }

  void skip() {
    if (rest_.empty()) fail("the file ends in its title: it is truncated");
    raw_line();
  }

  /// So many numbers, on as many lines as they take.
  void numbers(double wanted, const std::string& what) {
    double count = 0;
    while (count < wanted && !rest_.empty())
      for (const auto word : words(raw_line())) {
        const auto value = parse_double(word);
        if (!value || !std::isfinite(*value))
          fail("'" + printable(word.substr(0, 40)) + "'; expected a number of " + what);
        ++count;
      }
    if (count < wanted)
      fail("the file ends after " + shortest(count) + " of " + shortest(wanted) + " numbers of " +
           what + ": it is truncated");
  }

 private:
  std::string_view raw_line() {
    const auto end = rest_.find('\n');
    const auto text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
    return text.substr(0, text.find('#'));
  }

  std::string_view rest_;
  std::string where_;
  int line_ = 0;
};

/// Numbers of rho and of r.
std::pair<double, double> table_sizes(Reader& reader) {
  const std::string what = "Nrho, drho, Nr, dr and the cut-off";
  const auto found = reader.line(what);
  std::vector<double> values;
  for (const auto& word : found)
    if (const auto value = parse_double(word); value && std::isfinite(*value) && *value > 0)
      values.push_back(*value);
  const auto is_size = [](double n) { return n >= 2 && n <= largest_table && n == std::floor(n); };
  if (values.size() < 5 || !is_size(values[0]) || !is_size(values[2]))
    reader.fail("'" + printable(join(found, " ").substr(0, 80)) + "'; expected " + what);
  return {values[0], values[2]};
}

/// S.M. Foiles' single-element file: title; Z, mass, lattice; sizes; F, Z(r), rho(r).
void check_funcfl(const std::string& element, Reader& reader) {
  reader.skip();
  const auto found = reader.line("the atomic number");
  const auto z = parse_integer(found.front());
  if (z != atoms::atomic_number(element))
    reader.fail("atomic number '" + printable(found.front().substr(0, 40)) + "'; expected " +
                std::to_string(atoms::atomic_number(element)) + ", " + element);
  const auto [rho, r] = table_sizes(reader);
  reader.numbers(rho + 2 * r, "its three functions");
}

/// Three lines of title; elements; sizes; of each element a line, F and rho(r); r φ of each pair.
void check_setfl(const std::vector<std::string>& wanted, Reader& reader) {
  for (int i = 0; i < 3; ++i) reader.skip();
  auto elements = reader.line("the elements");
  const auto count = parse_integer(elements.front());
  elements.erase(elements.begin());
  if (!count || *count != static_cast<long long>(elements.size()) || elements.empty())
    reader.fail("expected the number of elements and their names");
  for (const std::string& element : wanted)
    if (std::ranges::find(elements, element) == elements.end())
      reader.fail("it is of " + printable(join(elements, ", ").substr(0, 80)) + "; expected " +
                  element);
  const auto [rho, r] = table_sizes(reader);
  for (const auto& one : elements) {
    reader.line("the mass of " + printable(one));
    reader.numbers(rho + r, "the functions of " + printable(one));
  }
  const auto n = static_cast<double>(elements.size());
  reader.numbers(n * (n + 1) / 2 * r, "its pair functions");
}

}  // namespace

void check_potential_file(const Potential& potential, std::string_view text,
                          const std::string& where) {
  if (trim(text).empty())
    throw Error(Cause::data, where + ": empty; expected an embedded-atom potential of " +
                                 join(potential.elements, ", "));
  Reader reader(text, where);
  if (potential.pair_style == "eam")
    check_funcfl(potential.elements.front(), reader);
  else
    check_setfl(potential.elements, reader);
}

std::string potential_file(const Potential& potential) {
  if (potential.file.empty()) return "";
  const std::string path = folder_of(potential) + "/" + potential.file;
  std::string text = read_file(path, largest_file);
  check_potential_file(potential, text, printable(path));
  return text;
}

}  // namespace twin::md
