// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/signatures.hpp"

namespace serin::test {
namespace {

/// A webhook of PagerDuty about our incident.
std::string event_body(const std::string& type = "incident.acknowledged",
                       const std::string& occurred_at = R"("2026-11-22T01:02:03Z")") {
    return R"({"event":{"id":"01ABC","event_type":")" + type + R"(","occurred_at":)" + occurred_at +
           R"(,"agent":{"summary":"On Call"},"data":{"id":"PX1","type":"incident","incident_key":"inc-k3v9q2m7xa"}}})";
}

std::string signed_with(const std::string& key, const std::string& body) {
    return "v1=" + hex(hmac_of(key, body));
}

TEST_CASE("HMAC-SHA-256 gives the answer of RFC 4231 test case 2") {
    CHECK(hex(hmac_of("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("the signature of a standard webhook is the known answer of the specification") {
    const auto signature =
        standard_webhook_signature(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                   1614265330, R"({"test": 2432232314})");
    REQUIRE(signature);
    CHECK(*signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("a standard webhook cannot be signed with a bad key or an id with a full stop") {
    const Secret good("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    CHECK(standard_webhook_signature(good, "a", 1, ""));
    CHECK_FALSE(standard_webhook_signature(good, "a.b", 1, ""));
    CHECK_FALSE(standard_webhook_signature(good, "", 1, ""));
    CHECK_FALSE(standard_webhook_signature(Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "a", 1, ""));
    CHECK_FALSE(standard_webhook_signature(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"), "a", 1, ""));
    CHECK_FALSE(standard_webhook_signature(Secret("whsec_c2hvcnQ="), "a", 1, ""));
    CHECK_FALSE(standard_webhook_signature(Secret("whsec_" + base64(std::string(65, 'k'))), "a", 1, ""));
    CHECK(standard_webhook_signature(Secret("whsec_" + base64(std::string(64, 'k'))), "a", 1, ""));
    CHECK_FALSE(standard_webhook_signature(Secret(), "a", 1, ""));
}

TEST_CASE("an error about a signing key does not show it") {
    const auto error = standard_webhook_signature(Secret("whsec_c2hvcnQ="), "a", 1, "").error();
    CHECK_FALSE((error.title + error.remedy).contains("c2hvcnQ"));
}

TEST_CASE("base64 is decoded strictly") {
    CHECK(from_base64("") == "");
    CHECK(from_base64("Zg==") == "f");
    CHECK(from_base64("Zm8=") == "fo");
    CHECK(from_base64("Zm9v") == "foo");
    CHECK(from_base64("+/+/") == "\xfb\xff\xbf");
    for (const char* wrong : {"Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 9v", "Z_-v", "Zg==Zg=="}) {
        INFO(wrong);
        CHECK_FALSE(from_base64(wrong));
    }
}

TEST_CASE("texts are compared whole") {
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK(equal_in_constant_time("", ""));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST_CASE("a webhook of PagerDuty counts with any signature of any key") {
    const std::string body = event_body();
    const std::vector<Secret> keys{Secret("old key"), Secret("new key")};
    for (const std::string& header :
         {signed_with("new key", body), signed_with("old key", body), "v1=00," + signed_with("new key", body),
          signed_with("another", body) + " , " + signed_with("old key", body)}) {
        INFO(header);
        const auto read = read_pager_webhook(body, header, "hook-1", keys);
        REQUIRE(read);
        REQUIRE(*read);
        CHECK((*read)->event == "acknowledged");
        CHECK((*read)->incident_id == "inc-k3v9q2m7xa");
        CHECK((*read)->by == "On Call");
        CHECK((*read)->webhook_id == "hook-1");
        CHECK(rfc3339((*read)->occurred_at) == "2026-11-22T01:02:03.000Z");
    }
}

TEST_CASE("a signed webhook of PagerDuty has to say when it occurred") {
    const auto read = [](const std::string& body) {
        return read_pager_webhook(body, signed_with("key", body), "hook-1", {Secret("key")});
    };
    const auto with_offset = read(event_body("incident.resolved", R"("2026-11-22T03:02:03.250+02:00")"));
    REQUIRE(with_offset);
    REQUIRE(*with_offset);
    CHECK(rfc3339((*with_offset)->occurred_at) == "2026-11-22T01:02:03.250Z");
    for (const char* wrong : {"null", "1795309323", R"("")", R"("now")", R"("-10m")", R"("+10m")", R"("yesterday")",
                              R"("2026-11-22")", R"("2026-11-22T01:02:03")", R"("2026-13-22T01:02:03Z")", "{}"}) {
        INFO(wrong);
        const auto refused = read(event_body("incident.acknowledged", wrong));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().title.contains("when it occurred"));
    }
    const std::string silent =
        R"({"event":{"event_type":"incident.resolved","data":{"incident_key":"inc-k3v9q2m7xa"}}})";
    CHECK_FALSE(read(silent));
}

TEST_CASE("an error about a webhook names the key of serin.yaml") {
    const auto refused = read_pager_webhook(event_body(), "v1=00", "hook-1", {Secret("key")});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy.contains("`webhook_keys`"));
}

TEST_CASE("a webhook of PagerDuty is refused without a signature that holds") {
    const std::string body = event_body();
    const std::string right = signed_with("key", body);
    for (const std::string& header :
         {std::string(), std::string("v1="), right.substr(3), "v0=" + right.substr(3), right.substr(0, 40),
          signed_with("key", body + " "), signed_with("other", body), signed_with("", body)}) {
        INFO(header);
        CHECK_FALSE(read_pager_webhook(body, header, "hook-1", {Secret("key")}));
    }
    CHECK_FALSE(read_pager_webhook(body, right, "hook-1", {}));
    CHECK_FALSE(read_pager_webhook(body, signed_with("", body), "hook-1", {Secret("")}));
}

TEST_CASE("a signed webhook that is about no incident of ours is passed over") {
    const auto read = [](const std::string& body) {
        return read_pager_webhook(body, signed_with("key", body), "", {Secret("key")});
    };
    const std::string ping = R"({"event":{"event_type":"pagey.ping","data":{"message":"hi"}}})";
    REQUIRE(read(ping));
    CHECK_FALSE(*read(ping));
    const std::string nameless = R"({"event":{"event_type":"incident.resolved","data":{"incident_key":null}}})";
    REQUIRE(read(nameless));
    CHECK_FALSE(*read(nameless));
    CHECK_FALSE(read("[]"));
    CHECK_FALSE(read("no json"));
    const auto resolved = read(event_body("incident.resolved"));
    REQUIRE(resolved);
    REQUIRE(*resolved);
    CHECK((*resolved)->event == "resolved");
    CHECK((*resolved)->webhook_id == "01ABC");
}

}  // namespace
}  // namespace serin::test
