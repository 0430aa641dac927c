// SPDX-License-Identifier: Apache-2.0
// Internal to `serin incidents`: its subcommands, and what they have in common.
#pragma once
#include <memory>
#include <string>

#include "reports/alerts/outbox/alert_store.hpp"
#include "runner/cli.hpp"
#include "runner/command_line.hpp"

namespace serin {

inline constexpr OptionRule alert_store_option{
    .name = "store", .about = "the database of `serin serve`, or the alert database beside it", .value = "FILE"};
inline constexpr OptionRule json_option{.name = "json", .about = "JSON instead of text"};

// Reading (incidents_reading.cpp).
[[nodiscard]] ExitCode list_incidents(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode show_incident(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode export_incident(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode list_mutes(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode show_noise(const Arguments& arguments, Console& console);
// What changes something (incidents_orders.cpp).
[[nodiscard]] ExitCode acknowledge_incident(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode close_incident(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode declare_incident(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode mute_service(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode unmute_service(const Arguments& arguments, Console& console);

/// The alert database that --store names: itself ("….alerts.db"), or the one beside it.
[[nodiscard]] std::string alert_database_of(const CommandLine& line);
[[nodiscard]] Result<std::unique_ptr<AlertReader>> open_alerts(const CommandLine& line);

/// Reads a subcommand's words: true when it is to go on; otherwise `code` is what it ends with, and everything is said.
struct Typed {
    CommandLine line{};
    bool go_on = false;
    ExitCode code = ExitCode::usage;
};
/// `words`: how many beside the options, exactly; `what`: "INCIDENT_ID".
[[nodiscard]] Typed read_typed(const CommandRules& rules, const Arguments& arguments, std::size_t words,
                               const char* what, Console& console);
[[nodiscard]] ExitCode refuse(Console& console, const Error& error, ExitCode code = ExitCode::usage);

}  // namespace serin
