// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/scenario.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/loader.hpp"
#include "scenarios/language/reading.hpp"

namespace serin {

struct LoadedFragment {
    std::shared_ptr<const Fragment> fragment;
    std::set<std::string> inputs, required, outputs;
    std::set<std::string> connected;  ///< actors whose websocket it opens
    bool judges = false;              ///< has a main step that judges
};

/// The fragments of the files that `use:` names. Each is read when the first `call` needs it, once; those that nobody
/// calls are read at the end, so that their mistakes are seen too.
class FragmentShelf {
public:
    /// `reading` must outlive this.
    explicit FragmentShelf(Reading& reading) : reading_(reading) {}

    /// Reads the file and its head. `path` is what `use` says, relative to `folder`.
    void add(const std::string& folder, const YamlNode& path, const ReadFile& read);
    /// The fragment of that name; null, with the mistake noted at `call`, when there is none or it calls itself.
    [[nodiscard]] const LoadedFragment* find(std::string_view name, const Place& call);
    /// Reads those that were never called, with a warning each, and hands out all.
    [[nodiscard]] std::vector<std::shared_ptr<const Fragment>> finish();
    /// Reads one fragment that no scenario includes here.
    void check_alone(Document document);

private:
    enum class State { unread, being_read, read };
    struct Entry {
        std::string name;
        Document document;
        Place used_at;
        State state = State::unread;
        LoadedFragment loaded;
    };
    void load(Entry& entry);
    void load_parts(Entry& entry);

    Reading& reading_;
    std::deque<Entry> entries_;  // stable addresses: `find` hands out pointers
};

}  // namespace serin
