// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace serin::test {
namespace {

const std::string token = "s3cr3t/T0ken+42==";

Redactor knowing(std::string_view name, std::string value) {
    Redactor redactor;
    redactor.add(name, Secret(std::move(value)));
    return redactor;
}

}  // namespace

TEST_CASE("base64 encodes the test vectors of RFC 4648") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("url_escape keeps only the unreserved characters") {
    CHECK(url_escape("a-Z_0.9~") == "a-Z_0.9~");
    CHECK(url_escape("a b/c?d=\xc3\xa9") == "a%20b%2Fc%3Fd%3D%C3%A9");
}

TEST_CASE("a secret is replaced wherever it stands as it is") {
    const Redactor redactor = knowing("alice", token);
    CHECK(redactor.redact("Authorization: Bearer " + token) == "Authorization: Bearer [secret alice]");
    CHECK(redactor.redact(token) == "[secret alice]");
    CHECK(redactor.redact(token + token) == "[secret alice][secret alice]");
    CHECK(redactor.redact("x" + token + "y") == "x[secret alice]y");
    CHECK(redactor.redact("nothing to hide") == "nothing to hide");
}

TEST_CASE("the password of an HTTP Basic header is replaced at each base64 alignment") {
    const Redactor redactor = knowing("password", "correct horse");
    for (const std::string user : {"al:", "bob:", "carl:", "a:", ""}) {
        for (const std::string after : {"", "\n", "&x", "&xy"}) {
            std::string credentials = user;
            credentials.append("correct horse").append(after);
            const std::string redacted = redactor.redact("Basic " + base64(credentials));
            CAPTURE(user, after, redacted);
            CHECK(redacted.find("[secret password]") != std::string::npos);
            // What is left of the user and of what follows, but not one whole character of the password's own.
            CHECK(redacted.size() <= std::string("Basic [secret password]==").size() + base64(user + after).size());
        }
    }
    CHECK(redactor.redact("Basic " + base64("bob:correct horse")) == "Basic Ym9iO[secret password]=");
}

TEST_CASE("the URL alphabet of base64 is known too") {
    const Redactor redactor = knowing("key", "\xfb\xff\xfe\xfb\xff\xfe");
    CHECK(base64("\xfb\xff\xfe\xfb\xff\xfe") == "+//++//+");
    CHECK(redactor.redact("k=-__--__-;") == "k=[secret key];");
    CHECK(redactor.redact("k=+//++//+;") == "k=[secret key];");
}

TEST_CASE("escaped forms of a secret are replaced") {
    const Redactor redactor = knowing("odd", "a/b \"c\"\n<\xc3\xa9\xf0\x9f\x90\xa4>");
    SECTION("in a URL, upper and lower case, and in a form") {
        CHECK(redactor.redact("?t=a%2Fb%20%22c%22%0A%3C%C3%A9%F0%9F%90%A4%3E&x") == "?t=[secret odd]&x");
        CHECK(redactor.redact("?t=a%2fb%20%22c%22%0a%3c%c3%a9%f0%9f%90%a4%3e&x") == "?t=[secret odd]&x");
        CHECK(redactor.redact("?t=a%2Fb+%22c%22%0A%3C%C3%A9%F0%9F%90%A4%3E&x") == "?t=[secret odd]&x");
    }
    SECTION("in JSON as various writers escape it") {
        CHECK(redactor.redact(R"({"t":"a/b \"c\"\n<é🐤>"})") == R"({"t":"[secret odd]"})");
        CHECK(redactor.redact(R"({"t":"a\/b \"c\"\n<é🐤>"})") == R"({"t":"[secret odd]"})");
        CHECK(redactor.redact(R"({"t":"a/b \"c\"\n\u003cé🐤\u003e"})") == R"({"t":"[secret odd]"})");
        CHECK(redactor.redact(R"({"t":"a/b \"c\"\n<\u00e9\ud83d\udc24>"})") == R"({"t":"[secret odd]"})");
    }
    SECTION("in hex") {
        const Redactor hex = knowing("key", "\x01\xab\xcd\xef");
        CHECK(hex.redact("01abcdef 01ABCDEF") == "[secret key] [secret key]");
    }
}

