// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/notice.hpp"

namespace serin {

const char* name_of(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::opened:
            return "opened";
        case NoticeKind::reopened:
            return "reopened";
        case NoticeKind::changed:
            return "changed";
        case NoticeKind::escalated:
            return "escalated";
        case NoticeKind::repeated:
            return "repeated";
        case NoticeKind::acknowledged:
            return "acknowledged";
        case NoticeKind::resolved:
            return "resolved";
    }
    return "?";
}

}  // namespace serin
