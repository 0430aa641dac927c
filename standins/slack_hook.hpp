// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "standins/manners.hpp"

namespace serin {

/// Slack's incoming webhooks in miniature, by their documented rules: `ok` as plain text for a post that is shown;
/// invalid_payload, no_text, invalid_blocks (400), invalid_token (403), no_service (404) else; about one post a second
/// with a short burst, more are answered 429 with Retry-After. In Manner::unauthorized it says 403 invalid_token.
/// Blocks (Slack's reference of Block Kit): at most 50, of the types it documents, ids of 255 characters; a section has
/// a text of 1 to 3000 characters, or up to 10 fields of 2000; a context has 1 to 10 elements; a header 1 to 150
/// characters of plain text.
class SlackStandin {
public:
    struct Options {
        std::string path = "/services/T0/B0/token";
        int burst = 5;                              ///< posts of one window
        Duration window = std::chrono::seconds(5);  ///< so that it is one a second in the long run
    };
    static Result<std::unique_ptr<SlackStandin>> listen(const boost::asio::any_io_executor& executor, Options options);
    ~SlackStandin();
    [[nodiscard]] MannerlyServer& server();
    [[nodiscard]] std::string url() const;                        ///< to post to
    [[nodiscard]] const std::vector<std::string>& shown() const;  ///< texts, in order

private:
    struct Impl;
    explicit SlackStandin(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
