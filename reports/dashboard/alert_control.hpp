// SPDX-License-Identifier: Apache-2.0
// What the API may ask of alerting as it runs. Implemented by runner/serve over the alert desk; control loop's thread
// only. Nothing here waits for a channel but drill(), and nothing for a disk that does not answer.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "reports/alerts/desk/figures.hpp"
#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/alerts/policy/policy.hpp"
#include "reports/alerts/status/status_page.hpp"

namespace serin {

class AlertControl {
public:
    virtual ~AlertControl() = default;
    /// What a person wants: kinds and members as alert_orders.hpp fills them. Returns when it is decided. An Error
    /// says why not, and nothing was changed.
    virtual boost::asio::awaitable<Result<void>> command(AlertCommand command) = 0;
    /// Open and watching.
    virtual boost::asio::awaitable<std::vector<Incident>> active() = 0;
    virtual boost::asio::awaitable<DeskFigures> figures() = 0;
    virtual boost::asio::awaitable<StatusPage> status() = 0;
    /// Drills the channel, or every one that pages and can prove it when it is empty, and returns when each is proven
    /// or has failed. No rows: no such channel.
    virtual boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel) = 0;
    /// A job reported. An Error: the configuration knows no heartbeat (gauge) of this name.
    virtual Result<void> heartbeat(const Heartbeat& heartbeat) = 0;
    virtual Result<void> gauge(const GaugeSample& sample) = 0;
    /// A webhook of PagerDuty, its body as it came. An Error: nobody of ours signed it.
    virtual boost::asio::awaitable<Result<void>> pager_webhook(std::string body, std::string signature,
                                                               std::string webhook_id) = 0;
};

}  // namespace serin
