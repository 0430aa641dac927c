// SPDX-License-Identifier: Apache-2.0
// Local time of an IANA zone and back, from the system's tzdata. Any thread.
#pragma once
#include <date/date.h>

#include <string>
#include <vector>

#include "core/result.hpp"

namespace date {
class time_zone;
}

namespace serin {

/// An instant in seconds: nanoseconds would overflow in the year 2262.
using Instant = date::sys_seconds;

/// A zone that is known. UTC is known without tzdata.
class Zone {
public:
    /// An Error with the nearest names for an unknown one, or when tzdata is missing or of a kind that ends in the
    /// past.
    [[nodiscard]] static Result<Zone> find(const std::string& name);

    /// The first instant that shows this time; of a time that DST skips, the end of the gap.
    [[nodiscard]] Instant first(date::local_seconds t) const;
    [[nodiscard]] date::local_days day_of(Instant t) const;

private:
    explicit Zone(const date::time_zone* zone) : zone_(zone) {}
    const date::time_zone* zone_;  ///< null: UTC; owned by the library, for ever
};

/// Of `names` those that a person may have meant who typed `typed`: the same in other case or with blanks, the same
/// city ("Berlin"), or else the one nearest in spelling. At most three.
[[nodiscard]] std::vector<std::string> zones_like(const std::string& typed, const std::vector<std::string>& names);

}  // namespace serin
