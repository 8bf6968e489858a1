// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/load_model.h"

#include "atoms/crystal.h"
#include "formats/cif.h"
#include "stream/documents.h"

namespace twin::app {

record::Model load_model(const std::string& path) {
  record::Model model = stream::read_model(path);
  record::Structure& structure = model.structure;
  if (structure.cif.empty() || !structure.sites.empty()) return model;
  const double given = structure.a;
  atoms::put_cell(formats::read_cif(structure.cif), structure);
  if (given > 0) structure.a = given;
  return model;
}

}  // namespace twin::app
