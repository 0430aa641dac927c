// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reports/alerts/channels/http_sending.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Retry-After is read in seconds and as a date") {
    const Wall now = example_time();  // Sun, 22 Nov 2026 01:02:03 GMT
    CHECK(retry_after_of("120", now) == Duration(120s));
    CHECK(retry_after_of(" 0 ", now) == Duration(0s));
    CHECK(retry_after_of("Sun, 22 Nov 2026 01:02:33 GMT", now) == Duration(30s));
    CHECK(retry_after_of("Sun, 22 Nov 2026 01:00:00 GMT", now) == Duration(0s));
    CHECK(retry_after_of("999999", now) == Duration(1h));
    CHECK(retry_after_of("99999999999999999999", now) == Duration(1h));
    CHECK(retry_after_of("Wed, 22 Nov 2034 01:00:00 GMT", now) == Duration(1h));
    for (const char* wrong : {"", "-1", "1.5", "soon", "Sun, 32 Nov 2026 01:02:33 GMT", "Sun, 22 Nox 2026 01:02:33 GMT",
                              "Sun, 22 Nov 2026 25:02:33 GMT", "Sun, 22 Nov 2026 01:02:33 CET"}) {
        INFO(wrong);
        CHECK_FALSE(retry_after_of(wrong, now));
    }
}

TEST_CASE("a status says whether the notice or the channel or the moment is at fault") {
    for (const int status : {200, 201, 202, 204}) CHECK(took_of(status) == Took::accepted);
    for (const int status : {400, 406, 413, 415, 422, 451}) CHECK(took_of(status) == Took::refused);
    for (const int status : {401, 402, 403, 404, 405, 407, 410}) CHECK(took_of(status) == Took::broken);
    for (const int status : {0, 301, 302, 304, 307, 408, 409, 420, 425, 429, 500, 501, 502, 503, 504, 599})
        CHECK(took_of(status) == Took::retry);
}

TEST_CASE("an exchange without an answer is a fault in words and never an address") {
    HttpReply reply;
    reply.curl_code = 7;
    reply.curl_error = "Failed to connect to hooks.example.com/services/T1";
    reply.os_errno = ECONNREFUSED;
    CHECK(answer_of(reply, example_time()).fault == "Connection refused");
    CHECK(answer_of(reply, example_time()).status == 0);
    reply = {};
    reply.deadline_hit = true;
    CHECK(answer_of(reply, example_time()).fault == "no connection in time");
    reply.connected = true;
    CHECK(answer_of(reply, example_time()).fault == "no answer in time");
    CHECK_FALSE(answer_of(reply, example_time()).maybe_taken);
    reply.request_sent = true;
    CHECK(answer_of(reply, example_time()).maybe_taken);
    reply = {};
    reply.shaking_hands = true;
    reply.x509_error = 10;
    CHECK(answer_of(reply, example_time()).fault == "the certificate is not trusted: certificate has expired");
}

TEST_CASE("an answer whose body breaks off still has its status") {
    HttpReply reply;
    reply.headers_done = true;
    reply.curl_code = 18;
    reply.seen.status = 429;
    reply.seen.headers = {{"retry-after", "7"}};
    const Answer answer = answer_of(reply, example_time());
    CHECK(answer.status == 429);
    CHECK(answer.retry_after == Duration(7s));
}

TEST_CASE("what a vendor says is bounded and printable and redacted") {
    Redactor redactor;
    redactor.add("hook", Secret("/services/T000/B000/XXXX"));
    CHECK(said_of(answered(503, "  busy\r\n"), redactor) == "503 busy");
    CHECK(said_of(answered(404, "no /services/T000/B000/XXXX here"), redactor) == "404 no [secret hook] here");
    CHECK(said_of(answered(500, "a\x1b[31mb\nc"), redactor) == "500 a\\x1b[31mb\\nc");
    CHECK(said_of(answered(500, std::string(100'000, 'x')), redactor).size() <= 200);
    CHECK(said_of(answered(500, std::string(190, 'x')), redactor).size() == 194);
    // One that stands across the cut must not be shown in part.
    const std::string across = std::string(155, 'x') + "/services/T000/B000/XXXX" + std::string(100, 'y');
    CHECK_FALSE(said_of(answered(500, across), redactor).contains("services"));
    CHECK(said_of(answered(500, "\xff\xfe"), redactor) == "500 \\xff\\xfe");
}

TEST_CASE("a result carries what the vendor wishes") {
    Answer busy = answered(503, "busy");
    busy.retry_after = 9s;
    const SendResult result = result_of(busy, Redactor(), Took::proven);
    CHECK(result.took == Took::retry);
    CHECK(result.retry_after == Duration(9s));
    CHECK(result.said == "503 busy");
    CHECK(result_of(answered(204), Redactor(), Took::proven).took == Took::proven);
}

TEST_CASE("a window takes so many calls in any stretch of its length") {
    CallBudget window(3, 60s);
    const Steady start = Steady{} + 1h;
    CHECK_FALSE(window.refuse(start));
    CHECK_FALSE(window.refuse(start + 10s));
    CHECK_FALSE(window.refuse(start + 20s));
    CHECK(window.refuse(start + 30s) == Duration(30s));
    CHECK(window.refuse(start + 59s) == Duration(1s));  // the refused one did not count
    CHECK_FALSE(window.refuse(start + 60s));
    CHECK(window.refuse(start + 60s) == Duration(10s));
}

TEST_CASE("calls of less weight leave room for others") {
    CallBudget window(3, 60s);
    const Steady start = Steady{} + 1h;
    CHECK_FALSE(window.refuse(start, 2));
    CHECK(window.refuse(start + 1s, 2) == Duration(59s));
    CHECK_FALSE(window.refuse(start + 1s));
    CHECK_FALSE(window.refuse(start + 2s));
    CHECK(window.refuse(start + 3s, 2) == Duration(59s));  // until only none of the three is left
    CHECK(window.refuse(start + 3s, 3) == Duration(60s));
}

}  // namespace
}  // namespace serin::test
