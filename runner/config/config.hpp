// SPDX-License-Identifier: Apache-2.0
// serin.yaml as a value: what is probed, when and from where. Plain data; nothing here reads a clock or a network.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/outcome.hpp"
#include "core/result.hpp"
#include "core/scenario.hpp"
#include "reports/alerts/channels/channel_config.hpp"
#include "reports/alerts/incidents/book.hpp"
#include "reports/alerts/outbox/send_plan.hpp"
#include "reports/alerts/policy/rules.hpp"
#include "reports/alerts/status/status_page.hpp"
#include "reports/dashboard/tokens.hpp"
#include "reports/store/store.hpp"
#include "runner/schedule/windows.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3).
[[nodiscard]] bool is_loopback(const std::string& address);

struct ListenConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 9464;
    std::string cert, key, client_ca;  ///< PEM files; empty cert: plain HTTP
    Tokens tokens;
};

struct LimitsConfig {
    int workers = 0;              ///< event loops; 0: one a core
    int max_in_flight = 2000;     ///< runs at once; more are shed
    int target_concurrency = 64;  ///< runs at once against one target, unless the probe says less
    std::int64_t max_series = 500'000;
    Duration stop_grace = std::chrono::seconds(30);  ///< for runs in flight and their cleanup
};

/// Data that canary accounts differ by: heavy, light, empty.
struct Profile {
    std::string name;
    std::vector<std::pair<std::string, std::string>> vars;  ///< like --set
    std::vector<SecretReference> secrets;                   ///< replace the scenario's of the same name
};

struct ProbeConfig {
    std::string name;
    Place place;
    std::string file;  ///< the scenario's, resolved against the folder of serin.yaml
    std::shared_ptr<const Scenario> scenario;
    Duration every{};
    Duration jitter{};
    std::optional<Duration> confirm;    ///< re-check this long after a run that failed, until one passes
    std::optional<Duration> timeout;    ///< instead of the scenario's
    int overlap = 1;                    ///< runs of one cell at once: 1 is `overlap: skip`, n is `allow: n`
    int target_concurrency = 0;         ///< 0: the limits' default
    std::vector<std::string> vantages;  ///< empty: everywhere
    std::vector<std::string> targets;   ///< one run a target; empty: the scenario's matrix (or its only target) decides
    std::vector<std::pair<std::string, std::string>> target_labels;  ///< instead of names: every target with these
    std::vector<std::pair<std::string, std::vector<std::string>>> matrix;  ///< axis → the values to keep; empty: all
    std::vector<std::pair<std::string, std::string>> vars;                 ///< like --set
    std::vector<std::string> profiles;                                     ///< one run a profile; empty: none
    std::string owner, runbook;                                            ///< empty: the scenario's
    Labels labels;
    ProbeRules rules{};  ///< with name, owner, runbook (the scenario's where the probe has none) and `every` filled in
    bool enabled = true;
};

/// Does the probe play this cell of its scenario's matrix?
[[nodiscard]] bool keeps(const ProbeConfig& probe, const Cell& cell);
/// Has the target every one of these labels (its values beside the URLs)?
[[nodiscard]] bool has_labels(const Target& target, const Labels& labels);

/// Where the public page is written, and what it shows.
struct StatusPageConfig {
    std::string folder{};  ///< empty: no page is written
    std::string title = "Status";
    std::string url{};  ///< where people read it; without a slash at its end
    std::vector<Component> components{};
};

/// Who is told, and when.
struct AlertsConfig {
    std::string path{};          ///< of the alert database
    std::string external_url{};  ///< of our API, for links, without a slash at its end; empty: no links
    std::vector<ChannelConfig> channels{};
    BookRules book{};  ///< `people` is filled in
    SendRules sending{};
    Duration drill_every{};                     ///< zero: only when asked
    std::vector<std::string> drill_channels{};  ///< empty: all that page and can prove it
    std::vector<GaugeRules> gauges{};
    std::vector<HeartbeatRules> heartbeats{};
    StatusPageConfig status{};
};
/// Is there no channel that any incident would reach? To be said when the daemon starts.
[[nodiscard]] bool tells_nobody(const AlertsConfig& alerts);

struct LogConfig {
    bool json = false;
    LogLevel level = LogLevel::info;
};

struct Config {
    std::string file;
    std::string vantage;
    Labels labels;  ///< of the vantage
    StoreOptions store;
    ListenConfig listen;
    LimitsConfig limits;
    LogConfig log;
    std::vector<Target> targets;  ///< inventory and discovered ones, each with its values (api, ws, region) and labels
    std::vector<std::string> discovery;  ///< glob patterns of targets files, absolute; re-read when they change
    Duration discovery_every = std::chrono::seconds(10);
    std::vector<Profile> profiles;
    std::vector<ProbeConfig> probes;
    std::vector<MaintenanceWindow> maintenance;
    AlertsConfig alerts{};
};

struct LoadedConfig {
    std::optional<Config> config;    ///< set only when there is no error among the mistakes
    Mistakes mistakes;               ///< of serin.yaml, of every discovered file and of every scenario that it names
    std::vector<std::string> files;  ///< all that were read: a watcher looks at these
};
/// For checks of a file that several vantages share: when it does not say which one this is, the first that it
/// declares.
inline constexpr const char* any_vantage = "*";
/// Reads serin.yaml and everything it names; touches files only (never the network, never a secret's value, except the
/// token hashes' files). `vantage`: instead of the file's own; or any_vantage.
[[nodiscard]] LoadedConfig load_config(const std::string& path, const ReadFile& read = read_file,
                                       const std::string& vantage = {});

}  // namespace serin
