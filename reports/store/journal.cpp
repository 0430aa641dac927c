// SPDX-License-Identifier: Apache-2.0
#include "reports/store/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace serin {
namespace {

constexpr std::size_t next_file_at = std::size_t{1} << 20;  ///< bytes; so that files go soon after their commits
constexpr std::size_t empty_at = std::size_t{1} << 16;      ///< bytes; emptied when all of it is committed
constexpr std::string_view name_part = ".journal-";

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ (value >> 1) : value >> 1;
        table[i] = value;
    }
    return table;
}();

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xffffffffU;
    for (const char c : bytes) crc = crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
    return ~crc;
}

/// "<crc> <length> <line>" without its line feed; nullopt when it is not whole.
std::optional<std::string_view> line_of(std::string_view record) {
    std::uint32_t crc = 0;
    std::size_t length = 0;
    const char* const end = record.data() + record.size();
    const auto hex = std::from_chars(record.data(), end, crc, 16);
    if (hex.ec != std::errc() || hex.ptr != record.data() + 8 || hex.ptr == end || *hex.ptr != ' ') return std::nullopt;
    const auto decimal = std::from_chars(hex.ptr + 1, end, length);
    if (decimal.ec != std::errc() || decimal.ptr == end || *decimal.ptr != ' ') return std::nullopt;
    const std::string_view line(decimal.ptr + 1, end);
    if (line.size() != length || crc32(line) != crc) return std::nullopt;
    return line;
}

}  // namespace

Result<std::shared_ptr<JournalFile>> JournalFile::create(std::string path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return fail(fmt::format("cannot create the journal {}: {}", path, std::strerror(errno)));
    return std::shared_ptr<JournalFile>(new JournalFile(std::move(path), file));
}

JournalFile::~JournalFile() {
    ::close(file_);
    if (pending_.load() == 0 && !spilled_.load()) ::unlink(path_.c_str());
}

void JournalFile::committed() {
    pending_.fetch_sub(1);
}

Journal::Journal(std::string database_path, std::atomic<std::uint64_t>& numbers)
    : database_path_(std::move(database_path)), numbers_(numbers) {}

Result<void> Journal::make_room() {
    if (file_ && !file_->spilled_.load()) {
        if (size_ < empty_at) return {};
        if (file_->pending_.load() == 0 && ::ftruncate(file_->file_, 0) == 0) {
            size_ = 0;
            torn_ = false;
            return {};
        }
        if (size_ < next_file_at) return {};
    }
    auto next = JournalFile::create(fmt::format("{}{}{}", database_path_, name_part, numbers_.fetch_add(1)));
    if (!next) return std::unexpected(next.error());
    file_ = *std::move(next);
    size_ = 0;
    torn_ = false;
    return {};
}

Result<std::shared_ptr<JournalFile>> Journal::append(std::span<const std::string> lines) {
    if (const Result<void> room = make_room(); !room) return std::unexpected(room.error());
    // What was cut short before must not swallow the record that follows.
    std::string bytes = torn_ ? "\n" : "";
    for (const std::string& line : lines) bytes += journal_record(line);
    const auto records = static_cast<std::int64_t>(lines.size());
    file_->pending_.fetch_add(records);
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t wrote = ::write(file_->file_, bytes.data() + written, bytes.size() - written);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            const int why = wrote < 0 ? errno : ENOSPC;
            torn_ = torn_ || written > 0;
            size_ += written;
            file_->pending_.fetch_sub(records);
            return fail(fmt::format("cannot write the journal {}: {}", file_->path(), std::strerror(why)));
        }
        written += static_cast<std::size_t>(wrote);
    }
    torn_ = false;
    size_ += written;
    return file_;
}

std::string journal_record(std::string_view line) {
    return fmt::format("{:08x} {} {}\n", crc32(line), line.size(), line);
}

JournalContents read_records(std::string_view bytes) {
    JournalContents contents;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view record = bytes.substr(0, end);
        const bool whole = end != std::string_view::npos;
        bytes.remove_prefix(whole ? end + 1 : bytes.size());
        if (record.empty()) continue;
        if (const auto line = line_of(record); line && whole)
            contents.lines.emplace_back(*line);
        else
            ++contents.damaged;
    }
    return contents;
}

std::uint64_t journal_number(std::string_view path) {
    const std::size_t at = path.rfind(name_part);
    if (at == std::string_view::npos) return 0;
    const std::string_view digits = path.substr(at + name_part.size());
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() ? number : 0;
}

std::vector<std::string> journal_paths(const std::string& database_path) {
    const std::filesystem::path database(database_path);
    const std::string prefix = database.filename().string() + std::string(name_part);
    std::vector<std::string> paths;
    std::error_code ignored;  // A folder that cannot be listed cannot hold a database either.
    for (const auto& entry : std::filesystem::directory_iterator(
             database.has_parent_path() ? database.parent_path() : std::filesystem::path("."), ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix) && journal_number(name) > 0) paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths, {}, [](const std::string& path) { return journal_number(path); });
    return paths;
}

}  // namespace serin
