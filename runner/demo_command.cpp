// SPDX-License-Identifier: Apache-2.0
// `serin demo`: the main job on the built-in stand-in chat service. Three acts: all is well; the shards of one region
// drop pushes while REST stays healthy; all is well again.
#include <algorithm>
#include <csignal>
#include <set>

#include "core/drawing.hpp"
#include "net/task_group.hpp"
#include "runner/batch.hpp"
#include "runner/cli.hpp"
#include "runner/worker.hpp"
#include "scenarios/library/embedded.hpp"
#include "standins/chat.hpp"

namespace serin {
namespace {

constexpr const char* demo_help =
    "usage: serin demo [--keep]\n\n"
    "Starts a stand-in chat service (2 regions of 2 shards, REST and websocket, on loopback), plays the chat-delivery\n"
    "scenario from every shard to every shard, then lets the shards of one region drop their pushes while REST stays\n"
    "healthy, and shows what Serin says. Ends by itself after about 20 s.\n\n"
    "  --keep   keep the service running afterwards, faulty, to try your own scenarios on; Ctrl-C ends it\n\n"
    "exit codes: 0 Serin said exactly what was wrong · 1 it did not\n";

constexpr const char* scenario_name = "chat-delivery.yaml";
constexpr const char* faulty_region = "us-east";

struct Demo {
    Worker& worker;
    Console& console;
    ChatService& service;
    std::shared_ptr<const Scenario> scenario;
    std::shared_ptr<const World> world;
    std::vector<Cell> cells;
    Stop stop;
};

std::string painted(const Console& console, const char* colour, const std::string& text) {
    return console.colour() ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
}

std::string value_of(const Cell& cell, const std::string& axis) {
    const auto it = std::ranges::find(cell.axes, axis, [](const auto& pair) { return pair.first; });
    return it != cell.axes.end() ? it->second : "";
}

/// Rows are senders, columns receivers, as on the dashboard: a bad column is a receiving shard.
std::string grid(const Console& console, const std::vector<Outcome>& outcomes, const std::vector<ChatShard>& shards) {
    constexpr std::size_t width = 14;
    const auto padded = [](std::string text, std::size_t to) {
        text.resize(std::max(to, text.size()), ' ');
        return text;
    };
    std::string text = "    " + padded("sender \\ receiver", 20);
    for (const ChatShard& shard : shards) text += padded(shard.name, width);
    text += "\n";
    for (const ChatShard& sender : shards) {
        text += "    " + padded(sender.name, 20);
        for (const ChatShard& receiver : shards) {
            const auto it = std::ranges::find_if(outcomes, [&](const Outcome& outcome) {
                return value_of(outcome.cell, "sender") == sender.name &&
                       value_of(outcome.cell, "receiver") == receiver.name;
            });
            std::string word = "-";
            const char* colour = "2";
            if (it != outcomes.end()) {
                word = name_of(it->verdict);
                colour = it->verdict == Verdict::pass ? "32" : "1;31";
                const auto delivery = std::ranges::find(it->deliveries, std::string("alice"), &Delivery::sender);
                if (it->verdict == Verdict::pass && delivery != it->deliveries.end() && delivery->send_to_receive) {
                    word = human_duration(*delivery->send_to_receive);
                } else if (it->failure_class == "stored_not_pushed") {
                    word = "not pushed";
                }
            }
            text += painted(console, colour, padded(word, width));
        }
        text += "\n";
    }
    return text;
}

boost::asio::awaitable<std::vector<Outcome>> play_round(Demo& demo) {
    std::vector<Outcome> outcomes;
    std::vector<RunRequest> requests;
    requests.reserve(demo.cells.size());
    for (const Cell& cell : demo.cells) {
        requests.push_back(RunRequest{.scenario = demo.scenario,
                                      .world = demo.world,
                                      .cell = cell,
                                      .target = {},
                                      .file = scenario_name,
                                      .again = {},
                                      .evidence = Evidence::of_failures,
                                      .stop = &demo.stop});
    }
    const BatchEvents events{.started = {},
                             .ended = [&](const RunRequest&, const Outcome& outcome) { outcomes.push_back(outcome); }};
    const std::size_t jobs = requests.size();
    co_await play_batch(demo.worker.loop.executor(), demo.worker.player.engine, std::move(requests), jobs, demo.stop,
                        events);
    co_return outcomes;
}

/// True when exactly the cells whose receiver is in `region` are stored_not_pushed, and all others pass. "" means none.
bool exactly(const std::vector<Outcome>& outcomes, const std::vector<ChatShard>& shards, std::string_view region) {
    std::set<std::string> bad;
    for (const ChatShard& shard : shards) {
        if (shard.region == region) bad.insert(shard.name);
    }
    return std::ranges::all_of(outcomes, [&](const Outcome& outcome) {
        if (!bad.contains(value_of(outcome.cell, "receiver"))) return outcome.verdict == Verdict::pass;
        return outcome.verdict == Verdict::fail && outcome.failure_class == "stored_not_pushed";
    });
}

boost::asio::awaitable<bool> play_act(Demo& demo, std::string title, std::string_view region, int rounds) {
    demo.console.out("\n" + painted(demo.console, "1", title) + "\n");
    const std::vector<ChatShard>& shards = demo.service.shards();
    std::vector<Outcome> last;
    bool as_expected = true;
    for (int i = 1; i <= rounds && !demo.stop.requested(); ++i) {
        demo.console.progress("    round " + std::to_string(i) + " of " + std::to_string(rounds) + ": " +
                              std::to_string(demo.cells.size()) + " runs …");
        const Steady start = demo.worker.player.clock.now();
        std::vector<Outcome> outcomes = co_await play_round(demo);
        if (demo.stop.requested()) co_return false;
        as_expected = as_expected && outcomes.size() == demo.cells.size() && exactly(outcomes, shards, region);
        last = std::move(outcomes);
        // A round a second and a half: a person wants to see it go on.
        const Steady next = start + std::chrono::milliseconds(1500);
        if (i < rounds && next > demo.worker.player.clock.now()) co_await sleep_until(demo.worker.player.clock, next);
    }
    if (demo.stop.requested()) co_return false;
    const auto passed = std::ranges::count(last, Verdict::pass, &Outcome::verdict);
    demo.console.out("    " + std::to_string(rounds) + " rounds of " + std::to_string(demo.cells.size()) +
                     " runs; the last: " + std::to_string(passed) + " passed, " +
                     std::to_string(last.size() - static_cast<std::size_t>(passed)) + " failed\n\n" +
                     grid(demo.console, last, shards));
    const auto failed = std::ranges::find(last, Verdict::fail, &Outcome::verdict);
    if (failed != last.end()) {
        const auto reporter = make_reporter("text", {.colour = demo.console.colour(), .verbose = false, .curl = false});
        demo.console.out("\n" + (*reporter)->outcome(*failed));
    }
    co_return as_expected;
}

std::string targets_yaml(const std::vector<ChatShard>& shards) {
    std::string text = "version: 1\ntargets:\n";
    for (const ChatShard& shard : shards) {
        text += "  " + shard.name + ": { region: " + shard.region + ", api: \"" + shard.api + "\", ws: \"" + shard.ws +
                "\" }\n";
    }
    return text;
}

boost::asio::awaitable<void> tell_story(Demo& demo, bool keep, bool& as_expected) {
    Console& console = demo.console;
    const std::string region = faulty_region;
    console.out(
        "A stand-in chat service: 2 regions × 2 shards on loopback, REST and websocket.\n"
        "Scenario chat-delivery: bob listens on a websocket, alice posts over REST, bob must see it once, within 2 s;\n"
        "played from every shard to every shard.\n");
    as_expected = co_await play_act(demo, "1. All is well (send → receive)", "", 3);
    if (as_expected) {
        demo.service.set_fault(region, ChatFault{.drop_pushes = 1.0});
        as_expected = co_await play_act(
            demo, "2. The shards of " + region + " drop their pushes; REST stays healthy, sockets stay up", region, 3);
        if (as_expected) {
            console.out("    " +
                        painted(console, "1",
                                "Serin says: stored, not pushed, to receivers on " + region + "-1 and " + region +
                                    "-2 and nowhere else.") +
                        "\n    An uptime check saw 200 everywhere.\n");
        }
    }
    if (as_expected) {
        demo.service.set_fault(region, ChatFault{});
        as_expected = co_await play_act(demo, "3. The fault is gone", "", 2);
    }
    if (demo.stop.requested()) co_return;
    const std::size_t left = demo.service.stored();
    as_expected = as_expected && left == 0;
    console.out("\n    Cleanup left " + std::to_string(left) + " of the canary's messages behind.\n");
    if (!keep) {
        console.out("\nNext: serin demo --keep, then play scenarios of your own on it; serin run --help\n");
        co_return;
    }
    demo.service.set_fault(region, ChatFault{.drop_pushes = 1.0});
    console.out("\nThe service stays up, " + region + " faulty. Save this as targets.yaml:\n\n" +
                targets_yaml(demo.service.shards()) +
                "\nand the scenario (scenarios/library/chat-delivery.yaml), then:\n\n"
                "  export SERIN_CHAT_ALICE=demo-token-alice SERIN_CHAT_BOB=demo-token-bob\n"
                "  serin run chat-delivery.yaml --targets targets.yaml\n\nCtrl-C ends it.\n");
    const std::unique_ptr<Bell> forever = demo.worker.player.clock.make_bell();
    const std::size_t listener = demo.stop.listen([&] { forever->ring(); });
    co_await forever->wait_until(Steady::max());
    demo.stop.forget(listener);
}

boost::asio::awaitable<void> play_demo(Demo& demo, bool keep, bool& as_expected) {
    TaskGroup service(demo.worker.loop.executor());
    service.spawn(demo.service.serve());
    std::exception_ptr thrown;
    try {
        co_await tell_story(demo, keep, as_expected);
    } catch (...) {
        thrown = std::current_exception();
    }
    demo.service.stop();
    co_await service.join();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

ExitCode demo_command(const Arguments& arguments, Console& console) {
    bool keep = false;
    for (const std::string& word : arguments) {
        if (word == "--help" || word == "-h") {
            console.out(demo_help);
            return ExitCode::pass;
        }
        if (word != "--keep") {
            console.error({.title = "unknown option `" + word + "`", .remedy = "see: serin demo --help"});
            return ExitCode::usage;
        }
        keep = true;
    }
    Worker worker;
    const std::map<std::string, Secret, std::less<>> secrets{{"alice", Secret{"demo-token-alice"}},
                                                             {"bob", Secret{"demo-token-bob"}}};
    auto service =
        ChatService::listen(worker.loop.executor(),
                            {.regions = {{faulty_region, 2}, {"eu-west", 2}},
                             .users = {{"alice", secrets.at("alice").reveal()}, {"bob", secrets.at("bob").reveal()}},
                             .seed = 1});
    if (!service) {
        console.error(service.error());
        return ExitCode::cannot_judge;
    }
    const auto files = library_files();
    const auto file = std::ranges::find(files, scenario_name, &LibraryFile::name);
    Loaded loaded =
        load_scenario(scenario_name, [&](const std::string&) { return Result<std::string>(std::string(file->text)); });
    if (!loaded.scenario) {
        console.err(draw(loaded.mistakes, {.colour = console.colour()}));
        return ExitCode::usage;
    }
    const auto scenario = std::make_shared<const Scenario>(*std::move(loaded.scenario));
    std::vector<Target> targets;
    for (const ChatShard& shard : (*service)->shards()) {
        Target target;
        target.name = shard.name;
        target.values = {{"region", shard.region}, {"api", shard.api}, {"ws", shard.ws}};
        targets.push_back(std::move(target));
    }
    auto world = make_world(*scenario, {.targets = targets, .set = {}, .vantage = "demo", .given_secrets = secrets},
                            worker.player.evaluator);
    auto cells = world ? cells_of(*scenario, **world, worker.player.evaluator)
                       : Result<std::vector<Cell>>(std::unexpected(world.error()));
    if (!cells) {
        console.error(cells.error());
        return ExitCode::usage;
    }
    Demo demo{.worker = worker,
              .console = console,
              .service = **service,
              .scenario = scenario,
              .world = *world,
              .cells = *cells,
              .stop = {}};
    int signal_number = 0;
    SignalListener signals(worker.loop.executor(), {SIGHUP, SIGINT, SIGTERM}, [&](int number) {
        signal_number = number;
        demo.stop.request();
    });
    bool as_expected = false;
    worker.loop.run(play_demo(demo, keep, as_expected));
    if (signal_number != 0 && !keep) return exit_code(Totals{}, signal_number, false);
    if (!as_expected)
        console.error(
            {.title = "the demo did not go as it should", .remedy = "is the machine overloaded? please report it"});
    return as_expected ? ExitCode::pass : ExitCode::fail;
}

}  // namespace serin
