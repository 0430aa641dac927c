// SPDX-License-Identifier: Apache-2.0
// The blocks that describe the daemon itself: store, limits, log.
#include <fmt/format.h>

#include "runner/config/reading.hpp"

namespace serin {
namespace {

void take(std::optional<Duration> given, Duration& into) {
    if (given) into = *given;
}
void take(std::optional<std::int64_t> given, int& into) {
    if (given) into = static_cast<int>(*given);
}

void read_retention(const Fields& store, Retention& keep, ConfigReading& reading) {
    const std::optional<Fields> fields = block_of(store, "keep", "keep block", reading);
    if (!fields) return;
    take(fields->duration("passes"), keep.passes);
    take(fields->duration("failures"), keep.failures);
    take(fields->duration("deliveries"), keep.deliveries);
    take(fields->duration("rollups"), keep.rollups);
    if (keep.failures >= keep.passes) return;
    const std::string_view key = fields->find("failures") != nullptr ? "failures" : "passes";
    reading.complaints.error(fields->find(key)->place,
                             fmt::format("failures would be kept for {} and passes for {}",
                                         human_duration(keep.failures), human_duration(keep.passes)),
                             "failures are kept the longest", "raise `failures` or lower `passes`");
}

}  // namespace

void read_store(const Fields& file, StoreOptions& store, ConfigReading& reading) {
    store.path = reading.beside("serin.db");
    const std::optional<Fields> fields = block_of(file, "store", "store block", reading);
    if (!fields) return;
    if (const YamlNode* path = fields->find("path")) {
        if (path->text.ends_with('/'))
            reading.complaints.error(path->place, "`path` must name a file, not a folder", "",
                                     fmt::format("write `path: {}serin.db`", path->text));
        store.path = reading.beside(path->text);
    }
    store.retention.max_bytes = fields->byte_size("max_size").value_or(store.retention.max_bytes);
    read_retention(*fields, store.retention, reading);
}

void read_limits(const Fields& file, LimitsConfig& limits, ConfigReading& reading) {
    const std::optional<Fields> fields = block_of(file, "limits", "limits block", reading);
    if (!fields) return;
    take(fields->count("workers"), limits.workers);
    take(fields->count("max_in_flight"), limits.max_in_flight);
    take(fields->count("target_concurrency"), limits.target_concurrency);
    limits.max_series = fields->count("max_series").value_or(limits.max_series);
    take(fields->duration("stop_grace"), limits.stop_grace);
}

void read_log(const Fields& file, LogConfig& log, ConfigReading& reading) {
    const std::optional<Fields> fields = block_of(file, "log", "log block", reading);
    if (!fields) return;
    log.json = fields->text("format") == "json";
    const std::string level = fields->text("level");
    if (level == "debug") log.level = LogLevel::debug;
    if (level == "warning") log.level = LogLevel::warning;
    if (level == "error") log.level = LogLevel::error;
}

}  // namespace serin
