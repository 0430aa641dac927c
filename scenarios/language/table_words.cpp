// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/language/table.hpp"

namespace serin {

std::string words_for(const Key& key) {
    switch (key.shape) {
        case Shape::version:
            return "the number 1";
        case Shape::words:
            return "a text";
        case Shape::word_list:
            return "a list of texts";
        case Shape::label:
            return "a name of letters, digits, `.`, `_` and `-`";
        case Shape::identifier:
            return "a name of letters, digits and `_`";
        case Shape::choice:
            return fmt::format("`{}`", fmt::join(key.choices, "` or `"));
        case Shape::flag:
            return "true or false";
        case Shape::flag_or_template:
            return "true, false or `${…}`";
        case Shape::count:
        case Shape::count_or_template: {
            std::string words = key.most == INT64_MAX
                                    ? fmt::format("a whole number from {}", key.least)
                                    : fmt::format("a whole number from {} to {}", key.least, key.most);
            return key.shape == Shape::count ? words : words + ", or `${…}`";
        }
        case Shape::duration:
            return "a duration";
        case Shape::duration_or_template:
            return "a duration or `${…}`";
        case Shape::text:
            return "a text";
        case Shape::text_or_list:
            return "a text or a list of texts";
        case Shape::text_map:
            return "a mapping of names to texts";
        case Shape::any:
            return "any value";
        case Shape::any_map:
        case Shape::any_by_name:
            return "a mapping of names to values";
        case Shape::pattern:
            return "a pattern";
        case Shape::axes:
            return "a mapping of names to lists, or to `${…}`";
        case Shape::expression:
            return "an expression";
        case Shape::expectations:
            return "an expression, a list of them, or a `|` block with one a line";
        case Shape::expressions_by_name:
            return "a mapping of names to expressions";
        case Shape::script:
            return "a Lua script";
        case Shape::steps:
            return "a list of steps";
        case Shape::step_or_steps:
            return "a step or a list of steps";
        case Shape::branches:
            return "a list of steps, or of lists of steps";
        case Shape::diagnosis:
            return "a list of read-only steps and of rules {class, if}";
        case Shape::poll_request:
            return "a URL, or a mapping that is an HTTP step";
        case Shape::mapping:
            return fmt::format("a mapping with the keys of a {}", key.of);
        case Shape::mappings_by_name:
            return fmt::format("a mapping of names to {}s", key.of);
    }
    return "a value";
}

}  // namespace serin
