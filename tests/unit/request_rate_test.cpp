// SPDX-License-Identifier: Apache-2.0
#include "net/request_rate.hpp"

#include <catch2/catch.hpp>
#include <limits>

namespace serin::test {
namespace {

using namespace std::chrono_literals;

constexpr Steady start = Steady{} + std::chrono::hours(1);

/// How many of `tries` requests are taken at `now`.
int taken(RequestRate& rate, std::string_view client, Steady now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += rate.refuse(client, now) ? 0 : 1;
    return count;
}

}  // namespace

TEST_CASE("a client may ask in bursts and then at the rate") {
    RequestRate rate(10, 5);
    CHECK(taken(rate, "a", start, 20) == 5);
    CHECK(taken(rate, "a", start + 99ms, 20) == 0);
    CHECK(taken(rate, "a", start + 100ms, 20) == 1);
    CHECK(taken(rate, "a", start + 350ms, 20) == 2);
    CHECK(taken(rate, "a", start + 1h, 20) == 5);  // a bucket is never fuller than full
}

TEST_CASE("a refusal says when the next request would be taken") {
    RequestRate rate(2, 1);
    CHECK_FALSE(rate.refuse("a", start));
    const auto wait = rate.refuse("a", start + 200ms);
    REQUIRE(wait);
    CHECK(*wait == 300ms);
    CHECK(rate.refuse("a", start + 200ms + *wait - 1ns));
    CHECK_FALSE(rate.refuse("a", start + 200ms + *wait));
}

TEST_CASE("one client's requests take nothing from another's") {
    RequestRate rate(1, 2);
    CHECK(taken(rate, "a", start, 9) == 2);
    CHECK(taken(rate, "b", start, 9) == 2);
}

TEST_CASE("without a rate nothing is refused and nothing remembered") {
    for (const double none : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
        RequestRate rate(none, 1);
        CHECK(taken(rate, "a", start, 1000) == 1000);
        CHECK(rate.clients() == 0);
    }
}

TEST_CASE("extreme rates and bursts stay within bounds") {
    RequestRate slow(1e-300, std::numeric_limits<int>::max());
    CHECK(taken(slow, "a", start, 10) == 10);
    RequestRate fast(1e300, -5);
    CHECK(taken(fast, "a", start, 10) == 1);
    CHECK_FALSE(fast.refuse("a", start + 1ns));
}

TEST_CASE("many clients share one bucket rather than memory without bound") {
    RequestRate rate(1, 1, 3);
    for (const char* client : {"a", "b", "c"}) CHECK(taken(rate, client, start, 2) == 1);
    CHECK(taken(rate, "d", start, 2) == 1);
    CHECK(taken(rate, "e", start, 2) == 0);
    CHECK(rate.clients() == 3);
    CHECK(taken(rate, "f", start + 2s, 2) == 1);  // the others' buckets are full again, and forgotten
    CHECK(rate.clients() == 1);
}

TEST_CASE("a client is its IPv4 address or the half of its IPv6 address that it cannot choose") {
    CHECK(client_of("192.0.2.1:4711") == "192.0.2.1");
    CHECK(client_of("[2001:db8:1:2:3:4:5:6]:80") == "2001:db8:1:2::/64");
    CHECK(client_of("[2001:db8:1:2:ffff::1]:81") == client_of("[2001:db8:1:2::9]:82"));
    CHECK(client_of("[2001:db8:1:3::1]:80") != client_of("[2001:db8:1:2::1]:80"));
    CHECK(client_of("[::ffff:192.0.2.1]:80") == "192.0.2.1");
    CHECK(client_of("[fe80::1%eth0]:80") == "fe80::/64");
    CHECK(client_of("") == "");
    CHECK(client_of("nonsense") == "nonsense");
}

}  // namespace serin::test
