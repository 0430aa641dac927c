// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>
#include <string>

#include "reports/alerts/desk/desk.hpp"
#include "reports/dashboard/alert_control.hpp"
#include "runner/config/config.hpp"

namespace serin {

/// The alert desk as the API sees it. Control loop's thread. The desk must outlive it.
class DeskControl final : public AlertControl {
public:
    DeskControl(Desk& desk, const Config& config) : desk_(desk) { know(config); }
    /// After a reload: the names of heartbeats and gauges.
    void know(const Config& config);

    boost::asio::awaitable<Result<void>> command(AlertCommand command) override;
    boost::asio::awaitable<std::vector<Incident>> active() override;
    boost::asio::awaitable<DeskFigures> figures() override;
    boost::asio::awaitable<StatusPage> status() override;
    boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel) override;
    Result<void> heartbeat(const Heartbeat& heartbeat) override;
    Result<void> gauge(const GaugeSample& sample) override;
    boost::asio::awaitable<Result<void>> pager_webhook(std::string body, std::string signature,
                                                       std::string webhook_id) override;

private:
    Desk& desk_;
    std::vector<std::string> heartbeats_, gauges_;
};

}  // namespace serin
