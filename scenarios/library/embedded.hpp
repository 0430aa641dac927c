// SPDX-License-Identifier: Apache-2.0
// The scenarios that Serin ships, inside the binary. The table is generated at build time (cmake/EmbedFiles.cmake).
#pragma once
#include <span>
#include <string_view>

namespace serin {

struct LibraryFile {
    std::string_view name;  ///< file name without its folder: "chat-delivery.yaml"
    std::string_view text;
};

/// Every scenarios/library/*.yaml, sorted by name. The views live as long as the program.
[[nodiscard]] std::span<const LibraryFile> library_files();

}  // namespace serin
