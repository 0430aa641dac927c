// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/scenario.hpp"
#include "scenarios/language/complaints.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/known_names.hpp"

namespace serin {

/// The key that a pattern belongs to: only `receive` can await the end of a connection.
enum class PatternUse { match, receive, none };

/// Makes Templates of YAML values: texts parsed for `${…}`, plain scalars typed by YAML's core rules.
class Values {
public:
    /// Both must outlive this.
    Values(NameBook& names, Complaints& complaints) : names_(names), complaints_(complaints) {}

    /// Any value; scalars are typed.
    [[nodiscard]] Template value(const YamlNode& node);
    /// A scalar as its text: `1.1` and `007` stay as written.
    [[nodiscard]] Template text(const YamlNode& node);
    [[nodiscard]] Template::Map value_map(const YamlNode& node);
    [[nodiscard]] Template::Map text_map(const YamlNode& node);
    /// A pattern of `match`, `receive` or `none`: a scalar on its own is a text, markers are checked.
    [[nodiscard]] Template pattern(const YamlNode& node, const Place& owner, PatternUse use);
    /// A constant must be pairs of hex digits.
    [[nodiscard]] Template hex(const YamlNode& node);

private:
    void check_markers(const Template& pattern, bool top, PatternUse use);
    void refuse_comment(const YamlEntry& entry);
    void refuse_template_key(const YamlEntry& entry);

    NameBook& names_;
    Complaints& complaints_;
};

}  // namespace serin
