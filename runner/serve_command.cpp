// SPDX-License-Identifier: Apache-2.0
// `serin serve`: from a configuration file to a daemon that keeps its appointments.
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/drawing.hpp"
#include "net/loop.hpp"
#include "net/real_clock.hpp"
#include "runner/cli.hpp"
#include "runner/command_line.hpp"
#include "runner/serve/daemon.hpp"
#include "runner/serve/desk_parts.hpp"
#include "runner/serve/log.hpp"
#include "runner/serve/machine.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

constexpr OptionRule serve_options[] = {
    {.name = "config",
     .about = "the configuration (serin.yaml); a word without option is taken for it",
     .value = "FILE"},
    {.name = "vantage", .about = "which of the file's vantages this one is, instead of its `vantage`", .value = "NAME"},
    {.name = "check", .about = "read and check it, secrets included, and leave without probing"},
};

constexpr CommandRules serve_rules{
    .command = "serin serve",
    .about =
        "Plays the probes of FILE on their schedule, keeps every result, and tells over HTTP: /metrics for "
        "Prometheus, /api/v1 for dashboards and pipelines, /-/healthy and /-/ready for supervisors.",
    .words = "FILE",
    .options = serve_options,
    .after =
        "signals: SIGHUP reads the configuration again (a bad file keeps the old one running) · SIGTERM and SIGINT end "
        "it: no new\nrun, those in flight end within limits.stop_grace, cleanup steps included · a second one "
        "interrupts them at once\n\n"
        "examples:\n"
        "  serin lint serin.yaml && serin serve serin.yaml\n"
        "  curl -s http://127.0.0.1:9464/metrics\n"
        "  kill -HUP PID\n\n"
        "exit codes: 0 ended as asked · 2 a mistake in the configuration or on the command line · 3 the store or the "
        "address cannot\nbe used, or a defect of Serin ended it\n"};

struct ServeOptions {
    std::string config, vantage;
    bool check = false;
};

Result<ServeOptions> options_of(const CommandLine& line) {
    std::vector<std::string> files = line.all("config");
    files.insert(files.end(), line.words.begin(), line.words.end());
    if (files.empty()) return fail("no configuration file", "serin serve serin.yaml");
    if (files.size() > 1) return fail("one configuration, not two: " + files[0] + ", " + files[1]);
    return ServeOptions{.config = files.front(), .vantage = line.one("vantage"), .check = line.has("check")};
}

struct Prepared {
    LoadedConfig loaded;
    CellPlans plans;
    Standing standing;
};

std::expected<Prepared, ExitCode> prepare(const ServeOptions& options, Evaluator& evaluator, Console& console) {
    Prepared prepared{.loaded = load_config(options.config, read_file, options.vantage), .plans = {}, .standing = {}};
    if (!prepared.loaded.mistakes.empty())
        console.err(draw(prepared.loaded.mistakes, {.colour = console.colour()}) + "\n");
    if (!prepared.loaded.config) return std::unexpected(ExitCode::usage);
    auto plans = make_plan(*prepared.loaded.config, evaluator, prepared.standing);
    if (!plans) {
        console.error(plans.error());
        return std::unexpected(ExitCode::usage);
    }
    prepared.plans = *std::move(plans);
    for (const std::string& warning : warnings_of(prepared.plans)) console.warning(warning);
    if (prepared.loaded.config->alerts.channels.empty())
        console.warning("nobody is told when something fails: there is no channel under `alerts`");
    return prepared;
}

ExitCode refused(Console& console, const Error& error) {
    console.error(error);
    return ExitCode::cannot_judge;
}

std::string folder_of(const Config& config) {
    return std::filesystem::path(config.file).parent_path().string();
}

Result<std::unique_ptr<Desk>> open_desk(const Config& config, const CellPlans& plans, StoreReader& accounts, Log& log) {
    const Wall now = wall_now();
    return Desk::open(desk_rules_of(config, plans),
                      {.database = config.alerts.path,
                       .folder = folder_of(config),
                       .vantage = config.vantage,
                       .log = &log,
                       .account = [&accounts](const Incident& incident) { return account_of(accounts, incident); },
                       .changes = recent_changes(accounts, config.alerts.book.suspect_within, now),
                       .history = recent_runs(accounts, config, now)});
}

}  // namespace

ExitCode serve_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(serve_rules, arguments);
    if (line && line->has("help")) {
        console.out(help_of(serve_rules));
        return ExitCode::pass;
    }
    const Result<ServeOptions> options = line ? options_of(*line) : std::unexpected(line.error());
    if (!options) {
        console.error(options.error());
        return ExitCode::usage;
    }
    Evaluator evaluator;
    auto prepared = prepare(*options, evaluator, console);
    if (!prepared) return prepared.error();
    Config& config = *prepared->loaded.config;
    if (options->check) {
        Redactor redactor;
        if (auto armed = arm_channels(config.alerts.channels, folder_of(config), redactor); !armed) {
            console.error(armed.error());
            return ExitCode::usage;
        }
        console.out(std::to_string(prepared->plans.size()) + " cells of " + std::to_string(config.probes.size()) +
                    " probes can be played from " + config.vantage + "\n");
        return ExitCode::pass;
    }

    raise_fd_limit();
    ProcessLog log({.json = config.log.json, .level = config.log.level});
    config.store.log = &log;
    auto store = Store::open(config.store);
    if (!store) return refused(console, store.error());
    auto reader = StoreReader::open(config.store.path);
    if (!reader) return refused(console, reader.error());

    Loop loop;  // outlives the desk, which posts to it
    RealClock clock(loop.executor());
    // The desk's own: it asks on a thread of its own.
    auto accounts = StoreReader::open(config.store.path);
    if (!accounts) return refused(console, accounts.error());
    auto desk = open_desk(config, prepared->plans, **accounts, log);
    if (!desk) return refused(console, desk.error());
    auto alert_reader = AlertReader::open(config.alerts.path);
    if (!alert_reader) return refused(console, alert_reader.error());

    const ServiceManager manager = ServiceManager::from_environment();
    Daemon daemon({.executor = loop.executor(),
                   .clock = clock,
                   .log = log,
                   .manager = manager,
                   .evaluator = evaluator,
                   .store = **store,
                   .reader = **reader,
                   .desk = **desk,
                   .alert_reader = **alert_reader,
                   .vantage = options->vantage},
                  std::move(config), std::move(prepared->plans), std::move(prepared->standing));
    if (const Result<void> bound = daemon.listen(); !bound) return refused(console, bound.error());
    SignalListener signals(loop.executor(), {SIGHUP, SIGINT, SIGTERM}, [&](int number) {
        if (number == SIGHUP) {
            daemon.reload_soon();
        } else {
            daemon.stop();
        }
    });
    loop.run(daemon.serve());
    (*accounts)->interrupt();  // the desk's question to it must not hold up the end
    return daemon.defect().empty() ? ExitCode::pass : ExitCode::cannot_judge;
}

}  // namespace serin
