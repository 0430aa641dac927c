// SPDX-License-Identifier: Apache-2.0
#include "reports/store/reader_query.hpp"

#include <fmt/format.h>

#include <charconv>

namespace serin {
namespace {

constexpr std::size_t longest_cursor = 4096;

/// FNV-1a (Fowler, Noll, Vo), 32 bits: a typing mistake is found, a forger is not kept out. There is nothing to win:
/// a cursor only says where to go on.
std::uint32_t check_sum(std::string_view text) {
    std::uint32_t sum = 2'166'136'261U;
    for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619U;
    return sum;
}

std::string hex(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::optional<std::string> unhex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        unsigned value = 0;
        const char* const begin = text.data() + at;
        const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
        if (error != std::errc() || end != begin + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    return bytes;
}

/// Takes a number and the blank after it off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return value;
}

std::optional<Mark> parse_mark(std::string_view cursor) {
    if (cursor.size() > longest_cursor || !cursor.starts_with("1")) return std::nullopt;
    const std::optional<std::string> whole = unhex(cursor.substr(1));
    if (!whole || whole->size() < 9) return std::nullopt;
    const std::string_view body = std::string_view(*whole).substr(8);
    if (whole->substr(0, 8) != fmt::format("{:08x}", check_sum(body))) return std::nullopt;
    std::string_view rest = body.substr(1);
    const auto at = take_number(rest);
    const auto length = at ? take_number(rest) : std::nullopt;
    if (!length || *length < 0 || static_cast<std::size_t>(*length) > rest.size()) return std::nullopt;
    const auto split = static_cast<std::size_t>(*length);
    return Mark{.kind = body.front(),
                .at = *at,
                .first = std::string(rest.substr(0, split)),
                .second = std::string(rest.substr(split))};
}

}  // namespace

Query& Query::add(std::string_view sql, std::initializer_list<Value> values) {
    sql_ += sql;
    values_.insert(values_.end(), values);
    return *this;
}

Query& Query::add_list(std::string_view sql, const std::vector<std::string>& values) {
    const std::size_t place = sql.find('%');
    sql_ += sql.substr(0, place);
    for (std::size_t i = 0; i < values.size(); ++i) sql_ += i == 0 ? "?" : ",?";
    sql_ += sql.substr(place + 1);
    values_.insert(values_.end(), values.begin(), values.end());
    return *this;
}

Query& Query::append(const Query& other) {
    sql_ += other.sql_;
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    return *this;
}

Result<Statement> Query::prepare(Database& database) const {
    Result<Statement> statement = database.prepare(sql_);
    if (!statement) return statement;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        std::visit([&](const auto& value) { statement->bind(static_cast<int>(i) + 1, value); }, values_[i]);
    }
    return statement;
}

Conditions& Conditions::require(std::string_view sql, std::initializer_list<Query::Value> values) {
    begin();
    query_.add(sql, values);
    return *this;
}

Conditions& Conditions::require_list(std::string_view sql, const std::vector<std::string>& values) {
    begin();
    query_.add_list(sql, values);
    return *this;
}

Conditions& Conditions::require(std::string_view before, const Query& inner, std::string_view after) {
    begin();
    query_.add(before).append(inner).add(after);
    return *this;
}

bool names_cells(const StoreFilter& filter) {
    return !(filter.probe.empty() && filter.vantage.empty() && filter.target.empty() && filter.profile.empty() &&
             filter.cell.empty());
}

Query cells_query(const StoreFilter& filter) {
    Conditions named;
    if (!filter.probe.empty()) named.require("probe = ?", {filter.probe});
    if (!filter.vantage.empty()) named.require("vantage = ?", {filter.vantage});
    if (!filter.target.empty()) named.require("target = ?", {filter.target});
    if (!filter.profile.empty()) named.require("profile = ?", {filter.profile});
    if (!filter.cell.empty()) named.require("cell = ?", {filter.cell});
    return Query("SELECT cell_id FROM cells").append(named.query());
}

CellKey key_at(const Statement& row, int first) {
    const auto text = [&](int offset) { return std::string(row.text(first + offset)); };
    return {.probe = text(0), .vantage = text(1), .target = text(2), .profile = text(3), .cell = text(4)};
}

std::string cursor_of(const Mark& mark) {
    const std::string body =
        fmt::format("{}{} {} {}{}", mark.kind, mark.at, mark.first.size(), mark.first, mark.second);
    return "1" + hex(fmt::format("{:08x}", check_sum(body)) + body);
}

Result<std::optional<Mark>> mark_of(std::string_view cursor, std::string_view kinds) {
    if (cursor.empty()) return std::optional<Mark>();
    std::optional<Mark> mark = parse_mark(cursor);
    if (!mark)
        return fail("the cursor is none that this program made", "take `next_cursor` of the page before as it is");
    if (kinds.find(mark->kind) == std::string_view::npos)
        return fail("the cursor belongs to another list", "take `next_cursor` of the page before, of the same list");
    return mark;
}

Result<void> check_limit(int limit) {
    if (limit >= 1 && limit <= 1000) return {};
    return fail(fmt::format("a page of {} rows", limit), "between 1 and 1000");
}

}  // namespace serin
