// SPDX-License-Identifier: Apache-2.0
// The names of one file while its steps are walked in order: what an expression may use, what is saved only later, and
// what nobody ever used.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/scenario.hpp"
#include "scenarios/language/complaints.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/names.hpp"

namespace serin {

/// Every `root` and `root.field` that any text of the scenario mentions; `root.*` where the field is computed.
using UsedNames = std::set<std::string, std::less<>>;
void note_used_names(std::string_view text, UsedNames& used);

/// Names that a script's text assigns without `local`: a plain scan, good enough to keep later steps strict.
[[nodiscard]] std::vector<std::string> assigned_names(std::string_view script);

/// True for a letter or `_` followed by letters, digits and `_`.
[[nodiscard]] bool is_identifier(std::string_view text);

struct Reading;

class NameBook {
public:
    /// `used` is shared by all files of a load; both must outlive the book.
    NameBook(Complaints& complaints, UsedNames& used) : complaints_(complaints), used_(used) {}

    /// Names that may be used from here on.
    KnownNames known;
    /// Names that a script made are unknown until it runs: accept any.
    void accept_any() { known.unchecked = true; }

    /// Notes all ids, saves and sets in `steps`, so that a use before the definition can be told from a typo.
    void foresee(const YamlNode& steps);

    /// A save, set, output or id. Refuses what is no identifier, hides a builtin or is taken.
    void define(std::string_view name, const Place& place, std::string_view what);

    /// Parses an expression or a text with `${…}`; mistakes are noted.
    [[nodiscard]] std::optional<Expression> expression(std::string_view text, const Place& place);
    [[nodiscard]] Text text(std::string_view scalar, const Place& place);

    /// Notes every save that no text mentions.
    void note_unused_saves(Reading& reading) const;

    /// Restores the known names when it goes: for branches, own fields and `iteration`.
    class Scope {
    public:
        explicit Scope(NameBook& book) : book_(book), outer_(book.known) {}
        ~Scope() { book_.known = std::move(outer_); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        NameBook& book_;
        KnownNames outer_;
    };

private:
    void add_explained(Mistakes mistakes);

    Complaints& complaints_;
    UsedNames& used_;
    std::map<std::string, Place, std::less<>> later_;    // every definition of the file
    std::map<std::string, Place, std::less<>> defined_;  // those that were met already
    std::vector<std::pair<std::string, Place>> saves_;
};

}  // namespace serin
