// SPDX-License-Identifier: Apache-2.0
// Which names an expression may use where it stands: known at load, so that a typo is an error before anything runs.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serin {

/// Bare names that an expression may use, each with the fields it has when they are known at load.
struct KnownNames {
    /// name → its fields; an empty set means "any field" (json, headers, a saved value).
    std::map<std::string, std::set<std::string>, std::less<>> names;
    /// For steps that a script makes: any name may be meant, and one that does not exist is an Error when evaluated.
    bool unchecked = false;

    void add(std::string name, std::set<std::string> fields = {}) {
        names.insert_or_assign(std::move(name), std::move(fields));
    }
    [[nodiscard]] std::vector<std::string> list() const;
};

/// A function or constant of every expression (absent, null, len, contains, re.match, …) with what it does; makes the
/// reference page too.
struct BuiltinName {
    const char* name;
    const char* usage;
    const char* meaning;
    int fewest_arguments = -1;  ///< -1: a constant
    int most_arguments = -1;

    [[nodiscard]] bool is_function() const { return fewest_arguments >= 0; }
};
[[nodiscard]] const std::vector<BuiltinName>& builtin_names();
/// nullptr: there is none of that name.
[[nodiscard]] const BuiltinName* find_builtin(std::string_view name);

}  // namespace serin
