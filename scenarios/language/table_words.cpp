// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/time.hpp"
#include "scenarios/language/table.hpp"

namespace serin {
namespace {

/// As a person types it: "100ms", "1h", "7300d".
std::string written(std::int64_t nanoseconds) {
    constexpr std::array units{
        std::pair{"d", std::int64_t{86'400'000'000'000}}, std::pair{"h", std::int64_t{3'600'000'000'000}},
        std::pair{"m", std::int64_t{60'000'000'000}},     std::pair{"s", std::int64_t{1'000'000'000}},
        std::pair{"ms", std::int64_t{1'000'000}},         std::pair{"us", std::int64_t{1'000}}};
    if (nanoseconds == 0) return "0s";
    for (const auto& [name, size] : units) {
        if (nanoseconds % size == 0) return fmt::format("{}{}", nanoseconds / size, name);
    }
    return fmt::format("{}ns", nanoseconds);
}

std::string duration_words(const Key& key) {
    if (key.most != INT64_MAX) return fmt::format("a duration from {} to {}", written(key.least), written(key.most));
    return key.least == 0 ? std::string("a duration")
                          : fmt::format("a duration of at least {}", human_duration(Duration(key.least)));
}

std::string number_words(const Key& key) {
    if (key.shape == Shape::number)
        return key.least == INT64_MIN ? std::string("a number")
                                      : fmt::format("a number from {} to {}", key.least, key.most);
    const auto percent = [](std::int64_t millionths) {
        return fmt::format("{}%", static_cast<double>(millionths) / 1e4);
    };
    return fmt::format("a share from {} to {}", percent(key.least), percent(std::min(key.most, whole_share)));
}

/// "an alert block".
std::string one(std::string_view type) {
    const bool vowel = std::string_view("aeio").find(type.front()) != std::string_view::npos;
    return fmt::format("{} {}", vowel ? "an" : "a", type);
}

}  // namespace

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
            return duration_words(key);
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
            return fmt::format("a mapping with the keys of {}", one(key.of));
        case Shape::mappings_by_name:
            return fmt::format("a mapping of names to {}s", key.of);
        case Shape::mappings:
            return fmt::format("a list of {}s", key.of);
        case Shape::label_list:
            return "a list of names";
        case Shape::choice_list:
            return fmt::format("a list of `{}`", fmt::join(key.choices, "`, `"));
        case Shape::count_list:
            return fmt::format("a list of whole numbers from {} to {}", key.least, key.most);
        case Shape::byte_size:
            return "a size such as `4GiB`";
        case Shape::local_time:
            return "a local time such as `2026-11-22T02:00`";
        case Shape::time_of_day:
            return "a time of day such as `02:00`";
        case Shape::sha256:
            return "a SHA-256: 64 hexadecimal digits";
        case Shape::words_by_name:
            return "a mapping of names to texts";
        case Shape::scalars_by_name:
            return "a mapping of names to texts, numbers, true or false";
        case Shape::scalar_lists_by_name:
            return "a mapping of names to lists of values";
        case Shape::choice_or_mapping:
            return fmt::format("`{}`, or a mapping with the keys of {}", fmt::join(key.choices, "` or `"), one(key.of));
        case Shape::selection:
            return fmt::format("a list of names, `{}`, or a mapping with the keys of {}",
                               fmt::join(key.choices, "` or `"), one(key.of));
        case Shape::share:
        case Shape::number:
            return number_words(key);
        case Shape::of_last:
            return fmt::format("`x of y` with 1 ≤ x ≤ y ≤ 100{}{}{}", key.choices.empty() ? "" : ", or `",
                               fmt::join(key.choices, "` or `"), key.choices.empty() ? "" : "`");
        case Shape::secret:
            return fmt::format("a mapping with the keys of {}", one(key.of));
        case Shape::secret_list:
            return fmt::format("a list of {}s", key.of);
        case Shape::words_or_secret:
            return fmt::format("a text, or a mapping with the keys of {}", one(key.of));
        case Shape::words_or_secret_list:
            return fmt::format("a list of texts and of {}s", key.of);
        case Shape::words_or_secret_map:
            return fmt::format("a mapping of names to texts and {}s", key.of);
        case Shape::mappings_by_title:
            return fmt::format("a mapping of names to {}s", key.of);
    }
    return "a value";
}

}  // namespace serin
