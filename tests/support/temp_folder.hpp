// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace serin::test {

/// A folder of a test's own, gone with everything in it when the test ends.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    /// Names in it that contain `part`, sorted.
    [[nodiscard]] std::vector<std::string> names(const std::string& part) const;

private:
    std::filesystem::path path_;
};

}  // namespace serin::test
