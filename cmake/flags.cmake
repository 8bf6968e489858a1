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

# Eight files of a target as one: a build from nothing takes less than half, for the same headers and templates are in all
# of them. Without it a missing #include is found, and one changed file costs less.
function(unite target)
  if(TWINLINE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # each .cpp looks like a header
    endif()
  endif()
endfunction()
