// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "atoms/molecules.h"
#include "record/model.h"

namespace twin::app {

/// One cell of the crystal that FEFF's potentials are made for. Of a mixed crystal eight cells, in
/// which every other site of a substituted element has the other one, in their order: whatever the
/// fraction, so that χ depends on it by the crystal's atoms alone, and each element has the
/// potential that it has among both.
[[nodiscard]] record::Structure reference_crystal(const record::Model& model);

/// The molecules that the model's potential finds in a crystal; none without a potential that has
/// bonds. \throws as md::find_topology()
[[nodiscard]] std::vector<atoms::Molecule> molecules_in(const record::Model& model,
                                                        const record::Structure& crystal);

/// [species] Distances (Å) that the pair table of each species needs, around an absorber: from well
/// inside its nearest site to beyond \p rmax. Atoms of molecules come nearer and go farther than
/// their molecule's site by its size, and more where it moves.
[[nodiscard]] std::vector<std::vector<double>> table_distances(const record::Model& model,
                                                               int absorber, double rmax);

/// A sentence where atoms of molecules come nearer than rmax and are left out, because their
/// molecule's centre is farther; "" where none are.
[[nodiscard]] std::string left_out(const record::Model& model, int absorber);

}  // namespace twin::app
