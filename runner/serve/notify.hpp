// SPDX-License-Identifier: Apache-2.0
// What a service manager wants to hear, in systemd's protocol: sd_notify(3), sd_watchdog_enabled(3).
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// Sends datagrams to the manager's socket. A call waits for a second at most, and only while the manager's queue is
/// full. Without a manager every call succeeds and does nothing. Texts are for people: one line, already redacted. Any
/// thread.
class ServiceManager {
public:
    /// Of the environment's NOTIFY_SOCKET.
    [[nodiscard]] static ServiceManager from_environment();
    /// `address`: a path, or "@name" for an abstract one; empty: nobody listens.
    explicit ServiceManager(std::string address) : address_(std::move(address)) {}

    [[nodiscard]] bool listens() const { return !address_.empty(); }
    /// Started, or reloaded.
    [[nodiscard]] Result<void> ready(std::string_view status = {}) const;
    [[nodiscard]] Result<void> status(std::string_view text) const;
    /// Reloads its configuration from `now` on; ready() ends it.
    [[nodiscard]] Result<void> reloading(Steady now) const;
    [[nodiscard]] Result<void> stopping(std::string_view status = {}) const;
    /// Still alive: at least once in each watchdog_interval(), better twice.
    [[nodiscard]] Result<void> watchdog() const;

private:
    [[nodiscard]] Result<void> send(const std::string& state) const;
    std::string address_;
};

/// After how much silence the manager takes us for dead; nullopt when it does not watch this process. From the
/// environment's WATCHDOG_USEC and WATCHDOG_PID.
[[nodiscard]] std::optional<Duration> watchdog_interval();
/// The same of given values; null: not set. What is no positive number of microseconds counts as not watched.
[[nodiscard]] std::optional<Duration> watchdog_interval(const char* microseconds, const char* of_process, pid_t self);

}  // namespace serin
