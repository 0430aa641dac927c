// SPDX-License-Identifier: Apache-2.0
// The real API over a real store file and a daemon that is none.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "net/loop_thread.hpp"
#include "net/real_clock.hpp"
#include "reports/dashboard/api.hpp"

namespace serin::test {

/// What the API's examples happen at.
[[nodiscard]] Wall api_noon();

/// Real time for waiting, and a wall clock that stands at api_noon().
class NoonClock final : public Clock {
public:
    explicit NoonClock(boost::asio::any_io_executor executor) : real_(std::move(executor)) {}
    [[nodiscard]] Steady now() const override { return real_.now(); }
    [[nodiscard]] Wall wall() const override { return api_noon(); }
    [[nodiscard]] std::unique_ptr<Bell> make_bell() override { return real_.make_bell(); }

private:
    RealClock real_;
};

class FakeControl final : public Control {
public:
    FakeControl();
    [[nodiscard]] std::vector<ProbeView> probes() const override { return views; }
    [[nodiscard]] DaemonStatus status() const override;
    [[nodiscard]] SelfMetrics self_metrics() const override { return {}; }
    [[nodiscard]] const Metrics& metrics() const override { return *metrics_; }
    boost::asio::awaitable<Result<int>> run_now(std::string probe, std::string target) override;
    boost::asio::awaitable<Result<void>> reload() override;
    void record(const Change& change) override { recorded.push_back(change); }

    std::vector<ProbeView> views;  ///< chat, mail, many, never: one cell each
    bool ready = true;
    bool broken = false;  ///< status() throws
    std::string run_refusal, reload_refusal;
    std::vector<std::string> runs;  ///< "probe/target"
    int reloads = 0;
    std::vector<Change> recorded;

private:
    std::unique_ptr<Metrics> metrics_;
};

/// Alerting that decides nothing: it notes what it is asked.
class FakeAlerts final : public AlertControl {
public:
    boost::asio::awaitable<Result<void>> command(AlertCommand command) override;
    boost::asio::awaitable<std::vector<Incident>> active() override;
    boost::asio::awaitable<DeskFigures> figures() override;
    boost::asio::awaitable<StatusPage> status() override;
    boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel) override;
    Result<void> heartbeat(const Heartbeat& heartbeat) override;
    Result<void> gauge(const GaugeSample& sample) override;
    /// Takes what carries the signature "v1=good".
    boost::asio::awaitable<Result<void>> pager_webhook(std::string body, std::string signature,
                                                       std::string webhook_id) override;

    std::string refusal;  ///< of commands
    std::vector<Incident> going_on;
    std::vector<AlertCommand> commands;
    std::vector<std::string> drilled;   ///< "pager" and "mail" are there
    std::vector<Heartbeat> heartbeats;  ///< only "backup" is known
    std::vector<GaugeSample> gauges;    ///< only "disk" is known
    std::vector<std::string> webhooks;  ///< "id body"
};

class NotedLog final : public Log {
public:
    void write(LogLevel, std::string_view event, std::string_view, const LogFields& fields) override;
    std::vector<std::string> lines;  ///< "event key=value …"
};

/// A store with known entries: of probe chat a pass (run-1) and a failure with evidence (run-2) that lost a message, of
/// mail a pass, of many 25 passes (page-00 … page-24), of gone, which is not configured, a failure; a gap and a change.
class ApiWorld {
public:
    explicit ApiWorld(const boost::asio::any_io_executor& executor, Tokens tokens = {},
                      const std::function<void(Api::Parts&)>& adjust = {});
    ~ApiWorld();

    /// A request as a program on this machine sends it.
    [[nodiscard]] static ServerRequest request(const std::string& method, const std::string& target,
                                               const std::string& token = {});
    boost::asio::awaitable<ServerResponse> ask(std::string method, std::string target, std::string token = {});

    FakeControl control;
    FakeAlerts alerts;  ///< beside an alert database with example_batch()
    NotedLog log;
    NoonClock clock;

private:
    struct Stored;
    std::unique_ptr<Stored> stored_;
    LoopThread reader_thread_{"test-reader"};

public:
    Api api;
};

}  // namespace serin::test
