// SPDX-License-Identifier: Apache-2.0
// Texts that a target chose, made harmless for the reader they go to. Each function takes any bytes.
#pragma once
#include <string>
#include <string_view>

namespace serin {

/// One line for a terminal or a log: control characters (C0, DEL, C1), line separators, marks that reorder text and
/// bytes that are not UTF-8 become visible: "\n", "\t", "\x1b", "\u{202e}". Everything else stays, backslashes too.
[[nodiscard]] std::string printable(std::string_view text);

/// Character data or a double-quoted attribute of XML 1.0 (§2.2, §2.4): markup escaped, characters that XML cannot hold
/// removed, bytes that are not UTF-8 replaced by U+FFFD. Line breaks stay in character data and survive in an
/// attribute.
[[nodiscard]] std::string xml_text(std::string_view text);
[[nodiscard]] std::string xml_attribute(std::string_view text);

/// The message and a property of a GitHub workflow command ("::error file=PROPERTY::MESSAGE").
[[nodiscard]] std::string github_message(std::string_view text);
[[nodiscard]] std::string github_property(std::string_view text);
/// Lines that are no workflow command, whatever stands in them; line breaks and colours stay.
[[nodiscard]] std::string github_plain(std::string_view text);

/// The description of a TAP 14 test point: no directive can hide in it.
[[nodiscard]] std::string tap_description(std::string_view text);
/// A double-quoted YAML scalar on one line.
[[nodiscard]] std::string yaml_quoted(std::string_view text);

}  // namespace serin
