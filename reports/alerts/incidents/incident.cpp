// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/incident.hpp"

namespace serin {

const char* name_of(IncidentState state) {
    switch (state) {
        case IncidentState::open:
            return "open";
        case IncidentState::watching:
            return "watching";
        case IncidentState::closed:
            return "closed";
    }
    return "?";
}

const char* name_of(Usefulness usefulness) {
    switch (usefulness) {
        case Usefulness::unknown:
            return "unknown";
        case Usefulness::actioned:
            return "actioned";
        case Usefulness::no_action:
            return "no_action";
        case Usefulness::false_alarm:
            return "false_alarm";
    }
    return "?";
}

}  // namespace serin