TEST_CASE("a secret deep inside a big body is replaced and the rest is untouched") {
    const Redactor redactor = knowing("alice", token);
    const std::string filler(200'000, 's');  // the first byte of the secret, everywhere
    CHECK(redactor.redact(filler + token + filler) == filler + "[secret alice]" + filler);
}

TEST_CASE("overlapping secrets leave no piece of either readable") {
    Redactor redactor;
    redactor.add("first", Secret("abcdefgh"));
    redactor.add("second", Secret("efghijkl"));
    redactor.add("inner", Secret("cdef"));
    CHECK(redactor.redact("<abcdefghijkl>") == "<[secret first]>");
    CHECK(redactor.redact("<abcdefgh><efghijkl>") == "<[secret first]><[secret second]>");
    CHECK(redactor.redact("<cdef>") == "<[secret inner]>");
}

TEST_CASE("what replaces a secret is not searched again") {
    Redactor redactor;
    redactor.add("secret", Secret("secret"));
    CHECK(redactor.redact("my secret") == "my [secret secret]");
}

TEST_CASE("a short secret is replaced as a whole word only") {
    const Redactor redactor = knowing("pin", "1");
    CHECK(redactor.redact("pin=1, status 201, 11, x1") == "pin=[secret pin], status 201, 11, x1");
    CHECK(knowing("pw", "abc").redact("abc abcd dabc {abc}") == "[secret pw] abcd dabc {[secret pw]}");
    CHECK(knowing("pw", "a?").redact("q=a%3F YT8=") == "q=[secret pw] [secret pw]");
}

TEST_CASE("an empty secret is ignored") {
    const Redactor redactor = knowing("nothing", "");
    CHECK(redactor.empty());
    CHECK(redactor.redact("text") == "text");
    CHECK(redactor.redact("").empty());
}

TEST_CASE("a secret in base64 that is folded into lines is replaced whatever the width of the lines") {
    const std::string password = "correct horse battery staple, said nobody ever";
    const Redactor redactor = knowing("password", password);
    const auto folded = [](const std::string& text, std::size_t width, const std::string& line_break) {
        std::string lines;
        for (std::size_t at = 0; at < text.size(); at += width) {
            lines.append(at > 0 ? line_break : "").append(text.substr(at, width));
        }
        return lines;
    };
    for (const std::string before : {"", "a:", "ab:", "a long user name that fills the first line of them all:"}) {
        for (const std::size_t width : {1U, 19U, 20U, 64U, 76U}) {
            for (const std::string line_break : {"\n", "\r\n", "\\n", "\\r\\n", "\n    "}) {
                const std::string shown = redactor.redact(folded(base64(before + password + "!"), width, line_break));
                CAPTURE(before, width, line_break, shown);
                CHECK(shown.find("[secret password]") != std::string::npos);
                // Nothing of what the password alone decides is left: neither whole lines nor the ends of any.
                std::string rest = shown.substr(shown.find(']') + 1);
                for (std::size_t at = 0; (at = rest.find(line_break)) != std::string::npos;) {
                    rest.erase(at, line_break.size());
                }
                std::erase(rest, '=');
                CHECK(rest.size() <= 2);
            }
        }
    }
    CHECK(redactor.redact("nothing\nto\nhide") == "nothing\nto\nhide");
}

TEST_CASE("each line of a PEM key is a secret by itself and its boundaries are not") {
    const std::string begin = "-----BEGIN PRIVATE KEY-----";
    const std::string first = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    const std::string second = "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu";
    const Redactor redactor =
        knowing("key", begin + "\n" + first + "\r\n" + second + "\nshort==\n-----END PRIVATE KEY-----");
    CHECK(redactor.redact(begin + "\n  " + first + "\n  cut") == begin + "\n  [secret key]\n  cut");
    CHECK(redactor.redact("line 2: " + second + ".") == "line 2: [secret key].");
    CHECK(redactor.redact("?k=MzEfYyjiWA4R4%2FM2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu") ==
          "?k=[secret key]");
    CHECK(redactor.redact("a short== line") == "a short== line");
    CHECK(knowing("one", "correct horse").redact("correct") == "correct");
}

TEST_CASE("a secret in HTML and XML is replaced as various writers escape it") {
    const Redactor redactor = knowing("odd", R"(<a "b" & 'c'>)");
    CHECK(redactor.redact("<p>&lt;a &quot;b&quot; &amp; &#39;c&#39;&gt;</p>") == "<p>[secret odd]</p>");
    CHECK(redactor.redact("<p>&lt;a &quot;b&quot; &amp; &#x27;c&#x27;&gt;</p>") == "<p>[secret odd]</p>");
    CHECK(redactor.redact("<p>&lt;a &#34;b&#34; &amp; &#39;c&#39;&gt;</p>") == "<p>[secret odd]</p>");
    CHECK(redactor.redact("<p>&lt;a &quot;b&quot; &amp; &apos;c&apos;&gt;</p>") == "<p>[secret odd]</p>");
    CHECK(redactor.redact("<p>&lt;a \"b\" &amp; 'c'&gt;</p>") == "<p>[secret odd]</p>");
}

TEST_CASE("a secret of arbitrary bytes is replaced in a text of arbitrary bytes") {
    std::string value;
    for (int byte = 255; byte >= 0; --byte) value += static_cast<char>(byte);
    CHECK(knowing("blob", value).redact("\xff" + value + "\x80") == "\xff[secret blob]\x80");
}

}  // namespace serin::test
