// SPDX-License-Identifier: Apache-2.0
// The keeper and journals: what goes there for want of room or time, and what is taken in again, also of a killed
// process.
#include <fmt/format.h>

#include <algorithm>
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

void Keeper::spill(StoredEntry entry, const std::shared_ptr<JournalFile>& journal) {
    if (thin(entry) && journal == nullptr) return drop("");
    std::shared_ptr<JournalFile> file = journal;
    if (file == nullptr) {
        const std::string line = journal_line(entry);
        auto written = journal_.append({&line, 1});
        if (!written) {
            journal_fault(written.error().title);
            if (queue_.entries.size() >= 2 * options_.max_queued) return drop("neither memory nor journal has room");
            queue_.entries.push_back(Waiting{.entry = std::move(entry), .journal = nullptr, .since = clock_.now()});
            return;
        }
        file = *std::move(written);
    }
    file->spill();
    gauges_.queued.fetch_sub(1);
    const bool known = std::ranges::any_of(leftovers_, [&](const Leftover& one) { return one.path == file->path(); });
    if (!known) leftovers_.push_back(Leftover{.path = file->path(), .in_use = file});
}

void Keeper::leave() {
    for (Waiting& waiting : queue_.entries) {
        if (waiting.journal != nullptr) continue;  // its file holds it, and stays
        const std::string line = journal_line(waiting.entry);
        if (const auto written = journal_.append({&line, 1}); !written) drop(written.error().title);
    }
    queue_.entries.clear();
}

void Keeper::take_in_journals() {
    for (std::size_t files = leftovers_.size(); files > 0 && commit_fault_.empty(); --files) take_in_one();
    publish();
}

void Keeper::take_in_one() {
    const auto free = std::ranges::find_if(leftovers_, [](const Leftover& one) { return one.in_use.expired(); });
    if (free == leftovers_.end() || clock_.now() < retry_at_) return;
    if (take_in(free->path)) leftovers_.erase(free);
}

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
