// SPDX-License-Identifier: Apache-2.0
#include "reports/metrics/cell_tally.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "reports/metrics/families.hpp"
#include "reports/metrics/metrics_writer.hpp"

namespace serin {
namespace {

constexpr int http_series =
    metric("serin_http_exchanges_total").series + metric("serin_http_phase_seconds_total").series;
constexpr int delivery_series = metric("serin_deliveries_total").series + metric("serin_delivery_seconds").series;
constexpr std::size_t max_class_bytes = 100;

// What serin_verdict says: the more, the worse.
int severity(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return 1;
        case Verdict::degraded:
            return 2;
        case Verdict::error:
            return 3;
        case Verdict::fail:
            return 4;
        case Verdict::skipped:
        case Verdict::blocked:
        case Verdict::aborted:
            return 0;
    }
    return 0;
}

bool users_can_work(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::degraded;
}

struct Exchanges {
    std::uint64_t count = 0;
    std::array<Duration, http_phases.size()> phases{};
    std::optional<double> expiry_days;
};

void gather(const std::vector<StepResult>& steps, Exchanges& all) {
    for (const StepResult& step : steps) {
        if (step.http) {
            ++all.count;
            const auto phases = phases_of(step.http->timings);
            for (std::size_t i = 0; i < phases.size(); ++i) all.phases[i] += phases[i];
            const auto& days = step.http->certificate_expiry_days;
            if (days && std::isfinite(*days)) all.expiry_days = std::min(*days, all.expiry_days.value_or(*days));
        }
        gather(step.children, all);
    }
}

std::string_view cut(std::string_view text, std::size_t size) {
    if (text.size() <= size) return text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) --size;
    return text.substr(0, size);
}

}  // namespace

std::size_t index_of(Verdict verdict) {
    const auto* const at = std::ranges::find(run_verdicts, verdict);
    // `blocked` is of steps only; a run that says so was not judged.
    return at == run_verdicts.end() ? index_of(Verdict::skipped) : static_cast<std::size_t>(at - run_verdicts.begin());
}

std::array<Duration, 5> phases_of(const HttpTimings& timings) {
    const Duration known = timings.dns + timings.connect + timings.tls + timings.first_byte;
    return {timings.dns, timings.connect, timings.tls, timings.first_byte,
            std::max(Duration::zero(), timings.total - known)};
}

Exemplar exemplar_of(const Outcome& outcome, Wall at) {
    Exemplar exemplar;
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    // Anything else than an id of ours would need escapes; no exemplar is better than a broken scrape.
    if (outcome.run_id.size() > exemplar.run_id.size() || !std::ranges::all_of(outcome.run_id, plain)) return exemplar;
    std::memcpy(exemplar.run_id.data(), outcome.run_id.data(), outcome.run_id.size());
    exemplar.size = static_cast<std::uint8_t>(outcome.run_id.size());
    exemplar.unix_milliseconds = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    return exemplar;
}

// Runs of a cell may overlap: a late result must not overwrite a newer one. When the wall clock was set back, the end
// goes back too, and the newer result is the one that came last.
bool CellTally::newest(const Outcome& outcome, Wall ended) const {
    if (!newest_started || outcome.started_at >= *newest_started) return true;
    return ended < *newest_ended;
}

bool CellTally::take(const Reserve& reserve, int series) {
    if (!reserve(series)) return false;
    extra_series += series;
    return true;
}

void CellTally::count(const Record& record, const Reserve& reserve) {
    const Outcome& outcome = *record.outcome;
    const Wall ended = outcome.started_at + std::chrono::duration_cast<Wall::duration>(outcome.took);
    const bool judged = users_can_work(outcome.verdict) || outcome.verdict == Verdict::fail;
    Exemplar exemplar = exemplar_of(outcome, ended);

    ++runs[index_of(outcome.verdict)];
    if (!record.on_request) {
        ++slots[0];
        good += users_can_work(outcome.verdict) ? 1 : 0;
        bad += outcome.verdict == Verdict::fail ? 1 : 0;
    }
    if (newest(outcome, ended)) {
        newest_started = outcome.started_at;
        newest_ended = ended;
        verdict = severity(outcome.verdict);
        maintenance = record.maintenance;
        if (users_can_work(outcome.verdict)) newest_pass = ended;
    }
    if (judged) {
        exemplar.value = outcome.took;
        const std::size_t bucket = took.add(outcome.took, histogram_bounds::run);
        if (!took_exemplars) took_exemplars = std::make_unique<decltype(took_exemplars)::element_type>();
        (*took_exemplars)[bucket] = exemplar;
    }
    if (!outcome.attempts.empty()) retries += outcome.attempts.size() - 1;
    cleanup_failures += outcome.cleanup_failed ? 1 : 0;
    leaked += outcome.leaked.size();
    count_failure(outcome, exemplar, reserve);
    count_exchanges(outcome, reserve);
    count_deliveries(outcome, exemplar, reserve);
}

void CellTally::count_failure(const Outcome& outcome, const Exemplar& exemplar, const Reserve& reserve) {
    if (outcome.failure_class.empty() || severity(outcome.verdict) < severity(Verdict::degraded)) return;
    const auto more = [](std::string_view failure_class) {
        return ",failure_class=\"" + escaped_label(cut(failure_class, max_class_bytes)) + "\"";
    };
    const auto known = [this](const std::string& label) {
        return std::ranges::find(failures, label, &FailureTally::more);
    };
    std::string label = more(outcome.failure_class);
    auto at = known(label);
    if (at == failures.end() && failures.size() >= max_failure_classes) {
        label = more("other");
        at = known(label);
    }
    if (at == failures.end()) {
        if (!take(reserve, 1)) return;
        at = failures.insert(failures.end(), FailureTally{.more = std::move(label), .count = 0, .newest = {}});
    }
    ++at->count;
    at->newest = exemplar;
    at->newest.counter = true;
}

void CellTally::count_exchanges(const Outcome& outcome, const Reserve& reserve) {
    Exchanges all;
    gather(outcome.steps, all);
    if (all.count == 0) return;
    if (!http && take(reserve, http_series)) http = std::make_unique<HttpTally>();
    if (http) {
        http->exchanges += all.count;
        for (std::size_t i = 0; i < all.phases.size(); ++i) http->phases[i] += all.phases[i];
    }
    // A hundred years bound what a double may hold, so that the sum cannot overflow.
    constexpr double most_days = 36500;
    if (!all.expiry_days || (!certificate_expiry && !take(reserve, 1))) return;
    const double days = std::clamp(*all.expiry_days, -most_days, most_days);
    certificate_expiry = outcome.started_at + std::chrono::seconds(std::llround(days * 86400));
}

void CellTally::count_deliveries(const Outcome& outcome, const Exemplar& exemplar, const Reserve& reserve) {
    if (outcome.deliveries.empty()) return;
    if (!deliveries && take(reserve, delivery_series)) deliveries = std::make_unique<DeliveryTally>();
    if (!deliveries) return;
    for (const Delivery& delivery : outcome.deliveries) {
        const auto* const state = std::ranges::find(delivery_states, delivery.state);
        const auto index = static_cast<std::size_t>(state - delivery_states.begin());
        ++deliveries->states[std::min(index, delivery_states.size() - 1)];
        if (!delivery.send_to_receive) continue;
        const std::size_t bucket = deliveries->took.add(*delivery.send_to_receive, histogram_bounds::run);
        deliveries->took.exemplars[bucket] = exemplar;
        deliveries->took.exemplars[bucket].value = *delivery.send_to_receive;
    }
}

}  // namespace serin
