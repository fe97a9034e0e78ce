# Third-party libraries as eid::<name>; their headers are system headers.
#
# The pinned ones come from the prefix that tools/deps/build makes, the others from the system.

set(EID_DEPS_PREFIX "${CMAKE_SOURCE_DIR}/build/deps/prefix" CACHE PATH "made by tools/deps/build")
if(NOT EXISTS "${EID_DEPS_PREFIX}/include/ngtcp2/ngtcp2.h")
    message(FATAL_ERROR "no libraries in ${EID_DEPS_PREFIX}: run tools/deps/build first")
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# eid_pinned(NAME ARCHIVE...): archives of the prefix, in link order.
function(eid_pinned name)
    add_library(eid_dep_${name} INTERFACE)
    add_library(eid::${name} ALIAS eid_dep_${name})
    target_include_directories(eid_dep_${name} SYSTEM INTERFACE "${EID_DEPS_PREFIX}/include")
    foreach(archive ${ARGN})
        target_link_libraries(eid_dep_${name} INTERFACE "${EID_DEPS_PREFIX}/lib/${archive}")
    endforeach()
endfunction()

# eid_system(NAME MODULE): a library of the system, known to pkg-config.
function(eid_system name module)
    pkg_check_modules(EID_${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
    add_library(eid::${name} ALIAS PkgConfig::EID_${name})
endfunction()

eid_pinned(blake3 libblake3.a)
eid_pinned(wolfssl libwolfssl.a)
eid_pinned(ngtcp2 libngtcp2_crypto_wolfssl.a libngtcp2.a)
target_link_libraries(eid_dep_wolfssl INTERFACE m Threads::Threads)
target_link_libraries(eid_dep_ngtcp2 INTERFACE eid::wolfssl)

# wolfSSL's structs depend on its options, so every file that includes a wolfSSL header has them first.
target_compile_options(eid_dep_wolfssl INTERFACE -DWOLFSSL_OPTIONS_IGNORE_SYS
    "SHELL:-include \"${EID_DEPS_PREFIX}/include/wolfssl/options.h\"")

eid_system(sodium libsodium)
eid_system(argon2 libargon2)
eid_system(rocksdb rocksdb)
eid_system(jansson jansson)
eid_system(cmocka cmocka)

# libev comes without a pkg-config file.
find_path(EID_EV_INCLUDE ev.h REQUIRED)
find_library(EID_EV_LIBRARY ev REQUIRED)
add_library(eid_dep_ev INTERFACE)
add_library(eid::ev ALIAS eid_dep_ev)
target_include_directories(eid_dep_ev SYSTEM INTERFACE "${EID_EV_INCLUDE}")
target_link_libraries(eid_dep_ev INTERFACE "${EID_EV_LIBRARY}" m)
