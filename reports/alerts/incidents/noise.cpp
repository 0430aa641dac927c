// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace serin {
namespace {

using std::chrono::minutes;

constexpr Duration short_lived = minutes(5);
constexpr Duration too_early = std::chrono::hours(24);
constexpr Duration review_within = std::chrono::hours(24 * 14);
constexpr int least_pages = 10;
constexpr const char* no_owner = "nobody: set `owner` for the probe";

/// Sum and count of durations.
struct Mean {
    Duration sum{};
    int count = 0;
    void add(Duration duration) {
        sum += std::max(Duration::zero(), duration);
        ++count;
    }
    [[nodiscard]] std::optional<Duration> value() const {
        return count == 0 ? std::nullopt : std::optional<Duration>(sum / count);
    }
};

struct Row {
    RuleNoise noise{};
    Mean acknowledge{}, detect{};
    std::string owner{};
    Wall owner_of{};
};

bool lasted_long(const Incident& incident, Wall until) {
    return incident.recovered_at.value_or(incident.closed_at.value_or(until)) - incident.began_at > short_lived;
}

bool closed_by_itself(const Incident& incident, Wall until) {
    return !incident.acknowledged_at && incident.usefulness != Usefulness::actioned && !lasted_long(incident, until);
}

Usefulness judged(const Incident& incident, Wall until) {
    if (incident.usefulness != Usefulness::unknown) return incident.usefulness;
    return incident.acknowledged_at && lasted_long(incident, until) ? Usefulness::actioned : Usefulness::no_action;
}

bool is_pending(const Incident& incident, Wall until) {
    return incident.state == IncidentState::open && until - incident.opened_at < too_early;
}

void add_page(Row& row, const Incident& incident, Wall until) {
    RuleNoise& noise = row.noise;
    ++noise.pages;
    if (incident.acknowledged_at) {
        ++noise.acknowledged;
        row.acknowledge.add(*incident.acknowledged_at - *incident.paged_at);
    }
    if (is_pending(incident, until)) {
        ++noise.pending;
        return;
    }
    const Usefulness use = judged(incident, until);
    if (use == Usefulness::no_action && closed_by_itself(incident, until)) ++noise.auto_closed;
    if (use == Usefulness::actioned) ++noise.actioned;
    if (use == Usefulness::no_action) ++noise.no_action;
    if (use == Usefulness::false_alarm) ++noise.false_alarms;
}

void add(Row& row, const Incident& incident, Wall until) {
    row.noise.service = incident.service;
    row.noise.rule = name_of(incident.rule);
    row.detect.add(incident.opened_at - incident.began_at);
    if (!incident.owner.empty() && incident.opened_at >= row.owner_of) {
        row.owner = incident.owner;
        row.owner_of = incident.opened_at;
    }
    if (incident.paged_at) add_page(row, incident, until);
}

void finish(RuleNoise& noise, const Row& row) {
    noise.mean_time_to_acknowledge = row.acknowledge.value();
    noise.mean_time_to_detect = row.detect.value();
    const int settled = noise.pages - noise.pending;
    noise.interval = wilson(noise.actioned, settled);
    if (settled > 0) noise.precision = static_cast<double>(noise.actioned) / settled;
}

bool needs_review(const RuleNoise& noise) {
    return noise.pages - noise.pending >= least_pages && noise.precision && *noise.precision < 0.5;
}

Review review_of(const RuleNoise& noise, const std::string& owner, Wall until) {
    Review review{.service = noise.service,
                  .rule = noise.rule,
                  .owner = owner.empty() ? no_owner : owner,
                  .due_at = until + review_within};
    review.text = fmt::format(
        "{} of {} pages of rule {} on {} needed somebody (precision {:.2f}, {:.2f} … {:.2f}; {} were acknowledged): "
        "make "
        "it say less or say it better; it goes on paging until then",
        noise.actioned, noise.pages - noise.pending, noise.rule, noise.service, noise.precision.value_or(0),
        noise.interval.low, noise.interval.high, noise.acknowledged);
    return review;
}

bool found_by_rule(const Incident& incident, Wall until) {
    const bool own_fault = incident.scope == FaultScope::vantage || incident.scope == FaultScope::schedule;
    return incident.paged_at && !incident.attached && !own_fault && incident.usefulness != Usefulness::false_alarm &&
           !closed_by_itself(incident, until);
}

}  // namespace

NoiseReport noise_of(const std::vector<Incident>& incidents, Wall from, Wall until) {
    NoiseReport report;
    std::map<std::pair<std::string, std::string>, Row> rows;
    for (const Incident& each : incidents) {
        if (each.drill || each.opened_at < from || each.opened_at >= until) continue;
        if (each.declared) {
            report.declared += each.usefulness == Usefulness::false_alarm ? 0 : 1;
            continue;
        }
        report.found_first += found_by_rule(each, until) ? 1 : 0;
        add(rows[{each.service, name_of(each.rule)}], each, until);
    }
    for (auto& [key, row] : rows) {
        finish(row.noise, row);
        if (needs_review(row.noise)) report.reviews.push_back(review_of(row.noise, row.owner, until));
        report.rules.push_back(std::move(row.noise));
    }
    const int known = report.found_first + report.declared;
    report.recall_interval = wilson(report.found_first, known);
    if (known > 0) report.recall = static_cast<double>(report.found_first) / known;
    return report;
}

}  // namespace serin
