// SPDX-License-Identifier: Apache-2.0
// What the store keeps of an entry, between the thread that gives it and the commit.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/change.hpp"
#include "core/ledger.hpp"
#include "core/record.hpp"
#include "reports/store/store.hpp"

namespace serin {

/// A run as the tables hold it: thin, and its evidence when it did not simply pass.
struct StoredRun {
    std::shared_ptr<const CellKey> key;
    std::string run_id;
    Wall scheduled_at{}, started_at{};
    Duration start_lateness{}, took{};
    Verdict verdict = Verdict::pass;
    std::string failure_class, message;
    int attempts = 1;
    bool maintenance = false, on_request = false, cleanup_failed = false;
    std::string evidence;  ///< outcome_json() as text; empty for a pass that cleaned up
};

using StoredEntry = std::variant<StoredRun, Gap, Sending, Sighting, Delivery, Change>;

/// A change without id is given one; a run of a pass loses everything but its row.
[[nodiscard]] StoredEntry stored_form(StoreEntry entry);

/// A passing run without evidence: what is dropped first when there is no room.
[[nodiscard]] bool thin(const StoredEntry& entry);

/// One line of JSON without a line break, for the journal. Bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string journal_line(const StoredEntry& entry);
/// Nullopt for anything that journal_line() did not make.
[[nodiscard]] std::optional<StoredEntry> entry_of(std::string_view line);

}  // namespace serin
