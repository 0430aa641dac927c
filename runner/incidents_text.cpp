// SPDX-License-Identifier: Apache-2.0
#include "runner/incidents_text.hpp"

#include <fmt/format.h>

#include "reports/formats/escaping.hpp"
#include "reports/formats/store_listing.hpp"
#include "reports/formats/table.hpp"

namespace serin {
namespace {

std::optional<Colour> colour_of(AlertSeverity severity) {
    if (severity == AlertSeverity::critical) return Colour::red;
    if (severity == AlertSeverity::warning) return Colour::yellow;
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& words, std::string_view between = ", ") {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
    return text;
}

/// What keeps people from being told of it, or tells that somebody is on it.
std::string remarks_of(const Incident& incident) {
    std::vector<std::string> remarks;
    if (incident.acknowledgement) remarks.push_back("ack " + incident.acknowledgement->by);
    if (incident.muted) remarks.push_back("muted until " + short_time(incident.muted->until));
    if (incident.maintenance) remarks.emplace_back("maintenance");
    if (incident.attached) remarks.push_back("symptom of " + incident.attached_to);
    if (incident.flapping) remarks.emplace_back("flapping");
    if (incident.declared) remarks.emplace_back("declared");
    if (incident.drill) remarks.emplace_back("drill");
    return joined(remarks);
}

std::string share(const std::optional<double>& value, const Interval& interval) {
    if (!value) return "-";
    return fmt::format("{:.2f} ({:.2f}–{:.2f})", *value, interval.low, interval.high);
}

std::string length(const std::optional<Duration>& duration) {
    return duration ? human_duration(*duration) : "-";
}

std::string fact(std::string_view name, const std::string& value) {
    return value.empty() ? std::string() : fmt::format("  {:<12} {}\n", name, printable(value));
}

std::string facts_of(const Incident& incident) {
    std::string text = fact("incident", incident.id);
    text += fact("service", incident.service + "  " + incident.failure_class);
    text += fact("state", std::string(name_of(incident.state)) + ", " + name_of(incident.severity) +
                              (incident.waves > 1 ? fmt::format(", wave {}", incident.waves) : ""));
    text += fact("where", scope_in_words(incident));
    text += fact("began",
                 rfc3339(incident.began_at) + ", seen after " + human_duration(incident.opened_at - incident.began_at));
    if (incident.paged_at) text += fact("paged", rfc3339(*incident.paged_at));
    if (incident.recovered_at) text += fact("recovered", rfc3339(*incident.recovered_at));
    if (incident.closed_at) text += fact("closed", rfc3339(*incident.closed_at));
    text += fact("remarks", remarks_of(incident));
    text += fact("owner", incident.owner);
    text += fact("runbook", incident.runbook);
    text += fact("advice", incident.advice);
    if (!incident.deliveries.empty()) text += fact("messages", account_line(incident.deliveries));
    for (const Suspect& suspect : incident.suspects) {
        const Change& change = suspect.change;
        text += fact(suspect.rejected ? "rejected" : "suspect",
                     change.id + "  " + change.kind + " of " + change.component + ": " + joined(suspect.why));
    }
    for (const Mitigation& mitigation : incident.mitigations) {
        const std::string& effect = mitigation.effect;
        text +=
            fact("mitigation", mitigation.change.id + "  " + mitigation.change.kind + " of " +
                                   mitigation.change.component + ": " + (effect.empty() ? "not known yet" : effect));
    }
    return text;
}

std::string cells_table(const std::vector<AffectedCell>& cells, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const AffectedCell& cell : cells) {
        rows.push_back({{.text = cell.cell.probe},
                        {.text = cell_text(cell.cell)},
                        {.text = short_time(cell.since)},
                        {.text = cell.recovered_at ? short_time(*cell.recovered_at) : "-"},
                        {.text = cell.because.empty() ? cell.message : cell.because}});
    }
    return table({{.head = "PROBE"},
                  {.head = "CELL"},
                  {.head = "SINCE"},
                  {.head = "RECOVERED"},
                  {.head = "BECAUSE", .widest = 60}},
                 rows, colours_on);
}

std::string timeline_table(const std::vector<TimelineEntry>& timeline, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const TimelineEntry& entry : timeline) {
        rows.push_back(
            {{.text = short_time(entry.at)}, {.text = entry.event}, {.text = entry.by}, {.text = entry.text}});
    }
    return table({{.head = "AT"}, {.head = "EVENT"}, {.head = "BY"}, {.head = "WHAT", .widest = 100}}, rows,
                 colours_on);
}

std::string notices_table(const std::vector<OutboxRow>& notices, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const OutboxRow& row : notices) {
        const bool arrived = row.state == OutboxRow::State::delivered;
        const bool lost = row.state == OutboxRow::State::refused;
        rows.push_back({{.text = short_time(row.notice.made_at)},
                        {.text = std::string(name_of(row.notice.kind)) + (row.notice.page ? " (page)" : "")},
                        {.text = row.channel},
                        {.text = name_of(row.state),
                         .colour = arrived ? std::optional(Colour::green)
                                   : lost  ? std::optional(Colour::red)
                                           : std::nullopt},
                        {.text = std::to_string(row.attempts)},
                        {.text = row.said}});
    }
    return table({{.head = "MADE"},
                  {.head = "NOTICE"},
                  {.head = "CHANNEL"},
                  {.head = "STATE"},
                  {.head = "TRIES", .right = true},
                  {.head = "SAID", .widest = 60}},
                 rows, colours_on);
}

}  // namespace

