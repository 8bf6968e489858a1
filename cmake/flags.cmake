# SPDX-License-Identifier: GPL-3.0-or-later
# What every file of the project is compiled with.
add_library(twinline_flags INTERFACE)
target_compile_options(twinline_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
target_include_directories(twinline_flags INTERFACE ${PROJECT_SOURCE_DIR}/lib)
target_compile_definitions(twinline_flags INTERFACE TWINLINE_VERSION="${PROJECT_VERSION}")
if(TWINLINE_WERROR)
  target_compile_options(twinline_flags INTERFACE -Werror)
endif()
if(TWINLINE_SANITIZE)
  # In every object, so that no library is left without: set globally.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(TWINLINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Where most of a build from nothing goes: the same few headers in hundreds of small files.
function(precompile target)
  if(TWINLINE_PCH)
    target_precompile_headers(${target} PRIVATE <algorithm> <cmath> <functional> <map> <memory> <optional> <sstream>
      <string> <vector> ${ARGN})
  endif()
endfunction()
