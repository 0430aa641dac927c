// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// A point in time as people and programs write it: RFC 3339 with an offset ("2026-11-22T01:02:03Z",
/// "2026-11-22 02:02:03.5+01:00"), "now", or a distance from `now` ("-10m", "+2h"). Between the years 1970 and 2199;
/// finer than a microsecond is dropped. A time without an offset is an Error: nobody can tell whose clock it is from.
[[nodiscard]] Result<Wall> parse_moment(std::string_view text, Wall now);

}  // namespace serin
