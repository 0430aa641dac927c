// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace serin::test {
namespace {

/// xorshift64*: the same everywhere, and cheap.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}
    std::uint64_t roll() {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return state_ * 0x2545f4914f6cdd1dU;
    }

private:
    std::uint64_t state_;
};

std::vector<Duration> run_times(double sigma, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> seconds(std::log(0.2), sigma);
    std::vector<Duration> times(4096);
    for (Duration& time : times)
        time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds(random)));
    return times;
}

std::vector<CellFeed> feeds_of(const Fleet& fleet) {
    std::vector<CellFeed> feeds;
    for (int probe = 0; probe < fleet.probes; ++probe) {
        for (int target = 0; target < fleet.targets; ++target) {
            for (int vantage = 0; vantage < fleet.vantages; ++vantage)
                feeds.emplace_back(CellKey{.probe = fmt::format("probe-{}", probe),
                                           .vantage = fmt::format("vantage-{}", vantage),
                                           .target = fmt::format("shard-{}", target)});
        }
    }
    return feeds;
}

Policy::Options options_of(const Fleet& fleet) {
    Policy::Options options;
    for (int probe = 0; probe < fleet.probes; ++probe) {
        ProbeRules rules;
        rules.probe = fmt::format("probe-{}", probe);
        rules.service = fmt::format("service-{}", probe);
        rules.every = fleet.every;
        options.probes.push_back(rules);
    }
    options.now = policy_epoch;
    return options;
}

void count(FleetResult& result, const std::vector<FaultChange>& changes) {
    for (const FaultChange& change : changes) {
        if (change.kind == FaultChange::Kind::cleared) continue;
        if (change.fault.severity == AlertSeverity::critical) ++result.critical;
        if (change.fault.severity == AlertSeverity::warning) ++result.warnings;
    }
}

}  // namespace

Verdict verdict_of(char letter) {
    switch (letter) {
        case 'P':
            return Verdict::pass;
        case 'D':
            return Verdict::degraded;
        case 'F':
            return Verdict::fail;
        case 'E':
            return Verdict::error;
        case 'S':
            return Verdict::skipped;
        default:
            return Verdict::aborted;
    }
}

CellFeed::CellFeed(CellKey key, std::string run_prefix)
    : outcome_(std::make_shared<Outcome>()), prefix_(std::move(run_prefix)) {
    outcome_->vantage = key.vantage;
    record_.key = std::make_shared<const CellKey>(std::move(key));
    record_.outcome = outcome_;
}

const Record& CellFeed::run(Verdict verdict, Wall ended_at, Duration took, std::string_view failure_class) {
    Outcome& outcome = *outcome_;
    outcome.run_id = prefix_;
    outcome.run_id += std::to_string(++number_);
    outcome.verdict = verdict;
    outcome.started_at = ended_at - took;
    outcome.took = took;
    if (verdict == Verdict::pass) {
        outcome.failure_class.clear();
        outcome.message.clear();
        outcome.steps.clear();
    } else {
        outcome.failure_class = failure_class;
        outcome.message = "it does not work";
    }
    outcome.deliveries.clear();
    record_.scheduled_at = outcome.started_at;
    return record_;
}

const Record& CellFeed::messages(Verdict verdict, Wall ended_at,
                                 const std::vector<std::pair<std::string, int>>& states) {
    run(verdict, ended_at, std::chrono::milliseconds(200), verdict == Verdict::pass ? "" : "stored_not_pushed");
    for (const auto& [state, times] : states) {
        Delivery delivery;
        delivery.state = state;
        outcome_->deliveries.insert(outcome_->deliveries.end(), static_cast<std::size_t>(times), delivery);
    }
    return record_;
}

ProbeRules plain_rules(const std::string& probe) {
    ProbeRules rules;
    rules.probe = probe;
    rules.service = "chat";
    rules.lost.reset();
    rules.late.reset();
    rules.duplicated.reset();
    rules.latency.reset();
    rules.soft.reset();
    return rules;
}

