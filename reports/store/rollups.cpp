// SPDX-License-Identifier: Apache-2.0
#include "reports/store/rollups.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace serin {
namespace {

constexpr std::int64_t minute_micros = 60'000'000;
constexpr std::int64_t most_minutes_of_a_gap = 60;

std::int64_t minute_of(Wall t) {
    return std::chrono::floor<std::chrono::minutes>(t.time_since_epoch()).count();
}

double seconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}

std::string classes_text(const std::map<std::string, std::int64_t>& classes) {
    if (classes.empty()) return "{}";
    return nlohmann::json(classes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, std::int64_t> classes_of(std::string_view text) {
    std::map<std::string, std::int64_t> classes;
    if (text == "{}") return classes;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return classes;
    for (const auto& [name, count] : json.items()) {
        if (count.is_number_integer()) classes[name] = count.get<std::int64_t>();
    }
    return classes;
}

std::int64_t& by_verdict(CellCounts& counts, Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return counts.pass;
        case Verdict::degraded:
            return counts.degraded;
        case Verdict::fail:
            return counts.fail;
        case Verdict::skipped:
        case Verdict::blocked:  // of steps only
            return counts.skipped;
        case Verdict::aborted:
            return counts.aborted;
        case Verdict::error:
            break;
    }
    return counts.error;
}

std::int64_t& by_reason(CellCounts& counts, GapReason reason) {
    switch (reason) {
        case GapReason::shed:
            return counts.shed;
        case GapReason::overlap:
            return counts.overlap;
        case GapReason::missed:
            break;
    }
    return counts.missed;
}

/// How many slots of the gap were due before `t`.
std::int64_t slots_before(const Gap& gap, Wall t) {
    if (t <= gap.first_scheduled_at) return 0;
    if (t > gap.last_scheduled_at) return gap.count;
    if (gap.count < 2 || gap.last_scheduled_at <= gap.first_scheduled_at) return gap.count;
    const auto span = static_cast<double>((gap.last_scheduled_at - gap.first_scheduled_at).count());
    const auto part = static_cast<double>((t - gap.first_scheduled_at).count());
    const double slots = std::ceil(part / span * static_cast<double>(gap.count - 1));
    return std::clamp(static_cast<std::int64_t>(slots), std::int64_t{1}, gap.count);
}

}  // namespace

std::size_t Rollups::Hash::operator()(const Key& key) const {
    // Cells are numbered from 1 without holes and minutes are few: any odd factor spreads them.
    return static_cast<std::size_t>(key.cell_id) * 0x9e3779b97f4a7c15ULL + static_cast<std::size_t>(key.minute);
}

Result<Rollups> Rollups::prepare(Database& database) {
    Result<Statement> read = database.prepare(
        "SELECT pass, degraded, fail, error, skipped, aborted, missed, shed, overlap, failure_classes, took, lateness"
        " FROM rollups WHERE cell_id = ? AND minute = ?");
    if (!read) return std::unexpected(read.error());
    Result<Statement> write = database.prepare(
        "INSERT OR REPLACE INTO rollups (cell_id, minute, pass, degraded, fail, error, skipped, aborted, missed, shed,"
        " overlap, failure_classes, took, lateness) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    if (!write) return std::unexpected(write.error());
    return Rollups(*std::move(read), *std::move(write));
}

Result<Rollups::Entry*> Rollups::at(Key key) {
    const auto [place, fresh] = entries_.try_emplace(key);
    Entry& entry = place->second;
    if (fresh) {
        entry.key = key;
        read_.bind(1, key.cell_id).bind(2, key.minute * minute_micros);
        const Result<bool> row = read_.step();
        if (!row) {
            entries_.erase(place);
            return std::unexpected(row.error());
        }
        if (*row) {
            CellCounts& counts = entry.counts;
            int column = 0;
            for (std::int64_t* count : {&counts.pass, &counts.degraded, &counts.fail, &counts.error, &counts.skipped,
                                        &counts.aborted, &counts.missed, &counts.shed, &counts.overlap})
                *count = read_.integer(column++);
            counts.failure_classes = classes_of(read_.text(column++));
            counts.took = Sketch::decode(read_.blob(column++)).value_or(Sketch{});
            counts.lateness = Sketch::decode(read_.blob(column++)).value_or(Sketch{});
            read_.reset();
        }
    }
    latest_minute_ = std::max(latest_minute_, key.minute);
    if (!std::exchange(entry.changed, true)) changed_.push_back(&entry);
    return &entry;
}

Result<void> Rollups::count(std::int64_t cell_id, const StoredRun& run) {
    const Wall due = run.on_request ? run.started_at : run.scheduled_at;
    const Result<Entry*> entry = at(Key{.cell_id = cell_id, .minute = minute_of(due)});
    if (!entry) return std::unexpected(entry.error());
    CellCounts& counts = (*entry)->counts;
    ++by_verdict(counts, run.verdict);
    if (!run.failure_class.empty()) ++counts.failure_classes[run.failure_class];
    const bool judged =
        run.verdict == Verdict::pass || run.verdict == Verdict::degraded || run.verdict == Verdict::fail;
    if (judged) counts.took.add(seconds(run.took));
    if (!run.on_request) counts.lateness.add(seconds(run.start_lateness));
    return {};
}

Result<void> Rollups::count(std::int64_t cell_id, const Gap& gap) {
    const std::int64_t first = minute_of(gap.first_scheduled_at);
    const std::int64_t last = std::max(first, minute_of(gap.last_scheduled_at));
    const std::int64_t stride = (last - first) / most_minutes_of_a_gap + 1;
    std::int64_t before = 0;
    for (std::int64_t minute = first; minute <= last; minute += stride) {
        const Wall end = wall_of((minute + stride) * minute_micros);
        const std::int64_t until = minute + stride > last ? gap.count : slots_before(gap, end);
        if (until <= before) continue;
        const Result<Entry*> entry = at(Key{.cell_id = cell_id, .minute = minute});
        if (!entry) return std::unexpected(entry.error());
        by_reason((*entry)->counts, gap.reason) += until - std::exchange(before, until);
    }
    return {};
}

Result<void> Rollups::write(Entry& entry) {
    const CellCounts& counts = entry.counts;
    int parameter = 0;
    write_.bind(++parameter, entry.key.cell_id).bind(++parameter, entry.key.minute * minute_micros);
    for (const std::int64_t count : {counts.pass, counts.degraded, counts.fail, counts.error, counts.skipped,
                                     counts.aborted, counts.missed, counts.shed, counts.overlap})
        write_.bind(++parameter, count);
    write_.bind(++parameter, classes_text(counts.failure_classes));
    write_.bind_blob(++parameter, counts.took.encode());
    write_.bind_blob(++parameter, counts.lateness.encode());
    return write_.run();
}

Result<void> Rollups::write() {
    for (Entry* const entry : changed_) {
        if (const Result<void> written = write(*entry); !written) return written;
        entry->changed = false;
    }
    changed_.clear();
    if (latest_minute_ != kept_minute_) {
        // A minute that has passed is rarely touched again; what is, is read again.
        std::erase_if(entries_, [this](const auto& item) { return item.first.minute < latest_minute_; });
        kept_minute_ = latest_minute_;
    }
    return {};
}

void Rollups::forget() {
    changed_.clear();
    entries_.clear();
}

}  // namespace serin
