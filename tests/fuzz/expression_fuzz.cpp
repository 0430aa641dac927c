// SPDX-License-Identifier: Apache-2.0
// Any text is either an expression or has mistakes that can be drawn; never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "core/drawing.hpp"
#include "scenarios/language/expression.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto source = std::make_shared<const serin::Source>(
        serin::Source{.name = "fuzz", .text = std::string(reinterpret_cast<const char*>(data), size)});
    const serin::Place place{.source = source, .line = 1, .column = 1, .length = static_cast<int>(size)};
    serin::KnownNames names;
    names.add("status");
    names.add("json");
    names.add("sent", {"status", "json"});
    serin::Mistakes mistakes;
    const auto expression = serin::parse_expression(source->text, place, names, mistakes);
    if (!expression && mistakes.empty()) std::abort();  // refused without a word
    (void)serin::parse_text(source->text, place, names, mistakes);
    (void)serin::draw(mistakes, serin::Palette{});
    return 0;
}
