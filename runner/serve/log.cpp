// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <string>
#include <utility>

#include "runner/serve/log_line.hpp"
#include "runner/serve/log_rate.hpp"

namespace serin {
namespace {

constexpr std::size_t waiting_lines = 1024;

// One thread writes: nothing to lock.
using FileSink = spdlog::sinks::stdout_sink_base<spdlog::details::console_nullmutex>;

}  // namespace

struct ProcessLog::Impl {
    explicit Impl(LogOptions given)
        : options(std::move(given)),
          level(options.level),
          rate(options.per_second),
          pool(std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1)),
          logger(std::make_shared<spdlog::async_logger>("serin", std::make_shared<FileSink>(options.to), pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)) {
        logger->set_pattern("%v");
        logger->set_level(spdlog::level::trace);  // filtered here, before a line is made
        logger->set_error_handler([](const std::string&) {});
    }

    void put(const LogEvent& event) {
        const std::string line = options.json ? json_line(event) : text_line(event);
        logger->log(spdlog::level::info, spdlog::string_view_t(line));
    }
    void tell_left_out(Wall now);
    void tell_given_up(Wall now);

    LogOptions options;
    std::atomic<LogLevel> level;
    EventRate rate;
    std::atomic<std::size_t> not_made{0};  // lines that were lost before they came to the queue: no memory, no clock
    std::atomic<std::size_t> given_up{0};  // as far as it was told
    // What waits is written while the pool ends.
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

void ProcessLog::Impl::tell_left_out(Wall now) {
    for (const EventRate::LeftOut& some : rate.left_out()) {
        const LogFields fields{{"of", some.event}, {"lines", std::to_string(some.lines)}};
        put({.at = now,
             .level = LogLevel::warning,
             .event = "log_lines_left_out",
             .message = "the same event came too often",
             .fields = fields});
    }
}

void ProcessLog::Impl::tell_given_up(Wall now) {
    const std::size_t lines = pool->overrun_counter() + not_made.load();
    const std::size_t before = given_up.exchange(lines);
    if (lines <= before) return;
    const LogFields fields{{"lines", std::to_string(lines - before)}};
    put({.at = now,
         .level = LogLevel::warning,
         .event = "log_lines_lost",
         .message = "whoever reads the log is too slow",
         .fields = fields});
}

ProcessLog::ProcessLog(LogOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

ProcessLog::~ProcessLog() {
    try {
        const Wall now = impl_->options.now();
        impl_->tell_left_out(now);
        impl_->tell_given_up(now);
    } catch (...) {
        ++impl_->not_made;  // nobody is left to be told
    }
}

void ProcessLog::write(LogLevel level, std::string_view event, std::string_view message, const LogFields& fields) {
    if (level < impl_->level.load(std::memory_order_relaxed)) return;
    try {
        const Wall now = impl_->options.now();
        if (impl_->rate.new_second(now)) {
            impl_->tell_left_out(now);
            impl_->tell_given_up(now);
        }
        if (!impl_->rate.allow(event, now)) return;
        impl_->put({.at = now, .level = level, .event = event, .message = message, .fields = fields});
    } catch (...) {
        ++impl_->not_made;  // a log that fails must not stop what it was to tell of
    }
}

void ProcessLog::set_level(LogLevel level) {
    impl_->level.store(level, std::memory_order_relaxed);
}

}  // namespace serin
