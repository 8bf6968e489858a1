// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/read_trajectory.h"

namespace twin::sources {

/// H5MD read frame by frame by a child that can do no harm: see hdf5_child.h. The frames are
/// checked here as those of any file.
///
/// A reader may be used, and has to be gone, before the thread ends that opened it: see
/// process::Child. Its next() waits at most 60 s for a frame.
[[nodiscard]] formats::H5mdAccess h5md_contained();

}  // namespace twin::sources
