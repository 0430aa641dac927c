// SPDX-License-Identifier: Apache-2.0
// The alert desk from an outcome to a webhook and back, with its real database and threads.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "net/real_clock.hpp"
#include "reports/store/sqlite.hpp"
#include "tests/support/desk_play.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

/// A loop with a sink or two and a desk that can be opened again.
struct DeskWorld {
    explicit DeskWorld(asio::any_io_executor executor)
        : clock(executor), first(executor, clock), second(executor, clock) {}

    RealClock clock;
    TempFolder folder;
    PageSink first, second;
    std::unique_ptr<Desk> desk;

    /// Pages go to `first`, and to `second` when that does not prove them.
    [[nodiscard]] DeskRules rules(const Strings& services) const {
        DeskRules all = desk_rules(services);
        all.channels = {webhook_to("first", first), webhook_to("second", second)};
        EscalationLevel level;
        level.after = 0s;
        level.channels = {"first"};
        level.failover = {"second"};
        all.book.levels = {level};
        return all;
    }
    void open(DeskRules all, std::vector<StoreEntry> history = {}) {
        Desk::Parts parts;
        parts.database = folder.file("serin.alerts.db");
        parts.vantage = "here";
        for (const StoreEntry& entry : history) parts.history.push_back(std::get<Record>(entry));
        auto opened = Desk::open(std::move(all), std::move(parts));
        if (!opened) FAIL(opened.error().title);
        desk = *std::move(opened);
    }
    [[nodiscard]] Wall now() const { return clock.wall(); }
    /// The one incident; fails without one.
    asio::awaitable<Incident> incident() {
        const std::vector<Incident> all = co_await desk->active();
        REQUIRE(all.size() == 1);
        co_return all.front();
    }
    asio::awaitable<void> close() {
        if (desk) co_await desk->stop(5s);
        desk.reset();
        co_await first.stop();
        co_await second.stop();
    }
    [[nodiscard]] std::vector<OutboxRow> rows(const std::string& id) const {
        auto reader = AlertReader::open(folder.file("serin.alerts.db"));
        REQUIRE(reader);
        auto rows = (*reader)->rows(id);
        REQUIRE(rows);
        return *rows;
    }
};

void play(const std::function<asio::awaitable<void>(DeskWorld&)>& test) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        DeskWorld world(executor);
        std::exception_ptr thrown;
        try {
            co_await test(world);
        } catch (...) {
            thrown = std::current_exception();
        }
        co_await world.close();
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace

TEST_CASE("two failed runs page once and a clean one resolves it") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        const Incident incident = co_await world.incident();
        CHECK(incident.state == IncidentState::open);
        CHECK(incident.message == "messages do not arrive");
        CHECK(incident.targets == Strings{"eu-1"});
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        world.desk->observe({run_of("web", Verdict::pass, world.now())});
        world.desk->health({.due_share = 1, .window_closed = false});
        CHECK(co_await world.first.until_taken(2));
        CHECK(world.first.taken() == Strings{"opened web", "resolved web"});
        CHECK(world.second.taken().empty());
        CHECK((co_await world.incident()).state == IncidentState::watching);
    });
}

TEST_CASE("each way in which a channel can fail takes the page to the failover") {
    const int status = GENERATE(-1, 400, 401, 404, 410, 429, 500, 503);
    CAPTURE(status);
    play([status](DeskWorld& world) -> asio::awaitable<void> {
        world.first.answer(status);
        world.open(world.rules({"web"}));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.second.until_taken(1));
        CHECK(world.second.taken() == Strings{"opened web"});
        CHECK(world.first.attempts() >= 1);
    });
}

TEST_CASE("a channel that comes back is told what it missed") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.first.answer(503);
        world.open(world.rules({"web"}));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.second.until_taken(1));
        world.first.answer(204);
        CHECK(co_await world.first.until_taken(1));
        CHECK(world.first.taken() == Strings{"opened web"});
    });
}

