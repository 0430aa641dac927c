// SPDX-License-Identifier: Apache-2.0
#include "core/names.hpp"

#include <catch2/catch.hpp>

namespace serin::test {

TEST_CASE("a slip of the keys is answered with the word that was meant") {
    const std::vector<std::string> keys{"expect", "timeout", "match", "save", "as"};
    CHECK(nearest("expct", keys) == "expect");
    CHECK(nearest("timeuot", keys) == "timeout");  // neighbours swapped: one slip
    CHECK(nearest("amtch", keys) == "match");
    CHECK(nearest("saves", keys) == "save");
}

TEST_CASE("a word that is too far from all others is not guessed at") {
    const std::vector<std::string> keys{"expect", "timeout", "as"};
    CHECK(nearest("schedule", keys).empty());
    CHECK(nearest("x", keys).empty());
    CHECK(nearest("", keys).empty());
    CHECK(nearest("if", keys).empty());
    CHECK(nearest(std::string(10'000, 'a'), {std::string(10'000, 'a')}).empty());
}

TEST_CASE("the nearest of several wins, the first of equals") {
    CHECK(nearest("stat", {"state", "start", "stats"}) == "state");
    CHECK(nearest("starts", {"state", "start"}) == "start");
}

TEST_CASE("did_you_mean lists what there is when nothing is near") {
    CHECK(did_you_mean("expct", {"expect", "save"}, "keys") == "did you mean `expect`?");
    CHECK(did_you_mean("zzz", {"expect", "save"}, "keys") == "known keys: expect, save");
    CHECK(did_you_mean("zzz", {}, "actors") == "known actors: none");
}

TEST_CASE("UTF-8 is valid only without overlong forms, surrogates and stray bytes") {
    CHECK(valid_utf8(""));
    CHECK(valid_utf8("aé€😀"));
    CHECK_FALSE(valid_utf8("\xC0\x80"));          // overlong NUL
    CHECK_FALSE(valid_utf8("\xE0\x80\x80"));      // overlong
    CHECK_FALSE(valid_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_FALSE(valid_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
    CHECK_FALSE(valid_utf8("\x80"));
    CHECK_FALSE(valid_utf8("a\xE2\x82"));  // cut off
}

TEST_CASE("clipping keeps characters whole and says how much there was") {
    CHECK(clipped("short", 10) == "short");
    CHECK(clipped("exact", 5) == "exact");
    CHECK(clipped("abcdef", 3) == "abc… (6 bytes)");
    CHECK(clipped("aé", 2) == "a… (3 bytes)");
    CHECK(clipped("€", 0) == "… (3 bytes)");
}

}  // namespace serin::test
