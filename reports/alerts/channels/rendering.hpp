// SPDX-License-Identifier: Apache-2.0
// The words of a notice, the same on every channel unless its templates say otherwise.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "reports/alerts/channels/channel_config.hpp"
#include "reports/alerts/incidents/notice.hpp"
#include "scenarios/language/evaluator.hpp"
#include "scenarios/language/names.hpp"

namespace serin {

struct NoticeWords {
    std::string title{};  ///< one line, at most 200 bytes (of UTF-8, never cut within a character)
    std::string text{};   ///< plain text of several lines, at most 4 KiB: headline, scope, since, evidence, likely
                          ///< change, runbook, link, how to acknowledge
};

/// What a template may name: `incident` (the JSON of incident_json), `kind`, `title`, `text`, `link`, `level`. `title`
/// and `text` are the built-in words, `level` counts from 1.
[[nodiscard]] const KnownNames& notice_names();

/// A template that cannot be evaluated never holds up a page: the built-in words are taken, and a last line says what
/// went wrong. Drills are marked "[drill]" in every title; the built-in title also says "[resolved]", "[escalated 2]"
/// and so on. Never throws for what stands in the notice. Whatever bytes it holds, the words are valid UTF-8 without
/// control characters but line breaks and tabs in the text.
[[nodiscard]] NoticeWords words_of(const Notice& notice, const ChannelConfig& config, Evaluator& evaluator,
                                   const std::string& external_url, Wall now);
/// The page of an incident in our API; empty without an external URL.
[[nodiscard]] std::string link_of(const Incident& incident, const std::string& external_url);

/// `text` as one line of at most `bytes`, an ellipsis included when something was cut: line breaks and control
/// characters become blanks, bytes that are no UTF-8 become U+FFFD. For fields of a channel with a limit.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t bytes);
/// The same, but line breaks ("\r\n" and "\r" too) stay as "\n", and tabs stay.
[[nodiscard]] std::string clean_lines(std::string_view text, std::size_t bytes);

}  // namespace serin