TEST_CASE("a restart tells nothing twice and resolves what ended meanwhile") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web", "mail"}));
        const auto web = runs_of("web", Verdict::fail, world.now()), mail = runs_of("mail", Verdict::fail, world.now());
        world.desk->observe(web);
        world.desk->observe(mail);
        CHECK(co_await world.first.until_taken(2));
        co_await world.desk->stop(5s);
        world.desk.reset();

        // Before the end of the outage of web, and after that of mail.
        std::vector<StoreEntry> history = web;
        history.insert(history.end(), mail.begin(), mail.end());
        history.push_back(run_of("mail", Verdict::pass, world.now()));
        world.open(world.rules({"web", "mail"}), history);
        CHECK(co_await world.first.until_taken(3));
        CHECK(world.first.taken().back() == "resolved mail");
        world.desk->observe({run_of("web", Verdict::fail, world.now())});
        world.desk->observe({run_of("web", Verdict::pass, world.now())});
        world.desk->health({.due_share = 1, .window_closed = false});
        CHECK(co_await world.first.until_taken(4));
        CHECK(world.first.taken().back() == "resolved web");
    });
}

TEST_CASE("a restart after a long time takes silence for nothing but silence") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        co_await world.desk->stop(5s);
        world.desk.reset();
        world.open(world.rules({"web"}));  // no run is remembered
        CHECK((co_await world.incident()).state == IncidentState::open);
        world.desk->observe({run_of("web", Verdict::fail, world.now())});
        world.desk->observe({run_of("web", Verdict::pass, world.now())});
        world.desk->health({.due_share = 1, .window_closed = false});
        CHECK(co_await world.first.until_taken(2));
        CHECK(world.first.taken() == Strings{"opened web", "resolved web"});
    });
}

TEST_CASE("what no channel took before the end goes out after the next start") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.first.answer(503);
        world.second.answer(503);
        world.open(world.rules({"web"}));
        const auto failed = runs_of("web", Verdict::fail, world.now());
        world.desk->observe(failed);
        CHECK(co_await world.first.until([](const PageSink& sink) { return sink.attempts() > 0; }));
        co_await world.desk->stop(0s);
        world.desk.reset();
        world.first.answer(204);
        world.open(world.rules({"web"}), failed);
        CHECK(co_await world.first.until_taken(1));
        CHECK(world.first.taken() == Strings{"opened web"});
    });
}

TEST_CASE("a database that does not take the incident holds up no page and gets it later") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        auto other = Database::open(world.folder.file("serin.alerts.db"), OpenMode::read_write, 1s);
        REQUIRE(other);
        REQUIRE(other->exec("BEGIN EXCLUSIVE"));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        CHECK_FALSE((co_await world.desk->figures()).durable);
        const Incident incident = co_await world.incident();
        REQUIRE(other->exec("COMMIT"));
        const auto waiting = world.clock.make_bell();
        for (int i = 0; i < 300 && !(co_await world.desk->figures()).durable; ++i)
            co_await waiting->wait_until(world.clock.now() + 20ms);
        CHECK((co_await world.desk->figures()).durable);
        CHECK_FALSE(world.rows(incident.id).empty());
    });
}

TEST_CASE("a command that was written to the database is taken and answered") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        AlertCommand order;
        order.kind = "acknowledge";
        order.incident_id = (co_await world.incident()).id;
        order.by = "somebody";
        const auto id = write_command(world.folder.file("serin.alerts.db"), order);
        REQUIRE(id);
        CHECK(co_await world.first.until_taken(2));
        CHECK(world.first.taken().back() == "acknowledged web");
        auto reader = AlertReader::open(world.folder.file("serin.alerts.db"));
        REQUIRE(reader);
        const auto waiting = world.clock.make_bell();
        std::string outcome;
        for (int i = 0; i < 300 && outcome.empty(); ++i) {
            const auto row = (*reader)->command(*id);
            REQUIRE(row);
            if (*row) outcome = (*row)->outcome;
            co_await waiting->wait_until(world.clock.now() + 20ms);
        }
        CHECK(outcome == "done");
        order.incident_id = "inc-nobody";
        CHECK_FALSE(co_await world.desk->command(order));
    });
}

