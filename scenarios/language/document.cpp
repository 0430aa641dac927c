// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "core/names.hpp"
#include "scenarios/language/yaml_traps.hpp"

namespace serin {
namespace {

/// Leaves yaml-cpp's parser once a mistake has been noted that makes the rest worthless.
struct Stop {};

int weight(const YamlNode& node) {
    int sum = 1;
    for (const YamlNode& item : node.items) sum += weight(item);
    for (const YamlEntry& entry : node.entries) sum += 1 + weight(entry.value);
    return sum;
}
int height(const YamlNode& node) {
    int deepest = 0;
    for (const YamlNode& item : node.items) deepest = std::max(deepest, height(item));
    for (const YamlEntry& entry : node.entries) deepest = std::max(deepest, height(entry.value));
    return deepest + 1;
}

/// Builds the tree of one document from yaml-cpp's events. Events, not YAML::Node, because those alone show duplicate
/// keys in order and let aliases be counted before they are expanded.
class Builder final : public YAML::EventHandler {
public:
    Builder(std::shared_ptr<const Source> source, Mistakes& mistakes)
        : source_(std::move(source)), mistakes_(mistakes) {
        const std::string& text = source_->text;
        line_starts_.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
            line_starts_.push_back(at + 1);
    }

    [[nodiscard]] std::optional<YamlNode> take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode node;
        node.place = place_of(mark, 1);
        finish(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            stop(place_of(mark, 1), "an alias stands within the value that it names", "", "write the value out");
        }
        count(weight(found->second), place_of(mark, 1));
        if (open_.size() + static_cast<std::size_t>(height(found->second)) > max_depth)
            stop_too_deep(place_of(mark, 1));
        attach(YamlNode(found->second));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node;
        node.kind = YamlKind::scalar;
        node.text = value;
        locate_scalar(node, mark);
        take_tag(node, tag);
        count(1, node.place);
        finish(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(YamlKind::list, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(YamlKind::map, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        std::optional<YamlEntry> pending;                   ///< a key that waits for its value
        std::unordered_map<std::string, std::size_t> seen;  ///< key → its index among the entries
    };

    [[noreturn]] void stop(const Place& place, std::string title, std::string note, std::string remedy) {
        mistakes_.push_back({.level = Level::error,
                             .place = place,
                             .title = std::move(title),
                             .note = std::move(note),
                             .remedy = std::move(remedy),
                             .called_from = {}});
        throw Stop{};
    }
    [[noreturn]] void stop_too_deep(const Place& place) {
        stop(place, fmt::format("nested deeper than {} levels", max_depth), "", "flatten it");
    }

    void count(int nodes, const Place& place) {
        nodes_ += nodes;
        if (nodes_ > max_nodes)
            stop(place, fmt::format("more than {} values, aliases expanded", max_nodes), "", "use fewer aliases");
    }

    [[nodiscard]] Place place_of(const YAML::Mark& mark, int length) const {
        return {.source = source_, .line = mark.line + 1, .column = mark.column + 1, .length = length};
    }
    [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
        const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
        if (line >= line_starts_.size()) return source_->text.size();
        return std::min(source_->text.size(), line_starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0)));
    }
    [[nodiscard]] Place place_at(std::size_t offset, std::size_t length) const {
        const auto after = std::ranges::upper_bound(line_starts_, offset);
        const auto line = static_cast<int>(after - line_starts_.begin());
        return {.source = source_,
                .line = line,
                .column = static_cast<int>(offset - *(after - 1)) + 1,
                .length = static_cast<int>(std::max<std::size_t>(length, 1))};
    }

    /// yaml-cpp's mark stands before an anchor and a tag; the place is that of the scalar itself.
    void locate_scalar(YamlNode& node, const YAML::Mark& mark) {
        const std::string_view text = source_->text;
        std::size_t at = offset_of(mark);
        while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
            const std::size_t end = text.find_first_of(" \t\r\n", at);
            const std::size_t next = end == std::string_view::npos ? end : text.find_first_not_of(" \t", end);
            if (next == std::string_view::npos || text[next] == '\r' || text[next] == '\n') break;
            at = next;
        }
        const char first = at < text.size() ? text[at] : '\0';
        const std::string_view rest = text.substr(std::min(at, text.size()));
        if (first == '"' || first == '\'') {
            node.style = ScalarStyle::quoted;
            const std::size_t end = closing_quote(text, at);
            if (end == std::string_view::npos) {
                stop(place_at(at, 1), "this quote is never closed", "the text runs to the end of the file",
                     "close it, or write the text as a `|` block");
            }
            const std::size_t line_end = text.find('\n', at);
            node.place = place_at(at, std::min(end + 1, line_end) - at);
            node.content =
                rest.substr(1).starts_with(node.text + first) ? place_at(at + 1, node.text.size()) : node.place;
        } else if (first == '|' || first == '>') {
            node.style = first == '|' ? ScalarStyle::literal : ScalarStyle::folded;
            node.place = node.content = place_at(at, 1);
        } else {
            const bool verbatim = rest.starts_with(node.text);
            const std::size_t line = rest.find_first_of("\r\n");
            node.place = node.content = place_at(at, verbatim ? node.text.size() : std::min(line, rest.size()));
        }
    }

    /// Offset of the quote that closes the one at `open`, npos when there is none.
    static std::size_t closing_quote(std::string_view text, std::size_t open) {
        const char quote = text[open];
        for (std::size_t at = open + 1; at < text.size(); ++at) {
            if (quote == '"' && text[at] == '\\') {
                ++at;
            } else if (text[at] == quote) {
                if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return at;
                ++at;  // '' is an escaped quote
            }
        }
        return std::string_view::npos;
    }

