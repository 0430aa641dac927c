// SPDX-License-Identifier: Apache-2.0
#include "core/place.hpp"

namespace serin {

std::string_view Source::line(int number) const {
    if (number < 1) return {};
    const std::string_view all = text;
    std::size_t begin = 0;
    for (int current = 1; current < number; ++current) {
        const std::size_t end = all.find('\n', begin);
        if (end == std::string_view::npos) return {};
        begin = end + 1;
    }
    if (begin > all.size()) return {};
    std::string_view found = all.substr(begin, all.find('\n', begin) - begin);
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
}

std::string Place::text() const {
    if (!known()) return {};
    return source->name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Place Place::shifted(int columns, int new_length) const {
    return Place{.source = source, .line = line, .column = column + columns, .length = new_length};
}

}  // namespace serin
