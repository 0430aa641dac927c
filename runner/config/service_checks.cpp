// SPDX-License-Identifier: Apache-2.0
#include "runner/config/service_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace serin {
namespace {

std::vector<std::string> services_of(const Config& config) {
    std::set<std::string> all;
    for (const ProbeConfig& probe : config.probes) all.insert(probe.rules.service);
    for (const GaugeRules& gauge : config.alerts.gauges) all.insert(gauge.service);
    for (const HeartbeatRules& job : config.alerts.heartbeats) all.insert(job.service);
    return {all.begin(), all.end()};
}

/// One service that another depends on, and where that was written.
struct Dependency {
    std::string on;
    Place place;
};
using Dependencies = std::map<std::string, std::vector<Dependency>, std::less<>>;

/// A list of texts; anything else was told already.
const YamlNode* list_in(const YamlNode* block, std::string_view key) {
    const YamlNode* list = block == nullptr ? nullptr : block->find(key);
    const bool fine = list != nullptr && list->is_list() && std::ranges::all_of(list->items, &YamlNode::is_scalar);
    return fine ? list : nullptr;
}

Dependencies dependencies_of(const Fields& file, const std::optional<Fields>& alerts, const Config& config) {
    Dependencies all;
    const YamlNode* probes = file.find("probes");
    const YamlNode* inherited = alerts ? list_in(alerts->find("defaults"), "depends_on") : nullptr;
    for (const ProbeConfig& probe : config.probes) {
        const YamlNode* entry = probes == nullptr ? nullptr : probes->find(probe.name);
        const YamlNode* own = entry == nullptr ? nullptr : list_in(entry->find("alert"), "depends_on");
        const YamlNode* list = own == nullptr ? inherited : own;
        if (list == nullptr) continue;
        for (const YamlNode& item : list->items) {
            if (own == nullptr && item.text == probe.rules.service) continue;  // what all depend on
            all[probe.rules.service].push_back({.on = item.text, .place = item.place});
        }
    }
    return all;
}

/// Follows what depends on what; a service that is met again on its own way is told once.
class CircleCheck {
public:
    CircleCheck(const Dependencies& dependencies, ConfigReading& reading)
        : dependencies_(dependencies), reading_(reading) {}

    void run() {
        for (const auto& [service, unused] : dependencies_) visit(service);
    }

private:
    void visit(const std::string& service) {
        if (done_.contains(service)) return;
        way_.push_back(service);
        const auto found = dependencies_.find(service);
        if (found != dependencies_.end()) {
            for (const Dependency& dependency : found->second) {
                const auto met = std::ranges::find(way_, dependency.on);
                if (met == way_.end()) {
                    visit(dependency.on);
                } else {
                    tell(std::vector<std::string>(met, way_.end()), dependency);
                }
            }
        }
        way_.pop_back();
        done_.insert(service);
    }

    void tell(const std::vector<std::string>& circle, const Dependency& dependency) {
        if (circle.size() == 1) {
            reading_.complaints.error(dependency.place, fmt::format("service `{}` depends on itself", dependency.on),
                                      "", "remove it");
            return;
        }
        reading_.complaints.error(dependency.place, "these services depend on each other",
                                  fmt::format("{} → {}", fmt::join(circle, " → "), dependency.on),
                                  "remove one of them: each would be the other's symptom, and nobody would be told");
    }

    const Dependencies& dependencies_;
    ConfigReading& reading_;
    std::vector<std::string> way_;
    std::set<std::string> done_;
};

void check_names(const Fields& file, const Config& config, ConfigReading& reading) {
    std::map<std::string, std::string> taken;
    for (const ProbeConfig& probe : config.probes) taken.emplace(probe.name, "probe");
    for (const auto& [key, what] : {std::pair{"gauges", "gauge"}, std::pair{"heartbeats", "heartbeat"}}) {
        const YamlNode* all = file.find(key);
        if (all == nullptr) continue;
        for (const YamlEntry& entry : all->entries) {
            const auto [earlier, fresh] = taken.emplace(entry.key, what);
            if (!fresh && earlier->second != what)
                reading.complaints.error(entry.key_place,
                                         fmt::format("`{}` is the name of a {}, too", entry.key, earlier->second), "",
                                         "give it a name of its own: findings are told apart by it");
        }
    }
}

}  // namespace

void check_services(const Fields& file, const std::optional<Fields>& alerts, const Config& config,
                    ConfigReading& reading) {
    const std::vector<std::string> services = services_of(config);
    const auto check = [&](const YamlNode* list) {
        if (list != nullptr) static_cast<void>(names_of(*list, "service", services, "alert.service", reading));
    };
    if (const YamlNode* probes = file.find("probes")) {
        for (const YamlEntry& probe : probes->entries) check(list_in(probe.value.find("alert"), "depends_on"));
    }
    if (alerts) check(list_in(alerts->find("defaults"), "depends_on"));
    CircleCheck(dependencies_of(file, alerts, config), reading).run();
    const YamlNode* page = file.find("status_page");
    const YamlNode* components = page == nullptr ? nullptr : page->find("components");
    if (components != nullptr) {
        for (const YamlEntry& component : components->entries) check(list_in(&component.value, "services"));
    }
    check_names(file, config, reading);
}

}  // namespace serin
