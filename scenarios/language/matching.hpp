// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace serin {

/// One difference: where (dotted path, "" for the whole), what was expected and what was found, both printed as JSON,
/// so that "3" and 3 look different.
struct Difference {
    std::string path, expected, found;
    /// `type: "hello" ≠ "message.new"` (found ≠ expected).
    [[nodiscard]] std::string text() const;
};

/// Structural match of `pattern` against `value`. A mapping is a subset unless `strict`; lists match element by element
/// and in length; scalars by value (1 and 1.0 are equal). Markers, in a mapping of their own: {$regex: re} (RE2,
/// unanchored),
/// {$contains: text} (of a list: an item that matches), {$gt|$ge|$lt|$le: number}, {$ne: value}, {$eq: value} (taken
/// literally), {$any: true}, {$absent: true}, {$len: n or comparison}, {$type: name}, {$in: […]}, {$hex: …} (only at
/// the top, for binary frames). Several markers in one mapping must all hold. Empty result: it matches. Pure. At most
/// 50 differences.
[[nodiscard]] std::vector<Difference> differences(const nlohmann::json& pattern, const nlohmann::json& value,
                                                  bool strict);

/// Match against a body or frame: a mapping or list pattern needs JSON (one Difference says so when it is not), a
/// scalar pattern compares the whole text, text markers look at the text, {$hex: …} at the bytes. Text never equals
/// binary.
[[nodiscard]] std::vector<Difference> payload_differences(const nlohmann::json& pattern, std::string_view payload,
                                                          bool binary, bool strict);

/// What is wrong with a pattern as written, each with the way out (unknown marker with "did you mean", bad regex, wrong
/// operand type); empty: fine. `{$close: code}` as a whole pattern is fine here; it describes no message but the end of
/// the connection, so `differences` never finds that it matches.
[[nodiscard]] std::vector<Error> pattern_mistakes(const nlohmann::json& pattern);

}  // namespace serin
