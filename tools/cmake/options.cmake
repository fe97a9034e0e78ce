# How all of our own code is compiled and linked: eid_options.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(eid_options INTERFACE)
target_include_directories(eid_options INTERFACE "${CMAKE_SOURCE_DIR}"
    "${CMAKE_BINARY_DIR}/generated")
target_compile_definitions(eid_options INTERFACE _GNU_SOURCE)
# Not -Wnull-dereference: gcc 12 cannot see that a status other than EID_OK leaves no object behind.
target_compile_options(eid_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wvla
    -Walloca -Wswitch-enum -Wimplicit-fallthrough -Wdouble-promotion -Werror
    # Clang's -Wconversion would forbid EID_ASSERT(!"what happened").
    $<$<C_COMPILER_ID:Clang>:-Wno-string-conversion>
    -ffunction-sections -fdata-sections)
# Lets a test of one folder link without the other folders that an unused part would need.
target_link_options(eid_options INTERFACE -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)

# Half of a build is linking tests; gold, of the same binutils, takes an eighth of ld's time.
include(CheckLinkerFlag)
check_linker_flag(C -fuse-ld=gold EID_HAS_GOLD)
if(EID_HAS_GOLD)
    target_link_options(eid_options INTERFACE -fuse-ld=gold)
endif()

if(EID_SANITIZE)
    target_compile_options(eid_options INTERFACE -fsanitize=${EID_SANITIZE}
        -fno-sanitize-recover=all)
    target_link_options(eid_options INTERFACE -fsanitize=${EID_SANITIZE})
endif()
if(EID_FUZZ)
    target_compile_options(eid_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
