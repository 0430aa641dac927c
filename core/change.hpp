// SPDX-License-Identifier: Apache-2.0
// Anything that somebody did to production, so that a failure can be laid beside it.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace serin {

inline constexpr std::array<std::string_view, 8> change_kinds{"deploy",   "migration", "config",   "flag",
                                                              "capacity", "manual",    "rollback", "other"};

struct Change {
    std::string id;    ///< given by whoever records it: the same id again updates, never doubles; made when empty
    std::string kind;  ///< one of change_kinds
    std::string component;
    std::string title;                ///< one line for people; may be empty
    std::vector<std::string> shards;  ///< names of targets; empty: all
    std::string author, contact;
    std::string rollback_plan, link;
    Wall started_at{};
    std::optional<Wall> ended_at;
};

}  // namespace serin
