// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/time.hpp"
#include "scenarios/language/complaints.hpp"
#include "scenarios/language/known_names.hpp"

namespace serin {

class FragmentShelf;

struct DeclaredActor {
    Place place;
    bool used = false;
};

/// What all files of one load share.
struct Reading {
    Complaints complaints;
    UsedNames used;
    KnownNames run_names;  ///< of every expression in a step
    std::map<std::string, DeclaredActor, std::less<>> actors;
    FragmentShelf* fragments = nullptr;
    Duration timeout = std::chrono::seconds(30);  ///< of the scenario
    bool alone = false;  ///< a fragment on its own: actors, variables and other fragments are its callers'
    int steps = 0;

    /// Something that is declared but never used. Told only when there is no error: a typo elsewhere may well be the
    /// reason.
    void unused(const Place& place, std::string title, std::string remedy) {
        unused_.push_back({.level = Level::warning,
                           .place = place,
                           .title = std::move(title),
                           .note = {},
                           .remedy = std::move(remedy),
                           .called_from = complaints.includers()});
    }
    [[nodiscard]] Mistakes take_mistakes() {
        if (complaints.errors() == 0) complaints.add(std::move(unused_));
        return complaints.take();
    }

private:
    Mistakes unused_;
};

inline constexpr int max_steps = 1000;  ///< of one load, nested ones included

}  // namespace serin
