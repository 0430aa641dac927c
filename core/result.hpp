// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "core/place.hpp"

namespace serin {

enum class Level { error, warning };

/// Something that a person wrote wrong, with its place and the way out. Drawn by core/drawing.
struct Mistake {
    Level level = Level::error;
    Place place;
    std::string title;               ///< what is wrong, lower case, no full stop: "unknown key `expct`"
    std::string note;                ///< beside the carets; may be empty
    std::string remedy;              ///< the way out: "did you mean `expect`?"
    std::vector<Place> called_from;  ///< for a mistake in an included fragment: who included it, innermost first
};
using Mistakes = std::vector<Mistake>;

/// A failure without a place in a file: what went wrong and the way out.
struct [[nodiscard]] Error {
    std::string title;
    std::string remedy;
    bool own_fault = false;  ///< of an evaluation: a budget of ours is used up, not an unexpected value
};

/// What an operation of ours gives back: the value, or an Error for a person. What a *target* does is never an Error
/// but an Observation.
template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(std::string title, std::string remedy = {}) {
    return std::unexpected(Error{.title = std::move(title), .remedy = std::move(remedy), .own_fault = false});
}

}  // namespace serin
