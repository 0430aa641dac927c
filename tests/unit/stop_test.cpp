// SPDX-License-Identifier: Apache-2.0
#include "core/stop.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace serin {
namespace {

TEST_CASE("a request to stop is told to every listener, in the order of listening") {
    Stop stop;
    std::string told;
    stop.listen([&] { told += "a"; });
    stop.listen([&] { told += "b"; });
    CHECK_FALSE(stop.requested());
    stop.request();
    CHECK(told == "ab");
    CHECK(stop.requested());
    CHECK(stop.requests() == 1);
}

TEST_CASE("a second request is told again") {
    Stop stop;
    int told = 0;
    stop.listen([&] { told = stop.requests(); });
    stop.request();
    CHECK(told == 1);
    stop.request();
    CHECK(told == 2);
}

TEST_CASE("a listener that was forgotten is not told") {
    Stop stop;
    int told = 0;
    const std::size_t id = stop.listen([&] { ++told; });
    stop.forget(id);
    stop.request();
    CHECK(told == 0);
}

TEST_CASE("a listener may forget itself and another while it is told") {
    Stop stop;
    std::string told;
    std::size_t first = 0, second = 0;
    first = stop.listen([&] {
        told += "first";
        stop.forget(first);
        stop.forget(second);
    });
    second = stop.listen([&] { told += "second"; });
    stop.request();
    stop.request();
    CHECK(told == "first");
}

TEST_CASE("a listener that comes while others are told hears the next request only") {
    Stop stop;
    std::string told;
    stop.listen([&] {
        if (stop.requests() == 1) stop.listen([&] { told += "late"; });
    });
    stop.request();
    CHECK(told.empty());
    stop.request();
    CHECK(told == "late");
}

}  // namespace
}  // namespace serin
