// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <regex>
#include <string>

namespace serin::test {
namespace {

using namespace std::chrono_literals;

bool looks_like(const std::string& text, const std::string& pattern) {
    return std::regex_match(text, std::regex(pattern));
}

}  // namespace

TEST_CASE("trace and span ids are lower-case hex of the W3C lengths and differ") {
    CHECK(looks_like(make_trace_id(), "[0-9a-f]{32}"));
    CHECK(looks_like(make_span_id(), "[0-9a-f]{16}"));
    CHECK(make_trace_id() != make_trace_id());
    CHECK(make_span_id() != make_span_id());
}

TEST_CASE("a run id is a version 7 UUID that starts with the milliseconds since 1970") {
    const Wall example{1645557742000ms};  // RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
    const std::string id = make_run_id(example);
    CHECK(looks_like(id, "017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    CHECK(make_run_id(example) != id);
}

TEST_CASE("run ids sort by the start of the run, within one millisecond too") {
    const Wall start{1645557742000ms};
    const std::string first = make_run_id(start);
    const std::string second = make_run_id(start + 1us);
    const std::string third = make_run_id(start + 999us);
    const std::string fourth = make_run_id(start + 1ms);
    CHECK(first < second);
    CHECK(second < third);
    CHECK(third < fourth);
}

TEST_CASE("a clock before 1970 still gives a well-formed run id") {
    CHECK(looks_like(make_run_id(Wall{-5s}), "00000000-0000-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST_CASE("a nonce names its run and counter, and is recognised by its maker") {
    const NonceMaker maker("key");
    const std::string run = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    const std::string nonce = maker.make(run, 1);
    CHECK(looks_like(nonce, "r0c07398f-1-[0-9a-f]{10}"));
    CHECK(nonce == maker.make(run, 1));
    CHECK(maker.ours(nonce));
    CHECK(NonceMaker("key").ours(nonce));
}

TEST_CASE("nonces of other counters, runs and keys differ") {
    const NonceMaker maker("key");
    const std::string nonce = maker.make("0c07398f", 1);
    CHECK(maker.make("0c07398f", 2) != nonce);
    CHECK(maker.make("0c073990", 1) != nonce);
    CHECK(NonceMaker("another key").make("0c07398f", 1) != nonce);
}

TEST_CASE("a forged, cut or foreign nonce is not ours") {
    const NonceMaker maker("key");
    const std::string nonce = maker.make("0c07398f", 1);
    std::string other_counter = nonce;
    other_counter[10] = '2';
    CHECK_FALSE(maker.ours(other_counter));
    CHECK_FALSE(maker.ours(nonce.substr(0, nonce.size() - 1)));
    CHECK_FALSE(maker.ours(nonce + "0"));
    CHECK_FALSE(maker.ours(" " + nonce));
    CHECK_FALSE(maker.ours("r0c07398f-1"));
    CHECK_FALSE(maker.ours(""));
    CHECK_FALSE(NonceMaker("another key").ours(nonce));
    CHECK_FALSE(NonceMaker().ours(nonce));  // a key of its own
}

}  // namespace serin::test
