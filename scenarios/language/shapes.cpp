// SPDX-License-Identifier: Apache-2.0
// The shape of one value: whether it is what its key takes, and the way out when it is not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/names.hpp"
#include "scenarios/language/fields.hpp"
#include "scenarios/language/known_names.hpp"
#include "scenarios/language/yaml_traps.hpp"

namespace serin {
namespace {

bool has_template(const YamlNode& node) {
    return node.text.find("${") != std::string::npos;
}
bool is_label(std::string_view text) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto continues = [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
    return !text.empty() && alphanumeric(text.front()) && std::ranges::all_of(text, continues);
}

std::string example_of(const Key& key) {
    return fmt::format("write {}, as `{}: {}`", words_for(key), key.name, key.example);
}

/// Checks one value against one key; each check notes its own mistake.
class ShapeCheck {
public:
    ShapeCheck(const Key& key, const Place& key_place, Complaints& complaints)
        : key_(key), key_place_(key_place), complaints_(complaints) {}

    bool passes(const YamlNode& node) {
        if (node.kind == YamlKind::null && !takes_nothing()) {
            if (const std::optional<Mistake> trap = commented_value_trap(key_place_)) {
                complaints_.add(*trap);
                return false;
            }
            complaints_.error(key_place_, fmt::format("`{}` has no value", key_.name), "nothing stands here",
                              example_of(key_));
            return false;
        }
        switch (key_.shape) {
            case Shape::version:
                return version(node);
            case Shape::words:
                return constant_text(node);
            case Shape::word_list:
                return node.is_list() ? each_constant_text(node) : wrong(node);
            case Shape::label:
                return constant_text(node) && (is_label(node.text) || wrong(node));
            case Shape::identifier:
                return constant_text(node) && (is_identifier(node.text) || wrong(node));
            case Shape::choice:
                return choice(node);
            case Shape::flag:
            case Shape::flag_or_template:
                return flag(node);
            case Shape::count:
            case Shape::count_or_template:
                return count(node);
            case Shape::duration:
            case Shape::duration_or_template:
                return duration(node);
            case Shape::text:
                return text(node);
            case Shape::text_or_list:
                return node.is_list()
                           ? std::ranges::all_of(node.items, [&](const YamlNode& item) { return text(item); })
                           : text(node);
            case Shape::text_map:
                return text_map(node);
            case Shape::any:
            case Shape::pattern:
            case Shape::expression:
            case Shape::expectations:
                return true;  // their readers know the traps
            case Shape::any_map:
            case Shape::mapping:
                return node.is_map() || wrong(node);
            case Shape::any_by_name:
            case Shape::axes:
            case Shape::expressions_by_name:
            case Shape::mappings_by_name:
                if (!node.is_map()) return wrong(node);
                check_names(node);
                return true;
            case Shape::script:
                return node.is_scalar() || wrong(node);
            case Shape::steps:
                return steps(node);
            case Shape::branches:
            case Shape::diagnosis:
                return node.is_list() || wrong(node);
            case Shape::step_or_steps:
                return node.is_map() || steps(node);
            case Shape::poll_request:
                return node.is_map() || text(node);
            case Shape::mappings:
                return node.is_list() || wrong(node);
            case Shape::label_list:
                return labels(node);
            case Shape::choice_list:
                return filled_list(node) && each(node, [&](const YamlNode& item) { return choice(item); });
            case Shape::count_list:
                return filled_list(node) && each(node, [&](const YamlNode& item) { return count(item); });
            case Shape::byte_size:
                return byte_size(node);
            case Shape::local_time:
                return constant_text(node) && (looks_like_local_time(node.text) || wrong(node));
            case Shape::time_of_day:
                return constant_text(node) && (parse_time_of_day(node.text) || wrong(node));
            case Shape::sha256:
                return sha256(node);
            case Shape::words_by_name:
            case Shape::scalars_by_name:
            case Shape::scalar_lists_by_name:
                return by_name(node);
            case Shape::choice_or_mapping:
            case Shape::selection:
                if (node.is_map() || chosen(node)) return true;
                return key_.shape == Shape::selection && node.is_list() ? labels(node) : wrong(node);
            case Shape::share:
                return share(node);
            case Shape::number:
                return number(node);
            case Shape::of_last:
                return (node.is_scalar() && (chosen(node) || parse_x_of_y(node.text))) || wrong(node);
            case Shape::secret:
                return secret(node);
            case Shape::secret_list:
                return filled_list(node) && each(node, [&](const YamlNode& item) { return secret(item); });
            case Shape::words_or_secret:
                return node.is_map() || constant_text(node);
            case Shape::words_or_secret_list:
                return filled_list(node) &&
                       each(node, [&](const YamlNode& item) { return item.is_map() || constant_text(item); });
            case Shape::words_or_secret_map:
                return words_or_secret_map(node);
            case Shape::mappings_by_title:
                return node.is_map() || wrong(node);
        }
        return false;
    }

private:
    [[nodiscard]] bool takes_nothing() const {
        return key_.shape == Shape::expectations || key_.shape == Shape::expression;
    }

