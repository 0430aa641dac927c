// SPDX-License-Identifier: Apache-2.0
#include "runner/report_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace serin {

struct ReportFiles::File {
    std::string format, path;
    std::unique_ptr<Reporter> reporter;
    std::function<void(std::string_view)> standard_output;  // set when path is empty
    std::FILE* stream = nullptr;
    int error = 0;  // the first errno of writing; later writes are given up

    ~File() {
        if (stream != nullptr) std::fclose(stream);
    }
};

ReportFiles::ReportFiles() = default;
ReportFiles::ReportFiles(ReportFiles&&) noexcept = default;
ReportFiles& ReportFiles::operator=(ReportFiles&&) noexcept = default;
ReportFiles::~ReportFiles() = default;

Result<ReportFiles> ReportFiles::open(const std::vector<std::string>& wanted, ReportOptions options,
                                      const std::function<void(std::string_view)>& standard_output) {
    ReportFiles reports;
    std::vector<std::string> all = wanted;
    const bool someone_prints =
        std::ranges::any_of(wanted, [](const std::string& one) { return one.find('=') == std::string::npos; });
    if (!someone_prints) all.insert(all.begin(), "text");
    bool printed = false;
    for (const std::string& one : all) {
        const std::size_t equals = one.find('=');
        auto file = std::make_unique<File>();
        file->format = one.substr(0, equals);
        ReportOptions here = options;
        if (equals != std::string::npos) {
            file->path = one.substr(equals + 1);
            here.colour = false;  // a file is read by programs and later by people elsewhere
            const bool taken =
                std::ranges::any_of(reports.files_, [&](const auto& other) { return other->path == file->path; });
            if (taken && !file->path.empty()) {
                return fail("two reports would go to " + file->path, "give each its own file");
            }
            if (file->path.empty())
                return fail("--report " + one + ": no path after `=`", "--report " + file->format + "=PATH");
        } else if (std::exchange(printed, true)) {
            return fail("two reports would go to standard output",
                        "give one of them a file: --report " + file->format + "=PATH");
        }
        Result<std::unique_ptr<Reporter>> reporter = make_reporter(file->format, here);
        if (!reporter) return std::unexpected(reporter.error());
        file->reporter = *std::move(reporter);
        if (file->path.empty()) {
            file->standard_output = standard_output;
        } else {
            file->stream = std::fopen(file->path.c_str(), "we");
            if (file->stream == nullptr) {
                return fail("--report " + one + ": cannot write " + file->path + ": " + std::strerror(errno),
                            "does its folder exist, and may you write there?");
            }
        }
        reports.files_.push_back(std::move(file));
    }
    return reports;
}

void ReportFiles::write(File& file, const std::string& text) {
    if (text.empty() || file.error != 0) return;
    if (file.standard_output) return file.standard_output(text);
    // Flushed at once: what is known must be on disk when we are killed.
    if (std::fwrite(text.data(), 1, text.size(), file.stream) != text.size() || std::fflush(file.stream) != 0)
        file.error = errno;
}

void ReportFiles::begin(std::size_t planned) {
    for (const auto& file : files_) write(*file, file->reporter->begin(planned));
}

void ReportFiles::outcome(const Outcome& outcome) {
    for (const auto& file : files_) write(*file, file->reporter->outcome(outcome));
}

std::vector<std::string> ReportFiles::end(const Totals& totals) {
    std::vector<std::string> lost;
    for (const auto& file : files_) {
        write(*file, file->reporter->end(totals));
        if (file->stream != nullptr && std::fclose(std::exchange(file->stream, nullptr)) != 0 && file->error == 0)
            file->error = errno;
        if (file->error != 0) {
            lost.push_back("the " + file->format + " report is incomplete: " + file->path + ": " +
                           std::strerror(file->error));
        }
    }
    return lost;
}

bool ReportFiles::text_on_standard_output() const {
    return std::ranges::any_of(files_, [](const auto& file) { return file->path.empty() && file->format == "text"; });
}

}  // namespace serin
