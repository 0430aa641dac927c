// SPDX-License-Identifier: Apache-2.0
#include "core/record.hpp"

namespace serin {

std::string CellKey::text() const {
    std::string text = probe;
    if (!target.empty()) text += " " + target;
    if (!profile.empty()) text += " profile=" + profile;
    if (!cell.empty()) text += " " + cell;
    return text;
}

const char* name_of(GapReason reason) {
    switch (reason) {
        case GapReason::missed:
            return "missed";
        case GapReason::shed:
            return "shed";
        case GapReason::overlap:
            return "overlap";
    }
    return "missed";
}

}  // namespace serin
