// SPDX-License-Identifier: Apache-2.0
// Notices as the book makes them, and a house for the channels that send them.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "net/http_client.hpp"
#include "net/real_clock.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/incidents/notice.hpp"
#include "scenarios/language/evaluator.hpp"

namespace serin::test {

/// A critical incident of one service on two shards: "inc-k3v9x2m4aa", began 2026-11-22T08:00:00Z, opened 90 s later.
[[nodiscard]] Incident broken_delivery();
/// The notice number `number` of broken_delivery(), made when it was opened.
[[nodiscard]] Notice notice_of(NoticeKind kind, int number = 1);
[[nodiscard]] Wall moment(int seconds_after_eight);

/// What channels are made with.
struct House {
    explicit House(const boost::asio::any_io_executor& executor)
        : executor(executor), http(executor), clock(executor) {}

    boost::asio::any_io_executor executor;
    HttpClient http;
    Evaluator evaluator;
    RealClock clock;
    Redactor redactor;

    [[nodiscard]] ChannelHouse keys() {
        return {.executor = executor,
                .http = http,
                .evaluator = evaluator,
                .clock = clock,
                .redactor = redactor,
                .external_url = "https://serin.test",
                .vantage = "here"};
    }
};

}  // namespace serin::test
