// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/channel.hpp"

namespace serin {

namespace asio = boost::asio;

const char* name_of(ChannelKind kind) {
    switch (kind) {
        case ChannelKind::alertmanager:
            return "alertmanager";
        case ChannelKind::pagerduty:
            return "pagerduty";
        case ChannelKind::slack:
            return "slack";
        case ChannelKind::webhook:
            return "webhook";
        case ChannelKind::mail:
            return "mail";
        case ChannelKind::exec:
            return "exec";
        case ChannelKind::heartbeat:
            return "heartbeat";
        case ChannelKind::grafana:
            return "grafana";
        case ChannelKind::statuspage:
            return "statuspage";
    }
    return "webhook";
}

asio::awaitable<SendResult> Channel::read_back(const Notice&, Deadline) {
    co_return SendResult{
        .took = Took::accepted, .said = "this channel cannot prove delivery", .retry_after = {}, .reference = {}};
}

asio::awaitable<SendResult> Channel::refresh(const std::vector<Notice>&, Deadline) {
    co_return SendResult{.took = Took::proven, .said = {}, .retry_after = {}, .reference = {}};
}

asio::awaitable<SendResult> Channel::tell(const Change&, Deadline) {
    co_return SendResult{.took = Took::proven, .said = {}, .retry_after = {}, .reference = {}};
}

asio::awaitable<SendResult> Channel::beat(Deadline) {
    co_return SendResult{.took = Took::proven, .said = {}, .retry_after = {}, .reference = {}};
}

void Channel::heard(const PagerEvent&) {}

}  // namespace serin
