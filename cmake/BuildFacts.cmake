# SPDX-License-Identifier: Apache-2.0
# serin_build_facts(TARGET): gives TARGET the generated header "build_facts.hpp", for `serin --version` and bug reports.
# The commit is read when CMake configures, and git's own log of HEAD is a dependency, so that a new commit configures anew.

function(serin_build_facts TARGET)
    set(commit "$ENV{SERIN_COMMIT}")  # a build without .git, as in the container image, is told
    find_package(Git QUIET)
    if(NOT commit AND Git_FOUND AND EXISTS "${CMAKE_SOURCE_DIR}/.git")
        execute_process(COMMAND "${GIT_EXECUTABLE}" describe --always --dirty --abbrev=12 --exclude=*
            WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --git-path logs/HEAD
            WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE head_log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        cmake_path(ABSOLUTE_PATH head_log BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
        if(EXISTS "${head_log}")
            set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${head_log}")
        endif()
    endif()
    if(NOT commit)
        set(commit "unknown")
    endif()
    find_program(SERIN_PKG_CONFIG NAMES pkg-config pkgconf)
    foreach(library yaml-cpp lua5.4-c++ libcurl openssl)
        string(MAKE_C_IDENTIFIER "${library}" name)
        set(${name} "unknown")
        if(SERIN_PKG_CONFIG)
            execute_process(COMMAND "${SERIN_PKG_CONFIG}" --modversion "${library}" OUTPUT_VARIABLE found
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
            if(status EQUAL 0)
                set(${name} "${found}")
            endif()
        endif()
    endforeach()
    configure_file("${CMAKE_SOURCE_DIR}/cmake/build_facts.hpp.in" "${CMAKE_BINARY_DIR}/generated/build_facts.hpp" @ONLY)
    target_include_directories(${TARGET} PUBLIC "${CMAKE_BINARY_DIR}/generated")
endfunction()
