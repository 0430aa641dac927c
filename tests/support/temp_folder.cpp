// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace serin::test {

TempFolder::TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "serin-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TempFolder::names(const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        std::string name = entry.path().filename().string();
        if (name.find(part) != std::string::npos) found.push_back(std::move(name));
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace serin::test
