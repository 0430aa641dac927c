// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/loader.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "scenarios/language/fragments.hpp"
#include "scenarios/language/lint.hpp"
#include "scenarios/language/load_steps.hpp"
#include "scenarios/language/yaml_traps.hpp"

namespace serin {
namespace {

std::optional<Document> read_document(const std::string& path, const ReadFile& read, Complaints& complaints) {
    Result<std::string> text = read(path);
    if (!text) {
        complaints.error({}, text.error().title, {}, text.error().remedy);
        return std::nullopt;
    }
    Mistakes mistakes;
    Document document = parse_document(path, *std::move(text), mistakes);
    complaints.add(std::move(mistakes));
    if (!document.root) return std::nullopt;
    return document;
}

/// Reads the parts of one scenario file in the order in which they depend on each other.
class ScenarioLoader {
public:
    ScenarioLoader(const Document& document, const ReadFile& read, Reading& reading)
        : root_(*document.root),
          read_(read),
          reading_(reading),
          names_(reading.complaints, reading.used),
          values_(names_, reading.complaints),
          fragments_(reading),
          fields_(root_, mapping_type("scenario"), root_.place, reading.complaints) {
        scenario_.source = document.source;
        reading_.fragments = &fragments_;
    }
    ~ScenarioLoader() { reading_.fragments = nullptr; }
    ScenarioLoader(const ScenarioLoader&) = delete;
    ScenarioLoader& operator=(const ScenarioLoader&) = delete;

    Scenario load() {
        load_head();
        load_secrets();
        load_vars();
        load_matrix();
        declare_run_names();
        names_.known = reading_.run_names;
        load_actors();
        if (const YamlNode* use = fields_.find("use")) {
            const std::string folder = std::filesystem::path(scenario_.source->name).parent_path().string();
            for (const YamlNode& path : use->items) fragments_.add(folder, path, read_);
        }
        load_steps();
        scenario_.fragments = fragments_.finish();
        return std::move(scenario_);
    }

private:
    void load_head() {
        scenario_.name = fields_.text("name");
        scenario_.about = fields_.text("about");
        scenario_.tags = fields_.texts("tags");
        scenario_.owner = fields_.text("owner");
        scenario_.runbook = fields_.text("runbook");
        scenario_.timeout = fields_.duration("timeout").value_or(scenario_.timeout);
        scenario_.cleanup_timeout = fields_.duration("cleanup_timeout").value_or(scenario_.cleanup_timeout);
        reading_.timeout = scenario_.timeout;
        if (scenario_.timeout == Duration::zero())
            reading_.complaints.error(fields_.find("timeout")->place, "a timeout of nothing lets nothing run", "",
                                      "write `timeout: 30s`, or leave it out");
        if (const YamlNode* retry = fields_.find("retry")) {
            const Fields inner(*retry, mapping_type("retry"), fields_.key_place("retry"), reading_.complaints);
            scenario_.retry.attempts = static_cast<int>(inner.count("attempts").value_or(1));
            scenario_.retry.backoff = inner.duration("backoff").value_or(scenario_.retry.backoff);
        }
    }

    void load_secrets() {
        const YamlNode* secrets = fields_.find("secrets");
        if (secrets == nullptr) return;
        for (const YamlEntry& entry : secrets->entries) {
            const Fields inner(entry.value, mapping_type("secret"), entry.key_place, reading_.complaints);
            scenario_.secrets.push_back(
                {.name = entry.key, .place = entry.key_place, .env = inner.text("env"), .file = inner.text("file")});
        }
    }

    /// Variables are resolved before any run, so they know no run.
    void load_vars() {
        names_.known = {};
        names_.known.add("targets");
        names_.known.add("vantage");
        names_.known.add("secret", names_of("secrets"));
        const YamlNode* vars = fields_.find("vars");
        if (vars == nullptr) return;
        scenario_.vars = values_.value_map(*vars);
    }

    void load_matrix() {
        names_.known = {};
        names_.known.add("targets");
        names_.known.add("vantage");
        names_.known.add("vars", names_of("vars"));
        const YamlNode* matrix = fields_.find("matrix");
        if (matrix == nullptr) return;
        for (const YamlEntry& entry : matrix->entries) {
            if (entry.value.is_list()) {
                check_axis(entry);
            } else if (!entry.value.is_scalar() || entry.value.text.find("${") == std::string::npos) {
                reading_.complaints.error(
                    entry.key_place,
                    fmt::format("axis `{}` must be a list or `${{…}}`, found {}", entry.key, described(entry.value)),
                    "", fmt::format("write `{}: [us-east-1, eu-west-2]`", entry.key));
            }
            scenario_.matrix.push_back(
                {.name = entry.key, .place = entry.key_place, .values = values_.value(entry.value)});
        }
    }

    void check_axis(const YamlEntry& entry) {
        if (entry.value.items.empty()) {
            reading_.complaints.error(entry.key_place, fmt::format("axis `{}` has no values", entry.key),
                                      "nothing would run", "give at least one");
        }
        for (const YamlNode& item : entry.value.items) {
            if (item.is_scalar()) continue;
            reading_.complaints.error(item.kind == YamlKind::null ? entry.key_place : item.place,
                                      fmt::format("a value of an axis must be a scalar, found {}", described(item)), "",
                                      "write a text or a number");
        }
    }

