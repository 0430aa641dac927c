// SPDX-License-Identifier: Apache-2.0
// An alert desk whose channels are vendors: a pager, a chat and a webhook, each with manners that can be changed.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http_server.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/desk/desk.hpp"
#include "standins/pager.hpp"
#include "standins/slack_hook.hpp"
#include "standins/webhook_sink.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {

/// One loop for the vendors and the test; the desk has its own threads.
class VendorWorld {
public:
    explicit VendorWorld(const boost::asio::any_io_executor& executor);
    ~VendorWorld();

    /// Services `web` and `mail`, each with a target of its own ("web-1"); pages go to `first`, and to the channel
    /// `hook` when that does not prove them within 300 ms. Channels: `pager`, `slack`, `hook`.
    [[nodiscard]] DeskRules rules(const std::string& first) const;
    void open(DeskRules rules);
    /// Ends the desk in good order and opens it again with all runs so far as its history.
    boost::asio::awaitable<void> reopen(DeskRules rules);
    void fail(const std::string& service);  ///< two runs
    void pass(const std::string& service);  ///< one run
    /// The manners of `pager` or `slack`.
    void mode(const std::string& channel, Manner manner);

    /// Waits until `holds`, looked at every 10 ms; false after `within`.
    boost::asio::awaitable<bool> until(std::function<bool()> holds, Duration within = std::chrono::seconds(10));
    /// How many different notices of that kind ("opened") about the service the webhook has taken.
    [[nodiscard]] int hooked(const std::string& kind, const std::string& service) const;
    /// How many posts about the service Slack shows whose text begins with `prefix` ("[resolved]"; "": none, as an
    /// opening has).
    [[nodiscard]] int posted(const std::string& prefix, const std::string& service) const;
    /// The one active incident of the service; fails without one.
    boost::asio::awaitable<Incident> incident(const std::string& service);
    /// Where the pager's webhooks come in. They are handed to the desk.
    [[nodiscard]] std::string inbound_url() const;
    [[nodiscard]] const std::vector<std::string>& webhook_ids() const { return webhook_ids_; }  ///< that came in

    boost::asio::awaitable<void> close();

    static constexpr const char* webhook_key = "the key of our subscription";
    RealClock clock;
    TempFolder folder;
    std::unique_ptr<PagerStandin> pager;
    std::unique_ptr<SlackStandin> slack;
    std::unique_ptr<WebhookSink> hook;
    std::unique_ptr<Desk> desk;

private:
    void observe(const std::vector<StoreEntry>& entries);
    boost::asio::awaitable<ServerResponse> inbound(ServerRequest request);
    [[nodiscard]] std::vector<ChannelConfig> channels() const;

    std::vector<Record> history_;
    std::vector<std::string> webhook_ids_;
    std::unique_ptr<HttpServer> inbound_;
    TaskGroup serving_;
};

/// Plays `test` in a world of its own.
void with_vendors(const std::function<boost::asio::awaitable<void>(VendorWorld&)>& test);

}  // namespace serin::test
