// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/names.hpp"

namespace serin {
namespace {

std::string with_article(std::string_view what) {
    const bool vowel = std::string_view("aeio").find(what.front()) != std::string_view::npos;
    return fmt::format("{} {}", vowel ? "an" : "a", what);
}

/// Why a key may stand elsewhere: "`within` belongs to receive, none, poll".
std::string where_known(std::string_view key) {
    std::string owners;
    for (const StepKind& kind : step_kinds()) {
        if (kind.http && kind.name != "get") continue;  // all HTTP kinds have the same keys
        if (std::ranges::find(kind.keys, key, &Key::name) == kind.keys.end() || kind.name == key) continue;
        owners += fmt::format("{}{}", owners.empty() ? "" : ", ", kind.http ? "HTTP steps" : kind.name);
    }
    if (std::ranges::find(common_step_keys(), key, &Key::name) != common_step_keys().end()) owners = "the step itself";
    return owners.empty() ? owners : fmt::format("a key of {}", owners);
}

bool takes_secrets(const Key& key) {
    constexpr std::array shapes{Shape::secret, Shape::secret_list, Shape::words_or_secret, Shape::words_or_secret_list};
    return std::ranges::find(shapes, key.shape) != shapes.end();
}

/// Of a key that is not known; beside keys that take secrets its value may be one, so that it is not drawn.
Place unknown_place(const YamlEntry& entry, std::initializer_list<const std::vector<Key>*> keys) {
    Place place = entry.key_place;
    const bool maybe_secret = std::ranges::any_of(
        keys, [](const std::vector<Key>* group) { return std::ranges::any_of(*group, takes_secrets); });
    if (maybe_secret && entry.value.is_scalar()) place.source = masked(entry.value.place).source;
    return place;
}

}  // namespace

Fields::Fields(const YamlNode& node, std::string_view what, std::initializer_list<const std::vector<Key>*> keys,
               Complaints& complaints)
    : node_(node) {
    check_keys(what, keys, /*open=*/false, complaints);
    check_required(what, keys, complaints);
}

Fields::Fields(const YamlNode& node, const MappingType& type, const Place& owner, Complaints& complaints)
    : node_(node) {
    if (!node.is_map()) {
        complaints.error(node.kind == YamlKind::null ? owner : node.place,
                         fmt::format("{} must be a mapping, found {}", with_article(type.name), described(node)), "",
                         fmt::format("write its keys, as `{}: {}`", type.keys.front().name, type.keys.front().example));
        return;
    }
    check_keys(type.name, {&type.keys}, type.open, complaints);
    check_required(type.name, {&type.keys}, complaints);
    if (type.exactly_one && node.entries.size() != 1) {
        complaints.error(owner,
                         fmt::format("{} has exactly one key, found {}", with_article(type.name), node.entries.size()),
                         "", fmt::format("write one, as `{}: {}`", type.keys.front().name, type.keys.front().example));
    }
}

void Fields::check_keys(std::string_view what, std::initializer_list<const std::vector<Key>*> keys, bool open,
                        Complaints& complaints) {
    std::vector<std::string> known;
    for (const std::vector<Key>* group : keys) {
        for (const Key& key : *group) known.emplace_back(key.name);
    }
    const auto find_key = [&](std::string_view name) -> const Key* {
        for (const std::vector<Key>* group : keys) {
            const auto found = std::ranges::find(*group, name, &Key::name);
            if (found != group->end()) return &*found;
        }
        return nullptr;
    };
    for (const YamlEntry& entry : node_.entries) {
        const Key other{.name = entry.key, .shape = Shape::words, .example = "\"a text\""};
        const Key* key = find_key(entry.key);
        if (key == nullptr && open) key = &other;
        if (key != nullptr) {
            if (check_shape(entry.value, *key, entry.key_place, complaints)) good_.push_back(&entry);
        } else if (entry.key == "<<") {
            complaints.error(entry.key_place, "merge keys are not part of YAML 1.2", "",
                             "write the keys out, or share a whole value by an alias");
        } else {
            complaints.error(unknown_place(entry, keys),
                             fmt::format("unknown key `{}` in {}", clipped(entry.key, 60), with_article(what)),
                             where_known(entry.key), did_you_mean(entry.key, known, "keys"));
        }
    }
}

void Fields::check_required(std::string_view what, std::initializer_list<const std::vector<Key>*> keys,
                            Complaints& complaints) {
    for (const std::vector<Key>* group : keys) {
        for (const Key& key : *group) {
            if (!key.required || node_.find(key.name) != nullptr) continue;
            complaints.error(node_.place, fmt::format("`{}` is missing in {}", key.name, with_article(what)), "",
                             fmt::format("add `{}: {}`", key.name, key.example));
        }
    }
}

const YamlNode* Fields::find(std::string_view key) const {
    const auto found =
        std::ranges::find(good_, key, [](const YamlEntry* entry) { return std::string_view(entry->key); });
    return found == good_.end() ? nullptr : &(*found)->value;
}

Place Fields::key_place(std::string_view key) const {
    for (const YamlEntry& entry : node_.entries) {
        if (entry.key == key) return entry.key_place;
    }
    return node_.place;
}

std::string Fields::text(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::string() : node->text;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
    std::vector<std::string> all;
    if (const YamlNode* node = find(key)) {
        for (const YamlNode& item : node->items) all.push_back(item.text);
    }
    return all;
}

std::optional<Duration> Fields::duration(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::nullopt : parse_duration(node->text);
}

std::optional<std::int64_t> Fields::count(std::string_view key) const {
    const YamlNode* node = find(key);
    if (node == nullptr) return std::nullopt;
    const ScalarValue value = typed(*node);
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<std::int64_t> Fields::byte_size(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::nullopt : parse_byte_size(node->text);
}

std::optional<double> Fields::share(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::nullopt : parse_share(node->text);
}

std::optional<double> Fields::number(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::nullopt : number_in(*node);
}

std::optional<XOfY> Fields::x_of_y(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::nullopt : parse_x_of_y(node->text);
}

bool Fields::flag(std::string_view key, bool fallback) const {
    const YamlNode* node = find(key);
    return node == nullptr ? fallback : std::get<bool>(typed(*node));
}

}  // namespace serin
