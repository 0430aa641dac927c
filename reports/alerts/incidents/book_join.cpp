// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/book_join.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "core/names.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

constexpr std::size_t most_words = 300;

template <class Value>
void put(Value& field, const Value& value, Joined& joined) {
    if (field == value) return;
    field = value;
    joined.any = true;
}

/// `added` joins the sorted `all`; what is new goes into `places`.
void unite(std::vector<std::string>& all, std::vector<std::string> added, Joined& joined) {
    std::ranges::sort(added);
    std::vector<std::string> news;
    std::ranges::set_difference(added, all, std::back_inserter(news));
    const auto [first, last] = std::ranges::unique(news);
    news.erase(first, last);
    if (news.empty()) return;
    joined.any = true;
    joined.places.insert(joined.places.end(), news.begin(), news.end());
    std::vector<std::string> both;
    both.reserve(all.size() + news.size());
    std::ranges::merge(all, news, std::back_inserter(both));
    all = std::move(both);
}

void say(AffectedCell& cell, const Condition& condition, Joined& joined) {
    put(cell.recovered_at, std::optional<Wall>(), joined);
    put(cell.run_id, condition.run_id, joined);
    put(cell.message, clipped(condition.message, most_words), joined);
    put(cell.because, clipped(condition.because, most_words), joined);
    put(cell.step, clipped(condition.step, most_words), joined);
}

/// By cell, one each. A cell may fail by several rules: the first of its conditions speaks for it.
std::vector<const Condition*> speakers(const Fault& fault) {
    const auto cell = [](const Condition* condition) -> const CellKey& { return condition->cell; };
    std::vector<const Condition*> all;
    all.reserve(fault.conditions.size());
    for (const Condition& condition : fault.conditions) all.push_back(&condition);
    std::ranges::sort(all, [](const Condition* one, const Condition* other) {
        const auto order = one->cell <=> other->cell;
        return order != 0 ? order < 0 : one < other;  // they lie in one vector
    });
    const auto [first, last] = std::ranges::unique(all, {}, cell);
    all.erase(first, last);
    return all;
}

std::vector<AffectedCell*> by_cell(Incident& incident) {
    std::vector<AffectedCell*> all;
    all.reserve(incident.cells.size());
    for (AffectedCell& cell : incident.cells) all.push_back(&cell);
    std::ranges::sort(all, {}, [](const AffectedCell* cell) -> const CellKey& { return cell->cell; });
    return all;
}

/// Refreshes the cells that the incident lists; gives the conditions of others, in the order of the fault.
std::vector<const Condition*> join_known(Incident& incident, const Fault& fault, Wall now, Joined& joined) {
    const std::vector<const Condition*> failing = speakers(fault);
    std::vector<const Condition*> others;
    auto at = failing.begin();
    for (AffectedCell* const cell : by_cell(incident)) {
        while (at != failing.end() && (*at)->cell < cell->cell) others.push_back(*at++);
        if (at != failing.end() && (*at)->cell == cell->cell) {
            say(*cell, **at++, joined);
        } else if (!cell->recovered_at) {
            cell->recovered_at = now;
            ++joined.recovered;
            joined.any = true;
        }
    }
    others.insert(others.end(), at, failing.end());
    std::ranges::sort(others);  // by their place
    return others;
}

void join_cells(Incident& incident, const Fault& fault, Wall now, Joined& joined) {
    for (const Condition* const condition : join_known(incident, fault, now, joined)) {
        if (incident.cells.size() >= most_cells) {
            joined.unlisted.push_back(condition->cell);
            continue;
        }
        say(incident.cells.emplace_back(AffectedCell{
                .cell = condition->cell, .rule = condition->rule, .since = condition->since, .wave = incident.waves}),
            *condition, joined);
        joined.any = true;
        ++joined.new_cells;
        if (joined.cells.size() < most_named_cells) joined.cells.push_back(cell_in_words(condition->cell));
    }
    const int unlisted = static_cast<int>(joined.unlisted.size());
    joined.new_cells += std::max(0, unlisted - incident.more_cells);
    put(incident.more_cells, unlisted, joined);
    joined.failing = failing_cells(incident);
}

int width(FaultScope scope) {
    if (scope == FaultScope::target) return 1;
    return scope == FaultScope::global ? 2 : 0;
}

}  // namespace

int failing_cells(const Incident& incident) {
    const auto listed =
        std::ranges::count_if(incident.cells, [](const AffectedCell& cell) { return !cell.recovered_at; });
    return static_cast<int>(listed) + incident.more_cells;
}

void take_words(Incident& incident, const Fault& fault) {
    const auto root = std::ranges::min_element(fault.conditions, {}, &Condition::step_number);
    if (root == fault.conditions.end()) return;
    incident.message = clipped(root->message, most_words);
    incident.root_step = clipped(root->step, most_words);
    incident.rule = root->rule;
}

Joined join_fault(Incident& incident, const Fault& fault, Wall now) {
    Joined joined;
    join_cells(incident, fault, now, joined);
    unite(incident.targets, fault.targets, joined);
    unite(incident.vantages, fault.vantages, joined);
    put(incident.vantages_failing, fault.vantages_failing, joined);
    put(incident.vantages_reporting, fault.vantages_reporting, joined);
    put(incident.confirmed, fault.confirmed, joined);
    put(incident.vouched, fault.vouched, joined);
    joined.wider_scope = width(fault.scope) > width(incident.scope);
    put(incident.scope, fault.scope, joined);
    joined.more_severe = fault.severity > incident.severity;
    put(incident.severity, std::max(incident.severity, fault.severity), joined);
    put(incident.highest_severity, std::max(incident.highest_severity, incident.severity), joined);
    joined.flapping_began = fault.flapping && !incident.flapping;
    joined.flapping_ended = !fault.flapping && incident.flapping;
    put(incident.flapping, fault.flapping, joined);
    return joined;
}

}  // namespace serin
