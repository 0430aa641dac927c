// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/status/status_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace serin {
namespace {

std::unexpected<Error> cannot(std::string_view what, const std::string& path, int why) {
    const std::string remedy = why == ENOSPC || why == EDQUOT ? "make room on the disk"
                               : why == ENOTDIR || why == EISDIR || why == EEXIST
                                   ? "choose another folder for the status page"
                                   : "choose a folder that this user may write to";
    return fail(fmt::format("cannot {} {}: {}", what, path, std::strerror(why)), remedy);
}

bool holds(const std::string& path, const std::string& content) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return false;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str() == content;
}

/// All of it and on the disk; 0, or errno.
int write_whole(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0 ? 0 : errno;
}

Result<void> replace_file(const std::string& path, const std::string& content) {
    if (holds(path, content)) return {};
    const std::string beside = path + ".new";
    // What a killed process left; and never through a link that somebody else laid there.
    ::unlink(beside.c_str());
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0) return cannot("write", beside, errno);
    int why = write_whole(file, content);
    if (::close(file) != 0 && why == 0) why = errno;
    if (why == 0 && std::rename(beside.c_str(), path.c_str()) != 0) why = errno;
    if (why == 0) return {};
    ::unlink(beside.c_str());
    return cannot("write", path, why);
}

/// A rename is on the disk once its folder is. Not every file system can: that is no reason to complain.
void sync_folder(const std::string& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
}

}  // namespace

Result<void> write_status_files(const std::string& folder, const StatusPage& page, const std::string& base_url) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return cannot("create the folder", folder, error.value());
    const std::filesystem::path root(folder);
    const std::pair<const char*, std::string> files[] = {{"status.json", status_json(page)},
                                                         {"index.html", status_html(page)},
                                                         {"feed.atom", status_atom(page, base_url)}};
    for (const auto& [name, content] : files) {
        if (Result<void> written = replace_file((root / name).string(), content); !written) return written;
    }
    sync_folder(folder);
    return {};
}

}  // namespace serin
