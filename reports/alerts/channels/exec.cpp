// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/exec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/alerts/channels/rendering.hpp"
#include "reports/alerts/incidents/incident_json.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;

/// Of what a command said, for people.
constexpr std::size_t said_bytes = 400;

/// PATH and what the configuration names, as far as it is set.
std::vector<std::string> environment_of(const ChannelConfig& config) {
    std::vector<std::string> environment;
    const auto add = [&environment](const std::string& name) {
        const char* value = std::getenv(name.c_str());
        if (value != nullptr) environment.push_back(name + "=" + value);
    };
    add("PATH");
    for (const std::string& name : config.environment) {
        if (name != "PATH") add(name);
    }
    return environment;
}

std::string how_it_ended(const ChildEnd& end) {
    if (!end.not_started.empty()) return end.not_started;
    if (end.late) return "did not end in time and was ended";
    if (end.signal != 0) return fmt::format("ended by signal {} ({})", end.signal, strsignal(end.signal));
    return fmt::format("exit {}", end.exit_code);
}

class ExecChannel final : public Channel {
public:
    ExecChannel(ArmedChannel armed, const ChannelHouse& house)
        : armed_(std::move(armed)), house_(house), environment_(environment_of(armed_.config)) {}

    [[nodiscard]] const std::string& name() const override { return armed_.config.name; }
    [[nodiscard]] Duration timeout() const override { return armed_.config.timeout; }
    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = false, .provable = true, .updates = false, .needs_refresh = false, .pages = true};
    }
    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override;

private:
    [[nodiscard]] std::string input_of(const Notice& notice) const;

    ArmedChannel armed_;
    ChannelHouse house_;
    const std::vector<std::string> environment_;  ///< as it was when the secrets were read
};

std::string ExecChannel::input_of(const Notice& notice) const {
    const NoticeWords words =
        words_of(notice, armed_.config, house_.evaluator, house_.external_url, house_.clock.wall());
    Json json = notice_json(notice);
    json["title"] = words.title;
    json["text"] = words.text;
    json["link"] = link_of(notice.incident, house_.external_url);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

asio::awaitable<SendResult> ExecChannel::send(const Notice& notice, Deadline deadline) {
    // The grace lies within the deadline: whoever sends waits no longer than that.
    const Steady now = house_.clock.now();
    const Deadline whole = earliest(deadline, deadline_after(now, armed_.config.timeout));
    const Duration grace = std::min<Duration>(std::chrono::seconds(2), whole.left(now) / 5);
    ChildRequest request;
    request.command = armed_.config.command;
    request.environment = environment_;
    request.input = input_of(notice);
    request.deadline = whole.at == Steady::max() ? whole : Deadline{whole.at - grace};
    request.grace = grace;
    const ChildEnd end = co_await run_child(request);

    SendResult result;
    result.took = took_of(end);
    result.said = how_it_ended(end);
    if (!end.output.empty()) result.said += ": " + end.output;
    // Redacted before it is cut: half a secret is one too.
    result.said = one_line(house_.redactor.redact(result.said), said_bytes);
    result.reference = notice.id;
    co_return result;
}

}  // namespace

Took took_of(const ChildEnd& end) {
    if (!end.not_started.empty()) {
        constexpr std::array<int, 5> for_good{0, ENOENT, EACCES, ENOEXEC, ENOTDIR};
        return std::ranges::find(for_good, end.start_error) != for_good.end() ? Took::broken : Took::retry;
    }
    if (end.late || end.signal != 0) return Took::retry;
    switch (end.exit_code) {
        case 0:
            return Took::proven;
        case 65:
            return Took::refused;
        case 64:
        case 77:
        case 78:
        case 126:
        case 127:
            return Took::broken;
        default:
            return Took::retry;
    }
}

std::unique_ptr<Channel> make_exec_channel(ArmedChannel armed, const ChannelHouse& house) {
    return std::make_unique<ExecChannel>(std::move(armed), house);
}

}  // namespace serin
