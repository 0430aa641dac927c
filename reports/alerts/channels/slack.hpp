// SPDX-License-Identifier: Apache-2.0
// Slack incoming webhooks: no ids, no dedup, no edit. So one post when an incident opens, one when it is resolved, and
// a bounded number of reminders; success is a 200 whose body is `ok`, and nothing ever proves that somebody saw it.
//
// A post whose answer does not come may have been shown all the same, and each further one may be shown again. So such
// a notice is posted ten times at most, by the outbox's schedule some eight minutes: a copy is better than a gap. Then
// it is refused, and nobody reads a day of copies because Slack is slow.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// `&`, `<` and `>` as Slack wants them: what a target said can neither mention anybody nor make a link.
[[nodiscard]] std::string slack_escaped(std::string_view text);
/// `text` for notifications, `blocks` for the message, within the limits of Block Kit: 3000 characters a text, 10
/// elements, 50 blocks.
[[nodiscard]] std::string slack_message(const Notice& notice, const NoticeWords& words, const std::string& link);
/// accepted: 200 and `ok`. Words that say the webhook itself is gone: broken, whatever the status.
[[nodiscard]] SendResult slack_result(const Answer& answer, const Redactor& redactor);

/// What is posted and what is held back. Pure.
class SlackManners {
public:
    static constexpr Duration between_reminders = std::chrono::minutes(15);
    static constexpr int most_reminders = 12;  ///< of one wave
    /// "" : post it; else why not. Counts nothing.
    [[nodiscard]] std::string objection(const Notice& notice, Wall now) const;
    /// It was taken.
    void posted(const Notice& notice, Wall now);

private:
    struct Posted {
        AlertSeverity severity = AlertSeverity::info;
        Wall reminded_at{};
        int reminders = 0, waves = 0;
        std::uint64_t order = 0;
    };
    std::map<std::string, Posted> incidents_{};
    std::uint64_t last_ = 0;
};

/// What becomes of a post that may have been shown although nobody said so: no answer to a request that had left, or a
/// 2xx that is not Slack's own. Forgotten over a restart, when a copy is better than a gap. Pure.
class SlackDoubts {
public:
    static constexpr int most_posts = 10;  ///< of one notice, counting those in doubt
    /// `result`, or refused after the last.
    [[nodiscard]] SendResult settle(const std::string& notice_id, const Answer& answer, SendResult result);

private:
    std::map<std::string, int> posts_{};  ///< in doubt, of each notice
};

[[nodiscard]] std::unique_ptr<Channel> make_slack_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
