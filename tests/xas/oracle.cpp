// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/oracle.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "measured_data.h"

namespace oracle {

namespace {

std::string gunzip(const std::string& file) {
  FILE* pipe = popen(("gzip -dc '" + file + "'").c_str(), "r");
  if (!pipe) throw std::runtime_error("gzip");
  std::string text;
  std::array<char, 65536> part{};
  for (std::size_t n; (n = fread(part.data(), 1, part.size(), pipe)) > 0;)
    text.append(part.data(), n);
  pclose(pipe);
  return text;
}

Eigen::MatrixXd table(const std::string& text) {
  std::vector<std::vector<double>> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::vector<double> row;
    for (std::string word; words >> word;) row.push_back(std::strtod(word.c_str(), nullptr));
    rows.push_back(row);
  }
  Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()),
                      static_cast<Eigen::Index>(rows.empty() ? 0 : rows[0].size()));
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index j = 0; j < out.cols(); ++j)
      out(i, j) = rows[static_cast<std::size_t>(i)].at(static_cast<std::size_t>(j));
  return out;
}

std::string slurp(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::optional<std::string> folder() {
  const std::string at = (twin::measured_data() / "xas").string();
  if (!std::filesystem::exists(at + "/oracle.json")) return {};
  return at;
}

const nlohmann::json& answers() {
  static const nlohmann::json all = nlohmann::json::parse(slurp(*folder() + "/oracle.json"));
  return all;
}

Eigen::MatrixXd curve(const std::string& spectrum, const std::string& kind) {
  std::string name = spectrum;
  for (const std::string& mark : {std::string("::"), std::string("/")})
    for (std::size_t at; (at = name.find(mark)) != std::string::npos;)
      name.replace(at, mark.size(), "__");
  const std::string file = *folder() + "/oracle_arrays/" + name + "." + kind + ".txt.gz";
  if (!std::filesystem::exists(file)) return {};
  return table(gunzip(file));
}

twin::xas::ScatteringPath path(const std::string& file) {
  std::istringstream in(slurp(*folder() + "/" + file));
  twin::xas::ScatteringPath out;
  std::string line, columns;
  bool geometry = false, data = false;
  while (std::getline(in, line)) {
    if (line.find("nleg, deg, reff") != std::string::npos) {
      const std::size_t from = line.find_first_not_of("# ");
      std::istringstream(line.substr(from)) >> out.legs >> out.degeneracy >> out.reff;
      geometry = true;
    } else if (geometry && line.find("real[2*phc]") != std::string::npos) {
      data = true;
    } else if (data) {
      columns += line + "\n";
    }
  }
  const Eigen::MatrixXd all = table(columns);
  if (all.cols() < 7) throw std::runtime_error(file + ": no columns");
  out.name = file;
  out.k = all.col(0);
  out.phc = all.col(1);
  out.mag = all.col(2);
  out.phase = all.col(3);
  out.reduction = all.col(4);
  out.lambda = all.col(5);
  out.rep = all.col(6);
  return out;
}

twin::record::AutobkSettings autobk() {
  twin::record::AutobkSettings settings;
  settings.kweight = 2;
  return settings;
}

}  // namespace oracle
