// SPDX-License-Identifier: Apache-2.0
// `serin incidents`, `serin drill` and `serin heartbeat` as a person types them.
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
#include "runner/alert_commands.hpp"
#include "tests/support/alert_examples.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {
namespace {

using Json = nlohmann::json;
using Command = ExitCode (*)(const Arguments&, Console&);

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
    Redirected(std::FILE* stream, const std::string& path) : stream_(stream), kept_(dup(fileno(stream))) {
        std::fflush(stream_);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0 || kept_ < 0 || dup2(file, fileno(stream_)) < 0) FAIL("a standard stream cannot be redirected");
        ::close(file);
    }
    ~Redirected() {
        std::fflush(stream_);
        dup2(kept_, fileno(stream_));
        ::close(kept_);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;

private:
    std::FILE* stream_;
    int kept_;
};

Said typed(Command command, const Arguments& arguments) {
    const TempFolder folder;
    Said said;
    {
        const Redirected out(stdout, folder.file("out"));
        const Redirected err(stderr, folder.file("err"));
        Console console;
        said.code = static_cast<int>(command(arguments, console));
        (void)console.flush();
    }
    said.out = text_of(folder.file("out"));
    said.err = text_of(folder.file("err"));
    return said;
}

Said incidents(const Arguments& arguments) {
    return typed(incidents_command, arguments);
}

/// A folder with a store's name in it, and the example's alert database beside.
class Kept {
public:
    Kept() { keep_examples(folder_.file("serin.alerts.db"), std::chrono::system_clock::now()); }
    [[nodiscard]] std::string store() const { return folder_.file("serin.db"); }
    [[nodiscard]] std::string alerts() const { return folder_.file("serin.alerts.db"); }

private:
    TempFolder folder_;
};

/// What a daemon would answer, and what it was asked.
struct Daemon {
    int status = 200;
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

boost::asio::awaitable<void> type_on_another_thread(Command command, Arguments arguments, Said& said) {
    LoopThread terminal("terminal");
    co_await run_on(terminal.executor(), [&] { said = typed(command, arguments); });
}

Said typed_at(Daemon& daemon, Command command, Arguments arguments) {
    HttpServer::Options options;
    options.handler = [&](ServerRequest request) { return answer(daemon, std::move(request)); };
    Said said;
    with_server(std::move(options), [&](const boost::asio::any_io_executor&, HttpServer& server) {
        arguments.insert(arguments.end(), {"--server", "http://127.0.0.1:" + std::to_string(server.port())});
        return type_on_another_thread(command, arguments, said);
    });
    return said;
}

}  // namespace

TEST_CASE("each subcommand of incidents explains itself") {
    for (const char* name : {"list", "show", "ack", "close", "declare", "mute", "unmute", "mutes", "export", "noise"}) {
        INFO(name);
        const Said help = incidents({name, "--help"});
        CHECK(help.code == 0);
        CHECK(help.out.contains("examples:"));
        CHECK(help.out.contains("exit codes:"));
        CHECK(incidents({name, "--nonsense"}).code == 2);
        CHECK(incidents({name}).code == 2);
    }
    CHECK(incidents({}).code == 2);
    CHECK(incidents({"--help"}).out.contains("unmute"));
    CHECK(incidents({"lst"}).err.contains("did you mean `list`?"));
    CHECK(typed(drill_command, {"--help"}).out.contains("exit codes:"));
    CHECK(typed(heartbeat_command, {"--help"}).out.contains("exit codes:"));
}

