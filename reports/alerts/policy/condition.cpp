// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/condition.hpp"

namespace serin {

const char* name_of(AlertSeverity severity) {
    switch (severity) {
        case AlertSeverity::info:
            return "info";
        case AlertSeverity::warning:
            return "warning";
        case AlertSeverity::critical:
            return "critical";
    }
    return "critical";
}

const char* name_of(RuleKind rule) {
    switch (rule) {
        case RuleKind::hard:
            return "hard";
        case RuleKind::soft:
            return "soft";
        case RuleKind::lost:
            return "lost";
        case RuleKind::late:
            return "late";
        case RuleKind::duplicated:
            return "duplicated";
        case RuleKind::latency:
            return "latency";
        case RuleKind::burn:
            return "burn";
        case RuleKind::forecast:
            return "forecast";
        case RuleKind::stale:
            return "stale";
        case RuleKind::missed:
            return "missed";
        case RuleKind::heartbeat:
            return "heartbeat";
        case RuleKind::prober:
            return "prober";
        case RuleKind::drill:
            return "drill";
    }
    return "hard";
}

const char* name_of(FaultScope scope) {
    switch (scope) {
        case FaultScope::cell:
            return "cell";
        case FaultScope::target:
            return "target";
        case FaultScope::vantage:
            return "vantage";
        case FaultScope::global:
            return "global";
        case FaultScope::schedule:
            return "schedule";
        case FaultScope::named:
            return "named";
    }
    return "cell";
}

}  // namespace serin
