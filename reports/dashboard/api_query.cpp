// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_query.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/names.hpp"
#include "reports/formats/moment.hpp"

namespace serin {

namespace {

constexpr std::size_t longest_value = 4096;

constexpr std::string_view verdict_words = "pass degraded fail error skipped aborted";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

Result<void> check_word(const std::string& word, std::string_view known, const std::string& what) {
    const std::vector<std::string> all = listed_words(known);
    if (std::ranges::find(all, word) != all.end()) return {};
    return fail("unknown " + what + " `" + clipped(word, 60) + "`", did_you_mean(word, all, what + "s"));
}

Result<void> read_verdicts(const std::string& value, ApiQuery& query) {
    Result<std::vector<std::string>> verdicts = chosen_words(value, verdict_words, "verdict");
    if (!verdicts) return std::unexpected(verdicts.error());
    query.filter.verdicts = *std::move(verdicts);
    return {};
}

Result<void> read_status(const std::string& value, ApiQuery& query) {
    query.failed = value == "fail";
    return check_word(value, "ok fail", "status");
}

Result<void> read_limit(const std::string& value, ApiQuery& query) {
    int limit = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
    if (error != std::errc() || end != value.data() + value.size() || limit < 1 || limit > 1000)
        return fail("`limit` is `" + clipped(value, 60) + "`", "write a whole number from 1 to 1000");
    query.page.limit = limit;
    return {};
}

Result<void> read_counts(const std::string& value, ApiQuery& query) {
    if (value != "true" && value != "false")
        return fail("`counts` is `" + clipped(value, 60) + "`", "write true or false");
    query.counts = value == "true";
    return {};
}

Result<void> read_time(const std::string& key, const std::string& value, Wall now, ApiQuery& query) {
    const Result<Wall> at = parse_moment(value, now);
    if (!at) {
        const std::string plus = value.find(' ') == std::string::npos ? "" : "; a `+` is written %2B in an address";
        return fail("`" + key + "`: " + at.error().title, at.error().remedy + plus);
    }
    (key == "from" ? query.filter.from : query.filter.until) = *at;
    return {};
}

Result<void> read_pair(const std::string& key, std::string value, Wall now, ApiQuery& query) {
    static const std::map<std::string, std::string StoreFilter::*, std::less<>> texts{
        {"probe", &StoreFilter::probe},   {"vantage", &StoreFilter::vantage},
        {"target", &StoreFilter::target}, {"profile", &StoreFilter::profile},
        {"cell", &StoreFilter::cell},     {"failure_class", &StoreFilter::failure_class},
        {"run_id", &StoreFilter::run_id}, {"nonce", &StoreFilter::nonce},
        {"state", &StoreFilter::state}};
    if (value.empty()) return fail("`" + key + "` is empty", "leave it out to see all");
    if (const auto text = texts.find(key); text != texts.end()) {
        query.filter.*(text->second) = std::move(value);
        return {};
    }
    if (key == "limit") return read_limit(value, query);
    if (key == "verdict") return read_verdicts(value, query);
    if (key == "status") return read_status(value, query);
    if (key == "service" || key == "by") {
        (key == "by" ? query.by : query.service) = std::move(value);
        return {};
    }
    if (key == "counts") return read_counts(value, query);
    if (key == "from" || key == "until") return read_time(key, value, now, query);
    query.page.cursor = std::move(value);
    return {};
}

}  // namespace

Result<std::vector<std::string>> chosen_words(const std::string& value, std::string_view known,
                                              const std::string& what) {
    std::vector<std::string> chosen;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find(',', at), value.size());
        const std::string word = value.substr(at, end - at);
        if (const auto fine = check_word(word, known, what); !fine) return std::unexpected(fine.error());
        if (std::ranges::find(chosen, word) == chosen.end()) chosen.push_back(word);
        at = end + 1;
    }
    return chosen;
}

std::vector<std::string> listed_words(std::string_view list) {
    std::vector<std::string> all;
    while (!list.empty()) {
        const std::string_view word = list.substr(0, list.find(' '));
        if (!word.empty()) all.emplace_back(word);
        list.remove_prefix(std::min(word.size() + 1, list.size()));
    }
    return all;
}

Result<std::string> decoded(std::string_view text, Plus plus) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2]))
            return fail("the address holds a `%` that starts no escape", "write a percent sign as %25");
    }
    std::string value = percent_decode(text, plus);
    if (!valid_utf8(value)) return fail("the address holds bytes that are no UTF-8", "escape names as UTF-8");
    if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return fail("the address holds a control character", "no name has any");
    return value;
}

Result<ApiQuery> read_query(std::string_view target, std::string_view allowed, Wall now) {
    ApiQuery query;
    const std::vector<std::string> known = listed_words(allowed);
    std::vector<std::string> seen;
    const auto question = target.find('?');
    std::string_view rest = question == std::string_view::npos ? "" : target.substr(question + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const Result<std::string> key = decoded(pair.substr(0, equals), Plus::blank);
        if (!key) return std::unexpected(key.error());
        Result<std::string> value = decoded(pair.substr(std::min(equals + 1, pair.size())), Plus::blank);
        if (!value) return std::unexpected(value.error());
        if (std::ranges::find(known, *key) == known.end())
            return fail("unknown parameter `" + clipped(*key, 60) + "`",
                        known.empty() ? "this address takes none" : did_you_mean(*key, known, "parameters"));
        if (std::ranges::find(seen, *key) != seen.end())
            return fail("`" + *key + "` is given twice", "once is enough; several verdicts stand in one list");
        seen.push_back(*key);
        if (value->size() > longest_value)
            return fail("`" + *key + "` is too long", "at most " + std::to_string(longest_value) + " bytes");
        if (const auto read = read_pair(*key, std::move(*value), now, query); !read)
            return std::unexpected(read.error());
    }
    return query;
}

}  // namespace serin
