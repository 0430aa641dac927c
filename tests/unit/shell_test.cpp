// SPDX-License-Identifier: Apache-2.0
#include "core/shell.hpp"

#include <catch2/catch.hpp>

namespace serin::test {

TEST_CASE("a word in quotes holds anything and nothing in it is a command") {
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("plain") == "'plain'");
    CHECK(shell_quoted("$(id) `id` \\ \"x\" !x *\n") == "'$(id) `id` \\ \"x\" !x *\n'");
    CHECK(shell_quoted("it's") == R"('it'\''s')");
    CHECK(shell_quoted("'") == R"(''\''')");
}

TEST_CASE("a command is printed so that a shell reads it back") {
    CHECK(shell_words({"serin", "run", "a.yaml", "--only", "sender=a receiver=b"}) ==
          "serin run a.yaml --only 'sender=a receiver=b'");
    CHECK(shell_words({"--set", "name=it's; rm -rf $HOME"}) == R"(--set 'name=it'\''s; rm -rf $HOME')");
    CHECK(shell_words({""}) == "''");
}

}  // namespace serin::test
