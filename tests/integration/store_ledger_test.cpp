// SPDX-License-Identifier: Apache-2.0
// Sending, verdict and sightings of a message: whatever comes first, the account is the same.
#include <algorithm>
#include <catch2/catch.hpp>

#include "reports/store/store.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::seconds;
using Rows = std::vector<std::string>;

const Sending sending{.nonce = "n", .run_id = "r-1", .scenario = "chat", .step = "post", .sender = "alice", .at = noon};

Delivery settled(const std::string& state, int copies = 0, const std::string& receiver = "bob") {
    Delivery delivery;
    delivery.nonce = "n";
    delivery.sender = "alice";
    delivery.receiver = receiver;
    delivery.state = state;
    delivery.copies = copies;
    if (copies > 0) delivery.send_to_receive = seconds(1);
    return delivery;
}

Sighting sighting(const std::string& run, seconds after, const std::string& receiver = "bob") {
    return Sighting{.nonce = "n", .receiver = receiver, .run_id = run, .at = noon + after};
}

/// The account after the entries came in every order, each in a commit of its own and some of them twice. Fails when
/// two orders disagree.
Rows account(std::vector<StoreEntry> entries) {
    std::vector<std::size_t> order(entries.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::vector<Rows> accounts;
    do {
        const TempFolder folder;
        const auto store = open_store_at(folder.file("serin.db"));
        for (const std::size_t i : order) {
            store->append({entries[i]});
            flush(*store);
        }
        store->append({entries[order.front()]});
        flush(*store);
        accounts.push_back(rows(folder.file("serin.db"),
                                "SELECT receiver, sender, state, first_state, copies, send_to_receive FROM deliveries"
                                " ORDER BY receiver",
                                6));
    } while (std::ranges::next_permutation(order).found);
    for (const Rows& one : accounts) CHECK(one == accounts.front());
    return accounts.front();
}

}  // namespace

TEST_CASE("a message that a later run sees is late in whatever order that becomes known") {
    for (const std::string state : {"lost", "outstanding", "unknown", "rejected"}) {
        CHECK(account({sending, settled(state), sighting("r-2", seconds(70))}) ==
              Rows{"bob|alice|late|" + state + "|1|70000000"});
    }
}

TEST_CASE("what the sender's own run saw tells nothing new") {
    CHECK(account({sending, settled("delivered", 1), sighting("r-1", seconds(1))}) ==
          Rows{"bob|alice|delivered|delivered|1|1000000"});
    CHECK(account({sending, settled("lost"), sighting("r-1", seconds(40))}) == Rows{"bob|alice|lost|lost|0|-"});
}

TEST_CASE("a delivered message that comes again is duplicated") {
    CHECK(account({sending, settled("delivered", 1), sighting("r-2", seconds(61))}) ==
          Rows{"bob|alice|duplicated|delivered|2|1000000"});
    CHECK(account({sending, settled("lost"), sighting("r-2", seconds(70)), sighting("r-3", seconds(130))}) ==
          Rows{"bob|alice|duplicated|lost|2|70000000"});
}

TEST_CASE("a message whose run never told is late when somebody sees it") {
    CHECK(account({sending, sighting("r-2", seconds(70))}) == Rows{"bob|alice|late||1|70000000"});
}

TEST_CASE("a receiver that the run did not wait for is none of its deliveries") {
    CHECK(account({sending, settled("lost"), sighting("r-2", seconds(70), "alice")}) ==
          Rows{"bob|alice|lost|lost|0|-"});
}

TEST_CASE("receivers are judged apart") {
    CHECK(account({sending, settled("lost"), settled("delivered", 1, "carol"), sighting("r-2", seconds(70))}) ==
          Rows{"bob|alice|late|lost|1|70000000", "carol|alice|delivered|delivered|1|1000000"});
}

TEST_CASE("a delivery that is settled twice keeps what tells more") {
    CHECK(account({sending, settled("outstanding"), settled("delivered", 1)}) ==
          Rows{"bob|alice|delivered|delivered|1|1000000"});
}

TEST_CASE("a sighting of a message that nobody knows waits for its sending") {
    CHECK(account({sighting("r-2", seconds(70))}).empty());
}

TEST_CASE("reconciliation goes on after a restart and says when it changed its mind") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    {
        const auto store = open_store_at(path);
        const auto ledger = store->make_ledger();
        ledger->sending(sending);
        ledger->settled(settled("lost"));
    }
    {
        const auto store = open_store_at(path);
        store->make_ledger()->sighted(sighting("r-2", seconds(3700)));
    }
    CHECK(rows(path, "SELECT state, first_state, reclassified_at FROM deliveries", 3) ==
          Rows{"late|lost|" + std::to_string(to_micros(noon + seconds(3700)))});
}

}  // namespace serin::test
