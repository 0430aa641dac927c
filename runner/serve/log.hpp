// SPDX-License-Identifier: Apache-2.0
// The log of the process, as text or JSON lines.
#pragma once
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include "core/log.hpp"
#include "core/time.hpp"

namespace serin {

struct LogOptions {
    bool json = false;
    LogLevel level = LogLevel::info;  ///< what is less is not written
    std::FILE* to = stderr;           ///< must outlive the log, which does not close it
    int per_second = 20;              ///< lines of one event in one second; the rest is counted and told in one line
    std::function<Wall()> now = [] { return std::chrono::system_clock::now(); };  ///< callable from any thread
};

/// Lines are handed to a thread of its own, so that a reader of ours who stands still (a full pipe) never stops a
/// worker: when a thousand lines wait, the oldest are given up and counted. The last lines before a crash may be lost.
/// Formats: log_line.hpp.
class ProcessLog final : public Log {
public:
    /// Throws std::system_error or spdlog's exception when there can be no thread.
    explicit ProcessLog(LogOptions options = {});
    /// Tells what was left out and writes all that waits.
    ~ProcessLog() override;
    ProcessLog(const ProcessLog&) = delete;
    ProcessLog& operator=(const ProcessLog&) = delete;

    void write(LogLevel level, std::string_view event, std::string_view message, const LogFields& fields) override;
    /// From any thread.
    void set_level(LogLevel level);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
