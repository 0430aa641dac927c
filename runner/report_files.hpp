// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "reports/formats/reporter.hpp"

namespace serin {

/// The reports of one `serin run`: each a format and a file, or standard output.
class ReportFiles {
public:
    /// `wanted`: "FORMAT" (standard output) or "FORMAT=PATH". At most one goes to standard output; `text` does when
    /// none is asked to. Files are opened here, so that a path which cannot be written is an Error before anything
    /// runs.
    static Result<ReportFiles> open(const std::vector<std::string>& wanted, ReportOptions options,
                                    const std::function<void(std::string_view)>& standard_output);

    ReportFiles(ReportFiles&&) noexcept;
    ReportFiles& operator=(ReportFiles&&) noexcept;
    ~ReportFiles();

    void begin(std::size_t planned);
    void outcome(const Outcome& outcome);
    /// Closes the files. Returns one line for each report that could not be written whole ("no space left on device").
    [[nodiscard]] std::vector<std::string> end(const Totals& totals);
    [[nodiscard]] bool text_on_standard_output() const;

private:
    struct File;
    ReportFiles();
    void write(File& file, const std::string& text);
    std::vector<std::unique_ptr<File>> files_;
};

}  // namespace serin
