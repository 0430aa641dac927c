// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "core/ledger.hpp"
#include "core/result.hpp"
#include "reports/store/reconcile.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// sendings, deliveries and sightings: what is written of a message, and what follows for its state, in whatever order
/// the three become known. For the store's thread; every call belongs to a transaction.
class LedgerTables {
public:
    static Result<LedgerTables> prepare(Database& database);

    Result<void> write(const Sending& sending);
    Result<void> write(const Delivery& delivery);
    /// A sighting by the sender's own run tells nothing that its verdict does not, and is not kept.
    Result<void> write(const Sighting& sighting);

private:
    struct Sender {
        std::string run_id, name;
        Wall sent_at{};
    };
    struct Row {
        std::string sender, first_state;
        int first_copies = 0;
        std::optional<Duration> send_to_receive, ack_to_receive;
    };
    explicit LedgerTables(Database& database) : database_(&database) {}
    Result<std::optional<Sender>> sender_of(const std::string& nonce);
    Result<std::optional<Row>> row_of(const std::string& nonce, const std::string& receiver);
    Result<bool> any(Statement& statement, const std::string& nonce);
    /// Of all receivers of the message, once its sender is known.
    Result<void> reconcile_message(const std::string& nonce, const Sender& sender);
    Result<void> put(const std::string& nonce, const std::string& receiver, const Row& settled,
                     const ReconciledDelivery& now);

    Database* database_;
    Statement insert_sending_, find_sending_, drop_own_sightings_, any_sighting_, any_settled_, drop_unsettled_,
        insert_sighting_, list_sightings_, find_delivery_, put_delivery_;
};

}  // namespace serin
