// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "standins/manners.hpp"

namespace serin {

/// A receiver by the rules of Standard Webhooks 1.0.0: POST /hook, the three headers, the signature over the raw bytes
/// by one of `keys` ("whsec_…"), a timestamp within `tolerance` of now. An id that was seen already is answered 200 and
/// counts as an attempt, not as a message.
class WebhookSink {
public:
    struct Options {
        std::vector<std::string> keys{};
        Duration tolerance = std::chrono::minutes(5);
        std::size_t max_body = 20 << 10;
    };
    static Result<std::unique_ptr<WebhookSink>> listen(const boost::asio::any_io_executor& executor, Options options);
    ~WebhookSink();
    [[nodiscard]] MannerlyServer& server();
    [[nodiscard]] std::string url() const;                             ///< to post to
    [[nodiscard]] const std::vector<std::string>& bodies() const;      ///< one a message, in order
    [[nodiscard]] const std::map<std::string, int>& attempts() const;  ///< id → well-signed calls
    [[nodiscard]] int forged() const;                                  ///< calls whose signature did not hold

private:
    struct Impl;
    explicit WebhookSink(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
