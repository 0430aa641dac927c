// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/desk_control.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "core/names.hpp"

namespace serin {

namespace asio = boost::asio;

void DeskControl::know(const Config& config) {
    heartbeats_.clear();
    gauges_.clear();
    for (const HeartbeatRules& each : config.alerts.heartbeats) heartbeats_.push_back(each.heartbeat);
    for (const GaugeRules& each : config.alerts.gauges) gauges_.push_back(each.gauge);
}

asio::awaitable<Result<void>> DeskControl::command(AlertCommand command) {
    return desk_.command(std::move(command));
}

asio::awaitable<std::vector<Incident>> DeskControl::active() {
    return desk_.active();
}

asio::awaitable<DeskFigures> DeskControl::figures() {
    return desk_.figures();
}

asio::awaitable<StatusPage> DeskControl::status() {
    return desk_.status();
}

asio::awaitable<std::vector<DrillRow>> DeskControl::drill(std::string channel) {
    return desk_.drill(std::move(channel));
}

Result<void> DeskControl::heartbeat(const Heartbeat& heartbeat) {
    if (std::ranges::find(heartbeats_, heartbeat.heartbeat) == heartbeats_.end())
        return fail("there is no heartbeat `" + heartbeat.heartbeat + "` here",
                    did_you_mean(heartbeat.heartbeat, heartbeats_, "heartbeats"));
    desk_.observe(heartbeat);
    return {};
}

Result<void> DeskControl::gauge(const GaugeSample& sample) {
    if (std::ranges::find(gauges_, sample.gauge) == gauges_.end())
        return fail("there is no gauge `" + sample.gauge + "` here", did_you_mean(sample.gauge, gauges_, "gauges"));
    desk_.observe(sample);
    return {};
}

asio::awaitable<Result<void>> DeskControl::pager_webhook(std::string body, std::string signature,
                                                         std::string webhook_id) {
    return desk_.pager_webhook(std::move(body), std::move(signature), std::move(webhook_id));
}

}  // namespace serin