TEST_CASE("incidents list shows what goes on and what is muted until when") {
    const Kept kept;
    for (const std::string& path : {kept.store(), kept.alerts()}) {
        const Said said = incidents({"list", "--store", path});
        CHECK(said.code == 0);
        CHECK(said.out.contains("inc-rich"));
        CHECK(said.out.contains("inc-watch"));
        CHECK_FALSE(said.out.contains("inc-0000"));
        CHECK_FALSE(said.out.contains("inc-drill"));
        CHECK(said.out.contains("new index"));
        CHECK(said.out.contains("UNTIL"));
    }
    const Json all = Json::parse(incidents({"list", "--store", kept.store(), "--since", "7d", "--json"}).out);
    CHECK(all["schema"] == "serin.incidents/1");
    CHECK(all["incidents"].size() == 27);
    CHECK(all["mutes"].size() == 1);
    CHECK(all["more"] == false);
    const Json some =
        Json::parse(incidents({"list", "--store", kept.store(), "--state", "closed", "--limit", "3", "--json"}).out);
    CHECK(some["incidents"].size() == 3);
    CHECK(some["more"] == true);
    CHECK(incidents({"list", "--store", kept.store(), "--service", "nobody"}).out.starts_with("no incident\n"));
    CHECK(incidents({"list", "--store", kept.store(), "--state", "shut"}).code == 2);
    CHECK(incidents({"list", "--store", kept.store() + ".none"}).code == 2);
}

TEST_CASE("incidents show and export tell of one incident") {
    const Kept kept;
    const Said shown = incidents({"show", "inc-rich", "--store", kept.store()});
    CHECK(shown.code == 0);
    for (const char* part : {"messages are stored", "https://runbooks.example/chat", "deploy-4711", "acknowledged",
                             "pager", "delivered", "2 of 3 runs"}) {
        INFO(part);
        CHECK(shown.out.contains(part));
    }
    CHECK(Json::parse(incidents({"show", "inc-rich", "--store", kept.store(), "--json"}).out)["timeline"].size() == 2);
    CHECK(incidents({"export", "inc-rich", "--store", kept.store()}).out.starts_with("# "));
    CHECK(incidents({"show", "inc-none", "--store", kept.store()}).code == 4);
    CHECK(incidents({"export", "inc-none", "--store", kept.store()}).code == 4);
    CHECK(incidents({"show", "inc-rich"}).code == 2);
    CHECK(incidents({"noise", "--store", kept.store()}).code == 0);
    CHECK(Json::parse(incidents({"noise", "--store", kept.store(), "--json"}).out)["schema"] == "serin.noise/1");
    CHECK(incidents({"mutes", "--store", kept.store()}).out.contains("search"));
}

TEST_CASE("an order that no daemon takes is recorded for its next start") {
    const Kept kept;
    const Said said = incidents({"ack", "inc-rich", "--by", "ops", "--lasts", "45m", "--store", kept.store()});
    CHECK(said.code == 0);
    CHECK(said.out.contains("recorded"));
    const auto store = AlertStore::open(kept.alerts()).value();
    const auto commands = store->commands().value();
    REQUIRE(commands.size() == 1);
    CHECK(commands[0].kind == "acknowledge");
    CHECK(commands[0].incident_id == "inc-rich");
    CHECK(commands[0].by == "ops");
    CHECK(commands[0].lasts == Duration(std::chrono::minutes(45)));
}

TEST_CASE("an order with a mistake is recorded nowhere") {
    const Kept kept;
    const std::string store = kept.store();
    CHECK(incidents({"mute", "--service", "chat", "--reason", "r", "--lasts", "15d", "--store", store}).code == 2);
    CHECK(incidents({"mute", "--service", "chat", "--lasts", "2d", "--store", store}).code == 2);
    CHECK(incidents({"unmute", "--store", store}).code == 2);
    CHECK(incidents({"close", "inc-rich", "--usefulness", "nice", "--store", store}).code == 2);
    CHECK(incidents({"ack", "inc-rich", "inc-watch", "--store", store}).code == 2);
    CHECK(incidents({"ack", "inc-rich", "--by", "ops"}).code == 2);
    CHECK(incidents({"ack", "inc-rich", "--by", "ops", "--store", store, "--server", "http://127.0.0.1:1"}).code == 2);
    CHECK(incidents({"ack", "inc-rich", "--by", "ops", "--store", store + ".none"}).code == 3);
    CHECK(AlertStore::open(kept.alerts()).value()->commands().value().empty());
}

