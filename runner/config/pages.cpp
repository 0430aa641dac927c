// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/pages.hpp"

#include <nlohmann/json.hpp>

#include "runner/config/table.hpp"

namespace serin {

nlohmann::json config_schema() {
    return schema_of_file("Serin configuration", config_types().front().name, config_types());
}

std::string config_reference() {
    std::string page =
        "# Reference of serin.yaml\n\nMade by `serin schema config-reference` from the table that its loader checks "
        "files against; do not edit. [config.md](config.md) is the guide.\n\n## The file\n\n";
    for (const MappingType& type : config_types()) {
        page += reference_section(type);
        if (type.name == config_types().front().name) page += "## Its parts\n\n";
    }
    return page + reference_section(mapping_type("target"));
}

}  // namespace serin
