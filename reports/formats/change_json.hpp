// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "core/change.hpp"
#include "core/result.hpp"

namespace serin {

/// Keys are the members of Change; times in RFC 3339; `ended_at` is null while unknown.
[[nodiscard]] nlohmann::json change_json(const Change& change);

/// One change as somebody wrote it. `kind` and `component` must be there; an `id` is made when there is none, and
/// `started_at` is `now` when there is none. Times as parse_moment() reads them. Texts are bounded UTF-8 on one line
/// (`rollback_plan`: several); a link is http or https. An Error names every mistake at once.
[[nodiscard]] Result<Change> change_from_json(const nlohmann::json& json, Wall now);

}  // namespace serin
