// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/names.hpp"

#include <algorithm>

namespace serin {

std::vector<std::string> KnownNames::list() const {
    std::vector<std::string> all;
    all.reserve(names.size());
    for (const auto& [name, fields] : names) all.push_back(name);
    return all;
}

const std::vector<BuiltinName>& builtin_names() {
    static constexpr int many = 50;
    static const std::vector<BuiltinName> all{
        {"absent", "json.x == absent", "the value of what does not exist; false in a condition, equal to nil"},
        {"null", "json.x == null", "JSON's null; false in a condition, not equal to absent"},
        {"len", "len(x)", "characters of a text, items of a list, keys of an object (#text counts bytes)", 1, 1},
        {"contains", "contains(x, part)", "whether a text holds `part`, or a list an item equal to it", 2, 2},
        {"starts", "starts(text, part)", "whether the text begins with `part`", 2, 2},
        {"ends", "ends(text, part)", "whether the text ends with `part`", 2, 2},
        {"lower", "lower(text)", "the text with A–Z in lower case", 1, 1},
        {"upper", "upper(text)", "the text with a–z in upper case", 1, 1},
        {"trim", "trim(text)", "the text without white space at both ends", 1, 1},
        {"sub", "sub(text, from, to)",
         "bytes `from` to `to` (default: the end), counted from 1; negative ones from the end", 2, 3},
        {"replace", "replace(text, old, new)", "the text with every `old` replaced, taken literally", 3, 3},
        {"split", "split(text, separator)", "the list of parts between separators", 2, 2},
        {"join", "join(list, separator)", "the items as texts, with the separator between", 1, 2},
        {"re.match", "re.match(text, pattern)",
         "the first group of the first match (RE2 syntax), or the match when there is no group; absent when nothing "
         "matches",
         2, 2},
        {"re.test", "re.test(text, pattern)", "whether the pattern (RE2 syntax) matches anywhere in the text", 2, 2},
        {"re.find_all", "re.find_all(text, pattern)",
         "the list of all matches (of their first groups when there is one)", 2, 2},
        {"has", "has(x, key)", "whether an object has the key (its value may be null), or a list that many items", 2,
         2},
        {"keys", "keys(object)", "the list of its keys, sorted", 1, 1},
        {"values", "values(object)", "the list of its values, in the order of the keys", 1, 1},
        {"count", "count(list, value)", "how many items equal `value`", 2, 2},
        {"find", "find(list, field, value)", "the first item whose field equals `value`; absent when there is none", 3,
         3},
        {"pluck", "pluck(list, field)", "the list of that field of every item that has it", 2, 2},
        {"type", "type(x)", R"("string", "number", "boolean", "array", "object", "null" or "absent")", 1, 1},
        {"tostring", "tostring(x)", "x as text; lists and objects as JSON", 1, 1},
        {"tonumber", "tonumber(text)", "the number that the text spells; absent when it spells none", 1, 1},
        {"floor", "floor(n)", "the nearest integer not above n", 1, 1},
        {"ceil", "ceil(n)", "the nearest integer not below n", 1, 1},
        {"round", "round(n)", "the nearest integer, halves away from zero", 1, 1},
        {"abs", "abs(n)", "n without its sign", 1, 1},
        {"min", "min(a, b, …)", "the least of the numbers, or of the items of one list", 1, many},
        {"max", "max(a, b, …)", "the greatest of the numbers, or of the items of one list", 1, many},
        {"json_encode", "json_encode(x)", "x as compact JSON text", 1, 1},
        {"json_decode", "json_decode(text)", "the value that the JSON text spells", 1, 1},
        {"base64_encode", "base64_encode(text)", "the bytes in base64 (RFC 4648, padded)", 1, 1},
        {"base64_decode", "base64_decode(text)", "the bytes that the base64 text spells; also the URL-safe alphabet", 1,
         1},
        {"sha256", "sha256(text)", "the SHA-256 digest in lower-case hexadecimal", 1, 1},
        {"hmac_sha256", "hmac_sha256(key, text)", "the HMAC-SHA-256 (RFC 2104) in lower-case hexadecimal", 2, 2},
        {"url_escape", "url_escape(text)", "the text percent-encoded for any part of a URL (RFC 3986)", 1, 1},
    };
    return all;
}

const BuiltinName* find_builtin(std::string_view name) {
    const auto& all = builtin_names();
    const auto found = std::ranges::find_if(all, [name](const BuiltinName& one) { return name == one.name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace serin
