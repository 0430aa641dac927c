// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: what happened to *us*. What happened to the target is an Outcome.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serin {

enum class LogLevel { debug, info, warning, error };

using LogFields = std::vector<std::pair<std::string, std::string>>;

/// Callable from any thread; must not block for long and never throws. Texts must already be redacted. The
/// implementation that writes is runner/serve/log; libraries only ever see this seam.
class Log {
public:
    virtual ~Log() = default;
    /// `event`: a stable word for machines ("config_reloaded"); `message`: for people; fields: run_id, probe, …
    virtual void write(LogLevel level, std::string_view event, std::string_view message, const LogFields& fields) = 0;
};

}  // namespace serin
