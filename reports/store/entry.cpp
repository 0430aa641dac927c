// SPDX-License-Identifier: Apache-2.0
#include "reports/store/entry.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/ids.hpp"
#include "reports/formats/reporter.hpp"

namespace serin {
namespace {

std::string dumped(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

StoredRun stored_run(const Record& record) {
    const Outcome& outcome = *record.outcome;
    StoredRun run;
    run.key = record.key;
    run.run_id = outcome.run_id;
    run.scheduled_at = record.scheduled_at;
    run.started_at = outcome.started_at;
    run.start_lateness = record.start_lateness;
    run.took = outcome.took;
    run.verdict = outcome.verdict;
    run.failure_class = outcome.failure_class;
    run.message = outcome.message;
    run.attempts = std::max(1, static_cast<int>(outcome.attempts.size()));
    run.maintenance = record.maintenance;
    run.on_request = record.on_request;
    run.cleanup_failed = outcome.cleanup_failed;
    // What a pass left behind has to be found again: its list of leaks is evidence too.
    if (outcome.verdict != Verdict::pass || outcome.cleanup_failed) run.evidence = dumped(outcome_json(outcome));
    return run;
}

}  // namespace

StoredEntry stored_form(StoreEntry entry) {
    struct Form {
        StoredEntry operator()(const Record& record) const { return stored_run(record); }
        StoredEntry operator()(Change&& change) const {
            if (change.id.empty()) change.id = make_trace_id();
            return std::move(change);
        }
        StoredEntry operator()(Gap&& gap) const { return std::move(gap); }
        StoredEntry operator()(Sending&& sending) const { return std::move(sending); }
        StoredEntry operator()(Sighting&& sighting) const { return std::move(sighting); }
        StoredEntry operator()(Delivery&& delivery) const { return std::move(delivery); }
    };
    return std::visit(Form{}, std::move(entry));
}

bool thin(const StoredEntry& entry) {
    const auto* run = std::get_if<StoredRun>(&entry);
    return run != nullptr && run->verdict == Verdict::pass && run->evidence.empty();
}

}  // namespace serin
