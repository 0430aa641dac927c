// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/slack.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/ascii.hpp"
#include "core/names.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

constexpr std::size_t longest_section = 2900;                   // bytes; Slack takes 3000 characters
constexpr std::size_t longest_name = 150, longest_link = 1300;  // bytes in the last line; escaping makes names longer
constexpr std::size_t most_incidents = 1000, most_in_doubt = 1000;
constexpr std::size_t longest_said = 100;  // bytes, when words of ours follow
constexpr std::string_view in_doubt = "; it may have been posted";
constexpr Duration wait_after_429 = std::chrono::seconds(5);

Json mrkdwn(std::string text) {
    return {{"type", "mrkdwn"}, {"text", std::move(text)}};
}

/// Escaped and short enough, never cut within an escape.
std::string section_text(std::string_view text) {
    std::string fitting = slack_escaped(text);
    for (std::size_t room = longest_section; fitting.size() > longest_section; room -= 200)
        fitting = slack_escaped(clipped(text, room));
    return fitting;
}

class Slack final : public HttpChannel {
public:
    Slack(ArmedChannel armed, ChannelHouse house) : HttpChannel(std::move(armed), std::move(house)) {}

    [[nodiscard]] ChannelTraits traits() const override { return {}; }

    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override {
        if (const std::string objection = manners_.objection(notice, house_.clock.wall()); !objection.empty())
            co_return result(Took::accepted, objection);
        const std::optional<Duration> wait = co_await take_turn(budget_, house_.clock, deadline);
        if (wait) co_return held_back(*wait);
        HttpAsk post{.url = armed_.urls.front().reveal(),
                     .headers = {{"Content-Type", "application/json"}},
                     .body = slack_message(notice, words(notice, house_.clock.wall()), link(notice))};
        const Answer answer = co_await ask(std::move(post), deadline);
        SendResult taken = doubts_.settle(notice.id, answer, slack_result(answer, house_.redactor));
        if (taken.took == Took::accepted) manners_.posted(notice, house_.clock.wall());
        co_return taken;
    }

private:
    SlackManners manners_{};
    SlackDoubts doubts_{};
    std::shared_ptr<CallBudget> budget_ = std::make_shared<CallBudget>(1, std::chrono::seconds(1));
};

}  // namespace

std::string slack_escaped(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string slack_message(const Notice& notice, const NoticeWords& words, const std::string& link) {
    const Incident& incident = notice.incident;
    Json blocks = Json::array();
    blocks.push_back({{"type", "section"}, {"text", mrkdwn("*" + section_text(words.title) + "*")}});
    if (!words.text.empty()) blocks.push_back({{"type", "section"}, {"text", mrkdwn(section_text(words.text))}});
    std::string foot = slack_escaped(name_of(notice.kind)) + " · " + name_of(incident.severity) + " · " +
                       slack_escaped(one_line(incident.service, longest_name)) + " · " +
                       slack_escaped(one_line(incident.id, longest_name));
    const std::string address = slack_escaped(link);
    const bool linkable =
        link.starts_with("http") && address.size() <= longest_link && link.find_first_of("|<> ") == std::string::npos;
    if (linkable) foot += " · <" + address + "|details>";
    blocks.push_back({{"type", "context"}, {"elements", Json::array({mrkdwn(std::move(foot))})}});
    return json_text({{"text", section_text(words.title)}, {"blocks", std::move(blocks)}});
}

SendResult slack_result(const Answer& answer, const Redactor& redactor) {
    SendResult result = result_of(answer, redactor, Took::accepted);
    const std::string_view said = trimmed(answer.body);
    if (answer.status == 200 && said == "ok") return result;
    if (answer.good()) result.took = Took::retry;  // not Slack's own word
    constexpr std::array<std::string_view, 10> gone{"invalid_token",
                                                    "no_service",
                                                    "no_service_id",
                                                    "no_team",
                                                    "team_disabled",
                                                    "channel_not_found",
                                                    "channel_is_archived",
                                                    "action_prohibited",
                                                    "posting_to_general_channel_denied",
                                                    "user_not_found"};
    if (answer.status != 0 && std::ranges::find(gone, said) != gone.end()) result.took = Took::broken;
    if (answer.status == 429 && !result.retry_after) result.retry_after = wait_after_429;
    return result;
}

std::string SlackManners::objection(const Notice& notice, Wall now) const {
    const auto found = incidents_.find(notice.incident.id);
    const Posted* before = found == incidents_.end() ? nullptr : &found->second;
    if (notice.kind == NoticeKind::changed) {
        // After a restart nobody knows what was posted: then only a page is worth a second post.
        const bool worse = before != nullptr && notice.incident.severity > before->severity;
        return worse || notice.page ? "" : "not posted: a change is not worth a post of its own";
    }
    if (notice.kind != NoticeKind::repeated || before == nullptr || before->waves != notice.incident.waves) return "";
    if (before->reminders >= most_reminders) return "not posted: enough reminders of this incident";
    if (before->reminders > 0 && now < before->reminded_at + between_reminders)
        return "not posted: the last reminder was less than 15 min ago";
    return "";
}

void SlackManners::posted(const Notice& notice, Wall now) {
    Posted& posted = incidents_[notice.incident.id];
    posted.severity = notice.incident.severity;
    posted.order = ++last_;
    if (posted.waves != notice.incident.waves) posted.reminders = 0;
    posted.waves = notice.incident.waves;
    if (notice.kind == NoticeKind::repeated) {
        ++posted.reminders;
        posted.reminded_at = now;
    }
    if (incidents_.size() <= most_incidents) return;
    const auto oldest = [](const auto& a, const auto& b) { return a.second.order < b.second.order; };
    incidents_.erase(std::ranges::min_element(incidents_, oldest));
}

SendResult SlackDoubts::settle(const std::string& notice_id, const Answer& answer, SendResult result) {
    const bool doubtful = answer.maybe_taken || answer.good();
    if (result.took != Took::retry) posts_.erase(notice_id);
    if (result.took != Took::retry || !doubtful) return result;
    if (posts_.size() >= most_in_doubt && !posts_.contains(notice_id)) posts_.erase(posts_.begin());
    const int posts = ++posts_[notice_id];
    result.said = clipped(result.said, longest_said).append(in_doubt);
    if (posts < most_posts) return result;
    posts_.erase(notice_id);
    result.took = Took::refused;
    result.said += ", and is not posted again";
    result.retry_after.reset();
    return result;
}

std::unique_ptr<Channel> make_slack_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Slack>(std::move(armed), std::move(house));
}

}  // namespace serin
