# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all from Debian packages (scripts/packages.txt); nothing is vendored or downloaded.
# Libraries that Debian ships as archives are linked statically into a release, for a quick start.

find_package(Boost 1.81 REQUIRED CONFIG)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(cxxopts 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)

# serin_library(TARGET NAME… [HEADER h] [SUFFIX dir]): a library that has no CMake package, or one without a static target.
function(serin_library TARGET)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;SUFFIX" "NAMES")
    set(names ${arg_NAMES})
    if(SERIN_STATIC_LIBRARIES)
        list(TRANSFORM names PREPEND "lib")
        list(TRANSFORM names APPEND ".a")
        list(APPEND names ${arg_NAMES})  # a distribution without the archive links the shared library
    endif()
    find_library(${TARGET}_LIBRARY NAMES ${names} REQUIRED)
    find_path(${TARGET}_INCLUDE NAMES "${arg_HEADER}" PATH_SUFFIXES ${arg_SUFFIX} REQUIRED)
    add_library(${TARGET} INTERFACE)
    target_link_libraries(${TARGET} INTERFACE "${${TARGET}_LIBRARY}")
    target_include_directories(${TARGET} SYSTEM INTERFACE "${${TARGET}_INCLUDE}")
endfunction()

serin_library(serin_yaml NAMES yaml-cpp HEADER yaml-cpp/yaml.h)
serin_library(serin_re2 NAMES re2 HEADER re2/re2.h)
serin_library(serin_sqlite NAMES sqlite3 HEADER sqlite3.h)
serin_library(serin_date_tz NAMES date-tz HEADER date/tz.h)
# The C++ build of Lua: its errors unwind, where those of the C build jump over destructors.
serin_library(serin_lua NAMES lua5.4-c++ HEADER lua.hpp SUFFIX lua5.4)

# net/asio_impl.cpp holds the compiled parts of Asio and Beast once, instead of every file that includes them.
target_compile_definitions(serin_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    # Coroutine frames need no alignment beyond that of operator new, and glibc's aligned allocation is slow.
    BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
target_link_libraries(serin_options INTERFACE Boost::headers fmt::fmt-header-only Threads::Threads)

# Used header-only, over the same header-only fmt as everything else; Debian's target would link the shared one beside it.
add_library(serin_spdlog INTERFACE)
target_compile_definitions(serin_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_include_directories(serin_spdlog SYSTEM INTERFACE
    "$<TARGET_PROPERTY:spdlog::spdlog_header_only,INTERFACE_INCLUDE_DIRECTORIES>")
