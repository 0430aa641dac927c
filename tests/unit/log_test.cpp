// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/names.hpp"
#include "runner/serve/log_line.hpp"
#include "runner/serve/log_rate.hpp"

namespace serin::test {

using namespace std::chrono_literals;

namespace {

const Wall some_time{1'795'309'323'004ms};  // 2026-11-22T01:02:03.004Z

std::string text(std::string_view event, std::string_view message, const LogFields& fields = {}) {
    return text_line({.at = some_time, .level = LogLevel::info, .event = event, .message = message, .fields = fields});
}

std::string json(std::string_view event, std::string_view message, const LogFields& fields = {}) {
    return json_line({.at = some_time, .level = LogLevel::info, .event = event, .message = message, .fields = fields});
}

/// A log into memory, at a time that only the test moves.
class Captured {
public:
    explicit Captured(LogOptions options = {}) {
        stream_ = open_memstream(&bytes_, &size_);
        REQUIRE(stream_ != nullptr);
        options.to = stream_;
        options.now = [this] { return Wall(Duration(time_.load())); };
        log_ = std::make_unique<ProcessLog>(options);
    }
    ~Captured() {
        close();
        std::free(bytes_);
    }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;

    ProcessLog& log() { return *log_; }
    void pass(Duration d) { time_ += d.count(); }
    /// Ends the log; the lines that it wrote.
    std::vector<std::string> lines() {
        close();
        std::vector<std::string> all;
        std::string_view rest(bytes_, size_);
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            REQUIRE(end != std::string_view::npos);  // no half line
            all.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        return all;
    }

private:
    void close() {
        log_.reset();
        if (stream_ != nullptr) std::fclose(std::exchange(stream_, nullptr));
    }

    char* bytes_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* stream_ = nullptr;
    std::atomic<std::int64_t> time_{some_time.time_since_epoch().count()};
    std::unique_ptr<ProcessLog> log_;
};

}  // namespace

TEST_CASE("a line of text has time and level and event and fields and the message last") {
    CHECK(text("config_reloaded", "two probes are new", {{"probes", "12"}, {"took", "34ms"}}) ==
          "2026-11-22T01:02:03.004Z info config_reloaded probes=12 took=34ms two probes are new");
    CHECK(text("started", "") == "2026-11-22T01:02:03.004Z info started");
    CHECK(std::string(name_of(LogLevel::debug)) == "debug");
    CHECK(std::string(name_of(LogLevel::warning)) == "warning");
    CHECK(std::string(name_of(LogLevel::error)) == "error");
}

TEST_CASE("a value that is not one plain word is quoted") {
    const auto field = [](const char* value) {
        const std::string line = text("e", "", {{"k", value}});
        return line.substr(line.find("k=") + 2);
    };
    CHECK(field("https://a.example/x?y") == "https://a.example/x?y");
    CHECK(field("") == R"("")");
    CHECK(field("two words") == R"("two words")");
    CHECK(field("a=b") == R"("a=b")");
    CHECK(field(R"(say "hi")") == R"("say \"hi\"")");
    CHECK(field(R"(back\slash)") == R"("back\\slash")");
    CHECK(field("ü") == "\"ü\"");
}

TEST_CASE("no text of a target forges a line or steers a terminal") {
    const std::string evil =
        "ok\n2026-11-22T01:02:03.004Z error forged \x1b[2J\r\x07\x7f\xc2\x9b \xe2\x80\xae \xff\xfe\xc0";
    const std::string line = text("evil event\n", evil, {{"k\ney", evil}, {"\x1b[0m", "v"}});
    CHECK(std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }));
    CHECK(valid_utf8(line));
    CHECK(line.find("\xc2\x9b") == std::string::npos);
    CHECK(line.find("\xe2\x80\xae") == std::string::npos);
    CHECK(line.find(" info evil_event_ k_ey=\"ok") != std::string::npos);
    CHECK(line.find(" __0m=v ") != std::string::npos);

    const std::string object = json("evil event\n", evil, {{"k\ney", evil}});
    CHECK(std::ranges::all_of(object, [](char c) { return c >= ' ' && c < 0x7f; }));
    const auto parsed = nlohmann::json::parse(object);
    CHECK(parsed["event"] == "evil_event_");
    CHECK(parsed["message"].get<std::string>().starts_with("ok\n2026"));
}

