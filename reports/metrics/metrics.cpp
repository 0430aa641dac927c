// SPDX-License-Identifier: Apache-2.0
#include "reports/metrics/metrics.hpp"

#include <algorithm>

#include "reports/metrics/metrics_impl.hpp"
#include "reports/metrics/metrics_writer.hpp"

namespace serin {
namespace {

std::string labels_text(const CellKey& key) {
    std::string text = "probe=\"" + escaped_label(key.probe) + "\"";
    const auto add = [&text](std::string_view name, const std::string& value) {
        if (!value.empty()) text.append(",").append(name).append("=\"").append(escaped_label(value)).append("\"");
    };
    add("vantage", key.vantage);
    add("target", key.target);
    add("profile", key.profile);
    add("cell", key.cell);
    return text;
}

const CellKey& key_of(const CellTally& tally) {
    return *tally.key;
}

}  // namespace

CellTally* Metrics::Impl::find(const CellKey& key) {
    const auto at = std::ranges::lower_bound(cells, key, {}, key_of);
    return at != cells.end() && *at->key == key ? &*at : nullptr;
}

bool Metrics::Impl::reserve(int wanted) {
    const auto more = static_cast<std::size_t>(wanted);
    if (series + more > options.max_series) {
        ++series_refused;
        return false;
    }
    series += more;
    return true;
}

void Metrics::Impl::render_labels() {
    labels.clear();
    for (CellTally& cell : cells) {
        const std::string text = labels_text(*cell.key);
        cell.labels_at = labels.size();
        cell.labels_size = text.size();
        labels += text;
    }
    labels.shrink_to_fit();
}

std::size_t Metrics::Impl::expected_size() const {
    constexpr std::size_t self = 16 << 10;
    constexpr std::size_t name_and_value = 56;
    if (last_size > 0) return last_size + last_size / 16 + self;
    const std::size_t a_line = name_and_value + (cells.empty() ? 0 : labels.size() / cells.size());
    return self + series * a_line;
}

Metrics::Metrics(Options options) : impl_(std::make_unique<Impl>()) {
    impl_->options = std::move(options);
    if (!impl_->options.vantage.empty()) {
        impl_->vantage_labels = "vantage=\"" + escaped_label(impl_->options.vantage) + "\"";
    }
}
Metrics::~Metrics() = default;

void Metrics::set_cells(const std::vector<std::pair<std::shared_ptr<const CellKey>, Duration>>& cells) {
    Impl& my = *impl_;
    auto wanted = cells;
    std::ranges::sort(wanted, [](const auto& a, const auto& b) { return *a.first < *b.first; });
    const auto twice = std::ranges::unique(wanted, [](const auto& a, const auto& b) { return *a.first == *b.first; });
    wanted.erase(twice.begin(), twice.end());

    std::vector<CellTally> kept;
    std::vector<CellTally> added;
    my.series = 0;
    for (const auto& [key, interval] : wanted) {
        if (CellTally* const known = my.find(*key)) {
            my.series += static_cast<std::size_t>(base_series() + known->extra_series);
            kept.push_back(std::move(*known));
            known->key = kept.back().key;  // find() goes on comparing keys
            kept.back().interval = interval;
        } else {
            added.emplace_back();
            added.back().key = key;
            added.back().interval = interval;
        }
    }
    // Who was there keeps its series; the newcomers get what is left.
    const std::size_t room = my.options.max_series - std::min(my.series, my.options.max_series);
    const std::size_t fitting = std::min(added.size(), room / static_cast<std::size_t>(base_series()));
    my.cells_dropped = added.size() - fitting;
    my.series += fitting * static_cast<std::size_t>(base_series());
    added.resize(fitting);
    my.cells.clear();
    my.cells.reserve(kept.size() + added.size());
    std::ranges::move(kept, std::back_inserter(my.cells));
    std::ranges::move(added, std::back_inserter(my.cells));
    std::ranges::sort(my.cells, {}, key_of);
    my.cells.shrink_to_fit();
    my.render_labels();
}

void Metrics::count(const Record& record) {
    Impl& my = *impl_;
    const Outcome& outcome = *record.outcome;
    if (!record.on_request) {
        const std::size_t bucket = my.lateness.add(record.start_lateness, histogram_bounds::lateness);
        Exemplar& exemplar = my.lateness_exemplars[bucket];
        exemplar = exemplar_of(outcome, outcome.started_at);
        exemplar.value = record.start_lateness;
    }
    if (CellTally* const cell = my.find(*record.key)) {
        cell->count(record, [&my](int series) { return my.reserve(series); });
        return;
    }
    ++my.dropped_runs[index_of(outcome.verdict)];
    if (!record.on_request) ++my.dropped_slots[0];
}

void Metrics::count(const Gap& gap) {
    CellTally* const cell = impl_->find(*gap.key);
    SlotCounts& slots = cell != nullptr ? cell->slots : impl_->dropped_slots;
    slots[1 + static_cast<std::size_t>(gap.reason)] += static_cast<std::uint64_t>(std::max<std::int64_t>(gap.count, 0));
}

void Metrics::count(const Change& change) {
    const auto* const kind = std::ranges::find(change_kinds, change.kind);
    const auto at = std::min(static_cast<std::size_t>(kind - change_kinds.begin()), change_kinds.size() - 1);
    ++impl_->changes[at];
    auto& last = impl_->last_change[at];
    if (!last || change.started_at > *last) last = change.started_at;
}

}  // namespace serin
