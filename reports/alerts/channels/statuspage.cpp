// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/statuspage.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

constexpr Duration wait_after_420 = std::chrono::minutes(1);
constexpr Duration reconciled_every = std::chrono::minutes(5);
constexpr bool throwing = false;

class Statuspage final : public HttpChannel {
public:
    Statuspage(ArmedChannel armed, ChannelHouse house)
        : HttpChannel(std::move(armed), std::move(house)), components_(published_components(armed_.config)) {}

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true, .provable = true, .updates = true, .needs_refresh = true, .pages = false};
    }
    [[nodiscard]] Duration refresh_every() const override { return reconciled_every; }

    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override {
        if (!armed_.config.publish) co_return result(Took::proven, "not published: `publish` is off");
        Incident incident = notice.incident;
        if (notice.kind == NoticeKind::resolved && incident.state == IncidentState::open)
            incident.state = IncidentState::watching;
        known_.insert_or_assign(incident.id, std::move(incident));
        const auto component = std::ranges::find_if(components_, [&](const Component& each) {
            return std::ranges::find(each.services, notice.incident.service) != each.services.end();
        });
        if (component == components_.end()) co_return result(Took::proven, "no component of the page is concerned");
        std::vector<std::string> concerned{component->statuspage_id};
        co_return co_await publish(std::move(concerned), deadline);
    }

    /// What differs from what was published last; after a restart, what is not operational.
    asio::awaitable<SendResult> refresh(const std::vector<Notice>& going_on, Deadline deadline) override {
        if (!armed_.config.publish) co_return result(Took::proven, "not published: `publish` is off");
        known_.clear();
        for (const Notice& notice : going_on) known_.insert_or_assign(notice.incident.id, notice.incident);
        std::vector<std::string> stale;
        for (const auto& [id, state] : states()) {
            const auto last = published_.find(id);
            const bool as_it_was =
                last == published_.end() ? state == ComponentState::operational : last->second == state;
            if (!as_it_was) stale.push_back(id);
        }
        co_return co_await publish(std::move(stale), deadline);
    }

private:
    [[nodiscard]] std::map<std::string, ComponentState> states() const {
        std::vector<Incident> incidents;
        for (const auto& [id, incident] : known_) incidents.push_back(incident);
        return published_states(components_, incidents, house_.clock.wall());
    }

    /// The state is looked up when its turn has come: the latest counts.
    asio::awaitable<SendResult> publish(std::vector<std::string> ids, Deadline deadline) {
        SendResult last = result(Took::proven, "as it was");
        for (const std::string& id : ids) {
            const std::optional<Duration> wait = co_await take_turn(budget_, house_.clock, deadline);
            if (wait) co_return held_back(*wait);
            const ComponentState state = states().at(id);
            HttpAsk patch{
                .method = "PATCH",
                .url = base() + "/v1/pages/" + url_escape(armed_.config.page) + "/components/" + url_escape(id),
                .headers = {{"Content-Type", "application/json"}, {"Authorization", "OAuth " + armed_.key.reveal()}},
                .body = component_patch(state)};
            const Answer answer = co_await ask(std::move(patch), deadline);
            last = statuspage_result(answer, state, house_.redactor);
            last.reference = id;
            if (last.took != Took::proven) co_return last;
            published_.insert_or_assign(id, state);
        }
        co_return last;
    }

    [[nodiscard]] std::string base() const {
        return armed_.urls.empty() ? std::string("https://api.statuspage.io") : address("");
    }

    std::vector<Component> components_;
    std::map<std::string, Incident> known_{};
    std::map<std::string, ComponentState> published_{};
    std::shared_ptr<CallBudget> budget_ = std::make_shared<CallBudget>(1, std::chrono::seconds(1));
};

}  // namespace

std::vector<Component> published_components(const ChannelConfig& config) {
    std::vector<Component> components;
    for (const auto& [service, id] : config.components) {
        auto same = std::ranges::find(components, id, &Component::statuspage_id);
        if (same == components.end()) same = components.insert(same, Component{.name = id, .statuspage_id = id});
        same->services.push_back(service);
    }
    return components;
}

std::map<std::string, ComponentState> published_states(const std::vector<Component>& components,
                                                       const std::vector<Incident>& incidents, Wall now) {
    std::vector<Incident> shown;
    std::ranges::copy_if(incidents, std::back_inserter(shown), [](const Incident& incident) {
        const bool sure = incident.confirmed || incident.vouched;
        return !incident.drill && (sure || incident.declared || incident.maintenance);
    });
    std::map<std::string, ComponentState> states;
    for (const ComponentStanding& standing : status_page("", components, shown, now).components)
        states[standing.component.statuspage_id] = standing.state;
    for (const Component& component : components) states.try_emplace(component.statuspage_id);
    return states;
}

std::string component_patch(ComponentState state) {
    return json_text({{"component", {{"status", name_of(state)}}}});
}

SendResult statuspage_result(const Answer& answer, ComponentState state, const Redactor& redactor) {
    SendResult result = result_of(answer, redactor, Took::proven);
    if (answer.good()) {
        const Json body = Json::parse(answer.body, nullptr, throwing);
        const bool theirs = body.is_object() && body.value("status", Json()) == name_of(state);
        result.said = theirs ? std::string("published ") + name_of(state) : result.said;
        if (!theirs) result.took = Took::retry;
    }
    if ((answer.status == 420 || answer.status == 429) && !result.retry_after) result.retry_after = wait_after_420;
    return result;
}

std::unique_ptr<Channel> make_statuspage_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Statuspage>(std::move(armed), std::move(house));
}

}  // namespace serin
