// SPDX-License-Identifier: Apache-2.0
#include "runner/version.hpp"

#include <string_view>

#include "build_facts.hpp"

namespace serin {
namespace {

void line(std::string& text, std::string name, std::string_view value) {
    name.resize(12, ' ');
    text += "  " + name + std::string(value.empty() ? "unknown" : value) + "\n";
}

}  // namespace

std::string version_text() {
    std::string text = "serin " + std::string(build::version) + " (" + std::string(build::commit) + ")\n";
    line(text, "compiler", build::compiler);
    line(text, "build",
         std::string(build::build_type) +
             (build::sanitizers.empty() ? "" : ", sanitizers: " + std::string(build::sanitizers)));
    line(text, "platform", build::platform);
    line(text, "boost", build::boost);
    line(text, "libcurl", build::curl);
    line(text, "openssl", build::openssl);
    line(text, "json", build::nlohmann_json);
    line(text, "yaml-cpp", build::yaml_cpp);
    line(text, "lua", build::lua);
    return text;
}

std::string version_number() {
    return std::string(build::version);
}

}  // namespace serin
