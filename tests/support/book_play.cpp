// SPDX-License-Identifier: Apache-2.0
#include "tests/support/book_play.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "reports/alerts/incidents/incident_json.hpp"

namespace serin::test {

using namespace std::chrono_literals;

Wall noon_play() {
    return Wall(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)) + 11h + 42min;
}

BookRules book_rules() {
    BookRules rules;
    rules.levels = {EscalationLevel{.after = 0s, .channels = {"chat"}, .failover = {"sms"}},
                    EscalationLevel{.after = 5min, .channels = {"phone"}}};
    rules.warning_channels = {"mail"};
    rules.people = {{"messages", {"team-chat", "https://runbooks.example.com/messages"}}};
    return rules;
}

Fault fault_of(std::vector<std::string> targets, std::vector<std::string> vantages, Wall since) {
    Fault fault{.service = "messages", .failure_class = "not_in_time", .scope = FaultScope::target};
    for (const std::string& target : targets) {
        for (const std::string& vantage : vantages) {
            fault.conditions.push_back(
                Condition{.cell = CellKey{.probe = "chat-delivery", .vantage = vantage, .target = target},
                          .failure_class = "not_in_time",
                          .since = since,
                          .decided_at = since,
                          .message = "messages are not delivered live",
                          .run_id = "run-1",
                          .step = "wait for the message",
                          .because = "2 of 3 runs"});
        }
    }
    fault.vantages_failing = static_cast<int>(vantages.size());
    fault.vantages_reporting = static_cast<int>(vantages.size());
    fault.confirmed = vantages.size() >= 2;
    std::ranges::sort(targets);
    std::ranges::sort(vantages);
    fault.targets = std::move(targets);
    fault.vantages = std::move(vantages);
    fault.since = since;
    return fault;
}

Change change_of(const std::string& id, const std::string& kind, Wall started_at) {
    return Change{.id = id,
                  .kind = kind,
                  .component = "messages",
                  .title = {},
                  .shards = {},
                  .author = "pipeline",
                  .contact = {},
                  .rollback_plan = {},
                  .link = {},
                  .started_at = started_at,
                  .ended_at = {}};
}

BookPlay::BookPlay(BookRules with) : rules(std::move(with)), book(rules, seams()) {}

Book::Seams BookPlay::seams() {
    const auto looked_up = [](const std::map<std::string, double>& values, const CellKey& cell) {
        const auto found = values.find(cell.target);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
    return {.in_maintenance = [this](const CellKey& cell, const std::string&,
                                     Wall) { return maintained.contains(cell.target); },
            .make_id = [this] { return "inc-" + std::to_string(++ids_); },
            .baseline = [this, looked_up](const CellKey& cell, Wall) { return looked_up(baselines, cell); },
            .latency = [this, looked_up](const CellKey& cell) { return looked_up(latencies, cell); }};
}

FaultChange BookPlay::change(FaultChange::Kind kind, const Fault& fault) const {
    return FaultChange{.kind = kind, .fault = fault, .at = now};
}

void BookPlay::tell(const Change& change) {
    changes.push_back(change);
    keep(book.take(change));
}

void BookPlay::pass(Duration whole, Duration step) {
    const Wall end = now + whole;
    while (now < end) {
        now = std::min(now + step, end);
        keep(book.tick(now));
        mutes = book.mutes(now);
    }
}

void BookPlay::restart(const std::vector<Fault>& faults) {
    std::vector<Incident> incidents;
    for (const auto& [id, incident] : stored) {
        const std::string text = incident_json(incident).dump();
        incidents.push_back(incident_from_json(nlohmann::json::parse(text)).value());
    }
    book = Book(rules, seams());
    book.restore(std::move(incidents), mutes, changes);
    keep(book.reconcile(faults, now));
    if (!book.reconcile(faults, now).empty()) throw std::logic_error("reconciling twice changed something");
}

Transitions BookPlay::keep(Transitions transitions) {
    for (const Transition& one : transitions) {
        stored[one.incident.id] = one.incident;
        timeline.insert(timeline.end(), one.timeline.begin(), one.timeline.end());
        notices.insert(notices.end(), one.notices.begin(), one.notices.end());
    }
    return transitions;
}

Transitions BookPlay::done(Result<Transitions> transitions) {
    if (!transitions) throw std::logic_error(transitions.error().title);
    mutes = book.mutes(now);
    return keep(*std::move(transitions));
}

const Incident& BookPlay::only() const {
    if (stored.size() != 1) throw std::logic_error(std::to_string(stored.size()) + " incidents");
    return stored.begin()->second;
}

const Incident& BookPlay::of(const std::string& service) const {
    for (const auto& [id, incident] : stored) {
        if (incident.service == service) return incident;
    }
    throw std::logic_error("no incident of " + service);
}

std::vector<std::string> BookPlay::told() {
    std::vector<std::string> all;
    for (; told_ < notices.size(); ++told_) {
        const Notice& notice = notices[told_];
        std::string words = name_of(notice.kind);
        for (std::size_t at = 0; at < notice.channels.size(); ++at)
            words += (at == 0 ? ":" : "+") + notice.channels[at];
        all.push_back(words + (notice.page ? " page" : ""));
    }
    return all;
}

int BookPlay::entries_of(const std::string& event) const {
    return static_cast<int>(
        std::ranges::count_if(timeline, [&](const TimelineEntry& entry) { return entry.event == event; }));
}

}  // namespace serin::test
