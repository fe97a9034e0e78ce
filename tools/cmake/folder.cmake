# eid_folder(NAME [FOLDERS <sub-folder>...] [BELOW <folder>...] [WRAPS <library>...])
#
# The library eid_NAME of all .c files in the folder and in the named sub-folders. BELOW: the folders
# whose headers its headers may include; WRAPS: third-party libraries that only its .c files see.
# A folder without a .c file is a library of headers.
function(eid_folder name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;BELOW;WRAPS")
    set(globs "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
    foreach(sub ${arg_FOLDERS})
        list(APPEND globs "${CMAKE_CURRENT_SOURCE_DIR}/${sub}/*.c")
    endforeach()
    file(GLOB sources CONFIGURE_DEPENDS ${globs})
    list(TRANSFORM arg_BELOW PREPEND eid_)
    if(sources)
        add_library(eid_${name} STATIC ${sources})
        target_link_libraries(eid_${name} PUBLIC ${arg_BELOW} PRIVATE eid_options ${arg_WRAPS})
        set_property(GLOBAL APPEND PROPERTY EID_LIBRARIES eid_${name})
        set_property(GLOBAL APPEND PROPERTY EID_WRAPS ${arg_WRAPS})
    else()
        add_library(eid_${name} INTERFACE)
        target_link_libraries(eid_${name} INTERFACE ${arg_BELOW})
    endif()
    set_property(GLOBAL PROPERTY EID_WRAPS_${name} ${arg_WRAPS})
endfunction()