    bool wrong(const YamlNode& node, std::string note = {}) {
        if (const std::optional<Mistake> trap = text_trap(node)) {
            complaints_.add(*trap);
            return false;
        }
        const Place& at =
            node.kind == YamlKind::null ? key_place_ : node.place;  // an absent value has no place of its own
        complaints_.error(at, fmt::format("`{}` must be {}, found {}", key_.name, words_for(key_), described(node)),
                          std::move(note), example_of(key_));
        return false;
    }

    bool version(const YamlNode& node) {
        if (node.is_scalar() && typed(node) == ScalarValue(std::int64_t{1})) return true;
        return wrong(node);
    }

    bool constant_text(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        if (const std::optional<Mistake> trap = text_trap(node)) {
            complaints_.add(*trap);
            return false;
        }
        if (has_template(node)) {
            complaints_.error(node.place, fmt::format("`{}` cannot hold `${{…}}`", key_.name), "must be constant",
                              example_of(key_));
            return false;
        }
        if (!std::holds_alternative<std::string>(typed(node))) {
            complaints_.error(node.place,
                              fmt::format("`{}` must be {}, found {}", key_.name, words_for(key_), described(node)), "",
                              fmt::format("quote it: \"{}\"", node.text));
            return false;
        }
        return !node.text.empty() || wrong(node);
    }
    bool each_constant_text(const YamlNode& node) {
        bool fine = true;
        for (const YamlNode& item : node.items) {
            if (item.kind == YamlKind::null) {
                fine = wrong(item);
            } else {
                fine = constant_text(item) && fine;
            }
        }
        return fine;
    }

    bool choice(const YamlNode& node) {
        if (!constant_text(node)) return false;
        if (std::ranges::find(key_.choices, node.text) != key_.choices.end()) return true;
        const std::vector<std::string> choices(key_.choices.begin(), key_.choices.end());
        complaints_.error(node.place,
                          fmt::format("`{}` must be {}, found {}", key_.name, words_for(key_), described(node)), "",
                          did_you_mean(node.text, choices, "values"));
        return false;
    }

    bool flag(const YamlNode& node) {
        if (key_.shape == Shape::flag_or_template && node.is_scalar() && has_template(node)) return text(node);
        return (node.is_scalar() && std::holds_alternative<bool>(typed(node))) || wrong(node);
    }

    bool count(const YamlNode& node) {
        if (key_.shape == Shape::count_or_template && node.is_scalar() && has_template(node)) return text(node);
        if (!node.is_scalar()) return wrong(node);
        const ScalarValue value = typed(node);
        const auto* number = std::get_if<std::int64_t>(&value);
        return (number != nullptr && *number >= key_.least && *number <= key_.most) || wrong(node);
    }

