// SPDX-License-Identifier: Apache-2.0
// The terminal: the one place of Serin that prints.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace serin {

class Console {
public:
    /// Asks the environment once: colour on a TTY, never with NO_COLOR set (no-color.org) or TERM=dumb.
    Console();

    void out(std::string_view text);
    void err(std::string_view text);
    /// "error: title" and "  = help: remedy" on standard error.
    void error(const Error& error);
    /// "warning: text" on standard error.
    void warning(std::string_view text);
    /// Replaces the progress line (standard error, only when both streams are a TTY); an empty text removes it.
    void progress(const std::string& text);
    [[nodiscard]] bool colour() const { return colour_; }
    void no_colour() { colour_ = false; }
    /// False when standard output could not be written whole.
    [[nodiscard]] bool flush();

private:
    bool colour_ = false;
    bool progress_wanted_ = false;
    bool progress_shown_ = false;
};

}  // namespace serin
