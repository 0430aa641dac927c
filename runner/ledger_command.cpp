// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "reports/formats/store_json.hpp"
#include "reports/formats/store_listing.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

const std::vector<OptionRule>& ledger_options() {
    static const std::vector<OptionRule> options = with_filter_options(
        {{.name = "state",
          .about = "list messages of this state; otherwise all that are not `delivered`",
          .value = "WORD"},
         {.name = "run", .about = "that this run sent", .value = "RUN_ID"},
         {.name = "nonce", .about = "the message with this nonce", .value = "NONCE"},
         {.name = "limit", .about = "at most so many messages, the newest (1–10000, otherwise 50)", .value = "N"},
         {.name = "json", .about = "JSON instead of a table"}});
    return options;
}

CommandRules ledger_rules() {
    return {.command = "serin ledger",
            .about =
                "What became of every message that was sent: counts by state, as reconciled with what later runs saw, "
                "and the messages that were not delivered.",
            .words = "",
            .options = ledger_options(),
            .after =
                "A message whose run never told (it is still going on, or the prober was killed) counts as unknown.\n\n"
                "examples:\n"
                "  serin ledger --store serin.db --since 24h\n"
                "  serin ledger --store serin.db --probe trigger --state lost --json\n\n"
                "exit codes: 0 something was sent · 2 usage, or the store cannot be read · 4 nothing was sent\n"};
}

ExitCode refused(Console& console, const Error& error, ExitCode code = ExitCode::usage) {
    console.error(error);
    return code;
}

/// Messages of runs that the store does not hold belong to no cell, so no filter by cell can find them. The reader is
/// told how many there are.
Result<std::int64_t> without_cell(StoreReader& reader, const StoreFilter& filter) {
    StoreFilter everywhere = filter;
    everywhere.probe = everywhere.vantage = everywhere.target = everywhere.profile = everywhere.cell = {};
    everywhere.state = "unknown";
    everywhere.except_state.clear();
    constexpr int enough = 10'000;
    bool more = false;
    const auto rows = first_rows<DeliveryRow>(
        enough, [&](const PageRequest& page) { return reader.deliveries(everywhere, page); }, more);
    if (!rows) return std::unexpected(rows.error());
    std::int64_t count = 0;
    for (const DeliveryRow& row : *rows) count += row.key ? 0 : 1;
    return count;
}

struct Account {
    std::map<std::string, std::int64_t> counts;
    std::vector<DeliveryRow> listed;
    bool more = false;
    std::int64_t without_cell = 0;
};

Result<Account> read_account(StoreReader& reader, const StoreFilter& filter, const CommandLine& line, int limit) {
    auto counts = reader.delivery_counts(filter);
    if (!counts) return std::unexpected(counts.error());
    Account account;
    account.counts = *std::move(counts);
    StoreFilter listed = filter;
    listed.state = line.one("state");
    if (listed.state.empty() && listed.nonce.empty()) listed.except_state = "delivered";
    auto rows = first_rows<DeliveryRow>(
        limit, [&](const PageRequest& page) { return reader.deliveries(listed, page); }, account.more);
    if (!rows) return std::unexpected(rows.error());
    account.listed = *std::move(rows);
    const bool by_cell = !(filter.probe.empty() && filter.vantage.empty() && filter.target.empty() &&
                           filter.profile.empty() && filter.cell.empty());
    if (!by_cell) return account;
    const auto strays = without_cell(reader, filter);
    if (!strays) return std::unexpected(strays.error());
    account.without_cell = *strays;
    return account;
}

void show(const Account& account, bool as_json, Console& console) {
    if (as_json) {
        nlohmann::json list = nlohmann::json::array();
        for (const DeliveryRow& row : account.listed) list.push_back(delivery_row_json(row));
        console.out(json_text({{"schema", "serin.ledger/1"},
                               {"counts", account.counts},
                               {"deliveries", list},
                               {"more", account.more},
                               {"unknown_without_cell", account.without_cell}},
                              2) +
                    "\n");
        return;
    }
    console.out(account_line(account.counts) + "\n");
    if (account.without_cell > 0) {
        console.out("beside them, " + counted(account.without_cell, "unknown message") +
                    " of runs that never told and so belong to no cell\n");
    }
    if (account.listed.empty()) return;
    console.out("\n" + deliveries_table(account.listed, console.colour()));
    if (account.more) console.out("… and older ones: raise --limit\n");
}

}  // namespace

ExitCode ledger_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(ledger_rules(), arguments);
    if (!line) return refused(console, line.error());
    if (line->has("help")) {
        console.out(help_of(ledger_rules()));
        return ExitCode::pass;
    }
    Result<StoreFilter> filter = filter_of(*line, wall_now());
    if (!filter) return refused(console, filter.error());
    filter->run_id = line->one("run");
    filter->nonce = line->one("nonce");
    const Result<int> limit = limit_of(*line, 50, 10'000);
    if (!limit) return refused(console, limit.error());
    Result<std::unique_ptr<StoreReader>> reader = open_store(*line);
    if (!reader) return refused(console, reader.error());
    const Result<Account> account = read_account(**reader, *filter, *line, *limit);
    if (!account) return refused(console, account.error());
    show(*account, line->has("json"), console);
    if (!account->counts.empty() || account->without_cell > 0) return ExitCode::pass;
    return refused(
        console,
        {.title = "no message was sent, as far as the store knows", .remedy = "widen --since, or leave a filter out"},
        ExitCode::nothing_ran);
}

}  // namespace serin