    bool duration(const YamlNode& node) {
        if (key_.shape == Shape::duration_or_template && node.is_scalar() && has_template(node)) return text(node);
        if (!node.is_scalar()) return wrong(node);
        if (const std::optional<Duration> length = parse_duration(node.text))
            return (length->count() >= key_.least && length->count() <= key_.most) || wrong(node);
        const bool bare = !std::holds_alternative<std::string>(typed(node));
        return wrong(node, bare ? "without a unit: seconds or milliseconds?" : "");
    }

    bool byte_size(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        if (const std::optional<std::int64_t> bytes = parse_byte_size(node.text))
            return (*bytes >= key_.least && *bytes <= key_.most) || wrong(node, "too small");
        const bool bare = !std::holds_alternative<std::string>(typed(node));
        return wrong(node, bare ? "without a unit: B, KiB, MiB or GiB?" : "");
    }

    bool constant_scalar(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        if (has_template(node)) return constant_text(node);
        return text(node);
    }

    bool labels(const YamlNode& node) {
        return filled_list(node) && each(node, [&](const YamlNode& item) {
                   return constant_text(item) && (is_label(item.text) || wrong(item));
               });
    }

    bool filled_list(const YamlNode& node) {
        if (!node.is_list()) return wrong(node);
        if (!node.items.empty()) return true;
        complaints_.error(node.place, fmt::format("`{}` is empty", key_.name), "nothing is named",
                          fmt::format("{}{}", example_of(key_), key_.required ? "" : ", or leave it out"));
        return false;
    }
    template <class Check>
    bool each(const YamlNode& node, const Check& check) {
        bool fine = true;
        for (const YamlNode& item : node.items) fine = check(item) && fine;
        return fine;
    }
    bool by_name(const YamlNode& node) {
        if (!node.is_map()) return wrong(node);
        const std::size_t before = complaints_.errors();
        check_names(node);
        for (const YamlEntry& entry : node.entries) {
            if (entry.value.kind == YamlKind::null) {
                complaints_.error(entry.key_place, fmt::format("`{}` has no value", entry.key), "nothing stands here",
                                  "give it one, or remove it");
            } else {
                check_named(entry);
            }
        }
        return complaints_.errors() == before;
    }
    /// A value of by_name, whose messages call it by its own name.
    void check_named(const YamlEntry& entry) {
        const bool list = key_.shape == Shape::scalar_lists_by_name, words = key_.shape == Shape::words_by_name;
        const Key key{.name = entry.key,
                      .shape = list    ? Shape::word_list
                               : words ? Shape::words
                                       : Shape::text,
                      .meaning = {},
                      .example = list ? "[us-east-1]" : "canary"};
        ShapeCheck inner(key, entry.key_place, complaints_);
        if (words) {
            inner.constant_text(entry.value);
        } else if (!list) {
            inner.constant_scalar(entry.value);
        } else if (inner.filled_list(entry.value)) {
            inner.each(entry.value, [&](const YamlNode& item) { return inner.constant_scalar(item); });
        }
    }

    [[nodiscard]] bool chosen(const YamlNode& node) const {
        return node.is_scalar() && std::ranges::find(key_.choices, node.text) != key_.choices.end();
    }

    /// Whoever writes a token where its hash belongs must not find it in a log.
    bool sha256(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        if (is_sha256(node.text)) return true;
        complaints_.error(masked(node.place), fmt::format("`{}` must be 64 hexadecimal digits", key_.name), "not shown",
                          "write the hash, never the token: printf %s TOKEN | sha256sum");
        return false;
    }

    bool secret(const YamlNode& node) {
        if (node.is_map()) return true;
        if (!node.is_scalar() || node.kind == YamlKind::null) return wrong(node);
        complaints_.error(masked(node.place), "a secret must not stand in the file", "not shown",
                          fmt::format("say where it is read, as `{}: {}`", key_.name, key_.example));
        return false;
    }