    /// yaml-cpp: "?" is plain, "!" quoted, anything else was written by the author.
    static void take_tag(YamlNode& node, const std::string& tag) {
        if (tag == "tag:yaml.org,2002:str") {
            if (node.style == ScalarStyle::plain) node.style = ScalarStyle::quoted;
        } else if (tag != "?" && tag != "!") {
            node.tag = tag;
        }
    }

    void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        YamlNode node;
        node.kind = kind;
        node.place = node.content = place_of(mark, 1);
        take_tag(node, tag);
        count(1, node.place);
        if (open_.size() >= max_depth) stop_too_deep(node.place);
        open_.push_back({.node = std::move(node), .anchor = anchor, .pending = std::nullopt, .seen = {}});
    }
    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        finish(std::move(done.node), done.anchor);
    }

    void finish(YamlNode node, YAML::anchor_t anchor) {
        if (anchor != 0) {
            count(weight(node), node.place);
            anchors_.insert_or_assign(anchor, node);
        }
        attach(std::move(node));
    }

    void attach(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.pending) {
            start_entry(parent, std::move(node));
        } else {
            YamlEntry entry = std::move(*parent.pending);
            parent.pending.reset();
            entry.value = std::move(node);
            keep_unless_duplicate(parent, std::move(entry));
        }
    }

    void start_entry(Open& parent, YamlNode key) {
        if (!key.is_scalar() || !key.tag.empty()) {
            stop(key.place, fmt::format("a key must be a text, found {}", described(key)), "",
                 "quote it if it is meant as a text");
        }
        parent.pending = YamlEntry{.key = std::move(key.text), .key_place = key.place, .value = {}};
    }

    void keep_unless_duplicate(Open& map, YamlEntry entry) {
        const auto [earlier, fresh] = map.seen.try_emplace(entry.key, map.node.entries.size());
        if (fresh) {
            map.node.entries.push_back(std::move(entry));
            return;
        }
        const Place& first = map.node.entries[earlier->second].key_place;
        mistakes_.push_back({.level = Level::error,
                             .place = entry.key_place,
                             .title = fmt::format("duplicate key `{}`", entry.key),
                             .note = fmt::format("first at line {}, column {}", first.line, first.column),
                             .remedy = "keep one of the two",
                             .called_from = {}});
    }

    std::shared_ptr<const Source> source_;
    Mistakes& mistakes_;
    std::vector<std::size_t> line_starts_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, YamlNode> anchors_;
    std::optional<YamlNode> root_;
    int nodes_ = 0;
};

/// What makes the text no text: wrong UTF-8, control characters (yaml-cpp takes 0x04 as the end of the file, in
/// silence).
std::optional<Mistake> unreadable(const std::shared_ptr<const Source>& source) {
    const std::string& text = source->text;
    int line = 1;
    std::size_t line_start = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const bool line_ends = at == text.size() || text[at] == '\n';
        const auto byte = at < text.size() ? static_cast<unsigned char>(text[at]) : '\n';
        const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
        if (control) {
            return Mistake{.place = {source, line, static_cast<int>(at - line_start) + 1, 1},
                           .title = fmt::format("control character 0x{:02x}", byte),
                           .note = "",
                           .remedy = R"(remove it, or write it as "\x.." within double quotes)",
                           .called_from = {}};
        }
        if (!line_ends) continue;
        const std::string_view whole = std::string_view(text).substr(line_start, at - line_start);
        if (!valid_utf8(whole)) {
            std::size_t good = 0;
            for (std::size_t length = 1; length <= 4; ++length) {
                if (!valid_utf8(whole.substr(good, length))) continue;
                good += length;
                length = 0;
            }
            return Mistake{.place = {source, line, static_cast<int>(good) + 1, 1},
                           .title = "this line is not UTF-8",
                           .note = "",
                           .remedy = "save the file as UTF-8",
                           .called_from = {}};
        }
        ++line;
        line_start = at + 1;
    }
    return std::nullopt;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

Document parse_document(std::string name, std::string text, Mistakes& mistakes) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    const bool too_long = text.size() > max_file_bytes;
    if (too_long) text.resize(1);
    auto source = std::make_shared<const Source>(Source{.name = std::move(name), .text = std::move(text)});
    Document document{.root = std::nullopt, .source = source};
    const Place top{.source = source, .line = 1, .column = 1, .length = 1};
    const auto refuse = [&](const Place& place, std::string title, std::string remedy) {
        mistakes.push_back(
            {.place = place, .title = std::move(title), .note = {}, .remedy = std::move(remedy), .called_from = {}});
    };
    if (too_long) {
        refuse({}, fmt::format("{}: larger than {} MiB", source->name, max_file_bytes >> 20),
               "this is no file of ours; name another one");
        return document;
    }
    if (std::optional<Mistake> mistake = unreadable(source)) {
        mistakes.push_back(std::move(*mistake));
        return document;
    }
    Builder builder(source, mistakes);
    try {
        std::istringstream stream(source->text);
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) {
            refuse(top, "the file is empty", "write at least `version: 1`");
            return document;
        }
        document.root = builder.take_root();
        Mistakes ignored;
        Builder second(source, ignored);
        if (parser.HandleNextDocument(second)) {
            const std::optional<YamlNode> extra = second.take_root();
            refuse(extra ? extra->place : top, "a second document begins here",
                   "one file holds one document; check the indentation of this line, or remove the `---` above it");
            document.root.reset();
        }
    } catch (const Stop&) {
        document.root.reset();
    } catch (const YAML::Exception& error) {
        mistakes.push_back(explained_syntax_error(source, error.mark.line + 1, error.mark.column + 1, error.msg));
        document.root.reset();
    }
    return document;
}

}  // namespace serin
