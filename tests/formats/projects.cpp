// SPDX-License-Identifier: GPL-3.0-or-later
#include "projects.h"

#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/text.h"

namespace twin::formats {

namespace {

std::string list(const std::vector<double>& values, char quote) {
  std::string out;
  for (const double value : values)
    out += (out.empty() ? "" : ",") + (quote + shortest(value) + quote);
  return out;
}

nlohmann::json oracle(const std::filesystem::path& folder) {
  return nlohmann::json::parse(read_file((folder / "oracle.json").string()));
}

}  // namespace

std::string perl_project(const std::vector<MadeGroup>& groups) {
  std::string out = "# Athena project file -- Demeter version 0.9.24\n# made up\n\n";
  for (const auto& group : groups) {
    out += "$old_group = '" + group.name + "';\n@args = (";
    for (const auto& [key, value] : group.arguments) out += "'" + key + "','" + value + "',";
    out += "'titles',['made up','it\\'s no measurement']);\n@x = (" + list(group.x, '\'') +
           ");\n@y = (" + list(group.y, '\'') + ");\n";
    for (const auto& [name, values] : group.others)
      out += "@" + name + " = (" + list(values, '\'') + ");\n";
    out += "[record]   # create object and set arrays in ifeffit\n\n";
  }
  return out + "@journal = ('made up');\n\n1;\n\n# Local Variables:\n# End:\n";
}

std::string json_project(const std::vector<MadeGroup>& groups) {
  std::string out = "{\"_____header1\": \"# Athena project file -- Demeter version 0.9.26\",\n\n",
              order;
  for (const auto& group : groups) {
    nlohmann::json arguments = group.arguments;
    arguments["titles"] = {"made up"};
    out += "\"" + group.name + "\": {\n \"args\": " + arguments.dump() + ",\n \"x\": [" +
           list(group.x, '"') + "],\n \"y\": [" + list(group.y, '"') + "]";
    for (const auto& [name, values] : group.others)
      out += ",\n \"" + name + "\": [" + list(values, '"') + "]";
    out += "\n},\n";
    order += (order.empty() ? "\"" : ",\"") + group.name + "\"";
  }
  return out + "\"_____journal\": [],\n\"_____order\": [" + order + "]\n}\n";
}

std::map<std::string, KnownSpectrum> oracle_spectra(const std::filesystem::path& folder) {
  std::map<std::string, KnownSpectrum> out;
  const auto document = oracle(folder);
  for (const auto& [key, entry] : document.at("spectra").items())
    if (key.find(".prj::") != std::string::npos)
      out[key] = {entry.at("npts").get<std::size_t>(), entry.at("emin").get<double>(),
                  entry.at("emax").get<double>()};
  return out;
}

std::map<std::string, std::map<std::string, double>> oracle_stored(
    const std::filesystem::path& folder) {
  return oracle(folder).at("lcf_cyanobacteria").at("prj_params");
}

std::string larch_name(const std::string& label) {
  std::string out = label.substr(0, 1).find_first_of("0123456789") == 0 ? "d_" + label : "";
  if (out.empty()) out = label;
  std::string name;
  for (const char c : out) {
    const char plain = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    if (plain != '_' || name.empty() || name.back() != '_') name += plain;
  }
  return name;
}

}  // namespace twin::formats
