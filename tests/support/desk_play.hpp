// SPDX-License-Identifier: Apache-2.0
// An alert desk with a webhook at the other end.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "net/http_server.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/desk/desk.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {

/// The receiving end of webhooks. One loop.
class PageSink {
public:
    PageSink(boost::asio::any_io_executor executor, Clock& clock);
    ~PageSink();
    [[nodiscard]] std::string url() const;
    /// How it answers from now on; -1: not at all.
    void answer(int status) { status_ = status; }
    /// Kinds of the notices that it took (answered 2xx), in order: "opened web", "resolved web".
    [[nodiscard]] const std::vector<std::string>& taken() const { return taken_; }
    [[nodiscard]] int attempts() const { return attempts_; }
    [[nodiscard]] const std::string& last_body() const { return last_body_; }
    /// Waits until `enough` holds, looked at after each request; false after 30 s.
    boost::asio::awaitable<bool> until(std::function<bool(const PageSink&)> enough);
    /// `count` notices were taken.
    boost::asio::awaitable<bool> until_taken(std::size_t count);
    boost::asio::awaitable<void> stop();

private:
    boost::asio::awaitable<ServerResponse> take(ServerRequest request);
    Clock& clock_;
    std::unique_ptr<Bell> bell_;
    std::unique_ptr<HttpServer> server_;
    TaskGroup serving_;
    int status_ = 204, attempts_ = 0;
    std::vector<std::string> taken_;
    std::string last_body_;
};

/// Rules with one probe a service ("web"), hard 2 of 3, recovery after one clean run.
[[nodiscard]] DeskRules desk_rules(const std::vector<std::string>& services);
[[nodiscard]] ChannelConfig webhook_to(const std::string& name, const PageSink& sink);
/// A run of the service's probe that ended at `at`.
[[nodiscard]] StoreEntry run_of(const std::string& service, Verdict verdict, Wall at,
                                const std::string& target = "eu-1");
/// Two that failed, or passed.
[[nodiscard]] std::vector<StoreEntry> runs_of(const std::string& service, Verdict verdict, Wall at);

}  // namespace serin::test
