// SPDX-License-Identifier: Apache-2.0
// Internal to reports/dashboard: questions to the store on its own thread, and pages of what is in memory.
#pragma once
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/loop_thread.hpp"
#include "reports/dashboard/api_answers.hpp"
#include "reports/dashboard/api_handlers.hpp"

namespace serin {

/// What the store answers, or the answer to give instead of it.
template <class Value>
struct Reading {
    std::optional<Value> value;
    std::optional<ServerResponse> refusal;
};

[[nodiscard]] ServerResponse too_many_reads();
/// The store could not answer: our fault, and nothing that the client could write better.
[[nodiscard]] ServerResponse store_fault(const Error& error);

/// Runs `question` on the reader's thread; it must own what it looks at.
template <class Value>
boost::asio::awaitable<Reading<Value>> ask_reader(ApiHouse& house, std::function<Result<Value>()> question) {
    Reading<Value> reading;
    if (house.waiting_reads >= house.parts.max_waiting_reads) {
        reading.refusal = too_many_reads();
        co_return reading;
    }
    struct Waiting {
        explicit Waiting(std::size_t& number) : number_(number) { ++number_; }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting() { --number_; }

    private:
        std::size_t& number_;
    };
    const Waiting waiting(house.waiting_reads);
    Result<Value> answer = fail("nobody was asked");
    std::function<void()> work = [&answer, &question] { answer = question(); };
    co_await run_on(house.parts.reader_executor, std::move(work));
    if (answer) {
        reading.value = std::move(*answer);
    } else {
        reading.refusal = store_fault(answer.error());
    }
    co_return reading;
}

/// Asks the store.
template <class Value>
boost::asio::awaitable<Reading<Value>> ask_store(ApiHouse& house, std::function<Result<Value>(StoreReader&)> question) {
    StoreReader& reader = house.parts.reader;
    return ask_reader<Value>(house, [asked = std::move(question), &reader] { return asked(reader); });
}

/// 404: serin.yaml sets up no alerting.
[[nodiscard]] ServerResponse no_alerting();

/// Asks the alert database; no_alerting() without one.
template <class Value>
boost::asio::awaitable<Reading<Value>> ask_alerts(ApiHouse& house,
                                                  std::function<Result<Value>(AlertReader&)> question) {
    if (house.parts.alert_reader == nullptr) {
        Reading<Value> reading;
        reading.refusal = no_alerting();
        co_return reading;
    }
    AlertReader& reader = *house.parts.alert_reader;
    std::function<Result<Value>()> work = [&question, &reader] { return question(reader); };
    co_return co_await ask_reader<Value>(house, std::move(work));
}

/// 400 for a cursor that was not made for a list of these `kinds` (reader_query.hpp).
[[nodiscard]] std::optional<ServerResponse> refuse_cursor(const std::string& cursor, std::string_view kinds);

/// Where a list that is made anew for each request goes on: after the row with this sort key.
[[nodiscard]] std::string cursor_after(char kind, const std::string& sort_key);
[[nodiscard]] std::string sort_key_of(const std::string& cursor, char kind);

/// One page of `rows`, which are sorted by `sort_key_of_row`. `cursor` was accepted by refuse_cursor().
template <class Row, class SortKey>
Page<Row> page_of(std::vector<Row> rows, const PageRequest& request, char kind, SortKey sort_key_of_row) {
    Page<Row> page;
    auto first = rows.begin();
    if (!request.cursor.empty()) {
        const std::string after = sort_key_of(request.cursor, kind);
        first = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return sort_key_of_row(row) > after; });
    }
    for (; first != rows.end(); ++first) {
        if (std::ssize(page.rows) == request.limit) {
            page.next_cursor = cursor_after(kind, sort_key_of_row(page.rows.back()));
            break;
        }
        page.rows.push_back(std::move(*first));
    }
    return page;
}

}  // namespace serin
