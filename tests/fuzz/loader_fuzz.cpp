// SPDX-License-Identifier: Apache-2.0
// Any text is either a scenario or a list of mistakes that can be drawn; never a crash. A fragment file that the text
// names is the text itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/drawing.hpp"
#include "scenarios/language/loader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const serin::ReadFile read = [&](const std::string&) -> serin::Result<std::string> { return text; };
    const serin::Loaded loaded = serin::load_scenario("fuzz.yaml", read);
    if (!loaded.scenario && loaded.mistakes.empty()) std::abort();  // refused without a word
    (void)serin::draw(loaded.mistakes, serin::Palette{.colour = true});
    (void)serin::load_targets("fuzz.yaml", read);
    return 0;
}
