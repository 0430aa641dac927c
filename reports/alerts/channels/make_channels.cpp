// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "reports/alerts/channels/alertmanager.hpp"
#include "reports/alerts/channels/exec.hpp"
#include "reports/alerts/channels/grafana.hpp"
#include "reports/alerts/channels/heartbeat.hpp"
#include "reports/alerts/channels/mail.hpp"
#include "reports/alerts/channels/pagerduty.hpp"
#include "reports/alerts/channels/slack.hpp"
#include "reports/alerts/channels/statuspage.hpp"
#include "reports/alerts/channels/webhook.hpp"

namespace serin {

Result<std::vector<std::unique_ptr<Channel>>> make_channels(std::vector<ArmedChannel> armed, ChannelHouse house) {
    std::vector<std::unique_ptr<Channel>> channels;
    channels.reserve(armed.size());
    std::map<std::string, std::shared_ptr<CallBudget>> pager_budgets;  // by routing key
    for (ArmedChannel& one : armed) {
        switch (one.config.kind) {
            case ChannelKind::alertmanager:
                channels.push_back(make_alertmanager_channel(std::move(one), house));
                break;
            case ChannelKind::pagerduty: {
                std::shared_ptr<CallBudget>& budget = pager_budgets[one.key.reveal()];
                if (budget == nullptr) budget = pager_budget();
                channels.push_back(make_pagerduty_channel(std::move(one), house, budget));
                break;
            }
            case ChannelKind::slack:
                channels.push_back(make_slack_channel(std::move(one), house));
                break;
            case ChannelKind::webhook:
                channels.push_back(make_webhook_channel(std::move(one), house));
                break;
            case ChannelKind::mail:
                channels.push_back(make_mail_channel(std::move(one), house));
                break;
            case ChannelKind::exec:
                channels.push_back(make_exec_channel(std::move(one), house));
                break;
            case ChannelKind::heartbeat:
                channels.push_back(make_heartbeat_channel(std::move(one), house));
                break;
            case ChannelKind::grafana:
                channels.push_back(make_grafana_channel(std::move(one), house));
                break;
            case ChannelKind::statuspage:
                channels.push_back(make_statuspage_channel(std::move(one), house));
                break;
        }
        if (channels.back() == nullptr) return fail("a channel of this kind cannot be made");
    }
    return channels;
}

}  // namespace serin
