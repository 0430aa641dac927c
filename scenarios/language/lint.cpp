// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/lint.hpp"

#include <fmt/format.h>

#include <string_view>

namespace serin {
namespace {

bool used(const Reading& reading, std::string_view root, std::string_view field) {
    // `vars` whole or by a computed key uses all of them.
    return reading.used.contains(fmt::format("{}.{}", root, field)) || reading.used.contains(fmt::format("{}.*", root));
}

bool is_literal(const std::optional<Template>& value) {
    if (!value) return false;
    const auto* text = std::get_if<Text>(&value->value);
    return text != nullptr && text->constant() && !text->parts.empty();
}

void warn_of_literal(const std::optional<Template>& value, std::string_view key, Reading& reading) {
    if (!is_literal(value)) return;
    reading.complaints.warning(value->place, fmt::format("`{}` stands in the file itself", key),
                               "a secret that all readers see",
                               "declare it under `secrets` and write \"${secret.NAME}\"");
}

bool is_credential_header(std::string_view name) {
    constexpr std::string_view wanted = "authorization";
    if (name.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if ((name[i] | 0x20) != wanted[i]) return false;
    }
    return true;
}

}  // namespace

void lint_actor(const Actor& actor, const YamlNode& node, Reading& reading) {
    warn_of_literal(actor.bearer, "bearer", reading);
    warn_of_literal(actor.password, "password", reading);
    for (const TemplateEntry& header : actor.headers) {
        if (is_credential_header(header.key)) warn_of_literal(header.value, header.key, reading);
    }
    if (!actor.insecure) return;
    for (const YamlEntry& entry : node.entries) {
        if (entry.key != "insecure") continue;
        reading.complaints.warning(entry.key_place, fmt::format("`{}` does not verify certificates", actor.name),
                                   "anybody may answer", "name the trusted root with `ca` instead");
    }
}

void lint(const Scenario& scenario, bool judges, const Place& steps, Reading& reading) {
    if (!judges) {
        reading.complaints.error(steps, "this scenario expects nothing, so it could never fail",
                                 "no `expect`, `match`, `receive` or `none`",
                                 "add what a user would notice, as `expect: status == 200`");
    }
    for (const auto& [name, actor] : reading.actors) {
        if (!actor.used)
            reading.unused(actor.place, fmt::format("actor `{}` is never used", name),
                           "name it with `as`, or remove it");
    }
    for (const TemplateEntry& var : scenario.vars) {
        if (!used(reading, "vars", var.key))
            reading.unused(var.key_place, fmt::format("`vars.{}` is never used", var.key), "use it or remove it");
    }
    for (const SecretReference& secret : scenario.secrets) {
        if (!used(reading, "secret", secret.name))
            reading.unused(secret.place, fmt::format("`secret.{}` is never used", secret.name), "use it or remove it");
    }
}

}  // namespace serin
