// SPDX-License-Identifier: Apache-2.0
// How the outbox reaches people: one file pair a kind. A channel translates a notice to its wire and says honestly how
// it was taken; retries, failover and order are the outbox's.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/change.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "net/http_client.hpp"
#include "reports/alerts/channels/channel_config.hpp"
#include "reports/alerts/incidents/notice.hpp"
#include "reports/alerts/outbox/send_plan.hpp"
#include "scenarios/language/evaluator.hpp"

namespace serin {

/// All secrets read. Held by channels only.
struct ArmedChannel {
    ChannelConfig config{};
    std::vector<Secret> urls{};
    std::vector<std::pair<std::string, Secret>> headers{};
    Secret key{}, api_token{}, user{}, password{}, imap_user{}, imap_password{};
    std::vector<Secret> old_keys{}, inbound_keys{};
};
/// Reads every secret and checks addresses and keys; one Error names all that is wrong. `folder`: of serin.yaml, which
/// secrets' files are relative to. `redactor` learns them. One trailing line break of a file is not part of the secret;
/// an empty secret is an Error. To be called before any thread starts (it reads the environment).
Result<std::vector<ArmedChannel>> arm_channels(const std::vector<ChannelConfig>& configs, const std::string& folder,
                                               Redactor& redactor);

struct ChannelTraits {
    bool dedups = false;         ///< a repeated notice makes no second page
    bool provable = false;       ///< send() or read_back() can give `proven`
    bool updates = false;        ///< `changed` notices alter what was sent instead of paging again
    bool needs_refresh = false;  ///< what goes on must be told again and again (Alertmanager)
    bool pages = true;           ///< false: of no use to wake somebody (grafana, statuspage, heartbeat)
};

/// What channels are made with; all must outlive them. One thread.
struct ChannelHouse {
    boost::asio::any_io_executor executor;
    HttpClient& http;
    Evaluator& evaluator;
    Clock& clock;
    const Redactor& redactor;
    std::string external_url{};  ///< of our API, for links; empty: no links
    std::string vantage{};
};

/// What a webhook from PagerDuty (v3) says.
struct PagerEvent {
    std::string webhook_id{};   ///< X-Webhook-Id: at-least-once, so seen ones are passed over
    std::string event{};        ///< acknowledged, resolved, triggered, …
    std::string incident_id{};  ///< ours: the dedup key
    std::string by{};
    Wall occurred_at{};  ///< by PagerDuty's clock; a copy of an old webhook is as well signed as the first
};

class Channel {
public:
    virtual ~Channel() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual ChannelTraits traits() const = 0;
    /// How long a send() or read_back() may take, as configured; the deadline is the caller's to make of it.
    [[nodiscard]] virtual Duration timeout() const { return std::chrono::seconds(10); }
    /// Never throws for what the other side does; only a cancellation travels. Returns by the deadline.
    virtual boost::asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) = 0;
    /// Looks whether a notice that was accepted has arrived. `proven`, or `accepted`: not (yet). The default: accepted.
    virtual boost::asio::awaitable<SendResult> read_back(const Notice& notice, Deadline deadline);
    /// Tells again what goes on and what was resolved a short while ago; every `refresh_every()`. The default: nothing.
    virtual boost::asio::awaitable<SendResult> refresh(const std::vector<Notice>& going_on, Deadline deadline);
    [[nodiscard]] virtual Duration refresh_every() const { return Duration::max(); }
    /// A change was recorded. The default: nothing, proven.
    virtual boost::asio::awaitable<SendResult> tell(const Change& change, Deadline deadline);
    /// The dead man's switch (heartbeat channels): all is well. The default: nothing, proven.
    virtual boost::asio::awaitable<SendResult> beat(Deadline deadline);
    /// A signed webhook of the vendor came: read_back() takes it as proof. The default: nothing.
    virtual void heard(const PagerEvent& event);
};

Result<std::vector<std::unique_ptr<Channel>>> make_channels(std::vector<ArmedChannel> armed, ChannelHouse house);

/// Checked against `keys` (any of them, any `v1=` of the header); an Error when no signature holds, or when the event
/// does not say when it occurred. nullopt: signed, but not about an incident that Serin could have told (a ping, say).
[[nodiscard]] Result<std::optional<PagerEvent>> read_pager_webhook(const std::string& body,
                                                                   const std::string& signature_header,
                                                                   const std::string& webhook_id,
                                                                   const std::vector<Secret>& keys);

/// `v1,<base64>` of Standard Webhooks 1.0.0 for `{id}.{timestamp}.{body}`; `key`: "whsec_<base64>".
[[nodiscard]] Result<std::string> standard_webhook_signature(const Secret& key, const std::string& id,
                                                             std::int64_t timestamp, const std::string& body);

}  // namespace serin
