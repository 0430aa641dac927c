// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "scenarios/engine/engine.hpp"
#include "scenarios/engine/scope.hpp"
#include "scenarios/language/document.hpp"

namespace serin {
namespace {

Result<Secret> read_secret(const SecretReference& reference, const Source* scenario_file) {
    const auto where = [&] { return reference.place.known() ? " (" + reference.place.text() + ")" : std::string{}; };
    if (!reference.env.empty()) {
        const char* value =
            std::getenv(reference.env.c_str());  // NOLINT(concurrency-mt-unsafe): read before any thread starts
        if (value == nullptr) {
            return fail(
                "secret `" + reference.name + "`: the environment variable " + reference.env + " is not set" + where(),
                "export " + reference.env + "=…");
        }
        if (*value == '\0') {
            return fail(
                "secret `" + reference.name + "`: the environment variable " + reference.env + " is empty" + where(),
                "give it its value");
        }
        return Secret{value};
    }
    std::filesystem::path path = reference.file;
    if (path.is_relative() && scenario_file != nullptr)
        path = std::filesystem::path(scenario_file->name).parent_path() / path;
    Result<std::string> text = read_file(path.string());
    if (!text) return fail("secret `" + reference.name + "`: " + text.error().title + where(), text.error().remedy);
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
        text->pop_back();  // editors add one, `echo` too
    if (text->empty())
        return fail("secret `" + reference.name + "`: the file " + path.string() + " is empty" + where());
    return Secret{*std::move(text)};
}

/// Reads them all, so that one Error tells of every secret that cannot be read.
Result<void> read_secrets(const Scenario& scenario, const WorldSource& source, World& world) {
    Error unreadable;
    const auto list = [](std::string& all, const std::string& one) {
        if (!one.empty() && !all.contains(one)) all.append(all.empty() ? "" : "; ").append(one);
    };
    Json values = Json::object();
    for (const SecretReference& reference : scenario.secrets) {
        const auto given = source.given_secrets.find(reference.name);
        Result<Secret> secret = given != source.given_secrets.end() ? Result<Secret>(given->second)
                                                                    : read_secret(reference, scenario.source.get());
        if (!secret) {
            list(unreadable.title, secret.error().title);
            list(unreadable.remedy, secret.error().remedy);
            continue;
        }
        if (secret->reveal().size() < Redactor::shortest_anywhere) {
            world.warnings.push_back("secret `" + reference.name + "` is shorter than " +
                                     std::to_string(Redactor::shortest_anywhere) +
                                     " bytes: outputs hide it only where it stands as a word of its own");
        }
        world.redactor.add(reference.name, *secret);
        values[reference.name] = secret->reveal();
        world.secrets.insert_or_assign(reference.name, *std::move(secret));
    }
    if (!unreadable.title.empty()) return std::unexpected(unreadable);
    world.secret_values = std::make_shared<const Json>(std::move(values));
    return {};
}

/// --set values are typed as YAML would type a plain scalar.
Json typed(const std::string& text) {
    return std::visit([](const auto& value) { return Json(value); }, typed_plain(text));
}

}  // namespace

Result<std::shared_ptr<const World>> make_world(const Scenario& scenario, WorldSource source, Evaluator& evaluator) {
    auto world = std::make_shared<World>();
    world->vantage = std::move(source.vantage);

    if (Result<void> armed = read_secrets(scenario, source, *world); !armed) return std::unexpected(armed.error());

    Json targets = Json::object();
    for (const Target& target : source.targets) {
        Json values = {{"name", target.name}};
        for (const auto& [key, value] : target.values) values[key] = value;
        targets[target.name] = std::move(values);
    }
    world->targets = std::move(source.targets);
    world->target_values = std::make_shared<const Json>(std::move(targets));

    Names names(nullptr);
    names.set("targets", document_binding(world->target_values, "targets"));
    names.set("secret", document_binding(world->secret_values, "secret"));
    names.set("vantage", world->vantage);
    Json vars = Json::object();
    for (const TemplateEntry& entry : scenario.vars) {
        Result<Json> value = evaluator.resolve(entry.value, names);
        if (!value) return fail("vars." + entry.key + ": " + value.error().title, value.error().remedy);
        vars[entry.key] = *std::move(value);
    }
    for (const auto& [name, text] : source.set) {
        if (!vars.contains(name)) {
            std::vector<std::string> known;
            for (const auto& [key, value] : vars.items()) known.push_back(key);
            return fail("--set " + name + ": `" + scenario.name + "` has no such variable under `vars:`",
                        known.empty() ? "declare it there with its default" : did_you_mean(name, known, "variables"));
        }
        vars[name] = typed(text);
    }
    world->vars = std::make_shared<const Json>(std::move(vars));
    return world;
}

Result<std::vector<Cell>> cells_of(const Scenario& scenario, const World& world, Evaluator& evaluator) {
    std::vector<Cell> cells(1);
    Names names(nullptr);
    names.set("targets", document_binding(world.target_values, "targets"));
    names.set("vars", document_binding(world.vars, "vars"));
    names.set("vantage", world.vantage);
    for (const MatrixAxis& axis : scenario.matrix) {
        const Result<Json> values = evaluator.resolve(axis.values, names);
        if (!values) return fail("matrix." + axis.name + ": " + values.error().title, values.error().remedy);
        if (!values->is_array() || values->empty()) {
            return fail("matrix." + axis.name + " (" + axis.place.text() + ") has no values",
                        "give a list, or targets with --target or --targets");
        }
        std::vector<Cell> wider;
        for (const Cell& cell : cells) {
            for (const Json& value : *values) {
                Cell one = cell;
                one.axes.emplace_back(axis.name, value.is_string() ? value.get<std::string>() : value.dump());
                wider.push_back(std::move(one));
            }
        }
        if (wider.size() > 10'000)
            return fail("the matrix has more than 10,000 cells", "run fewer axes or values at a time");
        cells = std::move(wider);
    }
    return cells;
}

}  // namespace serin
