// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/fragments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/names.hpp"
#include "scenarios/language/fields.hpp"
#include "scenarios/language/load_steps.hpp"

namespace serin {

void FragmentShelf::add(const std::string& folder, const YamlNode& path, const ReadFile& read) {
    const std::string file = (std::filesystem::path(folder) / path.text).lexically_normal().string();
    Result<std::string> text = read(file);
    if (!text) {
        reading_.complaints.error(path.place, text.error().title, "", text.error().remedy);
        return;
    }
    const Complaints::Included included(reading_.complaints, path.place);
    Mistakes mistakes;
    Document document = parse_document(file, *std::move(text), mistakes);
    reading_.complaints.add(std::move(mistakes));
    if (!document.root) return;
    const YamlNode* name = document.root->find("fragment");
    if (name == nullptr || !name->is_scalar()) {
        reading_.complaints.error(document.root->place, "this is no fragment file: `fragment` is missing", "",
                                  "begin it with `version: 1` and `fragment: NAME`");
        return;
    }
    const auto earlier = std::ranges::find(entries_, name->text, &Entry::name);
    if (earlier != entries_.end()) {
        reading_.complaints.error(name->place, fmt::format("a fragment `{}` was read already", name->text),
                                  fmt::format("also in {}", earlier->document.source->name), "rename one of the two");
        return;
    }
    entries_.push_back({.name = name->text,
                        .document = std::move(document),
                        .used_at = path.place,
                        .state = State::unread,
                        .loaded = {}});
}

void FragmentShelf::load(Entry& entry) {
    entry.state = State::being_read;
    const Complaints::Included included(reading_.complaints, entry.used_at);
    load_parts(entry);
    entry.state = State::read;
}

void FragmentShelf::check_alone(Document document) {
    Entry entry{.name = "", .document = std::move(document), .used_at = {}, .state = State::being_read, .loaded = {}};
    load_parts(entry);
}

void FragmentShelf::load_parts(Entry& entry) {
    const YamlNode& root = *entry.document.root;
    const Fields fields(root, mapping_type("fragment"), root.place, reading_.complaints);
    NameBook names(reading_.complaints, reading_.used);
    names.known = reading_.run_names;
    Values values(names, reading_.complaints);
    auto fragment = std::make_shared<Fragment>();
    fragment->name = entry.name;
    fragment->place = fields.key_place("fragment");
    if (const YamlNode* inputs = fields.find("inputs")) {
        for (const YamlEntry& input : inputs->entries) {
            names.define(input.key, input.key_place, "input");
            Template fallback = values.value(input.value);
            if (std::holds_alternative<std::nullptr_t>(fallback.value)) entry.loaded.required.insert(input.key);
            entry.loaded.inputs.insert(input.key);
            fragment->inputs.push_back({.key = input.key, .key_place = input.key_place, .value = std::move(fallback)});
            names.known.add(input.key);
        }
    }
    StepLoader loader(reading_, names, StepOwner::fragment);
    if (const YamlNode* steps = fields.find("steps")) {
        names.foresee(*steps);
        fragment->steps = loader.steps(*steps, StepPart::main);
    }
    if (const YamlNode* outputs = fields.find("outputs")) {
        fragment->outputs = loader.saves(*outputs, "outputs");
        for (const Save& output : fragment->outputs) entry.loaded.outputs.insert(output.name);
    }
    names.note_unused_saves(reading_);
    entry.loaded.connected = loader.connected();
    entry.loaded.judges = loader.judges();
    entry.loaded.fragment = std::move(fragment);
}

const LoadedFragment* FragmentShelf::find(std::string_view name, const Place& call) {
    const auto found = std::ranges::find(entries_, name, &Entry::name);
    if (found == entries_.end()) {
        std::vector<std::string> known;
        known.reserve(entries_.size());
        for (const Entry& entry : entries_) known.push_back(entry.name);
        reading_.complaints.error(call, fmt::format("unknown fragment `{}`", name), "",
                                  known.empty() ? "name its file in `use`" : did_you_mean(name, known, "fragments"));
        return nullptr;
    }
    if (found->state == State::being_read) {
        reading_.complaints.error(call, fmt::format("fragment `{}` calls itself", name),
                                  "directly or through another one", "use `repeat` for repetition");
        return nullptr;
    }
    if (found->state == State::unread) load(*found);
    return &found->loaded;
}

std::vector<std::shared_ptr<const Fragment>> FragmentShelf::finish() {
    std::vector<std::shared_ptr<const Fragment>> all;
    for (Entry& entry : entries_) {
        if (entry.state == State::unread) {
            load(entry);
            reading_.unused(entry.used_at, fmt::format("fragment `{}` is never called", entry.name),
                            "call it or remove the file");
        }
        all.push_back(entry.loaded.fragment);
    }
    return all;
}

}  // namespace serin
