# SPDX-License-Identifier: Apache-2.0
# The compiler, the language and the warnings, as the interface target serin_options that every room links.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    message(FATAL_ERROR
        "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles Serin: it destroys aggregate and capturing-lambda temporaries twice when they "
        "stand in a statement with co_await (double frees and wrong values, without a warning).\n"
        "Use Clang 19: `./dev build`, or `cmake --preset release`, or -DCMAKE_CXX_COMPILER=clang++-19.")
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
    message(FATAL_ERROR "Clang ${CMAKE_CXX_COMPILER_VERSION} lacks parts of C++23 that Serin uses; Clang 19 is what it is tested with.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(serin_options INTERFACE)
target_include_directories(serin_options INTERFACE "${CMAKE_SOURCE_DIR}")

# Warnings are errors. Beyond -Wall -Wextra:
#   -Wnon-virtual-dtor -Woverloaded-virtual  a seam deleted through its base, or hidden by a look-alike
#   -Wshadow-uncaptured-local                a lambda parameter that hides what the author thought to capture
#   -Wextra-semi -Wredundant-move            noise that a reader stops at
#   -Wimplicit-fallthrough                   a switch over verdicts must not run on by accident
target_compile_options(serin_options INTERFACE
    -Wall -Wextra -Werror -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough -Wredundant-move
    $<$<CXX_COMPILER_ID:Clang>:-Wshadow-uncaptured-local>)

# -O2 suffices: the time of a prober goes into the kernel, TLS and waiting.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SERIN_SANITIZE)
    # Serin reads what strangers send: keep the bounds checks of libstdc++ and libc, their cost is not measurable here.
    target_compile_options(serin_options INTERFACE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
        -ffunction-sections -fdata-sections)
    # A cold `serin run` is mostly the dynamic linker's work on libcurl's 30 libraries: bring no more. Binding at once (which
    # keeps the tables read-only afterwards) costs no measurable time more than lazy binding does.
    target_link_options(serin_options INTERFACE -static-libstdc++ -static-libgcc
        -Wl,--as-needed -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,-O1)
    set(SERIN_STATIC_LIBRARIES ON)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    find_program(SERIN_LLD NAMES ld.lld-19 ld.lld)
    if(SERIN_LLD)
        target_link_options(serin_options INTERFACE "--ld-path=${SERIN_LLD}")
    endif()
endif()

if(SERIN_SANITIZE)
    target_compile_options(serin_options INTERFACE -fsanitize=${SERIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(serin_options INTERFACE -fsanitize=${SERIN_SANITIZE})
endif()

find_program(SERIN_CCACHE ccache)
if(SERIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${SERIN_CCACHE}")
endif()
