// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/load_model.h"

#include "atoms/complex.h"
#include "atoms/crystal.h"
#include "formats/cif.h"
#include "formats/lammps_data.h"
#include "stream/documents.h"

namespace twin::app {

namespace {

atoms::Structure source_of(const record::Structure& structure) {
  if (!structure.cif.empty()) return formats::read_cif(structure.cif);
  if (!structure.data.empty()) return formats::read_lammps_data(structure.data);
  return atoms::build_complex(structure.complex);
}

void read_sites(record::Structure& structure) {
  if (!structure.unread()) return;
  const double given = structure.a;
  atoms::put_cell(source_of(structure), structure);
  if (given > 0) structure.a = given;
}

}  // namespace

record::Model load_model(const std::string& path) {
  record::Model model = stream::read_model(path);
  read_sites(model.structure);
  for (record::Alternative& one : model.alternatives) read_sites(one.structure);
  for (record::Phase& one : model.phases) read_sites(one.structure);
  return model;
}

}  // namespace twin::app
