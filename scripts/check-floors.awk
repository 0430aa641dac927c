# SPDX-License-Identifier: Apache-2.0
# The rules of scripts/check-floors, over files named from the repository's root. Exits 1 when one is broken.

function may(room, floors) { split(floors, list, " "); for (i in list) allowed[room, list[i]] = 1 }

BEGIN {
    may("core", "core")
    may("net", "core net")
    may("probes", "core net probes")
    may("standins", "core net standins")
    may("scenarios", "core net probes scenarios")
    may("reports", "core net probes scenarios reports")
    may("runner", "core net probes standins scenarios reports runner")

    # A header that shows only types that cost nothing to include, and start no operation.
    vocabulary["boost/asio/awaitable.hpp"] = vocabulary["boost/asio/any_io_executor.hpp"] = 1
    for_templates["scenarios/language/expression.hpp"] = for_templates["scenarios/language/evaluator.hpp"] = 1
    for_templates["scenarios/language/names.hpp"] = 1

    heavy["nlohmann/json.hpp"] = heavy["yaml-cpp/yaml.h"] = heavy["cxxopts.hpp"] = heavy["lua.hpp"] = 1
    heavy["curl/curl.h"] = heavy["sqlite3.h"] = 1
}

function breach(words) {
    print FILENAME ":" FNR ": " words
    broken = 1
}

function from_root(path,    parts, room) {
    split(path, parts, "/")
    room = parts[1]
    if (path == "build_facts.hpp") return  # generated, see cmake/BuildFacts.cmake
    if (!((room, room) in allowed)) {
        breach("\"" path "\": name an include from the root of the repository")
    } else if (!((here, room) in allowed)) {
        breach(here " may not include " room ": \"" path "\" is above it or beside it")
    } else if (here == "reports" && room == "scenarios" && !(path in for_templates)) {
        breach("of scenarios, reports may include only the expression engine, not \"" path "\"")
    } else if (in_language && room == "scenarios" && parts[2] == "engine") {
        breach("language may not include engine: \"" path "\"")
    } else if (in_language && room != "core" && room != "scenarios") {
        breach("language may not include " room ": it reads and checks, and touches nothing: \"" path "\"")
    }
}

function from_system(path) {
    if (path ~ /^boost\/(asio|beast)/ && here != "net" && !(path in vocabulary))
        breach("<" path ">: only net/ starts Asio or Beast operations")
    if (path in heavy && FILENAME ~ /\.hpp$/)
        breach("<" path "> belongs in a .cpp file: every includer would pay for it")
    if ((path ~ /^yaml-cpp\// || path ~ /^lua/) && !in_language) breach("<" path ">: only scenarios/language speaks YAML and Lua")
    if (path == "cxxopts.hpp" && here != "runner") breach("<" path ">: only runner reads the command line")
    if (path == "sqlite3.h" && FILENAME !~ /^reports\/store\//) breach("<" path ">: only reports/store speaks SQL")
    if (path ~ /^date\// && FILENAME !~ /^runner\/schedule\//) breach("<" path ">: only runner/schedule knows time zones")
    if (path ~ /^spdlog\// && FILENAME !~ /^runner\/serve\//) breach("<" path ">: only runner/serve writes a log")
    if (path ~ /^curl\// && here != "net" && here != "probes") breach("<" path ">: only net and probes know libcurl")
}

FNR == 1 {
    split(FILENAME, place, "/")
    here = place[1]
    in_language = FILENAME ~ /^scenarios\/language\//
}
/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, quoted, "\""); from_root(quoted[2]) }
/^[ \t]*#[ \t]*include[ \t]*</ { match($0, /<[^>]*>/); from_system(substr($0, RSTART + 1, RLENGTH - 2)) }
END { exit broken }
