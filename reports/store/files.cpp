// SPDX-License-Identifier: Apache-2.0
#include "reports/store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace serin {
namespace {

std::string suspect_path(const std::string& database_path) {
    return database_path + ".suspect";
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        const int why = errno;
        return fail(fmt::format("cannot keep a store at {}: {}", database_path, std::strerror(why)),
                    why == ENOENT ? "create the folder first" : "choose a folder that this user may write to");
    }
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return StoreLock(file);
    const int why = errno;
    ::close(file);
    if (why != EWOULDBLOCK) return fail(fmt::format("cannot lock {}: {}", path, std::strerror(why)));
    return fail(fmt::format("another process writes to the store {}", database_path),
                "stop it, or give each process a database of its own");
}

StoreLock::~StoreLock() {
    // The file stays: removing it would let two processes lock two files of the same name.
    if (file_ >= 0) ::close(file_);
}

StoreLock::StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

Result<std::string> set_aside(const std::string& database_path, Wall now) {
    std::string time = rfc3339(now);
    std::erase_if(time, [](char c) { return c == ':' || c == '-' || c == '.'; });
    std::string aside = fmt::format("{}.corrupt-{}", database_path, time);
    for (int i = 2; exists(aside); ++i) aside = fmt::format("{}.corrupt-{}-{}", database_path, time, i);
    // The database last: a process killed on the way finds it still there, and sets it aside again.
    for (const char* const part : {"-wal", "-shm", ""}) {
        const std::string from = database_path + part, to = aside + part;
        if (std::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT)
            return fail(fmt::format("cannot set the damaged {} aside: {}", from, std::strerror(errno)),
                        "move it away by hand, or choose another file");
    }
    clear_suspect(database_path);
    return aside;
}

void mark_suspect(const std::string& database_path) {
    const int file = ::open(suspect_path(database_path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
}

bool is_suspect(const std::string& database_path) {
    return exists(suspect_path(database_path));
}

void clear_suspect(const std::string& database_path) {
    ::unlink(suspect_path(database_path).c_str());
}

std::int64_t bytes_on_disk(const std::string& database_path) {
    std::int64_t bytes = 0;
    for (const char* const part : {"", "-wal"}) {
        struct stat status{};
        if (::stat((database_path + part).c_str(), &status) == 0) bytes += status.st_size;
    }
    return bytes;
}

std::uint64_t file_identity(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace serin
