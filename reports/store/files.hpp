// SPDX-License-Identifier: Apache-2.0
// The files beside a database: its lock, and those that were set aside.
#pragma once
#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// Held while a process writes to the database (flock on `<db>.lock`); ends with the process, however it ends.
class StoreLock {
public:
    static Result<StoreLock> take(const std::string& database_path);
    ~StoreLock();
    StoreLock(StoreLock&& other) noexcept;
    StoreLock& operator=(StoreLock&&) = delete;
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

private:
    explicit StoreLock(int file) : file_(file) {}
    int file_;
};

/// Renames the database, with its -wal and -shm, to `<db>.corrupt-<time>`; gives the new name. Journals stay, to be
/// taken into the database that takes its place.
Result<std::string> set_aside(const std::string& database_path, Wall now);

/// A note for the next start that the database answered with damage and has to be looked through before it is used.
void mark_suspect(const std::string& database_path);
[[nodiscard]] bool is_suspect(const std::string& database_path);
void clear_suspect(const std::string& database_path);

/// Bytes of the database with its WAL.
[[nodiscard]] std::int64_t bytes_on_disk(const std::string& database_path);
/// Which file the path leads to; 0 when to none. Another number than before: the file was removed or replaced.
[[nodiscard]] std::uint64_t file_identity(const std::string& path);

}  // namespace serin