    bool words_or_secret_map(const YamlNode& node) {
        if (!node.is_map()) return wrong(node);
        bool fine = true;
        for (const YamlEntry& entry : node.entries) {
            const Key key{.name = entry.key, .shape = Shape::words_or_secret, .example = key_.example, .of = key_.of};
            fine = ShapeCheck(key, entry.key_place, complaints_).passes(entry.value) && fine;
        }
        return fine;
    }

    bool share(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        const std::optional<double> share = parse_share(node.text);
        if (!share) return wrong(node, number_in(node) ? "without `%`" : "");
        const double millionths = *share * static_cast<double>(whole_share);
        const bool within =
            millionths >= static_cast<double>(key_.least) && millionths <= static_cast<double>(key_.most);
        return within || wrong(node);
    }

    bool number(const YamlNode& node) {
        const std::optional<double> value = number_in(node);
        const bool within = value && std::isfinite(*value) && *value >= static_cast<double>(key_.least) &&
                            *value <= static_cast<double>(key_.most);
        return within || wrong(node);
    }

    bool text(const YamlNode& node) {
        if (!node.is_scalar()) return wrong(node);
        if (const std::optional<Mistake> trap = text_trap(node)) {
            complaints_.add(*trap);
            return false;
        }
        return !std::holds_alternative<std::nullptr_t>(typed(node)) || wrong(node);
    }

    bool text_map(const YamlNode& node) {
        if (!node.is_map()) return wrong(node);
        bool fine = true;
        for (const YamlEntry& entry : node.entries) {
            if (const std::optional<Mistake> trap = commented_value_trap(entry.key_place);
                trap && entry.value.kind == YamlKind::null) {
                complaints_.add(*trap);
                fine = false;
            } else if (entry.value.kind == YamlKind::null) {
                complaints_.error(entry.key_place, fmt::format("`{}` has no value", entry.key), "nothing stands here",
                                  "write \"\" for an empty text");
                fine = false;
            } else {
                fine = text(entry.value) && fine;
            }
        }
        return fine;
    }

    /// Names that expressions use must be identifiers; those of actors and targets are only labels.
    void check_names(const YamlNode& node) {
        const bool label = key_.shape == Shape::mappings_by_name && key_.of != "secret";
        for (const YamlEntry& entry : node.entries) {
            if (label ? is_label(entry.key) : is_identifier(entry.key)) continue;
            complaints_.error(entry.key_place, fmt::format("`{}` cannot be a name", clipped(entry.key, 60)), "",
                              label ? "use letters, digits, `.`, `_` and `-`"
                                    : "use letters, digits and `_`, beginning with a letter");
        }
    }

    bool steps(const YamlNode& node) {
        if (!node.is_list()) return wrong(node, node.is_map() ? "a step begins with `- `" : "");
        if (!node.items.empty()) return true;
        complaints_.error(node.place, fmt::format("`{}` is empty", key_.name), "no step", example_of(key_));
        return false;
    }

    const Key& key_;
    const Place& key_place_;
    Complaints& complaints_;
};

}  // namespace

std::optional<double> number_in(const YamlNode& node) {
    if (!node.is_scalar()) return std::nullopt;
    const ScalarValue value = typed(node);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

Place masked(const Place& place) {
    if (!place.known()) return place;
    Source source = *place.source;
    std::size_t at = 0;
    for (int line = 1; line < place.line; ++line) at = source.text.find('\n', at) + 1;
    at += static_cast<std::size_t>(place.column) - 1;
    for (int i = 0; i < place.length && at < source.text.size(); ++i) source.text[at++] = '*';
    Place starred = place;
    starred.source = std::make_shared<const Source>(std::move(source));
    return starred;
}

bool check_shape(const YamlNode& node, const Key& key, const Place& key_place, Complaints& complaints) {
    return ShapeCheck(key, key_place, complaints).passes(node);
}

}  // namespace serin
