// SPDX-License-Identifier: Apache-2.0
#include "tests/support/desk_play.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

PageSink::PageSink(asio::any_io_executor executor, Clock& clock)
    : clock_(clock), bell_(clock.make_bell()), serving_(executor) {
    HttpServer::Options options;
    options.handler = [this](ServerRequest request) { return take(std::move(request)); };
    auto server = HttpServer::listen(executor, std::move(options));
    if (!server) throw std::runtime_error(server.error().title);
    server_ = *std::move(server);
    serving_.spawn(server_->serve());
}

PageSink::~PageSink() = default;

std::string PageSink::url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/";
}

asio::awaitable<ServerResponse> PageSink::take(ServerRequest request) {
    ++attempts_;
    bell_->ring();
    ServerResponse response;
    if (status_ < 0) {
        const auto never = clock_.make_bell();
        co_await never->wait_until(clock_.now() + 60s);
    }
    response.status = status_ < 0 ? 503 : status_;
    if (response.status >= 300) co_return response;
    last_body_ = request.body;
    constexpr bool throwing = false;
    const auto body = nlohmann::json::parse(request.body, nullptr, throwing);
    if (body.is_object()) {
        const std::string type = body.value("type", "");
        const auto data = body.value("data", nlohmann::json::object());
        const auto incident = data.contains("incident") ? data["incident"] : data;
        taken_.push_back(type.substr(type.rfind('.') + 1) + " " + incident.value("service", "?"));
    }
    bell_->ring();
    co_return response;
}

asio::awaitable<bool> PageSink::until(std::function<bool(const PageSink&)> enough) {
    const Steady end = clock_.now() + 30s;
    while (!enough(*this)) {
        if (clock_.now() >= end) co_return false;
        co_await bell_->wait_until(end);
    }
    co_return true;
}

asio::awaitable<bool> PageSink::until_taken(std::size_t count) {
    return until([count](const PageSink& sink) { return sink.taken().size() >= count; });
}

asio::awaitable<void> PageSink::stop() {
    server_->stop();
    co_await serving_.join();
}

DeskRules desk_rules(const std::vector<std::string>& services) {
    DeskRules rules;
    for (const std::string& service : services) {
        ProbeRules probe{.probe = service, .service = service};
        probe.every = 1h;  // nothing gets stale while a test looks
        probe.recover = 1;
        probe.recover_vantages = 1;
        rules.policy.probes.push_back(std::move(probe));
    }
    rules.sending.schedule = {0s, 50ms, 100ms};
    rules.sending.failover_after = 300ms;
    rules.sending.circuit_for = 100ms;
    return rules;
}

ChannelConfig webhook_to(const std::string& name, const PageSink& sink) {
    ChannelConfig channel;
    channel.name = name;
    channel.kind = ChannelKind::webhook;
    channel.urls.emplace_back();
    channel.urls.back().text = sink.url();
    channel.timeout = 1s;
    return channel;
}

StoreEntry run_of(const std::string& service, Verdict verdict, Wall at, const std::string& target) {
    static int runs = 0;
    auto outcome = std::make_shared<Outcome>();
    outcome->run_id = "run-" + std::to_string(++runs);
    outcome->verdict = verdict;
    if (verdict != Verdict::pass) {
        outcome->failure_class = "not_in_time";
        outcome->message = "messages do not arrive";
    }
    outcome->took = 10ms;
    outcome->started_at = at - 10ms;
    CellKey key{.probe = service, .vantage = "here", .target = target};
    Record record;
    record.key = std::make_shared<CellKey>(std::move(key));
    record.scheduled_at = outcome->started_at;
    record.outcome = std::move(outcome);
    return record;
}

std::vector<StoreEntry> runs_of(const std::string& service, Verdict verdict, Wall at) {
    return {run_of(service, verdict, at - 1s), run_of(service, verdict, at)};
}

}  // namespace serin::test
