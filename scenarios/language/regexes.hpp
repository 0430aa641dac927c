// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.hpp"

namespace re2 {
class RE2;
}

namespace serin {

/// Compiled RE2 patterns by their text. Bounded: when it is full it starts anew. RE2 takes time linear in the text,
/// whatever the pattern (https://github.com/google/re2/wiki/WhyRE2), and each pattern has a memory cap. Not
/// thread-safe.
class Regexes {
public:
    Regexes();
    ~Regexes();
    /// The pointer holds until the next call.
    [[nodiscard]] Result<const re2::RE2*> compiled(const std::string& pattern);

private:
    std::unordered_map<std::string, std::unique_ptr<re2::RE2>> patterns_;
};

/// What is wrong with `pattern`; empty: nothing.
[[nodiscard]] std::string regex_mistake(std::string_view pattern);

}  // namespace serin
