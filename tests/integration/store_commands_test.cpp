// SPDX-License-Identifier: Apache-2.0
// The commands that read a store, and `serin change`, as a person types them.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "net/http_server.hpp"
#include "net/loop_thread.hpp"
#include "reports/formats/reporter.hpp"
#include "reports/formats/store_json.hpp"
#include "runner/cli.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/outcome_examples.hpp"
#include "tests/support/stored.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const CellKey chat_a{.probe = "chat", .vantage = "us", .target = "a", .profile = {}, .cell = {}};
const CellKey chat_b{.probe = "chat", .vantage = "us", .target = "b", .profile = {}, .cell = {}};

struct Said {
    int code = 0;
    std::string out, err;
};

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// One standard stream, sent to a file for as long as this lives.
class Redirected {
public:
    Redirected(std::FILE* stream, int to_flags, const std::string& path) : stream_(stream), kept_(dup(fileno(stream))) {
        std::fflush(stream_);
        const int file = ::open(path.c_str(), to_flags | O_CLOEXEC, 0600);
        if (file < 0 || kept_ < 0 || dup2(file, fileno(stream_)) < 0) FAIL("a standard stream cannot be redirected");
        ::close(file);
    }
    ~Redirected() {
        std::fflush(stream_);
        std::clearerr(stream_);
        dup2(kept_, fileno(stream_));
        ::close(kept_);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;

private:
    std::FILE* stream_;
    int kept_;
};

Said serin(const Arguments& arguments, const std::string& input = {}) {
    const TempFolder folder;
    {
        std::ofstream(folder.file("in"), std::ios::binary) << input;
    }
    Said said;
    {
        const Redirected in(stdin, O_RDONLY, folder.file("in"));
        const Redirected out(stdout, O_WRONLY | O_CREAT, folder.file("out"));
        const Redirected err(stderr, O_WRONLY | O_CREAT, folder.file("err"));
        Console console;
        said.code = static_cast<int>(run_cli(arguments, console));
    }
    said.out = text_of(folder.file("out"));
    said.err = text_of(folder.file("err"));
    INFO(said.out << said.err);
    return said;
}

/// A store of the last hour: a pass and a failure with evidence, a message lost and one whose run never told.
class Filled {
public:
    Filled() {
        StoredRows rows(path());
        const Wall start = std::chrono::system_clock::now() - 1h;
        const Duration after = start - midnight();
        rows.run(run_row("run-pass", chat_a, after));
        rows.run(run_row("run-fail", chat_b, after + 1min, "fail", "stored_not_pushed"),
                 json_text(outcome_json(undelivered_message())));
        CellCounts counts;
        counts.pass = 1;
        counts.took.add(0.1);
        rows.rollup(chat_a, std::chrono::floor<std::chrono::minutes>(start), counts);
        std::swap(counts.pass, counts.fail);
        counts.missed = 1;
        counts.failure_classes["stored_not_pushed"] = 1;
        rows.rollup(chat_b, std::chrono::floor<std::chrono::minutes>(start), counts);
        rows.sending("n-1", "run-fail", start);
        rows.delivery("n-1", "bob", "lost", "lost");
        rows.sending("n-2", "run-killed", start);
    }
    [[nodiscard]] std::string path() const { return folder_.file("serin.db"); }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

private:
    TempFolder folder_;
};

using nlohmann::json;

/// What a daemon would answer, and what it was asked.
struct Daemon {
    int status = 202;
    std::string answer = "{}";
    std::vector<ServerRequest> asked;
};

boost::asio::awaitable<ServerResponse> answer(Daemon& daemon, ServerRequest request) {
    daemon.asked.push_back(std::move(request));
    ServerResponse response;
    response.status = daemon.status;
    response.body = daemon.answer;
    co_return response;
}

boost::asio::awaitable<void> type_on_another_thread(Arguments arguments, Said& said) {
    LoopThread terminal("terminal");
    co_await run_on(terminal.executor(), [&] { said = serin(arguments); });
}

/// `serin change` with `more`, sent to `daemon`.
Said change_at(Daemon& daemon, const Arguments& more) {
    HttpServer::Options options;
    options.handler = [&](ServerRequest request) { return answer(daemon, std::move(request)); };
    Said said;
    with_server(std::move(options), [&](const boost::asio::any_io_executor&, HttpServer& server) {
        Arguments arguments{"change", "--server", "http://127.0.0.1:" + std::to_string(server.port()) + "/",
                            "--kind", "deploy",   "--component",
                            "api"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return type_on_another_thread(arguments, said);
    });
    return said;
}

}  // namespace

TEST_CASE("each store command explains itself and names what is missing") {
    for (const char* command : {"runs", "ledger", "report", "change"}) {
        INFO(command);
        const Said help = serin({command, "--help"});
        CHECK(help.code == 0);
        CHECK(help.out.contains("examples:"));
        CHECK(help.out.contains("exit codes:"));
        CHECK(serin({command}).code == 2);
        CHECK(serin({command, "--nonsense"}).code == 2);
        CHECK(serin({command, "--store"}).code == 2);
    }
    CHECK(serin({"runs", "--store", "/nowhere/serin.db"}).err.contains("/nowhere/serin.db"));
    CHECK(serin({"runs", "--store", "/nowhere/serin.db"}).code == 2);
}

TEST_CASE("serin runs lists and filters, as a table and as JSON") {
    const Filled store;
    const Said all = serin({"runs", "--store", store.path()});
    CHECK(all.code == 0);
    CHECK(all.out.contains("run-pass"));
    CHECK(all.out.contains("FAIL"));
    CHECK(all.out.find("run-fail") < all.out.find("run-pass"));
    const Said failed = serin({"runs", "--store", store.path(), "--verdict", "fail", "--since", "2h", "--json"});
    const json list = json::parse(failed.out);
    REQUIRE(list["runs"].size() == 1);
    CHECK(list["runs"][0]["run_id"] == "run-fail");
    CHECK(list["runs"][0]["has_evidence"] == true);
    CHECK(list["more"] == false);
    CHECK(json::parse(serin({"runs", "--store", store.path(), "--limit", "1", "--json"}).out)["more"] == true);
}

TEST_CASE("serin runs without a match, or with a slip, is no success") {
    const Filled store;
    const Said none = serin({"runs", "--store", store.path(), "--probe", "other"});
    CHECK(none.code == 4);
    CHECK(none.out.empty());
    CHECK(serin({"runs", "--store", store.path(), "no-such-run"}).code == 4);
    const Said slip = serin({"runs", "--store", store.path(), "--verdict", "fial"});
    CHECK(slip.code == 2);
    CHECK(slip.err.contains("did you mean `fail`?"));
    for (const Arguments& wrong : std::vector<Arguments>{{"--since", "yesterday"},
                                                         {"--since", "0s"},
                                                         {"--from", "2026-11-22"},
                                                         {"--limit", "0"},
                                                         {"--limit", "x"},
                                                         {"--limit", "10001"},
                                                         {"--from", "now", "--to", "-1h"},
                                                         {"--since", "1h", "--from", "-1h"},
                                                         {"a", "b"}}) {
        Arguments arguments{"runs", "--store", store.path()};
        arguments.insert(arguments.end(), wrong.begin(), wrong.end());
        INFO(wrong[0] << " " << wrong[1]);
        CHECK(serin(arguments).code == 2);
    }
}

TEST_CASE("serin runs shows one run with its evidence") {
    const Filled store;
    const Said failed = serin({"runs", "--store", store.path(), "run-fail"});
    CHECK(failed.code == 0);
    CHECK(failed.out.contains("POST /v1/messages → 201"));
    CHECK(failed.out.contains("in chat-delivery.yaml:23:5"));
    const Said passed = serin({"runs", "--store", store.path(), "run-pass"});
    CHECK(passed.out.contains("only this line is kept"));
    const json detail = json::parse(serin({"runs", "--store", store.path(), "run-fail", "--json"}).out);
    CHECK(detail["outcome"]["failure_class"] == "stored_not_pushed");
}

TEST_CASE("serin ledger reconciles, and tells of messages that belong to no cell") {
    const Filled store;
    const Said all = serin({"ledger", "--store", store.path()});
    CHECK(all.code == 0);
    CHECK(all.out.starts_with("2 messages: 1 lost, 1 unknown\n"));
    CHECK(all.out.contains("n-2"));
    const Said probe = serin({"ledger", "--store", store.path(), "--probe", "chat"});
    CHECK(probe.out.starts_with("1 message: 1 lost\n"));
    CHECK(probe.out.contains("1 unknown message of runs that never told"));
    const json account = json::parse(serin({"ledger", "--store", store.path(), "--state", "lost", "--json"}).out);
    CHECK(account["counts"]["unknown"] == 1);
    REQUIRE(account["deliveries"].size() == 1);
    CHECK(account["deliveries"][0]["nonce"] == "n-1");
    CHECK(serin({"ledger", "--store", store.path(), "--since", "1s"}).code == 4);
}

TEST_CASE("serin report writes each format, and an empty window is no success") {
    const Filled store;
    for (const char* format : {"text", "json", "junit", "markdown", "html"}) {
        INFO(format);
        const std::string path = store.file(std::string("report.") + format);
        const Said said = serin({"report", "--store", store.path(), "--since", "2h", "--format", format, "-o", path});
        CHECK(said.code == 0);
        CHECK(said.out.empty());
        CHECK(text_of(path).contains("stored_not_pushed"));
        const Said empty =
            serin({"report", "--store", store.path(), "--from", "-5h", "--to", "-4h", "--format", format, "-o", path});
        CHECK(empty.code == 4);
        CHECK(empty.err.contains("no run was judged"));
        CHECK_FALSE(text_of(path).empty());
    }
    const json report = json::parse(serin({"report", "--store", store.path(), "--format", "json"}).out);
    CHECK(report["counts"]["availability"] == 0.5);
    CHECK(report["counts"]["missed"] == 1);
    CHECK(report["failures"].size() == 1);
    const Said slip = serin({"report", "--store", store.path(), "--format", "htlm"});
    CHECK(slip.code == 2);
    CHECK(slip.err.contains("did you mean `html`?"));
    CHECK(serin({"report", "--store", store.path(), "-o", "/nowhere/report.txt"}).code == 3);
}

TEST_CASE("serin change writes into the store: by flags, from standard input, once for each id") {
    const Filled store;
    const Said made = serin({"change", "--store", store.path(), "--kind", "deploy", "--component", "api", "--id", "d-1",
                             "--shard", "a", "--shard", "b,c", "--start", "-10m", "--rollback-plan", "undo it"});
    CHECK(made.code == 0);
    CHECK(made.out == "d-1\n");
    CHECK(serin({"change", "--store", store.path(), "--kind", "deploy", "--component", "api", "--id", "d-1"}).code ==
          0);
    const Said list =
        serin({"change", "--store", store.path(), "--stdin"},
              R"([{"kind": "flag", "component": "cart", "id": "f-1"}, {"kind": "config", "component": "db"}])");
    CHECK(list.code == 0);
    CHECK(list.out.starts_with("f-1\n"));
    const auto reader = StoreReader::open(store.path()).value();
    const auto page = reader->changes({}, {}).value();
    CHECK(page.rows.size() == 3);
}

TEST_CASE("serin change records nothing when anything is wrong, and tells all of it") {
    const Filled store;
    const Said wrong =
        serin({"change", "--store", store.path(), "--stdin"},
              R"([{"kind": "flag", "component": "cart"}, {"kind": "depoly"}, {"kind": "deploy", "shrads": []}])");
    CHECK(wrong.code == 2);
    for (const char* part : {"change 2: ", "unknown kind `depoly`", "change 3: ", "unknown key `shrads`",
                             "did you mean `deploy`?", "did you mean `shards`?"}) {
        INFO(part);
        CHECK(wrong.err.contains(part));
    }
    CHECK(serin({"change", "--store", store.path(), "--stdin"}, "no json").code == 2);
    CHECK(serin({"change", "--store", store.path(), "--stdin"}, "[]").code == 2);
    CHECK(serin({"change", "--store", store.path(), "--stdin"}, std::string(2 << 20, ' ')).code == 2);
    CHECK(serin({"change", "--store", store.path(), "--stdin", "--kind", "deploy"}, "{}").code == 2);
    CHECK(serin({"change", "--kind", "deploy", "--component", "api"}).code == 2);
    CHECK(serin({"change", "--store", store.path(), "--server", "http://127.0.0.1:1", "--kind", "deploy", "--component",
                 "x"})
              .code == 2);
    CHECK(serin({"change", "--store", store.file("other.db"), "--kind", "deploy", "--component", "api"}).code == 3);
    CHECK_FALSE(std::filesystem::exists(store.file("other.db")));
    CHECK(StoreReader::open(store.path()).value()->changes({}, {})->rows.empty());
}

TEST_CASE("serin change sends to a daemon, with the token that the environment holds") {
    Daemon daemon;
    setenv("SERIN_TEST_TOKEN", "s3cret-token", 1);
    const Said said = change_at(daemon, {"--id", "d-1", "--token-env", "SERIN_TEST_TOKEN"});
    unsetenv("SERIN_TEST_TOKEN");
    CHECK(said.code == 0);
    CHECK(said.out == "d-1\n");
    REQUIRE(daemon.asked.size() == 1);
    CHECK(daemon.asked[0].method == "POST");
    CHECK(daemon.asked[0].target == "/api/v1/changes");
    CHECK(daemon.asked[0].header("authorization") == "Bearer s3cret-token");
    CHECK(daemon.asked[0].header("content-type") == "application/json");
    CHECK(json::parse(daemon.asked[0].body)["id"] == "d-1");
}

TEST_CASE("a daemon that does not take a change is told of, in its own words made harmless") {
    Daemon daemon;
    daemon.status = 400;
    daemon.answer = R"({"error": {"title": "no \u001b[31mroom", "remedy": "make some"}})";
    const Said refused = change_at(daemon, {"--id", "d-1"});
    CHECK(refused.code == 3);
    CHECK(refused.out.empty());
    CHECK(refused.err.contains("did not take change d-1: 400 no \\x1b[31mroom"));
    CHECK(refused.err.contains("make some"));
    daemon.status = 401;
    daemon.answer = "who are you?";
    CHECK(change_at(daemon, {}).err.contains("--token-env NAME"));
    const Said nobody = serin({"change", "--server", "http://127.0.0.1:1", "--kind", "deploy", "--component", "api"});
    CHECK(nobody.code == 3);
    CHECK(serin({"change", "--server", "nonsense", "--kind", "deploy", "--component", "api"}).code == 2);
    CHECK(serin({"change", "--server", "http://127.0.0.1:1", "--kind", "deploy", "--component", "api", "--token-env",
                 "SERIN_TEST_NO_SUCH"})
              .err.contains("no such variable"));
}

}  // namespace serin::test
