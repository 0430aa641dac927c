// SPDX-License-Identifier: Apache-2.0
// Which channel is told of what, and whether that will do.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runner/config/channel_checks.hpp"

namespace serin {
namespace {

/// Walks the lists of channels as they stand in the file.
class UseCheck {
public:
    UseCheck(const std::vector<ChannelConfig>& channels, const Fields& alerts, ConfigReading& reading)
        : channels_(channels), alerts_(alerts), reading_(reading) {}

    void run() {
        if (channels_.empty()) {
            if (alerts_.find("channels") == nullptr || alerts_.find("channels")->entries.empty())
                reading_.complaints.warning(
                    alerts_.key_place("channels"), "nobody is told: no `alerts.channels`", "",
                    "add one, as `channels: { hook: { webhook: { url: https://hooks.example } } }`");
            return;
        }
        levels();
        for (const std::string_view key : {"warnings", "info"}) use(alerts_.find(key), key);
        const YamlNode* drills = alerts_.find("drills");
        if (drills != nullptr) use(drills->find("channels"), "drills");
        if (reading_.complaints.errors() != 0) return;  // a slip elsewhere may well be the reason
        idleness();
        if (!weak_) second_way();
        if (drills != nullptr) stale_drill();
    }

private:
    [[nodiscard]] const ChannelConfig* find(const std::string& name) const {
        const auto found = std::ranges::find(channels_, name, &ChannelConfig::name);
        return found == channels_.end() ? nullptr : &*found;
    }

    void use(const YamlNode* list, std::string_view key) {
        if (list == nullptr || !list->is_list()) return;
        for (const YamlNode& item : list->items) {
            const ChannelConfig* channel = find(item.text);
            if (channel == nullptr) continue;  // told already
            if (key != "drills") used_.insert(item.text);
            if (!pages(*channel))
                reading_.complaints.error(item.place, fmt::format("channel `{}` pages nobody", item.text),
                                          fmt::format("it works without being named in `{}`", key),
                                          "name one that reaches people");
        }
    }

    void levels() {
        const YamlNode* levels = alerts_.find("levels");
        if (levels == nullptr) return;
        for (const YamlNode& level : levels->items) {
            const YamlNode *channels = level.find("channels"), *failover = level.find("failover");
            use(channels, "channels");
            use(failover, "failover");
            if (channels == nullptr || !channels->is_list()) continue;
            if (failover != nullptr && failover->is_list()) independence(*channels, *failover);
        }
        if (!levels->items.empty()) proof(levels->items.front());
    }

    void independence(const YamlNode& channels, const YamlNode& failover) {
        for (const YamlNode& second : failover.items) {
            for (const YamlNode& first : channels.items) {
                const ChannelConfig *one = find(first.text), *other = find(second.text);
                const std::string fate = one == nullptr || other == nullptr ? "" : shared_fate(*one, *other);
                if (fate.empty()) continue;
                weak_ = true;
                reading_.complaints.warning(second.place,
                                            fmt::format("`{}` is no failover for `{}`", second.text, first.text),
                                            fate + ": both fail together", "name a channel of another kind");
            }
        }
    }

    void proof(const YamlNode& level) {
        const YamlNode* channels = level.find("channels");
        if (channels == nullptr || !channels->is_list() || channels->items.empty()) return;
        if (level.find("failover") != nullptr) return;
        const bool any = std::ranges::any_of(channels->items, [&](const YamlNode& item) {
            const ChannelConfig* channel = find(item.text);
            return channel == nullptr || proves(*channel);
        });
        if (any) return;
        weak_ = true;
        const ChannelConfig& first = *find(channels->items.front().text);
        reading_.complaints.warning(
            channels->items.front().place, fmt::format("channel `{}` cannot prove that it delivered", first.name),
            "and there is no `failover`",
            first.kind == ChannelKind::pagerduty ? "add its `api`, so that a page is looked for, or a `failover`"
                                                 : "add `failover: […]` with a channel of another kind");
    }

    /// Warns when all levels together reach one channel only: whatever breaks it silences every page.
    void second_way() {
        const YamlNode* levels = alerts_.find("levels");
        if (levels == nullptr || levels->items.empty()) return;
        std::set<std::string> reached;
        for (const YamlNode& level : levels->items) {
            for (const char* key : {"channels", "failover"}) {
                const YamlNode* list = level.find(key);
                if (list == nullptr) continue;
                for (const YamlNode& item : list->items) reached.insert(item.text);
            }
        }
        const YamlNode* first = levels->items.front().find("channels");
        if (reached.size() != 1 || first == nullptr || first->items.empty()) return;
        reading_.complaints.warning(first->items.front().place, "there is no second way",
                                    fmt::format("when `{}` fails, nobody is paged", *reached.begin()),
                                    "add `failover: […]` with a channel of another kind");
    }

    /// Of a stale drill any other channel that pages is told, used or not.
    void stale_drill() {
        if (std::ranges::count_if(channels_, pages) != 1) return;
        reading_.complaints.warning(
            alerts_.key_place("drills"), "a stale drill could be told to nobody",
            fmt::format("`{}` is the only channel that pages", std::ranges::find_if(channels_, pages)->name),
            "add a channel of another kind");
    }

    void idleness() {
        if (used_.empty()) {
            reading_.complaints.warning(alerts_.key_place("channels"), "nobody is told",
                                        "no level and no `warnings` name a channel",
                                        fmt::format("add `levels: [{{ channels: [{}] }}]`", channels_.front().name));
            return;
        }
        if (alerts_.find("levels") == nullptr || alerts_.find("levels")->items.empty())
            reading_.complaints.warning(alerts_.key_place(alerts_.find("levels") == nullptr ? "warnings" : "levels"),
                                        "critical incidents page nobody", "there is no level",
                                        fmt::format("add `levels: [{{ channels: [{}] }}]`", *used_.begin()));
        for (const ChannelConfig& channel : channels_) {
            if (pages(channel) && !used_.contains(channel.name))
                reading_.complaints.warning(channel.place, fmt::format("channel `{}` is never used", channel.name), "",
                                            "name it in a level or under `warnings`, or remove it");
        }
    }

    const std::vector<ChannelConfig>& channels_;
    const Fields& alerts_;
    ConfigReading& reading_;
    std::set<std::string> used_;
    bool weak_ = false;  ///< that the first way may not do was said already
};

}  // namespace

void check_uses(const AlertsConfig& config, const Fields& alerts, ConfigReading& reading) {
    UseCheck(config.channels, alerts, reading).run();
}

}  // namespace serin
