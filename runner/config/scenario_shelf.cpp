// SPDX-License-Identifier: Apache-2.0
#include "runner/config/scenario_shelf.hpp"

#include <utility>

namespace serin {

std::shared_ptr<const Scenario> ScenarioShelf::find(const std::string& file, const Place& named_at,
                                                    const ReadFile& read, Complaints& complaints) {
    const auto known = read_.find(file);
    if (known != read_.end()) return known->second;
    std::shared_ptr<const Scenario>& scenario = read_[file];
    const Result<std::string> text = read(file);
    if (!text) {
        complaints.error(named_at, text.error().title, "", text.error().remedy);
        return nullptr;
    }
    const ReadFile read_others = [&](const std::string& path) { return path == file ? text : read(path); };
    Loaded loaded = load_scenario(file, read_others);
    const Complaints::Included included(complaints, named_at);
    complaints.add(std::move(loaded.mistakes));
    if (loaded.scenario) scenario = std::make_shared<const Scenario>(*std::move(loaded.scenario));
    return scenario;
}

}  // namespace serin
