// SPDX-License-Identifier: Apache-2.0
#include "reports/metrics/render_alerts.hpp"

#include <chrono>
#include <string>

namespace serin {

namespace {

constexpr std::string_view states[] = {"open", "watching"};
constexpr std::string_view severities[] = {"info", "warning", "critical"};
constexpr std::string_view results[] = {"proven", "accepted", "retry", "refused", "broken"};

std::string label(std::string_view name, std::string_view value) {
    return std::string(",").append(name).append("=\"").append(escaped_label(value)).append("\"");
}

std::int64_t milliseconds(Wall t) {
    return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

using Channel = DeskFigures::ChannelFigures;

/// One scrape's families of alerting.
class AlertScrape {
public:
    AlertScrape(MetricsWriter& out, std::string_view labels, const DeskFigures& figures)
        : out_(out), labels_(labels), figures_(figures) {}

    void number(const MetricFamily& family, std::int64_t value) {
        out_.begin(family);
        out_.integer(labels_, "", value);
    }
    void incidents() {
        out_.begin(metric("serin_incidents"));
        for (const std::string_view state : states) {
            for (const std::string_view severity : severities) {
                const auto found = figures_.incidents.find({std::string(state), std::string(severity)});
                out_.integer(labels_, label("state", state) + label("severity", severity),
                             found == figures_.incidents.end() ? 0 : found->second);
            }
        }
    }
    void oldest() {
        out_.begin(metric("serin_outbox_oldest_seconds"));
        out_.seconds(labels_, "", figures_.outbox_oldest);
        number(metric("serin_pages_untaken"), figures_.pages_untaken);
    }
    void notifications() {
        if (figures_.channels.empty()) return;
        out_.begin(metric("serin_notifications_total"));
        for (const auto& [name, channel] : figures_.channels) {
            for (const std::string_view result : results) {
                const auto found = channel.took.find(std::string(result));
                out_.integer(labels_, label("channel", name) + label("result", result),
                             found == channel.took.end() ? 0 : found->second);
            }
        }
        out_.begin(metric("serin_notification_delay_seconds"));
        for (const auto& [name, channel] : figures_.channels) {
            out_.histogram(labels_, label("channel", name), channel.delay_buckets, channel.delay_sum,
                           channel.delay_count);
        }
    }
    /// For each channel that `has` it; the family is not begun when none does.
    template <class Has, class Write>
    void each_channel(const MetricFamily& family, Has has, Write write) {
        bool begun = false;
        for (const auto& [name, channel] : figures_.channels) {
            if (!has(channel)) continue;
            if (!begun) out_.begin(family);
            begun = true;
            write(label("channel", name), channel);
        }
    }
    void channels() {
        const auto every = [](const Channel&) { return true; };
        each_channel(metric("serin_channel_broken"), every, [&](const std::string& more, const Channel& channel) {
            out_.integer(labels_, more, channel.broken ? 1 : 0);
        });
        each_channel(metric("serin_channel_circuit_open"), every, [&](const std::string& more, const Channel& channel) {
            out_.integer(labels_, more, channel.circuit_open ? 1 : 0);
        });
    }
    void drills() {
        each_channel(
            metric("serin_drill_last_good_timestamp_seconds"),
            [](const Channel& channel) { return channel.last_drill_at.has_value(); },
            [&](const std::string& more, const Channel& channel) {
                out_.moment(labels_, more, milliseconds(*channel.last_drill_at));
            });
        each_channel(
            metric("serin_drill_successful"), [](const Channel& channel) { return channel.drilled; },
            [&](const std::string& more, const Channel& channel) {
                out_.integer(labels_, more, channel.last_drill_good ? 1 : 0);
            });
        each_channel(
            metric("serin_drill_delivery_seconds"),
            [](const Channel& channel) { return channel.drill_delivered_after.has_value(); },
            [&](const std::string& more, const Channel& channel) {
                out_.seconds(labels_, more, *channel.drill_delivered_after);
            });
    }
    void heartbeats() {
        if (figures_.heartbeats.empty()) return;
        out_.begin(metric("serin_heartbeat_last_timestamp_seconds"));
        for (const auto& [name, at] : figures_.heartbeats) {
            out_.moment(labels_, label("heartbeat", name), milliseconds(at));
        }
    }

private:
    MetricsWriter& out_;
    std::string_view labels_;
    const DeskFigures& figures_;
};

}  // namespace

void render_alerts(MetricsWriter& out, std::string_view labels, const DeskFigures& figures) {
    AlertScrape scrape(out, labels, figures);
    scrape.incidents();
    scrape.number(metric("serin_incidents_opened_total"), figures.opened);
    scrape.number(metric("serin_pages_total"), figures.pages);
    scrape.number(metric("serin_outbox_pending_notices"), figures.outbox_pending);
    scrape.oldest();
    scrape.number(metric("serin_alert_store_writing"), figures.durable ? 1 : 0);
    scrape.notifications();
    scrape.channels();
    scrape.drills();
    scrape.heartbeats();
}

}  // namespace serin