TEST_CASE("an order that waited too long in the database is refused") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        AlertCommand order;
        order.kind = "mute";
        order.service = "web";
        order.by = "somebody";
        order.note = "known";
        order.lasts = 1h;
        order.at = world.now() - 2h;
        REQUIRE(write_command(world.folder.file("serin.alerts.db"), order));
        auto reader = AlertReader::open(world.folder.file("serin.alerts.db"));
        REQUIRE(reader);
        const auto waiting = world.clock.make_bell();
        std::string outcome;
        for (int i = 0; i < 300 && outcome.empty(); ++i) {
            const auto row = (*reader)->command(1);
            REQUIRE(row);
            if (*row) outcome = (*row)->outcome;
            co_await waiting->wait_until(world.clock.now() + 20ms);
        }
        CHECK(outcome.starts_with("too late"));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
    });
}

TEST_CASE("a mute holds the page and not the incident") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web", "mail"}));
        AlertCommand order;
        order.kind = "mute";
        order.service = "web";
        order.by = "somebody";
        order.note = "known";
        order.lasts = 1h;
        REQUIRE(co_await world.desk->command(order));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        world.desk->observe(runs_of("mail", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        CHECK(world.first.taken() == Strings{"opened mail"});
        CHECK((co_await world.desk->active()).size() == 2);
    });
}

TEST_CASE("maintenance holds the page until it ends") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules({"web", "mail"});
        rules.in_maintenance = [](const CellKey& cell, const std::string&, Wall) { return cell.probe == "web"; };
        world.open(rules);
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        world.desk->observe(runs_of("mail", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        CHECK(world.first.taken() == Strings{"opened mail"});
        rules.in_maintenance = nullptr;
        REQUIRE(co_await world.desk->replace(rules));
        CHECK(co_await world.first.until_taken(2));
        CHECK(world.first.taken().back() == "opened web");
    });
}

TEST_CASE("a drill goes through the real way and leaves nothing behind") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        const std::vector<DrillRow> rows = co_await world.desk->drill("first");
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].good);
        CHECK(rows[0].delivered_after);
        CHECK(rows[0].resolved_after);
        CHECK(world.first.taken() == Strings{"opened serin-drill:first", "resolved serin-drill:first"});
        CHECK(world.second.taken().empty());
        CHECK((co_await world.desk->active()).empty());
        const DeskFigures figures = co_await world.desk->figures();
        CHECK(figures.channels.at("first").last_drill_good);
        CHECK_FALSE(figures.channels.at("second").last_drill_at);
        CHECK((co_await world.desk->drill("nobody")).empty());
    });
}

TEST_CASE("drills can be repeated without being taken for flapping") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        for (int i = 0; i < 12; ++i) {
            const auto rows = co_await world.desk->drill("first");
            REQUIRE(rows.size() == 1);
            INFO(rows[0].said);
            REQUIRE(rows[0].good);
        }
        CHECK(world.first.taken().size() == 24);
    });
}

TEST_CASE("a channel whose drill fails is told of on another") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules({"web"});
        rules.drill_every = 1h;
        rules.drill_channels = {"first"};
        world.first.answer(401);
        world.open(rules);
        const auto rows = co_await world.desk->drill("first");
        REQUIRE(rows.size() == 1);
        CHECK_FALSE(rows[0].good);
        CHECK(co_await world.second.until_taken(1));
        CHECK(world.second.taken().front() == "opened serin-channel:first");
    });
}

namespace {

/// Tells `health` for two seconds, and then whether a beat went out.
asio::awaitable<bool> beats_with(DeskWorld& world, ProberHealth health) {
    const auto waiting = world.clock.make_bell();
    for (int i = 0; i < 3; ++i) {
        world.desk->health(health);
        co_await waiting->wait_until(world.clock.now() + 700ms);
    }
    co_return world.second.attempts() > 0;
}

DeskRules with_heartbeat(const DeskWorld& world) {
    DeskRules rules = world.rules({"web"});
    for (EscalationLevel& level : rules.book.levels) level.failover.clear();
    ChannelConfig beat = webhook_to("outside", world.second);
    beat.kind = ChannelKind::heartbeat;
    beat.every = 100ms;
    rules.channels = {rules.channels[0], beat};
    return rules;
}

}  // namespace

