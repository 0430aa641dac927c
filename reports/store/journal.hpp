// SPDX-License-Identifier: Apache-2.0
// What must survive `kill -9` before SQLite has committed it: lines in files beside the database (`<db>.journal-<n>`).
// Written with write(2) and never synced: the page cache outlives the process, and what the machine itself may lose is
// bounded by the next commit.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace serin {

/// One file. Every entry that waits for its commit holds a reference, so that the file goes when the last of them has
/// been committed and nobody writes to it any more. Left in place when something in it was not committed.
class JournalFile {
public:
    static Result<std::shared_ptr<JournalFile>> create(std::string path);
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    /// One record of the file is safe elsewhere. Any thread.
    void committed();
    /// An entry of the file is no longer held in memory: the file stays until it has been read again, and nothing more
    /// is written to it. Any thread.
    void spill() { spilled_.store(true); }

private:
    friend class Journal;
    JournalFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
    std::string path_;
    int file_;
    std::atomic<std::int64_t> pending_{0};
    std::atomic<bool> spilled_{false};
};

/// Writes records to one file after the other. For one thread at a time.
class Journal {
public:
    /// `numbers` gives each file of a store its number and must outlive the journal.
    Journal(std::string database_path, std::atomic<std::uint64_t>& numbers);

    /// One record a line, in one write(2). Gives the file that holds them; it counts `lines.size()` records that are
    /// not yet committed. After an Error the entries may or may not be in a file: reading one twice does no harm.
    Result<std::shared_ptr<JournalFile>> append(std::span<const std::string> lines);

private:
    Result<void> make_room();
    std::string database_path_;
    std::atomic<std::uint64_t>& numbers_;
    std::shared_ptr<JournalFile> file_;
    std::size_t size_ = 0;
    bool torn_ = false;
};

/// A record: CRC-32 (IEEE 802.3) of the line in eight hex digits, its length in bytes, the line, a line feed.
[[nodiscard]] std::string journal_record(std::string_view line);

struct JournalContents {
    std::vector<std::string> lines;
    std::size_t damaged = 0;  ///< records that were cut short or do not match their CRC
};
/// Whatever can be read of a journal's bytes; what is damaged is counted and passed over.
[[nodiscard]] JournalContents read_records(std::string_view bytes);

/// The journals beside a database, in order of their numbers.
[[nodiscard]] std::vector<std::string> journal_paths(const std::string& database_path);
/// The number of a journal's name; 0 when it has none.
[[nodiscard]] std::uint64_t journal_number(std::string_view path);

}  // namespace serin