std::string incidents_table(const std::vector<Incident>& incidents, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const Incident& incident : incidents) {
        rows.push_back({{.text = incident.id},
                        {.text = short_time(incident.opened_at)},
                        {.text = name_of(incident.state)},
                        {.text = name_of(incident.severity), .colour = colour_of(incident.severity)},
                        {.text = incident.service},
                        {.text = incident.failure_class},
                        {.text = joined(incident.targets, " ")},
                        {.text = incident.message},
                        {.text = remarks_of(incident)}});
    }
    return table({{.head = "INCIDENT"},
                  {.head = "OPENED"},
                  {.head = "STATE"},
                  {.head = "SEVERITY"},
                  {.head = "SERVICE", .widest = 24},
                  {.head = "CLASS", .widest = 24},
                  {.head = "TARGETS", .widest = 24},
                  {.head = "MESSAGE", .widest = 60},
                  {.head = "REMARKS", .widest = 60}},
                 rows, colours_on);
}

std::string incident_text(const IncidentDetail& detail, Wall now, bool colours_on) {
    std::string text = printable(headline(detail.incident, now)) + "\n\n" + facts_of(detail.incident);
    if (!detail.incident.cells.empty()) text += "\n" + cells_table(detail.incident.cells, colours_on);
    if (!detail.timeline.empty()) text += "\n" + timeline_table(detail.timeline, colours_on);
    if (!detail.rows.empty()) text += "\n" + notices_table(detail.rows, colours_on);
    return text;
}

std::string mutes_table(const std::vector<Mute>& mutes, bool colours_on) {
    if (mutes.empty()) return {};
    std::vector<std::vector<Field>> rows;
    for (const Mute& mute : mutes) {
        rows.push_back({{.text = mute.service},
                        {.text = mute.failure_class.empty() ? "(all)" : mute.failure_class},
                        {.text = short_time(mute.until)},
                        {.text = mute.owner},
                        {.text = mute.reason}});
    }
    return table(
        {{.head = "MUTED"}, {.head = "CLASS"}, {.head = "UNTIL"}, {.head = "OWNER"}, {.head = "REASON", .widest = 80}},
        rows, colours_on);
}

std::string noise_text(const NoiseReport& report, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const RuleNoise& rule : report.rules) {
        const bool noisy = rule.precision && *rule.precision < 0.5;
        rows.push_back({{.text = rule.service},
                        {.text = rule.rule},
                        {.text = std::to_string(rule.pages)},
                        {.text = std::to_string(rule.pending)},
                        {.text = std::to_string(rule.acknowledged)},
                        {.text = std::to_string(rule.actioned)},
                        {.text = std::to_string(rule.no_action)},
                        {.text = std::to_string(rule.false_alarms)},
                        {.text = std::to_string(rule.auto_closed)},
                        {.text = share(rule.precision, rule.interval),
                         .colour = noisy ? std::optional(Colour::yellow) : std::nullopt},
                        {.text = length(rule.mean_time_to_detect)},
                        {.text = length(rule.mean_time_to_acknowledge)}});
    }
    std::string text = rows.empty() ? "nobody was paged\n"
                                    : table({{.head = "SERVICE"},
                                             {.head = "RULE"},
                                             {.head = "PAGES", .right = true},
                                             {.head = "PENDING", .right = true},
                                             {.head = "ACKED", .right = true},
                                             {.head = "ACTIONED", .right = true},
                                             {.head = "NO ACTION", .right = true},
                                             {.head = "FALSE", .right = true},
                                             {.head = "AUTO-CLOSED", .right = true},
                                             {.head = "PRECISION"},
                                             {.head = "MTTD", .right = true},
                                             {.head = "MTTA", .right = true}},
                                            rows, colours_on);
    text += fmt::format("\nrecall {}: {} found by a rule first, {} told of by people\n",
                        share(report.recall, report.recall_interval), report.found_first, report.declared);
    for (const Review& review : report.reviews) {
        text += "review by " + short_time(review.due_at) + ", owner " + printable(review.owner) + ": " +
                printable(review.text) + "\n";
    }
    return text;
}

std::string drills_table(const std::vector<DrillRow>& drills, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const DrillRow& row : drills) {
        rows.push_back({{.text = row.channel},
                        {.text = row.good ? "proven" : "NOT PROVEN", .colour = row.good ? Colour::green : Colour::red},
                        {.text = length(row.delivered_after)},
                        {.text = length(row.resolved_after)},
                        {.text = row.said}});
    }
    return table({{.head = "CHANNEL"},
                  {.head = "DRILL"},
                  {.head = "DELIVERED", .right = true},
                  {.head = "RESOLVED", .right = true},
                  {.head = "SAID", .widest = 80}},
                 rows, colours_on);
}

}  // namespace serin
