// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;

constexpr std::size_t said_bytes = 400;
/// Notices of which some recipients still wait.
constexpr std::size_t max_unfinished = 256;

bool for_now(int code) {
    return code >= 400 && code < 500;
}
bool for_good(int code) {
    return code >= 500;
}

std::string refusals_in_words(const MailReply& reply) {
    std::string words;
    for (const MailReply::Refused& each : reply.refused)
        words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", each.recipient, each.said);
    return words;
}

/// Of an exchange that nobody's mail came out of.
Took took_of_failure(const MailReply& reply) {
    if (reply.unusable || reply.no_tls) return Took::broken;
    if (reply.login_denied) return for_now(reply.code) ? Took::retry : Took::broken;
    if (!for_good(reply.code)) return Took::retry;
    switch (reply.phase) {
        case MailPhase::recipients:
            return std::ranges::any_of(reply.refused, [](const auto& each) { return for_now(each.code); })
                       ? Took::retry
                       : Took::refused;
        case MailPhase::data:
        case MailPhase::receipt:
            return Took::refused;  // this message; another may do (a word that looks like spam)
        default:
            return Took::broken;  // the server, our login or our sender: all mail ends like this
    }
}

class MailChannel final : public Channel {
public:
    MailChannel(ArmedChannel armed, const ChannelHouse& house) : armed_(std::move(armed)), house_(house) {}

    [[nodiscard]] const std::string& name() const override { return armed_.config.name; }
    [[nodiscard]] Duration timeout() const override { return armed_.config.timeout; }
    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = false, .provable = true, .updates = false, .needs_refresh = false, .pages = true};
    }
    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override;
    asio::awaitable<SendResult> read_back(const Notice& notice, Deadline deadline) override;

private:
    [[nodiscard]] Deadline whole(Deadline deadline) const {
        return earliest(deadline, deadline_after(house_.clock.now(), armed_.config.timeout));
    }
    [[nodiscard]] MailServer server() const;
    [[nodiscard]] Route route() const {
        return {.tls = armed_.config.tls, .proxy = armed_.config.proxy, .resolve = {}, .connect_to = {}};
    }
    [[nodiscard]] std::vector<std::string> recipients_of(const std::string& notice_id) const;
    void remember_rest(const std::string& notice_id, const MailReply& reply);
    [[nodiscard]] std::string polished(const std::string& said) const {
        return one_line(house_.redactor.redact(said), said_bytes);
    }

    ArmedChannel armed_;
    ChannelHouse house_;
    std::map<std::string, std::vector<std::string>> unfinished_;  ///< notice → recipients put off by the server
};

MailServer MailChannel::server() const {
    MailServer server;
    if (!armed_.urls.empty()) server.url = armed_.urls.front().reveal();
    server.route = route();
    server.user = armed_.user.reveal();
    server.password = armed_.password.reveal();
    return server;
}

std::vector<std::string> MailChannel::recipients_of(const std::string& notice_id) const {
    if (const auto rest = unfinished_.find(notice_id); rest != unfinished_.end()) return rest->second;
    std::vector<std::string> all;
    for (const std::string& each : armed_.config.to) all.push_back(address_of(each));
    return all;
}

/// The others have it: they are not told twice. Forgotten over a restart, when a copy is better than a gap.
void MailChannel::remember_rest(const std::string& notice_id, const MailReply& reply) {
    if (!reply.taken) return;
    std::vector<std::string> rest;
    for (const MailReply::Refused& each : reply.refused) {
        if (for_now(each.code)) rest.push_back(each.recipient);
    }
    unfinished_.erase(notice_id);
    if (rest.empty()) return;
    if (unfinished_.size() >= max_unfinished) unfinished_.erase(unfinished_.begin());
    unfinished_[notice_id] = std::move(rest);
}

asio::awaitable<SendResult> MailChannel::send(const Notice& notice, Deadline deadline) {
    const ChannelConfig& config = armed_.config;
    const NoticeWords words = words_of(notice, config, house_.evaluator, house_.external_url, house_.clock.wall());
    MailRequest request;
    request.server = server();
    request.from = address_of(config.from);
    request.to = recipients_of(notice.id);
    request.message = mail_message(notice, words, config.from, config.to);
    request.deadline = whole(deadline);
    const bool others_have_it = unfinished_.contains(notice.id);
    const MailReply reply = co_await send_mail(request);

    remember_rest(notice.id, reply);
    const Took proof = config.imap_url.empty() ? Took::proven : Took::accepted;
    SendResult result = judge_mail(reply, proof);
    if (result.took == Took::refused && others_have_it) {
        unfinished_.erase(notice.id);
        result.took = proof;
        result.said = "taken for the others, but not for " + result.said;
    }
    result.said = polished(result.said);
    result.reference = message_id_of(notice.id, config.from);
    co_return result;
}

asio::awaitable<SendResult> MailChannel::read_back(const Notice& notice, Deadline deadline) {
    const ChannelConfig& config = armed_.config;
    SendResult result;
    result.took = Took::accepted;
    result.reference = message_id_of(notice.id, config.from);
    if (config.imap_url.empty()) {
        result.said = "no mailbox is configured to look into";
        co_return result;
    }
    MailServer mailbox;
    mailbox.url = config.imap_url;
    mailbox.route = route();
    mailbox.user = armed_.imap_user.reveal();
    mailbox.password = armed_.imap_password.reveal();
    const MailSearch search = co_await find_mail(mailbox, result.reference, whole(deadline));
    if (search.found) result.took = Took::proven;
    result.said = search.found ? "found in the mailbox"
                               : polished(search.answered ? "not in the mailbox yet" : "no mailbox: " + search.said);
    co_return result;
}

}  // namespace

SendResult judge_mail(const MailReply& reply, Took proof) {
    SendResult result;
    if (!reply.taken) {
        result.took = took_of_failure(reply);
        result.said = reply.said;
        if (reply.phase == MailPhase::recipients && !reply.refused.empty()) result.said = refusals_in_words(reply);
        return result;
    }
    const bool some_wait = std::ranges::any_of(reply.refused, [](const auto& each) { return for_now(each.code); });
    result.took = some_wait ? Took::retry : proof;
    result.said = reply.said;
    if (!reply.refused.empty()) result.said += "; but not for " + refusals_in_words(reply);
    return result;
}

std::unique_ptr<Channel> make_mail_channel(ArmedChannel armed, const ChannelHouse& house) {
    return std::make_unique<MailChannel>(std::move(armed), house);
}

}  // namespace serin
