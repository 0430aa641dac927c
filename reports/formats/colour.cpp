// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/colour.hpp"

namespace serin {
namespace {

std::string_view start_of(Colour colour) {
    switch (colour) {
        case Colour::red:
            return "\x1b[1;31m";
        case Colour::green:
            return "\x1b[32m";
        case Colour::yellow:
            return "\x1b[33m";
        case Colour::dim:
            return "\x1b[2m";
    }
    return "";
}

}  // namespace

std::string painted(std::string_view text, Colour colour, bool colours_on) {
    if (!colours_on || text.empty()) return std::string(text);
    return std::string(start_of(colour)) + std::string(text) + "\x1b[0m";
}

}  // namespace serin
