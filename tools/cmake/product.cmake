# What is installed: libeidetica (shared, static), its header, pkg-config file, and the program.

# The objects of all folders; third-party archives go in, for they are not on the user's machine.
get_property(libraries GLOBAL PROPERTY EID_LIBRARIES)
get_property(wraps GLOBAL PROPERTY EID_WRAPS)
list(REMOVE_DUPLICATES wraps)
list(TRANSFORM libraries REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)

file(GLOB api CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/node/eidetica.h")
if(api AND objects AND NOT EID_FUZZ)
    add_library(eidetica_shared SHARED ${objects})
    target_link_libraries(eidetica_shared PRIVATE eid_options ${wraps})
    target_link_options(eidetica_shared PRIVATE -Wl,--exclude-libs,ALL)
    if(NOT EID_SANITIZE)
        target_link_options(eidetica_shared PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(eidetica_shared PROPERTIES OUTPUT_NAME eidetica LINKER_LANGUAGE C
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

    add_library(eidetica_static STATIC ${objects})
    set_target_properties(eidetica_static PROPERTIES OUTPUT_NAME eidetica LINKER_LANGUAGE C)
    # Paths from the build folder, where the command runs: ar cannot quote a space.
    file(RELATIVE_PATH deps "${CMAKE_BINARY_DIR}" "${EID_DEPS_PREFIX}/lib")
    file(WRITE "${CMAKE_BINARY_DIR}/libeidetica.mri" "create libeidetica-all.a
addlib libeidetica.a
addlib ${deps}/libblake3.a
addlib ${deps}/libngtcp2_crypto_wolfssl.a
addlib ${deps}/libngtcp2.a
addlib ${deps}/libwolfssl.a
save
")
    add_custom_command(TARGET eidetica_static POST_BUILD
        COMMAND ${CMAKE_AR} -M < libeidetica.mri
        COMMAND ${CMAKE_COMMAND} -E rename libeidetica-all.a libeidetica.a)

    configure_file(tools/cmake/eidetica.pc.in "${CMAKE_BINARY_DIR}/eidetica.pc" @ONLY)
    install(TARGETS eidetica_shared eidetica_static)
    install(FILES node/eidetica.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(FILES "${CMAKE_BINARY_DIR}/eidetica.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()

# The program. All but main.c is a library of its own, so that tests can call it.
file(GLOB cli_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/node/cli/*.c")
set(cli_main "${CMAKE_SOURCE_DIR}/node/cli/main.c")
if(cli_main IN_LIST cli_sources AND NOT EID_FUZZ)
    set(cli_has_main ON)
endif()
list(REMOVE_ITEM cli_sources "${cli_main}")
if(cli_sources)
    add_library(eid_cli STATIC ${cli_sources})
    target_link_libraries(eid_cli PUBLIC eid_node PRIVATE eid_options eid::jansson)
endif()
if(cli_has_main)
    add_executable(eidetica node/cli/main.c)
    target_link_libraries(eidetica PRIVATE eid_options eid_node $<TARGET_NAME_IF_EXISTS:eid_cli>)
    set_target_properties(eidetica PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
    install(TARGETS eidetica)
endif()
