// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "standins/manners.hpp"

namespace serin {

/// A dead man's switch by the rules of healthchecks.io: HEAD, GET or POST on /ID, /ID/start, /ID/fail, /ID/log and
/// /ID/<0-255> (0: success); more than five a minute are discarded though answered 200; down when period + grace has
/// passed, or grace after a start without a success. /ID/status reads the state without being a ping.
class HeartbeatSink {
public:
    struct Options {
        std::string id = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";
        Duration period = std::chrono::minutes(1), grace = std::chrono::minutes(1);
        int most = 5;  ///< in `window`
        Duration window = std::chrono::minutes(1);
    };
    static Result<std::unique_ptr<HeartbeatSink>> listen(const boost::asio::any_io_executor& executor, Options options);
    ~HeartbeatSink();
    [[nodiscard]] MannerlyServer& server();
    [[nodiscard]] std::string url() const;     ///< to ping
    [[nodiscard]] std::string status() const;  ///< new, up, started, late, down
    [[nodiscard]] int pings() const;           ///< that counted
    [[nodiscard]] int discarded() const;

private:
    struct Impl;
    explicit HeartbeatSink(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
