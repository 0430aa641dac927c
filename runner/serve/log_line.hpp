// SPDX-License-Identifier: Apache-2.0
// One event of the log as one line, whatever bytes stand in it. Pure.
#pragma once
#include <string>
#include <string_view>

#include "core/log.hpp"
#include "core/time.hpp"

namespace serin {

struct LogEvent {
    Wall at{};
    LogLevel level = LogLevel::info;
    std::string_view event, message;
    const LogFields& fields;
};

[[nodiscard]] const char* name_of(LogLevel level);

/// "2026-11-22T01:02:03.004Z info config_reloaded probes=12 took=34ms message", without line break. Values that are not
/// one plain word are quoted. Nothing in it steers a terminal or starts a line. Values are cut after 1 KiB, the message
/// after 4 KiB, fields after the 32nd.
[[nodiscard]] std::string text_line(const LogEvent& event);
/// {"at":…,"level":…,"event":…,"message":…, fields…}, within the same limits: one JSON object (RFC 8259) in ASCII.
/// Bytes that are not UTF-8 become U+FFFD; a field with the name of another gets a "_" behind it.
[[nodiscard]] std::string json_line(const LogEvent& event);

}  // namespace serin
