// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <lua.hpp>
#include <string>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/lua_arguments.hpp"
#include "scenarios/language/lua_functions.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

int starts(lua_State* lua) {
    lua_pushboolean(lua, text_argument(lua, 1, "starts").starts_with(text_argument(lua, 2, "starts")));
    return 1;
}

int ends(lua_State* lua) {
    lua_pushboolean(lua, text_argument(lua, 1, "ends").ends_with(text_argument(lua, 2, "ends")));
    return 1;
}

/// ASCII only: other letters depend on a language, and a prober must say the same everywhere.
int lower(lua_State* lua) {
    std::string text{text_argument(lua, 1, "lower")};
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    push_text(lua, text);
    return 1;
}

int upper(lua_State* lua) {
    std::string text{text_argument(lua, 1, "upper")};
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
    push_text(lua, text);
    return 1;
}

int trim(lua_State* lua) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    std::string_view text = text_argument(lua, 1, "trim");
    const std::size_t begin = text.find_first_not_of(blanks);
    text = begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
    push_text(lua, text);
    return 1;
}

int sub(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "sub");
    const auto size = static_cast<double>(text.size());
    const auto position = [&](double asked) { return asked < 0 ? size + asked + 1 : asked; };
    const double from = std::max(1.0, position(number_argument(lua, 2, "sub")));
    const double to = std::min(size, lua_isnoneornil(lua, 3) ? size : position(number_argument(lua, 3, "sub")));
    push_text(lua, from > to ? std::string_view{}
                             : text.substr(static_cast<std::size_t>(from) - 1,
                                           static_cast<std::size_t>(to) + 1 - static_cast<std::size_t>(from)));
    return 1;
}

int replace(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "replace"), old = text_argument(lua, 2, "replace"),
                           with = text_argument(lua, 3, "replace");
    if (old.empty()) refuse_argument(lua, 2, "replace", "a text that is not empty");
    std::string made;
    std::size_t at = 0;
    for (std::size_t found = text.find(old); found != std::string_view::npos; found = text.find(old, at)) {
        made.append(text.substr(at, found - at)).append(with);
        at = found + old.size();
        if (made.size() > longest_text) break;  // push_text says so
    }
    push_text(lua, made.append(text.substr(at)));
    return 1;
}

int split(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "split"), separator = text_argument(lua, 2, "split");
    if (separator.empty()) refuse_argument(lua, 2, "split", "a text that is not empty");
    lua_newtable(lua);
    lua_Integer count = 0;
    std::size_t at = 0;
    while (true) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        push_text(lua, text.substr(at, end - at));
        lua_rawseti(lua, -2, ++count);
        if (end == text.size()) return 1;
        at = end + separator.size();
    }
}

const re2::RE2& regex_argument(lua_State* lua, const char* function) {
    const auto regex = frame_of(lua).state.regexes().compiled(std::string(text_argument(lua, 2, function)));
    if (!regex) raise(lua, regex.error().title);
    return **regex;
}

/// The first group when the pattern has one, else the whole match. False: nothing matches from `at` on.
bool next_match(const re2::RE2& regex, std::string_view text, std::size_t& at, re2::StringPiece& found) {
    re2::StringPiece groups[2];
    const int wanted = regex.NumberOfCapturingGroups() > 0 ? 2 : 1;
    const re2::StringPiece whole(text.data(), text.size());
    if (at > text.size() || !regex.Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups, wanted)) return false;
    found = groups[wanted - 1];
    const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - text.data());
    at = groups[0].empty() ? end + 1 : end;
    return true;
}

int re_match(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "re.match");
    std::size_t at = 0;
    re2::StringPiece found;
    if (next_match(regex_argument(lua, "re.match"), text, at, found) && found.data()) {
        push_text(lua, {found.data(), found.size()});
    } else {
        push_absent(lua, "the match",
                    fmt::format("`{}` matches nothing", text_argument(lua, 2, "re.match").substr(0, 100)));
    }
    return 1;
}

int re_test(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "re.test");
    lua_pushboolean(lua,
                    re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex_argument(lua, "re.test")));
    return 1;
}

int re_find_all(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "re.find_all");
    const re2::RE2& regex = regex_argument(lua, "re.find_all");
    lua_newtable(lua);
    lua_Integer count = 0;
    std::size_t at = 0;
    re2::StringPiece found;
    while (next_match(regex, text, at, found)) {
        push_text(lua, {found.data() ? found.data() : "", found.size()});
        lua_rawseti(lua, -2, ++count);
        charge(lua, 256);
    }
    return 1;
}

}  // namespace

const luaL_Reg* text_functions() {
    static constexpr luaL_Reg all[]{{"starts", starts},
                                    {"ends", ends},
                                    {"lower", lower},
                                    {"upper", upper},
                                    {"trim", trim},
                                    {"sub", sub},
                                    {"replace", replace},
                                    {"split", split},
                                    {"re.match", re_match},
                                    {"re.test", re_test},
                                    {"re.find_all", re_find_all},
                                    {nullptr, nullptr}};
    return all;
}

}  // namespace serin
