// SPDX-License-Identifier: Apache-2.0
#include "runner/console.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace serin {

Console::Console() {
    const bool tty = isatty(STDOUT_FILENO) != 0;
    const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): before any thread starts
    const char* term = std::getenv("TERM");          // NOLINT(concurrency-mt-unsafe)
    const bool dumb = term != nullptr && std::strcmp(term, "dumb") == 0;
    colour_ = tty && !dumb && (no_color == nullptr || *no_color == '\0');
    progress_wanted_ = tty && !dumb && isatty(STDERR_FILENO) != 0;
}

void Console::out(std::string_view text) {
    if (progress_shown_) progress("");
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void Console::err(std::string_view text) {
    if (progress_shown_) progress("");
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void Console::error(const Error& error) {
    std::string text = (colour_ ? "\x1b[1;31merror\x1b[0m: " : "error: ") + error.title + "\n";
    if (!error.remedy.empty()) text += "  = help: " + error.remedy + "\n";
    err(text);
}

void Console::warning(std::string_view text) {
    err((colour_ ? "\x1b[33mwarning\x1b[0m: " : "warning: ") + std::string(text) + "\n");
}

void Console::progress(const std::string& text) {
    if (!progress_wanted_ || (text.empty() && !progress_shown_)) return;
    const std::string line = "\r\x1b[K" + text;
    std::fwrite(line.data(), 1, line.size(), stderr);
    progress_shown_ = !text.empty();
}

bool Console::flush() {
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace serin
