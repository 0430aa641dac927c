// SPDX-License-Identifier: Apache-2.0
// One thing to tell, before any channel has put it into its own form. Made by the book in the same step as the
// transition that it tells of.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

enum class NoticeKind {
    opened,
    reopened,
    changed,    ///< wider, more severe, flapping: no new page where the channel can update
    escalated,  ///< the next level
    repeated,   ///< the chain from its first level again, or a reminder
    acknowledged,
    resolved,
};
[[nodiscard]] const char* name_of(NoticeKind kind);

struct Notice {
    std::string id{};  ///< "<incident id>.<number>": the same over restarts and retries
    NoticeKind kind = NoticeKind::opened;
    Incident incident{};  ///< as it was then
    Wall made_at{};
    int level = 0;                        ///< of escalation
    std::vector<std::string> channels{};  ///< each is told
    /// One after the other, each when those before have not proven delivery in time. Of an `acknowledged` or `resolved`
    /// one: those that may have been told of the incident in place of others; who was not told of it needs neither.
    std::vector<std::string> failover{};
    bool page = false;  ///< somebody, now: failover and repeats apply
    /// For channels that know identities: a hash of service, failure class and opening; never of a vantage.
    [[nodiscard]] std::string dedup_key() const { return incident.id; }
};

}  // namespace serin
