// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/grafana.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/names.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

std::int64_t milliseconds(Wall at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

Wall begin_of(const Incident& incident) {
    return incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
}

/// Grafana draws the text as HTML.
std::string drawn(const std::string& text) {
    return xml_text(text);
}

class Grafana final : public HttpChannel {
public:
    Grafana(ArmedChannel armed, ChannelHouse house) : HttpChannel(std::move(armed), std::move(house)) {}

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true, .provable = true, .updates = true, .needs_refresh = false, .pages = false};
    }

    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override {
        const bool begins = notice.kind == NoticeKind::opened || notice.kind == NoticeKind::reopened;
        const bool ends = notice.kind == NoticeKind::resolved;
        if (!begins && !ends) co_return result(Took::proven, "nothing to draw");
        NoticeWords shown = words(notice, house_.clock.wall());
        if (!armed_.config.text) shown.text.clear();  // the built-in text is too long for a chart
        std::string body = incident_annotation(notice, shown, link(notice));
        std::string patch = ends ? annotation_end(end_of(notice)) : std::string();
        co_return co_await draw(identity_tags(notice.incident), std::move(body), std::move(patch), deadline);
    }

    asio::awaitable<SendResult> tell(const Change& change, Deadline deadline) override {
        if (!armed_.config.changes) co_return result(Took::proven, "");
        std::string body = change_annotation(change);
        std::string patch = body;  // the same change again updates it
        co_return co_await draw(identity_tags(change), std::move(body), std::move(patch), deadline);
    }

private:
    /// Makes the annotation, or sends `patch` to the one that is there (empty: leaves it as it is).
    asio::awaitable<SendResult> draw(std::vector<std::string> tags, std::string body, std::string patch,
                                     Deadline deadline) {
        HttpAsk question = asking("GET", "/api/annotations" + annotation_query(tags));
        const Answer found = co_await ask(std::move(question), deadline);
        if (!found.good()) co_return result(found, Took::proven);
        const Result<std::optional<std::int64_t>> id = annotation_id(found.body);
        if (!id) co_return result(Took::retry, id.error().title);
        if (*id && patch.empty()) co_return proven(**id);
        HttpAsk write =
            *id ? asking("PATCH", "/api/annotations/" + std::to_string(**id)) : asking("POST", "/api/annotations");
        write.body = *id ? std::move(patch) : std::move(body);
        const Answer answer = co_await ask(std::move(write), deadline);
        SendResult taken = result(answer, Took::proven);
        if (taken.took == Took::proven) taken.reference = *id ? std::to_string(**id) : made_id(answer.body);
        co_return taken;
    }

    [[nodiscard]] HttpAsk asking(std::string method, const std::string& path) const {
        return {.method = std::move(method),
                .url = address(path),
                .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + armed_.key.reveal()}}};
    }
    [[nodiscard]] SendResult proven(std::int64_t id) const {
        SendResult there = result(Took::proven, "it is there already");
        there.reference = std::to_string(id);
        return there;
    }
    [[nodiscard]] static std::string made_id(const std::string& body) {
        constexpr bool throwing = false;
        const Json json = Json::parse(body, nullptr, throwing);
        const Json id = json.is_object() ? json.value("id", Json()) : Json();
        return id.is_number_integer() ? std::to_string(id.get<std::int64_t>()) : std::string();
    }
};

}  // namespace

std::vector<std::string> identity_tags(const Incident& incident) {
    return {"incident:" + incident.id, "wave:" + std::to_string(incident.waves)};
}

std::vector<std::string> identity_tags(const Change& change) {
    return {"serin-change", "change:" + change.id};
}

std::string incident_annotation(const Notice& notice, const NoticeWords& words, const std::string& link) {
    const Incident& incident = notice.incident;
    std::vector<std::string> tags = identity_tags(incident);
    tags.insert(tags.begin(), "serin");
    tags.insert(tags.end(), {"service:" + incident.service, "class:" + incident.failure_class,
                             std::string("severity:") + name_of(incident.severity)});
    if (incident.drill) tags.emplace_back("drill");
    std::string text = drawn(words.title);
    for (const std::string& more : {words.text, link}) text += more.empty() ? "" : "\n" + drawn(more);
    Json body{{"text", text}, {"tags", tags}, {"time", milliseconds(begin_of(incident))}};
    if (notice.kind == NoticeKind::resolved) body["timeEnd"] = milliseconds(end_of(notice));
    return json_text(body);
}

std::string change_annotation(const Change& change) {
    std::vector<std::string> tags = identity_tags(change);
    tags.insert(tags.begin(), "serin");
    tags.insert(tags.end(), {"kind:" + change.kind, "component:" + change.component});
    const std::string what = change.title.empty() ? change.id : change.title;
    Json body{{"text", drawn(change.kind + " of " + change.component + ": " + what)},
              {"tags", tags},
              {"time", milliseconds(change.started_at)}};
    if (change.ended_at) body["timeEnd"] = milliseconds(std::max(*change.ended_at, change.started_at));
    return json_text(body);
}

std::string annotation_end(Wall at) {
    return json_text({{"timeEnd", milliseconds(at)}});
}

Wall end_of(const Notice& notice) {
    return std::max(notice.incident.recovered_at.value_or(notice.made_at), begin_of(notice.incident));
}

std::string annotation_query(const std::vector<std::string>& tags) {
    std::string query;
    for (const std::string& tag : tags) query += (query.empty() ? "?tags=" : "&tags=") + url_escape(tag);
    return query + "&type=annotation&limit=1";
}

Result<std::optional<std::int64_t>> annotation_id(const std::string& body) {
    constexpr bool throwing = false;
    const Json list = Json::parse(body, nullptr, throwing);
    if (!list.is_array()) return fail("that is no list of annotations");
    if (list.empty()) return std::optional<std::int64_t>();
    const Json id = list.front().is_object() ? list.front().value("id", Json()) : Json();
    if (!id.is_number_integer()) return fail("an annotation has no id");
    return std::optional<std::int64_t>(id.get<std::int64_t>());
}

std::unique_ptr<Channel> make_grafana_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Grafana>(std::move(armed), std::move(house));
}

}  // namespace serin
