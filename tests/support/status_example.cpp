// SPDX-License-Identifier: Apache-2.0
#include "tests/support/status_example.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

#include "tests/support/golden_files.hpp"

namespace serin::test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Wall status_example_time() {
    return Wall(seconds(1607514751));
}

Incident outage(const std::string& id, const std::string& service) {
    Incident it{.id = id, .service = service, .failure_class = "stored_not_pushed", .scope = FaultScope::target};
    it.began_at = Wall(seconds(1607513280));
    it.wave_began_at = {it.began_at};
    it.opened_at = it.began_at + minutes(2);
    it.paged_at = it.opened_at;
    it.message = "message not delivered in time: stored, not pushed";
    it.targets = {"us-east"};
    it.confirmed = true;
    return it;
}

StatusPage status_example() {
    Incident push = outage("inc-push000001", "chat-push"), api = outage("inc-api0000001", "api");
    Incident search = outage("inc-search0001", "search"), mail = outage("inc-mail000001", "mail");
    api.scope = FaultScope::global;
    api.failure_class = "connect_timeout";
    api.began_at += minutes(20);
    api.wave_began_at = {api.began_at};
    api.opened_at = *(api.paged_at = api.began_at + minutes(1));
    search.severity = AlertSeverity::warning;
    search.failure_class = "slow";
    search.paged_at.reset();
    mail.maintenance = true;
    Incident login = outage("inc-login00001", "login");
    login.state = IncidentState::watching;
    login.recovered_at = login.began_at + minutes(9);
    return status_page("Example <status>",
                       {{.name = "API", .about = "requests & answers", .services = {"api"}},
                        {.name = "Live delivery", .about = "messages as they come", .services = {"chat-push"}},
                        {.name = "Search", .services = {"search"}},
                        {.name = "Mail", .services = {"mail"}},
                        {.name = "Files", .services = {"files"}}},
                       {push, api, search, mail, login}, status_example_time());
}

bool same_as_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path path = golden_folder("status") / name;
    const bool approve = std::getenv("SERIN_APPROVE") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    if (approve) std::ofstream(path, std::ios::binary) << text;
    return contents(path) == text;
}

bool well_nested(const std::string& markup) {
    static constexpr std::array<std::string_view, 3> empty_elements{"br", "meta", "link"};
    std::vector<std::string> open;
    for (std::size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
        const std::size_t end = markup.find('>', at);
        if (end == std::string::npos) return false;
        const std::string tag = markup.substr(at + 1, end - at - 1);
        if (tag.starts_with('!') || tag.starts_with('?') || tag.ends_with('/')) continue;
        const bool closing = tag.starts_with('/');
        const std::string name = closing ? tag.substr(1) : tag.substr(0, tag.find_first_of(" \n"));
        if (closing && (open.empty() || open.back() != name)) return false;
        if (closing) {
            open.pop_back();
        } else if (std::ranges::find(empty_elements, name) == empty_elements.end()) {
            open.push_back(name);
        }
    }
    return open.empty();
}

}  // namespace serin::test
