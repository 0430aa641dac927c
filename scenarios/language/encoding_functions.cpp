// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_arguments.hpp"
#include "scenarios/language/lua_functions.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

int json_encode(lua_State* lua) {
    const Json value = to_json(lua, 1);
    push_text(lua, value.dump(-1, ' ', false, Json::error_handler_t::replace));
    return 1;
}

int json_decode(lua_State* lua) {
    auto value = parse_json(text_argument(lua, 1, "json_decode"));
    if (!value) raise(lua, fmt::format("`json_decode`: {}", value.error().title));
    if (value->is_null() && frame_of(lua).script) {
        lua_pushnil(lua);
    } else {
        push_json(lua, std::move(*value), "json_decode(…)");
    }
    return 1;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int base64_encode(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "base64_encode");
    if (text.size() > longest_text) raise_spent(lua, "the text would be longer than 1 MiB");
    std::vector<unsigned char> encoded((text.size() + 2) / 3 * 4 + 1);
    const int size = EVP_EncodeBlock(encoded.data(), bytes_of(text), static_cast<int>(text.size()));
    push_text(lua, {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)});
    return 1;
}

/// Takes RFC 4648's two alphabets, padding or not: tokens (JWT) come URL-safe and unpadded.
int base64_decode(lua_State* lua) {
    std::string text{text_argument(lua, 1, "base64_decode")};
    if (text.size() > longest_text) raise_spent(lua, "the text is longer than 1 MiB");
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.ends_with('=')) text.pop_back();
    const std::size_t size = text.size() / 4 * 3 + (text.size() % 4 * 3) / 4;
    text.append((4 - text.size() % 4) % 4, '=');
    std::vector<unsigned char> decoded(text.size() / 4 * 3 + 1);
    if (EVP_DecodeBlock(decoded.data(), bytes_of(text), static_cast<int>(text.size())) < 0 || text.ends_with("===")) {
        refuse_argument(lua, 1, "base64_decode", "a text in base64");
    }
    push_text(lua, {reinterpret_cast<const char*>(decoded.data()), size});
    return 1;
}

void push_hexadecimal(lua_State* lua, const unsigned char* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
    push_text(lua, text);
}

int sha256(lua_State* lua) {
    const std::string_view text = text_argument(lua, 1, "sha256");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1) raise(lua, "`sha256` failed");
    push_hexadecimal(lua, digest, size);
    return 1;
}

int hmac_sha256(lua_State* lua) {
    const std::string_view key = text_argument(lua, 1, "hmac_sha256"), text = text_argument(lua, 2, "hmac_sha256");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const auto key_size = static_cast<int>(key.size());
    if (!HMAC(EVP_sha256(), key.data(), key_size, bytes_of(text), text.size(), digest, &size))
        raise(lua, "`hmac_sha256` failed");
    push_hexadecimal(lua, digest, size);
    return 1;
}

int url_escape(lua_State* lua) {
    std::string escaped;
    for (const char c : text_argument(lua, 1, "url_escape")) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            escaped += c;
        } else {
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    push_text(lua, escaped);
    return 1;
}

}  // namespace

const luaL_Reg* encoding_functions() {
    static constexpr luaL_Reg all[]{{"json_encode", json_encode},
                                    {"json_decode", json_decode},
                                    {"base64_encode", base64_encode},
                                    {"base64_decode", base64_decode},
                                    {"sha256", sha256},
                                    {"hmac_sha256", hmac_sha256},
                                    {"url_escape", url_escape},
                                    {nullptr, nullptr}};
    return all;
}

}  // namespace serin