TEST_CASE("every byte makes a valid line of JSON") {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        const std::string line = json(one, one + "\xe2\x82" + one, {{one, one}});
        CAPTURE(byte, line);
        REQUIRE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; }));
        REQUIRE(nlohmann::json::accept(line));
    }
}

TEST_CASE("a line of JSON keeps its own members whatever the fields are called") {
    CHECK(
        json("config_reloaded", "done", {{"probes", "12"}}) ==
        R"({"at":"2026-11-22T01:02:03.004Z","level":"info","event":"config_reloaded","message":"done","probes":"12"})");
    const auto parsed = nlohmann::json::parse(
        json("started", "real", {{"event", "forged"}, {"level", "debug"}, {"k", "1"}, {"k", "2"}, {"k", "3"}}));
    CHECK(parsed["event"] == "started");
    CHECK(parsed["event_"] == "forged");
    CHECK(parsed["level"] == "info");
    CHECK(parsed["k"] == "1");
    CHECK(parsed["k_"] == "2");
    CHECK(parsed["k__"] == "3");
}

TEST_CASE("a line is bounded whatever it is given") {
    const std::string huge(100'000, 'x');
    LogFields fields;
    for (int i = 0; i < 40; ++i) fields.emplace_back(huge, huge);
    CHECK(text(huge, huge, fields).size() < 48'000);
    CHECK(json(huge, huge, fields).size() < 48'000);
    CHECK(text("e", huge).ends_with("x… (100000 bytes)"));
}

TEST_CASE("the log writes what is at its level or above") {
    Captured captured({.level = LogLevel::warning});
    captured.log().write(LogLevel::info, "quiet", "", {});
    captured.log().write(LogLevel::warning, "loud", "one", {});
    captured.log().set_level(LogLevel::debug);
    captured.log().write(LogLevel::debug, "detail", "two", {});
    CHECK(captured.lines() == std::vector<std::string>{"2026-11-22T01:02:03.004Z warning loud one",
                                                       "2026-11-22T01:02:03.004Z debug detail two"});
}

TEST_CASE("the log writes JSON when it is told to") {
    Captured captured({.json = true});
    captured.log().write(LogLevel::error, "store_failed", "disk {full}", {{"run_id", "7"}});
    const std::vector<std::string> lines = captured.lines();
    REQUIRE(lines.size() == 1);
    CHECK(nlohmann::json::parse(lines[0])["message"] == "disk {full}");
}

TEST_CASE("an event that comes too often is counted and told once a second") {
    Captured captured({.per_second = 3});
    for (int i = 0; i < 10; ++i) captured.log().write(LogLevel::info, "flood", "", {});
    captured.log().write(LogLevel::info, "other", "", {});  // has a budget of its own
    captured.pass(1s);
    captured.log().write(LogLevel::info, "other", "", {});
    captured.log().write(LogLevel::info, "other", "", {});
    for (int i = 0; i < 5; ++i) captured.log().write(LogLevel::info, "flood", "", {});
    const std::vector<std::string> lines = captured.lines();
    const auto count = [&](std::string_view part) {
        return std::ranges::count_if(lines, [&](const std::string& line) { return line.find(part) != line.npos; });
    };
    CHECK(count("info flood") == 6);
    CHECK(count("info other") == 3);
    REQUIRE(count("log_lines_left_out") == 2);
    CHECK(lines[4].find("warning log_lines_left_out of=flood lines=7") != std::string::npos);
    CHECK(lines.back().find("log_lines_left_out of=flood lines=2") != std::string::npos);  // at the end
}

TEST_CASE("a wall clock that is set back does not silence an event") {
    EventRate rate(1);
    CHECK(rate.allow("e", some_time));
    CHECK_FALSE(rate.allow("e", some_time));
    CHECK(rate.allow("e", some_time - 1h));
    CHECK(rate.allow("e", Wall(-5s)));
}

TEST_CASE("more event words than there are places share one budget and are still told") {
    EventRate rate(2);
    int allowed = 0;
    for (int i = 0; i < 200; ++i) allowed += rate.allow("event_" + std::to_string(i), some_time) ? 1 : 0;
    CHECK(allowed == 128 + 2);
    const auto left_out = rate.left_out();
    REQUIRE(left_out.size() == 1);
    CHECK(left_out[0].event == "others");
    CHECK(left_out[0].lines == 70);
    CHECK(rate.left_out().empty());
}

TEST_CASE("threads that log at once lose no line and mix none") {
    constexpr int threads = 4;
    constexpr int lines_each = 100;  // fewer than may wait
    Captured captured({.json = true, .per_second = 1'000'000});
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t) {
        writers.emplace_back([&captured, t] {
            for (int i = 0; i < lines_each; ++i)
                captured.log().write(LogLevel::info, "event_" + std::to_string(i % 7), std::string(300, 'a'),
                                     {{"thread", std::to_string(t)}, {"i", std::to_string(i)}});
        });
    }
    for (std::thread& writer : writers) writer.join();
    const std::vector<std::string> lines = captured.lines();
    CHECK(lines.size() == threads * lines_each);
    std::vector<int> next(threads);
    for (const std::string& line : lines) {
        const auto parsed = nlohmann::json::parse(line);
        const auto thread = static_cast<std::size_t>(std::stoi(parsed["thread"].get<std::string>()));
        CHECK(parsed["i"] == std::to_string(next[thread]++));  // each thread's in its order
    }
}

TEST_CASE("threads share the budget of an event exactly") {
    EventRate rate(500);
    std::atomic<int> allowed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                if (rate.allow("e" + std::to_string(i % 2), some_time)) ++allowed;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(allowed == 1000);
    std::int64_t left_out = 0;
    for (const EventRate::LeftOut& some : rate.left_out()) left_out += some.lines;
    CHECK(left_out == 3000);
}

TEST_CASE("a reader who stands still stops no writer and hears how much is lost") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe(ends) == 0);
    std::FILE* stream = fdopen(ends[1], "w");
    REQUIRE(stream != nullptr);
    auto log = std::make_unique<ProcessLog>(
        LogOptions{.json = true, .to = stream, .per_second = 1'000'000, .now = [] { return some_time; }});
    // 64 KiB fit into the pipe and a thousand lines wait: these are more than both, and nobody reads.
    for (int i = 0; i < 5000; ++i) log->write(LogLevel::info, "flood", std::string(500, 'x'), {});

    std::string got;
    std::thread reader([&got, from = ends[0]] {
        char buffer[4096];
        for (ssize_t bytes = 0; (bytes = read(from, buffer, sizeof buffer)) > 0;)
            got.append(buffer, static_cast<std::size_t>(bytes));
    });
    log.reset();
    std::fclose(stream);  // the reader sees the end
    reader.join();
    close(ends[0]);

    std::int64_t written = 0;
    std::int64_t lost = 0;
    for (std::string_view rest = got; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
        const auto line = nlohmann::json::parse(rest.substr(0, rest.find('\n')));
        if (line["event"] == "flood") ++written;
        if (line["event"] == "log_lines_lost") lost += std::stoi(line["lines"].get<std::string>());
    }
    CHECK(written >= 1000);
    CHECK(lost > 1000);
    CHECK(written + lost >= 4999);  // the line about it may itself push one out
    CHECK(written + lost <= 5000);
}

TEST_CASE("a log that cannot write throws nothing") {
    std::FILE* full = std::fopen("/dev/full", "w");
    REQUIRE(full != nullptr);
    {
        ProcessLog log({.to = full, .now = [] { return some_time; }});
        log.write(LogLevel::error, "store_failed", "disk full", {});
    }
    std::fclose(full);
    Captured captured;
    captured.log().write(LogLevel::info, "x", "", {});
    ProcessLog broken({.to = stderr, .now = []() -> Wall { throw std::runtime_error("no clock"); }});
    CHECK_NOTHROW(broken.write(LogLevel::error, "x", "", {}));
    CHECK(captured.lines().size() == 1);
}

}  // namespace serin::test
