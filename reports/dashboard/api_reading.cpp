// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_reading.hpp"

#include "reports/store/reader_query.hpp"

namespace serin {

ServerResponse too_many_reads() {
    ServerResponse response =
        error_answer(503, "too many questions to the store wait for their answer", "ask again in a moment");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

ServerResponse store_fault(const Error& error) {
    return error_answer(503, "the store cannot answer: " + error.title, error.remedy);
}

ServerResponse no_alerting() {
    return error_answer(404, "this daemon does not alert", "`alerts:` in serin.yaml sets it up");
}

std::optional<ServerResponse> refuse_cursor(const std::string& cursor, std::string_view kinds) {
    const auto mark = mark_of(cursor, kinds);
    return mark ? std::nullopt : std::optional(error_answer(400, mark.error()));
}

std::string cursor_after(char kind, const std::string& sort_key) {
    return cursor_of({.kind = kind, .at = 0, .first = sort_key, .second = {}});
}

std::string sort_key_of(const std::string& cursor, char kind) {
    const auto mark = mark_of(cursor, std::string(1, kind));
    return mark && *mark ? (*mark)->first : std::string();
}

}  // namespace serin
