// SPDX-License-Identifier: Apache-2.0
// The part of a request's target after "?", as a question to the store. Strict: what would be ignored is refused.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "net/url.hpp"
#include "reports/store/reader.hpp"

namespace serin {

struct ApiQuery {
    StoreFilter filter;
    PageRequest page;
    bool counts = false;  ///< of deliveries: their account as well
    std::string service, by;
    bool failed = false;  ///< status=fail
};

/// `target`: as sent. `allowed`: the keys that the route knows, with blanks between; an unknown key, one given twice, a
/// bad value or a bad escape is an Error for the client.
[[nodiscard]] Result<ApiQuery> read_query(std::string_view target, std::string_view allowed, Wall now);

/// Percent-decoded; an Error for a bad escape, a control character (NUL too), or what is no UTF-8.
[[nodiscard]] Result<std::string> decoded(std::string_view text, Plus plus);

/// An Error for words of `value` (separated by commas) that are not among those of `known` (separated by blanks).
[[nodiscard]] Result<std::vector<std::string>> chosen_words(const std::string& value, std::string_view known,
                                                            const std::string& what);

/// The words of a list with blanks between.
[[nodiscard]] std::vector<std::string> listed_words(std::string_view list);

}  // namespace serin
