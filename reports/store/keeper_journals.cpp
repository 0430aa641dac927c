// SPDX-License-Identifier: Apache-2.0
// Journals that nobody writes to any more: of a killed process, or of a time in which memory had no room.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "reports/store/keeper.hpp"

namespace serin {
namespace {

std::optional<std::string> bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return std::nullopt;
    return bytes;
}

}  // namespace

/// True when there is nothing left to do with the file. Reading it twice does no harm: it is removed after the commit.
bool Keeper::take_in(const std::string& path) {
    const std::optional<std::string> bytes = bytes_of(path);
    if (!bytes) {
        log(LogLevel::error, "store_journal_unreadable", "a journal cannot be read; it stays for the next start",
            {{"path", path}});
        return true;
    }
    const JournalContents contents = read_records(*bytes);
    Queue queue;
    std::size_t strange = 0;
    for (const std::string& line : contents.lines) {
        if (auto entry = entry_of(line))
            queue.entries.push_back(Waiting{.entry = *std::move(entry), .journal = nullptr, .since = clock_.now()});
        else
            ++strange;
    }
    const std::size_t entries = queue.entries.size();
    while (!queue.entries.empty()) {
        if (!commit_some(queue)) return false;
    }
    std::error_code ignored;  // What cannot be removed is read again at the next start.
    if (strange == 0 && contents.damaged <= 1) {
        std::filesystem::remove(path, ignored);
    } else {
        // More than the one record that a kill cuts short: people may want to look at it.
        std::filesystem::rename(path, fmt::format("{}.unread-{}", options_.path, journal_number(path)), ignored);
    }
    log(LogLevel::info, "store_journal_taken_in", fmt::format("{} entries of a journal were taken in", entries),
        {{"path", path}, {"cut_short", std::to_string(contents.damaged)}, {"not_understood", std::to_string(strange)}});
    return true;
}

}  // namespace serin
