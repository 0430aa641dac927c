// SPDX-License-Identifier: Apache-2.0
// The words of a notice, the same on every channel unless its templates say otherwise.
#pragma once
#include <string>

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

/// What a template may name: `incident` (the JSON of incident_json), `kind`, `title`, `text`, `link`, `level`.
[[nodiscard]] const KnownNames& notice_names();

/// A template that cannot be evaluated never holds up a page: the built-in words are taken, and a last line says what
/// went wrong. Drills are marked "[drill]" in every title.
[[nodiscard]] NoticeWords words_of(const Notice& notice, const ChannelConfig& config, Evaluator& evaluator,
                                   const std::string& external_url, Wall now);
/// The page of an incident in our API; empty without an external URL.
[[nodiscard]] std::string link_of(const Incident& incident, const std::string& external_url);

}  // namespace serin
