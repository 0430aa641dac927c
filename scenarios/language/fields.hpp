// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "scenarios/language/complaints.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/table.hpp"
#include "scenarios/language/units.hpp"

namespace serin {

/// True when `node` has the key's outer shape (what is nested deeper is checked by whoever reads it); else the mistake
/// is noted with what was found and an example.
bool check_shape(const YamlNode& node, const Key& key, const Place& key_place, Complaints& complaints);

/// The value of a scalar that is a number, whole or not.
[[nodiscard]] std::optional<double> number_in(const YamlNode& node);

/// A place whose text is drawn as stars: what should not have been written there must not be repeated in a log.
[[nodiscard]] Place masked(const Place& place);

/// A mapping that was checked against the table: unknown keys, missing keys and values of the wrong shape are noted
/// once, at construction, and then look absent. The getters give what is there; `node` must outlive this.
class Fields {
public:
    Fields(const YamlNode& node, std::string_view what, std::initializer_list<const std::vector<Key>*> keys,
           Complaints& complaints);
    /// `owner` is shown when there is no value at all: the key that lacks it.
    Fields(const YamlNode& node, const MappingType& type, const Place& owner, Complaints& complaints);

    [[nodiscard]] const YamlNode* find(std::string_view key) const;
    /// Of the key itself; that of the mapping when there is no such key.
    [[nodiscard]] Place key_place(std::string_view key) const;

    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    [[nodiscard]] std::optional<Duration> duration(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> count(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> byte_size(std::string_view key) const;
    [[nodiscard]] std::optional<double> share(std::string_view key) const;  ///< 0 … 1
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    [[nodiscard]] std::optional<XOfY> x_of_y(std::string_view key) const;  ///< nullopt for a word of its choices too
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const;

private:
    void check_keys(std::string_view what, std::initializer_list<const std::vector<Key>*> keys, bool open,
                    Complaints& complaints);
    void check_required(std::string_view what, std::initializer_list<const std::vector<Key>*> keys,
                        Complaints& complaints);

    const YamlNode& node_;
    std::vector<const YamlEntry*> good_;
};

}  // namespace serin
