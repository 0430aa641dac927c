// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "standins/manners.hpp"

namespace serin {

/// What a pager's people see: one alert's life.
struct PagerIncident {
    std::string id{};  ///< the vendor's
    std::string dedup_key{}, routing_key{};
    std::string status{};  ///< triggered, acknowledged, resolved
    std::string summary{}, severity{};
    int triggers = 0;   ///< events appended to it
    int pages = 0;      ///< times that somebody's phone rang
    int swallowed = 0;  ///< triggers that nobody was told of, because it was acknowledged
    std::string by{};   ///< who acknowledged or resolved it there
};

/// PagerDuty's Events API v2 in miniature, by its documented rules: POST /v2/enqueue and /v2/change/enqueue, answered
/// 202 or 400 with {"status": "invalid event", "errors": […]}; a routing key of 32 characters, the required fields, at
/// most 255 bytes of dedup_key, 1024 of summary and 512 KB in all; 120 calls in 60 s for each key, more are answered
/// 429. A trigger with the dedup_key and routing key of an open incident is appended to it; after a resolve it opens a
/// new one; an acknowledge or resolve without an open incident, or over another routing key, is answered 202 and
/// dropped. An acknowledged incident does not ring again. GET /incidents?incident_key= (Authorization: Token token=…)
/// is its REST API. What people do there goes to `webhook_url`, signed (v3).
class PagerStandin {
public:
    struct Options {
        std::vector<std::string> routing_keys{};  ///< empty: any of 32 characters
        std::string api_token = "standin-token";
        std::string webhook_url{};  ///< empty: nobody is told
        std::string webhook_key{};
        int calls = 120;
        Duration window = std::chrono::seconds(60);
    };
    static Result<std::unique_ptr<PagerStandin>> listen(const boost::asio::any_io_executor& executor, Options options);
    ~PagerStandin();
    [[nodiscard]] MannerlyServer& server();
    [[nodiscard]] const std::vector<PagerIncident>& incidents() const;  ///< in order of their first trigger
    [[nodiscard]] const std::vector<std::string>& changes() const;      ///< summaries
    void set_webhook(std::string url, std::string key);

    /// A person presses a button: the incident changes, and the webhook is told. The status that it answered; 0: it
    /// could not be reached, or there is no such open incident. `status`: acknowledged, resolved or unacknowledged
    /// (triggered again, and the phone rings again). `webhook_id`: of an earlier call, to deliver it again as vendors
    /// do; empty: a new one.
    boost::asio::awaitable<int> person(std::string dedup_key, std::string status, std::string by,
                                       std::string webhook_id = {});

private:
    struct Impl;
    explicit PagerStandin(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
