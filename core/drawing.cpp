// SPDX-License-Identifier: Apache-2.0
#include "core/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.hpp"

namespace serin {
namespace {

constexpr std::size_t widest_line = 120;     // characters of the source that are shown
constexpr std::size_t shown_before = 60;     // of them, before the place, when a line is cut
constexpr std::size_t longest_carets = 100;  // a longer stretch says no more

constexpr std::string_view red = "\x1b[1;31m", yellow = "\x1b[1;33m", blue = "\x1b[1;34m", bold = "\x1b[1m",
                           plain = "\x1b[0m";

std::string paint(std::string_view text, std::string_view colour, Palette palette) {
    if (!palette.colour || text.empty()) return std::string(text);
    return fmt::format("{}{}{}", colour, text, plain);
}

std::string_view colour_of(Level level) {
    return level == Level::error ? red : yellow;
}

/// The code points of `line`, each as text. Control characters and stray bytes become U+FFFD: a file that is quoted in
/// a message must not be able to steer the terminal.
std::vector<std::string> characters(std::string_view line) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < line.size();) {
        const CodePoint here = code_point_at(line, at);
        const bool control = here.value == 0x7F || (here.value < 0x20 && here.value != '\t') ||
                             (here.value >= 0x80 && here.value < 0xA0);
        all.emplace_back(control || !here.valid ? "\uFFFD" : line.substr(at, here.bytes));
        at += here.bytes;
    }
    return all;
}

std::string joined(const std::vector<std::string>& parts, std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) text += parts[i];
    return text;
}

/// What stands left of the carets: tabs where the line has tabs, so that both are equally far right in any terminal.
std::string padding(const std::vector<std::string>& parts, std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) text += parts[i] == "\t" ? "\t" : " ";
    return text;
}

std::string gutter(int line, std::string_view label) {
    const std::size_t width = std::max<std::size_t>(2, std::to_string(line).size());
    return fmt::format("{:>{}}", label, width);
}

std::string draw_at(const Place& place, std::string_view note, Level level, Palette palette) {
    if (!place.known()) return {};
    const std::string empty = gutter(place.line, "");
    const std::string_view line = place.source->line(place.line);
    const std::size_t offset = std::min(line.size(), static_cast<std::size_t>(std::max(place.column, 1) - 1));
    const std::size_t stretch = std::min(line.size() - offset, static_cast<std::size_t>(std::max(place.length, 1)));

    std::vector<std::string> shown = characters(line);
    std::size_t caret = characters(line.substr(0, offset)).size();
    std::size_t carets = std::clamp<std::size_t>(characters(line.substr(offset, stretch)).size(), 1, longest_carets);
    if (shown.size() > widest_line) {
        const std::size_t begin = caret > shown_before ? caret - shown_before : 0;
        const std::size_t end = std::min(shown.size(), begin + widest_line);
        std::vector<std::string> window(shown.begin() + static_cast<std::ptrdiff_t>(begin),
                                        shown.begin() + static_cast<std::ptrdiff_t>(end));
        caret -= begin;
        carets = std::min(carets, std::max<std::size_t>(1, window.size() - caret));
        if (end < shown.size()) window.emplace_back("…");
        if (begin > 0) {
            window.insert(window.begin(), "…");
            ++caret;
        }
        shown = std::move(window);
    }
    std::string out = fmt::format("{}{} {}\n", empty, paint("-->", blue, palette), place.text());
    out += fmt::format("{} {}\n", empty, paint("|", blue, palette));
    const std::string text = joined(shown, 0, shown.size());
    out += fmt::format("{}{}{}\n", paint(gutter(place.line, std::to_string(place.line)) + " |", blue, palette),
                       text.empty() ? "" : " ", text);
    std::string marks(carets, '^');
    if (!note.empty()) marks += fmt::format(" {}", note);
    out += fmt::format("{} {} {}{}\n", empty, paint("|", blue, palette),
                       padding(shown, 0, std::min(caret, shown.size())), paint(marks, colour_of(level), palette));
    return out;
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

std::string draw_place(const Place& place, std::string_view note, Palette palette) {
    return draw_at(place, note, Level::error, palette);
}

std::string draw(const Mistake& mistake, Palette palette) {
    const std::string_view word = mistake.level == Level::error ? "error" : "warning";
    std::string out = fmt::format("{}{}\n", paint(word, colour_of(mistake.level), palette),
                                  paint(fmt::format(": {}", mistake.title), bold, palette));
    out += draw_at(mistake.place, mistake.note, mistake.level, palette);
    const std::string empty = gutter(mistake.place.known() ? mistake.place.line : 0, "");
    for (const Place& caller : mistake.called_from) {
        if (caller.known())
            out += fmt::format("{}{} called from {}\n", empty, paint("-->", blue, palette), caller.text());
    }
    if (!mistake.remedy.empty()) {
        // A remedy may be a piece of YAML over several lines; the rest stands under its beginning.
        std::string remedy;
        for (const char c : mistake.remedy) {
            remedy += c;
            if (c == '\n') remedy += empty + "         ";
        }
        out += fmt::format("{} {} {} {}\n", empty, paint("=", blue, palette), paint("help:", bold, palette), remedy);
    }
    return out;
}

std::string draw(const Mistakes& mistakes, Palette palette) {
    std::string out;
    std::size_t errors = 0;
    for (const Level level : {Level::error, Level::warning}) {
        for (const Mistake& mistake : mistakes) {
            if (mistake.level != level) continue;
            errors += level == Level::error ? 1 : 0;
            out += draw(mistake, palette) + "\n";
        }
    }
    if (mistakes.empty()) return out;
    const std::size_t warnings = mistakes.size() - errors;
    if (errors > 0) out += counted(errors, "error");
    if (errors > 0 && warnings > 0) out += ", ";
    if (warnings > 0) out += counted(warnings, "warning");
    return out + "\n";
}

}  // namespace serin
