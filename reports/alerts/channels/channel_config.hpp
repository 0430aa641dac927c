// SPDX-License-Identifier: Apache-2.0
// A channel as serin.yaml describes it: plain data, secrets by reference only.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/observation.hpp"
#include "core/scenario.hpp"

namespace serin {

/// A text that may be secret in whole: a literal, or where it is read.
struct MaybeSecret {
    std::string text{};           ///< literal; empty when `reference` is set
    SecretReference reference{};  ///< env or file; neither: `text` counts
    [[nodiscard]] bool given() const { return !text.empty() || !reference.env.empty() || !reference.file.empty(); }
};

enum class ChannelKind {
    alertmanager,
    pagerduty,
    slack,
    webhook,
    mail,
    exec,
    heartbeat,
    grafana,
    statuspage,
};
[[nodiscard]] const char* name_of(ChannelKind kind);

struct ChannelConfig {
    std::string name{};
    Place place{};
    ChannelKind kind = ChannelKind::webhook;

    // HTTP channels
    std::vector<MaybeSecret> urls{};  ///< alertmanager: every instance; others: one
    TlsOptions tls{};                 ///< paths as they are opened; `verify` must stay true
    std::string proxy{};
    std::vector<std::pair<std::string, MaybeSecret>> headers{};  ///< further ones (an Authorization, say)
    Duration timeout = std::chrono::seconds(10);

    MaybeSecret key{};                    ///< pagerduty: routing key; webhook: newest signing key (whsec_…); grafana,
                                          ///< statuspage: token
    std::vector<MaybeSecret> old_keys{};  ///< webhook: signed with as well during a rotation
    MaybeSecret api_token{};              ///< pagerduty: for read-back over REST
    std::string api_url{};                ///< pagerduty: of the REST API
    std::vector<MaybeSecret> inbound_keys{};  ///< pagerduty: of its v3 webhooks to us
    bool changes = false;                     ///< pagerduty, grafana: recorded changes are told too

    // mail
    MaybeSecret user{}, password{};
    std::string from{};
    std::vector<std::string> to{};
    std::string imap_url{};  ///< read-back of drills; empty: none
    MaybeSecret imap_user{}, imap_password{};

    // exec
    std::vector<std::string> command{};      ///< argv; no shell
    std::vector<std::string> environment{};  ///< names of variables that it may see, beside PATH

    // heartbeat
    Duration every = std::chrono::minutes(1);
    double due_share = 0.9;  ///< of the due runs must have run

    // statuspage
    std::string page{};
    bool publish = false;  ///< explicit opt-in
    /// Service and the id of its component; several services may share one.
    std::vector<std::pair<std::string, std::string>> components{};

    std::vector<std::pair<std::string, std::string>> labels{};  ///< alertmanager: added; pagerduty: custom details
    std::optional<Text> title{}, text{};  ///< templates over the incident; unset: the built-in words
};

}  // namespace serin
