// SPDX-License-Identifier: Apache-2.0
#include "runner/store_query.hpp"

#include <algorithm>
#include <chrono>

#include "reports/formats/moment.hpp"

namespace serin {
namespace {

Result<void> read_time(const CommandLine& line, const char* option, Wall now, std::optional<Wall>& into) {
    if (!line.has(option)) return {};
    const Result<Wall> at = parse_moment(line.one(option), now);
    if (!at) return fail(std::string("--") + option + ": " + at.error().title, at.error().remedy);
    into = *at;
    return {};
}

}  // namespace

std::vector<OptionRule> with_filter_options(std::vector<OptionRule> own) {
    std::vector<OptionRule> all{
        {.name = "store", .about = "the database that `serin serve` writes", .value = "FILE"},
        {.name = "probe", .about = "of this probe only", .value = "NAME"},
        {.name = "vantage", .about = "from this vantage only", .value = "NAME"},
        {.name = "target", .about = "of this target (shard) only", .value = "NAME"},
        {.name = "profile", .about = "with this data profile only", .value = "NAME"},
        {.name = "cell",
         .about = "of this cell of the probe's own matrix only: \"sender=a receiver=b\"",
         .value = "CELL"},
        {.name = "since", .about = "of the last 2h, 7d, …", .value = "DURATION"},
        {.name = "from", .about = "not before: 2026-11-22T01:02:03Z, or -2h", .value = "TIME"},
        {.name = "to", .about = "before: 2026-11-22T01:02:03Z, or -1h", .value = "TIME"},
    };
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

Result<StoreFilter> filter_of(const CommandLine& line, Wall now) {
    StoreFilter filter;
    filter.probe = line.one("probe");
    filter.vantage = line.one("vantage");
    filter.target = line.one("target");
    filter.profile = line.one("profile");
    filter.cell = line.one("cell");
    if (line.has("since") && (line.has("from") || line.has("to")))
        return fail("--since excludes --from and --to", "write --from -2h for the last two hours");
    if (line.has("since")) {
        const std::string text = line.one("since");
        const std::optional<Duration> length = parse_duration(text);
        if (!length || *length <= Duration::zero())
            return fail("--since " + text + ": no duration", "write 2h, 30m, 7d");
        const Result<Wall> from = parse_moment("-" + text, now);
        if (!from) return fail("--since " + text + " reaches before 1970", "write 2h, 30m, 7d");
        filter.from = *from;
    }
    if (const auto read = read_time(line, "from", now, filter.from); !read) return std::unexpected(read.error());
    if (const auto read = read_time(line, "to", now, filter.until); !read) return std::unexpected(read.error());
    if (filter.from && *filter.from >= filter.until.value_or(std::max(now, *filter.from + Duration(1))))
        return fail("--from " + rfc3339(*filter.from) + " is not before --to", "the earlier time is --from");
    return filter;
}

Result<int> limit_of(const CommandLine& line, int otherwise, int most) {
    if (!line.has("limit")) return otherwise;
    const std::string text = line.one("limit");
    const bool digits = !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos;
    const int limit = digits ? std::stoi(text) : 0;
    if (limit < 1 || limit > most)
        return fail("--limit " + text + ": not a whole number from 1 to " + std::to_string(most));
    return limit;
}

Result<std::unique_ptr<StoreReader>> open_store(const CommandLine& line) {
    if (!line.has("store")) return fail("no store", "name the database that `serin serve` writes: --store FILE");
    return StoreReader::open(line.one("store"));
}

Wall wall_now() {
    return std::chrono::system_clock::now();
}

}  // namespace serin
