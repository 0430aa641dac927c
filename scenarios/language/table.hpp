// SPDX-License-Identifier: Apache-2.0
// The one table of the language: every mapping, its keys, their shapes, defaults and meanings. The loader's checks, the
// JSON Schema and the reference page all come from it; a new key is one line in table.cpp or table_steps.cpp, and its
// reader.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace serin {

/// What a value must look like. The loader checks it, the schema states it.
enum class Shape {
    version,               ///< the number 1
    words,                 ///< a constant text
    word_list,             ///< a list of constant texts
    label,                 ///< letters, digits, `.`, `_`, `-`; begins with a letter or digit
    identifier,            ///< letters, digits, `_`; begins with a letter or `_`
    choice,                ///< one of `choices`
    flag,                  ///< true or false
    flag_or_template,      ///< … or `${…}`
    count,                 ///< a whole number within [least, most]
    count_or_template,     ///< … or `${…}`
    duration,              ///< `250ms`, `2s`, `1m30s`
    duration_or_template,  ///< … or `${…}`
    text,                  ///< a scalar that may hold `${…}`
    text_or_list,          ///< one such text or a list of them
    text_map,              ///< name → such text
    any,                   ///< any value; its texts may hold `${…}`
    any_map,               ///< name → any value
    any_by_name,           ///< identifier → any value
    pattern,               ///< what `match` takes
    axes,                  ///< identifier → list of scalars, or `${…}`
    expression,
    expectations,         ///< one expression, a list, or a `|` block
    expressions_by_name,  ///< identifier → expression
    script,               ///< Lua text
    steps,                ///< a list of steps
    step_or_steps,
    branches,          ///< a list of steps or of lists of steps
    diagnosis,         ///< a list of read-only steps and of {class, if}
    poll_request,      ///< a path, or a mapping that is an HTTP step
    mapping,           ///< the mapping type `of`
    mappings_by_name,  ///< label → the mapping type `of`
    // Of the configuration:
    mappings,              ///< a list of the mapping type `of`
    label_list,            ///< a list of labels
    choice_list,           ///< a list of `choices`
    count_list,            ///< a list of whole numbers within [least, most]
    byte_size,             ///< `512MiB`, `4GiB`
    local_time,            ///< `2026-11-22T02:00`
    time_of_day,           ///< `02:00`
    sha256,                ///< 64 hexadecimal digits
    words_by_name,         ///< identifier → constant text
    scalars_by_name,       ///< identifier → constant scalar
    scalar_lists_by_name,  ///< identifier → list of constant scalars
    choice_or_mapping,     ///< one of `choices`, or the mapping type `of`
    selection,             ///< one of `choices`, a list of labels, or the mapping type `of`
    share,                 ///< `5%`; `least` and `most` are in millionths
    number,                ///< any number within [least, most]
    of_last,               ///< `2 of 3`, or one of `choices`
    secret,                ///< the mapping type `of`; a text is a secret that stands in the file
    secret_list,           ///< a list of such
    words_or_secret,       ///< a constant text, or the mapping type `of`
    words_or_secret_list,  ///< a list of such
    words_or_secret_map,   ///< any name → such
    mappings_by_title,     ///< a name for people → the mapping type `of`
};

struct Key {
    std::string_view name;
    Shape shape = Shape::text;
    bool required = false;
    std::string_view fallback = {};  ///< as the reference page shows it; the value itself is the struct's default
    std::string_view meaning = {};
    std::string_view example = {};
    std::string_view of = {};                    ///< of a mapping shape: the MappingType
    std::vector<std::string_view> choices = {};  ///< of a choice
    std::int64_t least = 0, most = INT64_MAX;    ///< of a count; of a duration in nanoseconds; of a size in bytes
};

struct MappingType {
    std::string_view name;     ///< "actor": used in `of`, in messages and in the schema's definitions
    std::string_view meaning;  ///< one sentence
    std::vector<Key> keys;
    bool exactly_one = false;  ///< of its keys
    bool open = false;         ///< takes other keys too, each a constant text
};

/// The least that a time limit, or the period of a poll, may be, in nanoseconds: one of nothing waits for nothing.
inline constexpr std::int64_t shortest_wait = 1'000'000;

/// 100 %, in millionths.
inline constexpr std::int64_t whole_share = 1'000'000;

/// A kind of step: its own key comes first in `keys`.
struct StepKind {
    std::string_view name;
    std::string_view meaning;
    std::vector<Key> keys;
    std::vector<std::string_view> fields;  ///< what its result has: bare in its own expect and save, `id.field` later
    bool http = false;                     ///< speaks HTTP
    bool sends = false;                    ///< may start a `receive`'s clock
};

[[nodiscard]] const std::vector<MappingType>& mapping_types();
/// The type of that name, which must exist.
[[nodiscard]] const MappingType& mapping_type(std::string_view name);

[[nodiscard]] const std::vector<StepKind>& step_kinds();
/// Null when there is no such kind.
[[nodiscard]] const StepKind* step_kind(std::string_view name);
/// Keys that every step may have.
[[nodiscard]] const std::vector<Key>& common_step_keys();

/// Names that every expression of a scenario knows, with what each is.
struct RunName {
    std::string_view name, meaning;
};
[[nodiscard]] std::span<const RunName> run_names();

/// "a duration such as `2s`": for messages and the reference page.
[[nodiscard]] std::string words_for(const Key& key);

}  // namespace serin
