// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

namespace serin {

CodePoint code_point_at(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const CodePoint bad{.value = lead, .bytes = 1, .valid = false};
    if (lead < 0x80) return {.value = lead, .bytes = 1, .valid = true};

    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - at < bytes) return bad;
    char32_t value = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xc0U) != 0x80) return bad;
        value = value << 6 | (next & 0x3fU);
    }
    const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (overlong || surrogate || value > 0x10ffff) return bad;
    return {.value = value, .bytes = bytes, .valid = true};
}

}  // namespace serin
