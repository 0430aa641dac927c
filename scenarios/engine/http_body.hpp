// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/scenario.hpp"
#include "scenarios/language/evaluator.hpp"

namespace serin {

struct HttpBody {
    std::optional<std::string> bytes;
    std::string content_type;  ///< what the kind of body implies; empty for raw text and none
};

/// The body that an HTTP step sends. Errors: a template that does not resolve; with `own_fault`, a file that cannot be
/// read (relative paths start at `folder`, the scenario's).
[[nodiscard]] Result<HttpBody> make_body(const HttpStep& http, Evaluator& evaluator, const Scope& names,
                                         const std::string& folder);

/// Bytes of "68 65 6c" or "68656c"; an Error for anything else.
[[nodiscard]] Result<std::string> from_hex(std::string_view text);

}  // namespace serin