TEST_CASE("orders go to a daemon as the API takes them") {
    Daemon daemon;
    setenv("SERIN_TEST_TOKEN", "s3cret-token", 1);
    const Said acked = typed_at(daemon, incidents_command,
                                {"ack", "inc/1", "--by", "ops", "--note", "on it", "--token-env", "SERIN_TEST_TOKEN"});
    unsetenv("SERIN_TEST_TOKEN");
    CHECK(acked.code == 0);
    CHECK(acked.out == "acknowledged inc/1\n");
    CHECK(typed_at(daemon, incidents_command, {"unmute", "--service", "a b", "--class", "lost", "--by", "ops"}).code ==
          0);
    CHECK(typed_at(daemon, incidents_command, {"declare", "--service", "chat", "--message", "twice", "--by", "ops"})
              .code == 0);
    REQUIRE(daemon.asked.size() == 3);
    CHECK(daemon.asked[0].method == "POST");
    CHECK(daemon.asked[0].target == "/api/v1/incidents/inc%2F1/acknowledge");
    CHECK(daemon.asked[0].header("authorization") == "Bearer s3cret-token");
    CHECK(Json::parse(daemon.asked[0].body) == Json({{"by", "ops"}, {"note", "on it"}}));
    CHECK(daemon.asked[1].method == "DELETE");
    CHECK(daemon.asked[1].target == "/api/v1/mutes?service=a%20b&failure_class=lost&by=ops");
    CHECK(Json::parse(daemon.asked[2].body)["began_at"].is_string());
    daemon.status = 409;
    daemon.answer = R"({"error": {"title": "the fault goes on", "remedy": "mend it"}})";
    const Said refused = typed_at(daemon, incidents_command, {"close", "inc-1", "--by", "ops"});
    CHECK(refused.code == 1);
    CHECK(refused.err.contains("409 the fault goes on"));
    daemon.status = 500;
    CHECK(typed_at(daemon, incidents_command, {"close", "inc-1", "--by", "ops"}).code == 3);
    CHECK(incidents({"close", "inc-1", "--by", "ops", "--server", "http://127.0.0.1:1"}).code == 3);
}

TEST_CASE("serin drill succeeds when every channel has proven it and only then") {
    Daemon daemon;
    daemon.answer = R"({"drills": [{"channel": "pager", "good": true, "delivered_after_ms": 120,
                                    "resolved_after_ms": null, "said": "read\u001b[31m back"}]})";
    const Said good = typed_at(daemon, drill_command, {"pager"});
    CHECK(good.code == 0);
    CHECK(good.out.contains("proven"));
    CHECK(good.out.contains("120 ms"));
    CHECK(good.out.contains("read\\x1b[31m back"));
    CHECK(Json::parse(daemon.asked.at(0).body) == Json({{"channel", "pager"}}));
    daemon.answer = R"({"drills": [{"channel": "pager", "good": true}, {"channel": "mail", "good": false}]})";
    const Said bad = typed_at(daemon, drill_command, {});
    CHECK(bad.code == 1);
    CHECK(bad.out.contains("NOT PROVEN"));
    for (const char* nonsense :
         {"{}", "[]", "7", "hello", R"({"drills": []})", R"({"drills": 7})", R"({"drills": [7]})"}) {
        INFO(nonsense);
        daemon.answer = nonsense;
        CHECK(typed_at(daemon, drill_command, {}).code == 3);
    }
    daemon.answer = R"({"drills": [{"channel": "pager", "good": "yes"}]})";
    CHECK(typed_at(daemon, drill_command, {}).code == 1);
    daemon.status = 404;
    CHECK(typed_at(daemon, drill_command, {"fax"}).code == 2);
    CHECK(typed(drill_command, {"pager"}).code == 2);
}

TEST_CASE("serin heartbeat reports a job") {
    Daemon daemon;
    daemon.status = 202;
    CHECK(typed_at(daemon, heartbeat_command, {"backup", "--fail", "--note", "no space"}).code == 0);
    REQUIRE(daemon.asked.size() == 1);
    CHECK(daemon.asked[0].target == "/api/v1/heartbeats/backup");
    CHECK(Json::parse(daemon.asked[0].body) == Json({{"failed", true}, {"note", "no space"}}));
    daemon.status = 404;
    CHECK(typed_at(daemon, heartbeat_command, {"other"}).code == 1);
    CHECK(typed(heartbeat_command, {}).code == 2);
    CHECK(typed(heartbeat_command, {"backup"}).code == 2);
}

}  // namespace serin::test
