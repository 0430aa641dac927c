// SPDX-License-Identifier: Apache-2.0
// Where the bytes go: URLs, and the overrides of a route.
#include "net/url.hpp"

#include <catch2/catch.hpp>

#include "net/destination.hpp"

namespace serin::test {

TEST_CASE("a URL is taken apart, defaults filled in") {
    const Url plain = parse_url("WS://shop.test").value();
    CHECK(plain.scheme == "ws");
    CHECK(plain.port == 80);
    CHECK(plain.target == "/");
    CHECK(plain.authority() == "shop.test");

    const Url full = parse_url("https://ada:p%40ss@[::1]:8443?q=1#part").value();
    CHECK(full.credentials == "ada:p@ss");
    CHECK(full.host == "::1");
    CHECK(full.target == "/?q=1");
    CHECK(full.authority() == "[::1]:8443");
    CHECK(parse_url("wss://shop.test:443/").value().authority() == "shop.test");
}

TEST_CASE("what cannot be connected to is no URL") {
    for (const char* text : {"", "/path", "shop.test", "ws://", "ws:///path", "ws://a b/", "ws://a\r\nX: y/",
                             "ws://h:99999/", "ws://h:8x/", "ws://[::1/", "ws://[::1]x/", "ftp://h/"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_url(text));
    }
}

TEST_CASE("without overrides the bytes go where the URL says") {
    CHECK(destination_of("shop.test", 80, Route{}).value() == Destination{"shop.test", 80, {}});
}

TEST_CASE("connect_to moves a matching host and port, and empty parts match any or keep") {
    const auto moved = [](const char* entry) {
        Route route;
        route.connect_to = {entry};
        return destination_of("shop.test", 443, route).value();
    };
    CHECK(moved("shop.test:443:10.0.0.1:8443") == Destination{"10.0.0.1", 8443, {}});
    CHECK(moved("SHOP.test:443:[::1]:8443") == Destination{"::1", 8443, {}});
    CHECK(moved("::canary.test:") == Destination{"canary.test", 443, {}});
    CHECK(moved("other.test:443:10.0.0.1:1") == Destination{"shop.test", 443, {}});
    CHECK(moved("shop.test:80:10.0.0.1:1") == Destination{"shop.test", 443, {}});
}

TEST_CASE("resolve gives addresses for a host and port, also after connect_to") {
    Route route;
    route.connect_to = {"shop.test:443:canary.test:"};
    route.resolve = {"shop.test:443:10.0.0.1", "canary.test:443:10.0.0.2,[::1]"};
    CHECK(destination_of("shop.test", 443, route).value() == Destination{"canary.test", 443, {"10.0.0.2", "::1"}});
    route.resolve = {"*:443:10.0.0.3"};
    CHECK(destination_of("shop.test", 443, route).value() == Destination{"canary.test", 443, {"10.0.0.3"}});
}

TEST_CASE("an override that cannot be read is told") {
    Route route;
    for (const char* entry :
         {"shop.test", "shop.test:443", "shop.test:443:name.test", "shop.test:x:10.0.0.1", "[::1:443:::1"}) {
        CAPTURE(entry);
        route.resolve = {entry};
        CHECK(destination_of("h", 1, route).error() == std::string("resolve ") + entry);
    }
    route.resolve = {};
    route.connect_to = {"shop.test:443:10.0.0.1:http"};
    CHECK_FALSE(destination_of("h", 1, route));
}

}  // namespace serin::test
