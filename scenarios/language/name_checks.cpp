// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/name_checks.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "core/names.hpp"
#include "scenarios/language/regexes.hpp"

namespace serin {
namespace {

struct Hint {
    std::string_view name, remedy;
};
/// Names of Lua and of other languages that are not here, with what to write instead.
constexpr std::array hints{Hint{"math", "write `floor(x)`, `ceil(x)`, `abs(x)`, `min(…)` or `max(…)`"},
                           Hint{"string", "write `lower(text)`, `contains(text, part)`, `re.match(text, pattern)` …"},
                           Hint{"table", "write `len(list)`, `join(list, separator)` …"},
                           Hint{"json_parse", "write `json_decode(text)`"},
                           Hint{"re", "write `re.match(text, pattern)`, `re.test(…)` or `re.find_all(…)`"},
                           Hint{"True", "did you mean `true`?"},
                           Hint{"TRUE", "did you mean `true`?"},
                           Hint{"False", "did you mean `false`?"},
                           Hint{"FALSE", "did you mean `false`?"},
                           Hint{"None", "did you mean `null` (JSON's) or `absent`?"},
                           Hint{"NULL", "did you mean `null`?"},
                           Hint{"undefined", "did you mean `absent`?"},
                           Hint{"NOT", "did you mean `not`?"}};

class Checker {
public:
    explicit Checker(const KnownNames& names) : names_(names) {}

    void check(const Node& node) {
        switch (node.kind) {
            case NodeKind::name:
                name(node);
                break;
            case NodeKind::index:
                index(node);
                break;
            case NodeKind::call:
            case NodeKind::method:
                call(node);
                break;
            default:
                break;
        }
        for (const NodePtr& part : node.parts) {
            if (part) check(*part);
        }
    }

    std::vector<SyntaxError> found;

private:
    void add(int begin, int length, std::string title, std::string remedy) {
        found.push_back({begin, length, std::move(title), std::move(remedy)});
    }

    void name(const Node& node) {
        if (names_.unchecked || names_.names.contains(node.text)) return;
        const int length = node.end - node.begin;
        const BuiltinName* builtin = find_builtin(node.text);
        if (builtin && builtin->is_function()) {
            return add(node.begin, length, fmt::format("`{}` is a function", node.text),
                       fmt::format("write `{}`", builtin->usage));
        }
        const std::string title = fmt::format("unknown name `{}`", node.text);
        for (const Hint& hint : hints) {
            if (hint.name == node.text) return add(node.begin, length, title, std::string{hint.remedy});
        }
        add(node.begin, length, title, did_you_mean(node.text, names_.list(), "names"));
    }

    /// Only the first field is known at load: `sent.json.x` is checked up to `json`.
    void index(const Node& node) {
        const Node& object = *node.parts[0];
        const Node& key = *node.parts[1];
        if (object.kind != NodeKind::name || key.kind != NodeKind::text) return;
        const auto known = names_.names.find(object.text);
        if (known == names_.names.end() || known->second.empty() || known->second.contains(key.text)) return;
        const std::vector<std::string> fields(known->second.begin(), known->second.end());
        add(key.begin, key.end - key.begin, fmt::format("`{}` has no field `{}`", object.text, key.text),
            did_you_mean(key.text, fields, "fields"));
    }

    void call(const Node& node) {
        const BuiltinName* builtin = find_builtin(node.text);
        const auto length = static_cast<int>(node.text.size());
        if (!builtin || !builtin->is_function()) return unknown_function(node);
        const auto given = static_cast<int>(node.parts.size());
        if (given < builtin->fewest_arguments || given > builtin->most_arguments) {
            add(node.begin, node.kind == NodeKind::call ? length : node.end - node.begin,
                fmt::format("`{}` takes {} argument{}, {} given", node.text, argument_range(*builtin),
                            builtin->most_arguments == 1 ? "" : "s", given),
                fmt::format("write `{}`", builtin->usage));
        } else if (node.text.starts_with("re.") && node.parts[1]->kind == NodeKind::text) {
            const Node& pattern = *node.parts[1];
            if (std::string mistake = regex_mistake(pattern.text); !mistake.empty()) {
                add(pattern.begin, pattern.end - pattern.begin, std::move(mistake),
                    "RE2 syntax: no backreferences, no look-around");
            }
        }
    }

    static std::string argument_range(const BuiltinName& builtin) {
        const int fewest = builtin.fewest_arguments, most = builtin.most_arguments;
        if (fewest == most) return fmt::format("{}", fewest);
        return most == fewest + 1 ? fmt::format("{} or {}", fewest, most) : fmt::format("{} to {}", fewest, most);
    }

    void unknown_function(const Node& node) {
        const auto length = static_cast<int>(node.text.size());
        if (names_.names.contains(node.text)) {
            return add(node.begin, length, fmt::format("`{}` is a value, not a function", node.text),
                       "only the built-in functions can be called");
        }
        std::vector<std::string> functions;
        for (const BuiltinName& one : builtin_names()) {
            if (one.is_function()) functions.emplace_back(one.name);
        }
        add(node.begin, length, fmt::format("unknown function `{}`", node.text),
            did_you_mean(node.text, functions, "functions"));
    }

    const KnownNames& names_;
};

}  // namespace

std::vector<SyntaxError> check_names(const Node& tree, const KnownNames& names) {
    Checker checker{names};
    checker.check(tree);
    return std::move(checker.found);
}

}  // namespace serin