TEST_CASE("our heartbeat goes out while the whole chain works") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(with_heartbeat(world));
        world.desk->health({.due_share = 0.95, .window_closed = true});
        CHECK(co_await world.second.until([](const PageSink& sink) { return sink.attempts() > 0; }));
    });
}

TEST_CASE("our heartbeat is withheld while too few runs run or no window has closed") {
    const ProberHealth health = GENERATE(ProberHealth{.due_share = 0.5, .window_closed = true},
                                         ProberHealth{.due_share = 1, .window_closed = false});
    play([health](DeskWorld& world) -> asio::awaitable<void> {
        world.open(with_heartbeat(world));
        CHECK_FALSE(co_await beats_with(world, health));
    });
}

TEST_CASE("our heartbeat is withheld while a page was refused by everybody") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.first.answer(400);
        world.open(with_heartbeat(world));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until([](const PageSink& sink) { return sink.attempts() > 0; }));
        const auto waiting = world.clock.make_bell();
        for (int i = 0; i < 300 && (co_await world.desk->figures()).pages_untaken == 0; ++i)
            co_await waiting->wait_until(world.clock.now() + 20ms);
        CHECK_FALSE(co_await beats_with(world, {.due_share = 1, .window_closed = true}));
    });
}

TEST_CASE("our heartbeat is withheld while incidents cannot be stored") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(with_heartbeat(world));
        auto other = Database::open(world.folder.file("serin.alerts.db"), OpenMode::read_write, 1s);
        REQUIRE(other);
        REQUIRE(other->exec("BEGIN EXCLUSIVE"));
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        CHECK_FALSE(co_await beats_with(world, {.due_share = 1, .window_closed = true}));
        REQUIRE(other->exec("COMMIT"));
    });
}

TEST_CASE("a job that reports its failure is an incident") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules({"web"});
        HeartbeatRules job;
        job.heartbeat = job.service = "import";
        rules.policy.heartbeats = {job};
        world.open(rules);
        Heartbeat told;
        told.heartbeat = "import";
        told.failed = true;
        told.at = world.now();
        world.desk->observe(told);
        CHECK(co_await world.first.until_taken(1));
        CHECK(world.first.taken() == Strings{"opened import"});
    });
}

TEST_CASE("a reload that cannot read a secret changes nothing") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        world.open(world.rules({"web"}));
        DeskRules broken = world.rules({"web"});
        broken.channels[0].key.reference.env = "SERIN_TEST_NO_SUCH_VARIABLE";
        broken.book.levels.clear();
        const Result<void> refused = co_await world.desk->replace(broken);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().title.find("SERIN_TEST_NO_SUCH_VARIABLE") != std::string::npos);
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
    });
}

TEST_CASE("the status page is written and follows the incident") {
    play([](DeskWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules({"web"});
        rules.status_folder = world.folder.file("status");
        rules.components = {{.name = "Web", .services = {"web"}}};
        world.open(rules);
        world.desk->observe(runs_of("web", Verdict::fail, world.now()));
        CHECK(co_await world.first.until_taken(1));
        const StatusPage page = co_await world.desk->status();
        REQUIRE(page.components.size() == 1);
        CHECK(page.components[0].state != ComponentState::operational);
        const auto waiting = world.clock.make_bell();
        for (int i = 0; i < 300 && !std::filesystem::exists(world.folder.file("status/status.json")); ++i)
            co_await waiting->wait_until(world.clock.now() + 20ms);
        CHECK(std::filesystem::exists(world.folder.file("status/status.json")));
        CHECK(std::filesystem::exists(world.folder.file("status/index.html")));
        CHECK(std::filesystem::exists(world.folder.file("status/feed.atom")));
    });
}

}  // namespace serin::test