    /// An empty set of fields would mean "any", so a block that is not there leaves its name out: using it is a
    /// mistake.
    void declare_run_names() {
        for (const RunName& name : run_names()) {
            const std::string key(name.name);
            const std::string_view block = key == "secret" ? std::string_view("secrets") : name.name;
            const bool declared = key == "vars" || key == "secret" || key == "matrix";
            if (declared && names_of(block).empty()) continue;
            reading_.run_names.add(key, declared ? names_of(block) : std::set<std::string>{});
        }
    }

    void load_actors() {
        const YamlNode* actors = fields_.find("actors");
        if (actors == nullptr) return;
        for (const YamlEntry& entry : actors->entries) {
            scenario_.actors.push_back(actor(entry));
            reading_.actors.insert_or_assign(entry.key, DeclaredActor{.place = entry.key_place, .used = false});
        }
    }

    Actor actor(const YamlEntry& entry) {
        Actor made;
        made.name = entry.key;
        made.place = entry.key_place;
        const Fields inner(entry.value, mapping_type("actor"), entry.key_place, reading_.complaints);
        const auto text = [&](const Fields& from, std::string_view key) -> std::optional<Template> {
            const YamlNode* node = from.find(key);
            if (node == nullptr) return std::nullopt;
            return values_.text(*node);
        };
        made.target = text(inner, "target");
        made.api = text(inner, "api");
        made.ws = text(inner, "ws");
        made.bearer = text(inner, "bearer");
        made.ca = text(inner, "ca");
        made.cert = text(inner, "cert");
        made.key = text(inner, "key");
        made.proxy = text(inner, "proxy");
        made.http = text(inner, "http");
        for (const auto& [key, slot] :
             {std::pair{"resolve", &made.resolve}, std::pair{"connect_to", &made.connect_to}}) {
            if (const YamlNode* node = inner.find(key))
                *slot = node->is_list() ? values_.value(*node) : values_.text(*node);
        }
        if (const YamlNode* basic = inner.find("basic")) {
            const Fields credentials(*basic, mapping_type("basic"), inner.key_place("basic"), reading_.complaints);
            made.user = text(credentials, "user");
            made.password = text(credentials, "password");
            if (made.bearer)
                reading_.complaints.error(inner.key_place("basic"),
                                          "`bearer` and `basic` both set the Authorization header", "", "keep one");
        }
        if (const YamlNode* headers = inner.find("headers")) made.headers = values_.text_map(*headers);
        if (const YamlNode* reuse = inner.find("reuse")) made.reuse = values_.value(*reuse);
        made.insecure = inner.flag("insecure", false);
        lint_actor(made, entry.value, reading_);
        return made;
    }

    void load_steps() {
        const YamlNode* steps = fields_.find("steps");
        const YamlNode* cleanup = fields_.find("cleanup");
        if (steps != nullptr) names_.foresee(*steps);
        if (cleanup != nullptr) names_.foresee(*cleanup);
        StepLoader loader(reading_, names_, StepOwner::scenario);
        if (steps != nullptr) scenario_.steps = loader.steps(*steps, StepPart::main);
        if (cleanup != nullptr) scenario_.cleanup = loader.steps(*cleanup, StepPart::cleanup);
        names_.note_unused_saves(reading_);
        if (steps != nullptr) lint(scenario_, loader.judges(), fields_.key_place("steps"), reading_);
    }

    [[nodiscard]] std::set<std::string> names_of(std::string_view block) const {
        std::set<std::string> all;
        if (const YamlNode* node = fields_.find(block)) {
            for (const YamlEntry& entry : node->entries) all.insert(entry.key);
        }
        return all;
    }

    const YamlNode& root_;
    const ReadFile& read_;
    Reading& reading_;
    NameBook names_;
    Values values_;
    FragmentShelf fragments_;
    Fields fields_;
    Scenario scenario_;
};

}  // namespace

Result<std::string> read_file(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        return fail(fmt::format("cannot read {}: no such file", path), "check the path");
    if (!std::filesystem::is_regular_file(status))
        return fail(fmt::format("cannot read {}: not a regular file", path), "name a file");
    std::ifstream file(path, std::ios::binary);
    std::string text(max_file_bytes + 1, '\0');
    if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
        if (!file) return fail(fmt::format("cannot read {}", path), "check its permissions");
        return fail(fmt::format("{} is larger than {} MiB", path, max_file_bytes >> 20), "name another file");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

Loaded load_scenario(const std::string& path, const ReadFile& read) {
    Reading reading;
    std::optional<Scenario> scenario;
    if (const std::optional<Document> document = read_document(path, read, reading.complaints)) {
        scenario = ScenarioLoader(*document, read, reading).load();
    }
    const bool usable = scenario.has_value() && reading.complaints.errors() == 0;
    Loaded loaded{.scenario = std::nullopt, .mistakes = reading.take_mistakes()};
    if (usable) loaded.scenario = std::move(scenario);
    return loaded;
}

Mistakes check_fragment(const std::string& path, const ReadFile& read) {
    Reading reading;
    reading.alone = true;
    for (const RunName& name : run_names()) reading.run_names.add(std::string(name.name));
    if (std::optional<Document> document = read_document(path, read, reading.complaints))
        FragmentShelf(reading).check_alone(*std::move(document));
    return reading.take_mistakes();
}

}  // namespace serin
