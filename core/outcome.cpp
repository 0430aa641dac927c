// SPDX-License-Identifier: Apache-2.0
#include "core/outcome.hpp"

namespace serin {

const char* name_of(Verdict v) {
    switch (v) {
        case Verdict::pass:
            return "pass";
        case Verdict::skipped:
            return "skipped";
        case Verdict::blocked:
            return "blocked";
        case Verdict::degraded:
            return "degraded";
        case Verdict::fail:
            return "fail";
        case Verdict::aborted:
            return "aborted";
        case Verdict::error:
            return "error";
    }
    return "error";  // a value that is none of them can only be a defect of ours, never a pass
}

std::string Cell::text() const {
    std::string text;
    for (const auto& [name, value] : axes) {
        if (!text.empty()) text += ' ';
        text.append(name).append("=").append(value);
    }
    return text;
}

}  // namespace serin
