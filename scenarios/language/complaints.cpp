// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/complaints.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace serin {

void Complaints::error(const Place& place, std::string title, std::string note, std::string remedy) {
    add({.level = Level::error,
         .place = place,
         .title = std::move(title),
         .note = std::move(note),
         .remedy = std::move(remedy),
         .called_from = {}});
}

void Complaints::warning(const Place& place, std::string title, std::string note, std::string remedy) {
    add({.level = Level::warning,
         .place = place,
         .title = std::move(title),
         .note = std::move(note),
         .remedy = std::move(remedy),
         .called_from = {}});
}

void Complaints::add(Mistake mistake) {
    mistake.called_from.insert(mistake.called_from.end(), includers_.begin(), includers_.end());
    if (mistake.level == Level::error) ++errors_;
    mistakes_.push_back(std::move(mistake));
}

void Complaints::add(Mistakes mistakes) {
    for (Mistake& mistake : mistakes) add(std::move(mistake));
}

Mistakes Complaints::take() {
    // A mistake in an included file stands where the outermost file includes it, and there in its own file's order.
    using Step = std::tuple<std::string_view, int, int>;
    const auto step = [](const Place& place) {
        return Step(place.source ? std::string_view(place.source->name) : std::string_view(), place.line, place.column);
    };
    using Position = std::vector<Step>;
    const auto position = [&](const Mistake& each) {
        Position way;
        for (const Place& includer : std::views::reverse(each.called_from)) way.push_back(step(includer));
        way.push_back(step(each.place));
        return way;
    };
    std::vector<std::pair<Position, std::size_t>> order;
    std::set<std::pair<Position, std::string_view>> seen;
    for (std::size_t i = 0; i < mistakes_.size(); ++i) {
        Position where = position(mistakes_[i]);
        if (seen.emplace(where, mistakes_[i].title).second) order.emplace_back(std::move(where), i);
    }
    std::ranges::sort(order);
    Mistakes sorted;
    seen.clear();  // it looks at the titles that move away
    for (const auto& [_, index] : order) sorted.push_back(std::move(mistakes_[index]));
    mistakes_.clear();
    return sorted;
}

Complaints::Included::Included(Complaints& complaints, const Place& includer)
    : complaints_(complaints), outer_(complaints.includers_) {
    complaints_.includers_.insert(complaints_.includers_.begin(), includer);
}
Complaints::Included::~Included() {
    complaints_.includers_ = std::move(outer_);
}

}  // namespace serin
