// SPDX-License-Identifier: Apache-2.0
// What a channel says must be safe to send with, and of use where it is named.
#pragma once
#include "runner/config/reading.hpp"

namespace serin {

/// False, with the mistake noted, for a name or value that is no header, and for a literal that must be secret.
bool check_header(const YamlEntry& header, ConfigReading& reading);
/// `from` and `to` of a mail channel.
void check_addresses(const Fields& mail, ConfigReading& reading);
/// `command` and `environment` of an exec channel.
void check_command(const Fields& exec, ConfigReading& reading);
/// Warns when a secret would travel over plain HTTP to another machine, and of a secret URL in the file.
void check_encryption(const ChannelConfig& channel, const Fields& fields, ConfigReading& reading);

/// Can it wake somebody?
[[nodiscard]] bool pages(const ChannelConfig& channel);
/// Can it ever prove that a notice has arrived?
[[nodiscard]] bool proves(const ChannelConfig& channel);
/// What both would be broken by at once; empty: nothing. "the same URL"
[[nodiscard]] std::string shared_fate(const ChannelConfig& one, const ChannelConfig& other);

/// How levels, `warnings`, `info` and `drills` use the channels.
void check_uses(const AlertsConfig& config, const Fields& alerts, ConfigReading& reading);

}  // namespace serin
