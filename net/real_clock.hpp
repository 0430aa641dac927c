// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "core/time.hpp"

namespace serin {

/// The machine's clocks; its bells are Asio timers on `executor`.
class RealClock final : public Clock {
public:
    explicit RealClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    [[nodiscard]] Steady now() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] Wall wall() const override { return std::chrono::system_clock::now(); }
    [[nodiscard]] std::unique_ptr<Bell> make_bell() override;

private:
    boost::asio::any_io_executor executor_;
};

}  // namespace serin
