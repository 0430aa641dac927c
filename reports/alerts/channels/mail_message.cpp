// SPDX-License-Identifier: Apache-2.0
// The form of a mail: RFC 5322, with MIME (RFC 2045) for whatever is not ASCII.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/ascii.hpp"
#include "core/secret.hpp"
#include "core/utf8.hpp"
#include "reports/alerts/channels/mail.hpp"

namespace serin {
namespace {

/// RFC 2045 §6.7 rule 5: of an encoded line, the soft break included.
constexpr std::size_t quoted_line = 76;
/// Of bytes in one encoded word: 39 are 52 of base64 and 64 with what stands around them, so that also the line with
/// "Subject: " stays within 76 (RFC 2047 §2).
constexpr std::size_t word_bytes = 39;
constexpr std::size_t header_line = 76;

bool is_visible_ascii(char c) {
    return c > ' ' && c < 0x7f;
}
bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

/// What a word of an id may hold (RFC 5322 §3.2.3), dots included; other bytes become "_".
std::string id_text(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (!is_alphanumeric(c) && c != '.' && c != '-' && c != '_') c = '_';
    }
    return out;
}

std::string domain_of(const std::string& from) {
    const std::string address = address_of(from);
    const std::size_t at = address.rfind('@');
    const std::string domain = at == std::string::npos ? "" : id_text(address.substr(at + 1));
    return domain.empty() ? "serin.invalid" : domain;
}

/// RFC 2047 where it has to be, folded either way (RFC 5322 §2.2.3). `used`: what stands on the line already.
std::string header_text(std::string_view text, std::size_t used) {
    std::string out;
    if (is_ascii(text) && text.find("=?") == std::string_view::npos) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at + 1), text.size());
            if (used + end - at > header_line && text[at] == ' ' && end > at + 1 && !out.empty()) {
                out += "\r\n";
                used = 0;
            }
            out += text.substr(at, end - at);
            used += end - at;
            at = end;
        }
        return out;
    }
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = 0;
        while (at + size < text.size()) {  // each word is whole characters (RFC 2047 §5)
            const std::size_t next = code_point_at(text, at + size).bytes;
            if (size + next > word_bytes) break;
            size += next;
        }
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + base64(text.substr(at, size)) + "?=";
        at += size;
    }
    return out;
}

/// "Name <address>" with the name as it may stand in a header.
std::string mailbox_text(const std::string& mailbox) {
    const std::size_t angle = mailbox.rfind('<');
    const std::string address = address_of(mailbox);
    if (angle == std::string::npos) return address;
    std::string name = one_line(trimmed(std::string_view(mailbox).substr(0, angle)), 100);
    std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
    if (name.empty()) return "<" + address + ">";
    return (is_ascii(name) ? "\"" + name + "\"" : header_text(name, 0)) + " <" + address + ">";
}

/// RFC 5322 §3.3, in UTC.
std::string date_text(Wall at) {
    static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(seconds - day);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

/// Quoted-printable (RFC 2045 §6.7) of a text with "\n" line ends.
std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t line = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += "\r\n";
            line = 0;
            continue;
        }
        const bool at_end = i + 1 == text.size() || text[i + 1] == '\n';
        const bool blank = c == ' ' || c == '\t';  // relays may eat it at the end of a line
        const bool plain = (is_visible_ascii(c) && c != '=') || (blank && !at_end);
        const std::size_t size = plain ? 1 : 3;
        if (line + size > quoted_line - (at_end ? 0 : 1)) {
            out += "=\r\n";
            line = 0;
        }
        if (plain) {
            out += c;
        } else {
            out += fmt::format("={:02X}", static_cast<unsigned char>(c));
        }
        line += size;
    }
    return out;
}

}  // namespace

std::string address_of(const std::string& mailbox) {
    const std::size_t open = mailbox.rfind('<');
    const std::size_t close = mailbox.find('>', open == std::string::npos ? 0 : open);
    std::string address = open == std::string::npos ? mailbox : mailbox.substr(open + 1, close - open - 1);
    std::erase_if(address, [](char c) { return !is_visible_ascii(c) || c == '<' || c == '>' || c == ','; });
    return address;
}

std::string message_id_of(const std::string& notice_id, const std::string& from) {
    return "<" + id_text(notice_id) + "@" + domain_of(from) + ">";
}

std::string mail_message(const Notice& notice, const NoticeWords& words, const std::string& from,
                         const std::vector<std::string>& to) {
    const Incident& incident = notice.incident;
    const std::string thread = message_id_of(incident.id, from);
    std::string message;
    const auto header = [&message](std::string_view name, std::string_view value) {
        message.append(name).append(": ").append(value).append("\r\n");
    };
    header("Date", date_text(notice.made_at));
    header("From", mailbox_text(from));
    std::string recipients;
    for (const std::string& each : to) recipients += (recipients.empty() ? "" : ",\r\n ") + mailbox_text(each);
    header("To", recipients);
    header("Message-ID", message_id_of(notice.id, from));
    if (notice.kind != NoticeKind::opened) header("In-Reply-To", thread);
    header("References", thread);
    header("Subject", header_text(one_line(words.title, 400), std::string_view("Subject: ").size()));
    header("Auto-Submitted", "auto-generated");  // RFC 3834 §5: or answering machines would answer
    if (notice.page) header("Importance", "high");
    header("X-Serin-Incident", id_text(incident.id));
    header("X-Serin-Notice", name_of(notice.kind));
    if (incident.drill) header("X-Serin-Drill", "yes");
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=utf-8");
    header("Content-Transfer-Encoding", "quoted-printable");
    message += "\r\n" + quoted_printable(clean_lines(words.text, 64 << 10));
    if (!message.ends_with("\r\n")) message += "\r\n";
    return message;
}

}  // namespace serin
