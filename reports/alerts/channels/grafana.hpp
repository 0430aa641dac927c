// SPDX-License-Identifier: Apache-2.0
// Grafana annotations (HTTP API, "Annotations"): a region for each wave of an incident and a marker for each change.
// Times are milliseconds. Grafana dedups nothing, so what is already there is found by its tags first; so it survives
// our restart too. Of no use to wake anybody.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// Two tags that only this wave of this incident carries.
[[nodiscard]] std::vector<std::string> identity_tags(const Incident& incident);
[[nodiscard]] std::vector<std::string> identity_tags(const Change& change);
/// The body of POST /api/annotations: the title, the text if there is one, the link. A resolved notice's has its end.
[[nodiscard]] std::string incident_annotation(const Notice& notice, const NoticeWords& words, const std::string& link);
[[nodiscard]] std::string change_annotation(const Change& change);
/// The body of PATCH /api/annotations/:id that ends a region.
[[nodiscard]] std::string annotation_end(Wall at);
/// When a resolved notice's wave ended.
[[nodiscard]] Wall end_of(const Notice& notice);
/// "?tags=…&tags=…" for GET /api/annotations: all of them must match.
[[nodiscard]] std::string annotation_query(const std::vector<std::string>& tags);
/// The id of the first annotation of a list, or nullopt; an Error when that is no list of annotations.
[[nodiscard]] Result<std::optional<std::int64_t>> annotation_id(const std::string& body);

[[nodiscard]] std::unique_ptr<Channel> make_grafana_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
