// SPDX-License-Identifier: Apache-2.0
#include "tests/support/incident_examples.hpp"

#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {

using namespace std::chrono_literals;

namespace {

int below(std::mt19937& random, int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
}
bool coin(std::mt19937& random) {
    return below(random, 2) == 0;
}
Wall any_time(std::mt19937& random) {
    return Wall(std::chrono::seconds(random() % 4'000'000'000U) + std::chrono::microseconds(below(random, 1'000'000)));
}
std::optional<Wall> perhaps(std::mt19937& random) {
    return coin(random) ? std::optional(any_time(random)) : std::nullopt;
}
std::string any_text(std::mt19937& random) {
    static const std::vector<std::string> words{"",         "us-east-1", "naïve – ✓", "\"quoted\" \\ \n\t",
                                                "<b>|</b>", "\x01",      "null",      "0"};
    return words[static_cast<std::size_t>(below(random, static_cast<int>(words.size())))];
}
std::vector<std::string> any_texts(std::mt19937& random) {
    std::vector<std::string> all;
    for (int count = below(random, 4); count > 0; --count) all.push_back(any_text(random));
    return all;
}
std::optional<double> any_number(std::mt19937& random) {
    return coin(random) ? std::optional(static_cast<double>(random()) / 7919.0) : std::nullopt;
}
Change any_change(std::mt19937& random) {
    Change change = change_of(any_text(random), any_text(random), any_time(random));
    change.title = any_text(random);
    change.shards = any_texts(random);
    change.rollback_plan = any_text(random);
    change.link = any_text(random);
    change.ended_at = perhaps(random);
    return change;
}

void fill_lists(std::mt19937& random, Incident& incident) {
    for (int count = below(random, 4); count > 0; --count) {
        incident.cells.push_back(AffectedCell{.cell = CellKey{.probe = any_text(random),
                                                              .vantage = any_text(random),
                                                              .target = any_text(random),
                                                              .profile = any_text(random),
                                                              .cell = any_text(random)},
                                              .rule = static_cast<RuleKind>(below(random, 13)),
                                              .since = any_time(random),
                                              .recovered_at = perhaps(random),
                                              .run_id = any_text(random),
                                              .message = any_text(random),
                                              .because = any_text(random),
                                              .step = any_text(random),
                                              .wave = below(random, 9),
                                              .baseline_seconds = any_number(random)});
        incident.symptoms.push_back(Symptom{.service = any_text(random),
                                            .failure_class = any_text(random),
                                            .message = any_text(random),
                                            .since = any_time(random),
                                            .until = perhaps(random),
                                            .noted_at = any_time(random),
                                            .critical = coin(random)});
        incident.suspects.push_back(Suspect{.change = any_change(random),
                                            .score = any_number(random).value_or(0.25),
                                            .why = any_texts(random),
                                            .rejected = coin(random),
                                            .rejected_by = any_text(random)});
        incident.mitigations.push_back(
            Mitigation{.change = any_change(random), .effect = any_text(random), .failing_before = below(random, 99)});
        incident.wave_began_at.push_back(any_time(random));
        incident.deliveries[any_text(random)] = static_cast<std::int64_t>(random()) * 1'000'003;
    }
}

void fill_telling(std::mt19937& random, Incident& incident) {
    if (coin(random))
        incident.acknowledgement = Acknowledgement{.by = any_text(random),
                                                   .via = any_text(random),
                                                   .note = any_text(random),
                                                   .at = any_time(random),
                                                   .until = any_time(random)};
    if (coin(random))
        incident.muted = Mute{.service = any_text(random),
                              .failure_class = any_text(random),
                              .owner = any_text(random),
                              .reason = any_text(random),
                              .at = any_time(random),
                              .until = any_time(random)};
    incident.maintenance = coin(random);
    incident.attached = coin(random);
    incident.attached_to = any_text(random);
    incident.paged_at = perhaps(random);
    incident.acknowledged_at = perhaps(random);
    incident.paged = coin(random);
    incident.pages = below(random, 100);
    incident.level = below(random, 5);
    incident.repeats = below(random, 5);
    incident.escalate_at = perhaps(random);
    incident.told = coin(random);
    incident.told_channels = any_texts(random);
    incident.told_failover = any_texts(random);
    incident.told_at = perhaps(random);
    incident.tell_change_at = perhaps(random);
    incident.notices = (static_cast<std::uint64_t>(random()) << 32) + random();
    incident.usefulness = static_cast<Usefulness>(below(random, 4));
}

}  // namespace

Incident random_incident(std::mt19937& random) {
    Incident incident{.id = "inc-" + std::to_string(random()),
                      .service = any_text(random),
                      .failure_class = any_text(random),
                      .state = static_cast<IncidentState>(below(random, 3)),
                      .severity = static_cast<AlertSeverity>(below(random, 3)),
                      .highest_severity = static_cast<AlertSeverity>(below(random, 3)),
                      .scope = static_cast<FaultScope>(below(random, 6)),
                      .rule = static_cast<RuleKind>(below(random, 13)),
                      .owner = any_text(random),
                      .runbook = any_text(random),
                      .drill = coin(random),
                      .drill_channel = any_text(random),
                      .declared = coin(random),
                      .began_at = any_time(random),
                      .opened_at = any_time(random),
                      .recovered_at = perhaps(random),
                      .closed_at = perhaps(random),
                      .unwatched = coin(random),
                      .waves = below(random, 9),
                      .message = any_text(random),
                      .root_step = any_text(random)};
    incident.targets = any_texts(random);
    incident.vantages = any_texts(random);
    incident.vantages_failing = below(random, 9);
    incident.vantages_reporting = below(random, 9);
    incident.confirmed = coin(random);
    incident.vouched = coin(random);
    incident.flapping = coin(random);
    incident.more_cells = below(random, 9999);
    incident.advice = any_text(random);
    incident.baseline_seconds = any_number(random);
    incident.latency_seconds = any_number(random);
    incident.outstanding = -5 + below(random, 100);
    fill_lists(random, incident);
    fill_telling(random, incident);
    return incident;
}

Incident example_incident() {
    BookPlay play;
    Change deploy = change_of("deploy-4711", "deploy", noon_play() - 5min - 30s);
    deploy.title = "new fan-out";
    deploy.link = "https://deploys.example.com/4711";
    play.tell(deploy);
    const auto fault = [&play] { return fault_of({"us-east-1"}, {"fra", "iad", "sin"}, play.now - 90s); };
    play.raise(fault());
    play.pass(2min);
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "looking", 2h, play.now));
    Change rollback = change_of("rollback-1", "rollback", play.now);
    rollback.ended_at = play.now + 1min;
    play.tell(rollback);
    Fault shop = fault();
    shop.service = "shop";
    shop.root = "messages";
    shop.root_class = "not_in_time";
    shop.conditions[0].message = "orders are not confirmed";
    play.raise(shop);
    play.pass(15min);
    play.clear(fault());
    play.pass(3h, 1min);
    play.raise(fault());
    play.pass(6min);
    play.clear(fault());
    play.keep(play.book.account("inc-1", 2, {{"delivered", 40}, {"late", 12}, {"lost", 31}}, play.now));
    return play.of("messages");
}

std::vector<TimelineEntry> example_timeline() {
    const auto entry = [](Duration after, const char* event, const char* text, const char* by = "") {
        return TimelineEntry{.incident_id = "inc-1", .at = noon_play() + after, .event = event, .text = text, .by = by};
    };
    return {entry(2min, "acknowledged", "acknowledged until 13:44 UTC by cli: looking", "ann"),
            entry(0s, "opened", "messages are not delivered live, on us-east-1"), entry(0s, "paged", "level 1: chat"),
            entry(3min, "note", "| a table | <script>alert(1)</script> @everyone\n# not a heading", "bob <b>")};
}

}  // namespace serin::test