PolicyPlay::PolicyPlay(Policy::Options options) : policy(std::move(options)) {}

PolicyPlay::PolicyPlay(ProbeRules rules) : policy(Policy::Options{.probes = {std::move(rules)}, .now = policy_epoch}) {}

CellFeed& PolicyPlay::feed(const CellKey& cell) {
    const auto place = std::ranges::find(feeds_, cell, [](const auto& each) { return each.first; });
    if (place != feeds_.end()) return place->second;
    return feeds_.emplace_back(cell, CellFeed(cell)).second;
}

std::vector<FaultChange> PolicyPlay::run(const CellKey& cell, char letter, std::string_view failure_class) {
    return policy.observe(feed(cell).run(verdict_of(letter), now, std::chrono::milliseconds(200), failure_class));
}

std::vector<FaultChange> PolicyPlay::play(const CellKey& cell, std::string_view letters) {
    std::vector<FaultChange> all;
    for (const char letter : letters) {
        for (FaultChange& change : run(cell, letter)) all.push_back(std::move(change));
        now += std::chrono::minutes(1);
    }
    return all;
}

std::vector<FaultChange> PolicyPlay::rounds(const std::vector<CellKey>& cells, std::string_view words) {
    std::vector<FaultChange> all;
    std::size_t place = 0;
    for (const char letter : words) {
        if (letter == ' ') continue;
        if (letter != '.') {
            for (FaultChange& change : run(cells[place], letter)) all.push_back(std::move(change));
        }
        if (++place < cells.size()) continue;
        place = 0;
        now += std::chrono::minutes(1);
    }
    return all;
}

std::string told(const FaultChange& change) {
    const char* kind = change.kind == FaultChange::Kind::raised    ? "raised"
                       : change.kind == FaultChange::Kind::changed ? "changed"
                                                                   : "cleared";
    std::string text = fmt::format("{} {} {} {} {}", kind, change.fault.service, change.fault.failure_class,
                                   name_of(change.fault.severity), name_of(change.fault.scope));
    if (change.fault.confirmed) text += " confirmed";
    if (change.fault.flapping) text += " flapping";
    if (!change.fault.root.empty()) text += fmt::format(" root={}/{}", change.fault.root, change.fault.root_class);
    return text;
}

std::vector<std::string> told(const std::vector<FaultChange>& changes) {
    std::vector<std::string> texts;
    for (const FaultChange& change : changes) texts.push_back(told(change));
    return texts;
}

FleetResult play_fleet(const Fleet& fleet) {
    Policy policy(options_of(fleet));
    std::vector<CellFeed> feeds = feeds_of(fleet);
    const std::vector<Duration> times = run_times(fleet.sigma, fleet.seed);
    const auto rare = static_cast<std::uint64_t>(fleet.transient * 4294967296.0);
    Dice dice(fleet.seed);
    FleetResult result;
    Wall now = policy_epoch;
    for (std::int64_t round = 0; round < fleet.rounds; ++round, now += fleet.every) {
        const bool outage = fleet.outage_at >= 0 && round >= fleet.outage_at && round < fleet.outage_at + 2;
        for (std::size_t place = 0; place < feeds.size(); ++place) {
            const std::uint64_t roll = dice.roll();
            const bool blind = outage && place % static_cast<std::size_t>(fleet.vantages) == 0;
            const bool failed = blind || (roll >> 32U) < rare;
            const auto spread =
                fleet.every * static_cast<std::int64_t>(place) / static_cast<std::int64_t>(feeds.size());
            const Record& record =
                feeds[place].run(failed ? Verdict::fail : Verdict::pass, now + spread, times[roll % times.size()],
                                 blind ? "connection_refused" : "expectation_failed");
            ++result.runs;
            if (failed) ++result.failed;
            count(result, policy.observe(record));
        }
        if (round % fleet.ticks_every == 0) count(result, policy.tick(now + fleet.every));
    }
    return result;
}

}  // namespace serin::test
