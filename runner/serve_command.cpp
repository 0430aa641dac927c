// SPDX-License-Identifier: Apache-2.0
// `serin serve`: from a configuration file to a daemon that keeps its appointments.
#include <csignal>
#include <string>
#include <utility>

#include "core/drawing.hpp"
#include "net/loop.hpp"
#include "net/real_clock.hpp"
#include "runner/cli.hpp"
#include "runner/serve/daemon.hpp"
#include "runner/serve/log.hpp"
#include "runner/serve/machine.hpp"

namespace serin {
namespace {

constexpr const char* serve_help =
    "usage: serin serve [--config] FILE\n\n"
    "Plays the probes of FILE on their schedule, keeps every result, and tells over HTTP: /metrics for Prometheus, "
    "/api/v1 for\ndashboards and pipelines, /-/healthy and /-/ready for supervisors.\n\n"
    "  --config FILE  the configuration (serin.yaml); a word without option is taken for it\n"
    "  --vantage NAME which of the file's vantages this one is, instead of its `vantage`\n"
    "  --check        read and check it, secrets included, and leave without probing\n\n"
    "signals: SIGHUP reads the configuration again (a bad file keeps the old one running) · SIGTERM and SIGINT end it: "
    "no new run,\nthose in flight end within limits.stop_grace, cleanup steps included · a second one interrupts them "
    "now\n\n"
    "examples:\n"
    "  serin lint serin.yaml && serin serve serin.yaml\n"
    "  curl -s http://127.0.0.1:9464/metrics\n"
    "  kill -HUP PID\n\n"
    "exit codes: 0 ended as asked · 2 a mistake in the configuration or on the command line · 3 the store or the "
    "address "
    "cannot be\nused\n";

struct ServeOptions {
    std::string config, vantage;
    bool check = false, help = false;
};

Result<ServeOptions> parse(const Arguments& arguments) {
    ServeOptions options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--help" || word == "-h") {
            options.help = true;
            return options;
        }
        if (word == "--check") {
            options.check = true;
            continue;
        }
        if (word == "--vantage" && i + 1 < arguments.size()) {
            options.vantage = arguments[++i];
            continue;
        }
        std::string file;
        if (word == "--config" && i + 1 < arguments.size()) {
            file = arguments[++i];
        } else if (word.starts_with("--config=")) {
            file = word.substr(std::string("--config=").size());
        } else if (word.starts_with("-")) {
            return fail("unknown or incomplete option `" + word + "`", "see: serin serve --help");
        } else {
            file = word;
        }
        if (!options.config.empty()) return fail("one configuration, not two: " + options.config + ", " + file);
        options.config = file;
    }
    if (options.config.empty()) return fail("no configuration file", "serin serve serin.yaml");
    return options;
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
    return prepared;
}

ExitCode refused(Console& console, const Error& error) {
    console.error(error);
    return ExitCode::cannot_judge;
}

}  // namespace

ExitCode serve_command(const Arguments& arguments, Console& console) {
    const Result<ServeOptions> options = parse(arguments);
    if (!options) {
        console.error(options.error());
        return ExitCode::usage;
    }
    if (options->help) {
        console.out(serve_help);
        return ExitCode::pass;
    }
    Evaluator evaluator;
    auto prepared = prepare(*options, evaluator, console);
    if (!prepared) return prepared.error();
    Config& config = *prepared->loaded.config;
    if (options->check) {
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

    Loop loop;
    RealClock clock(loop.executor());
    const ServiceManager manager = ServiceManager::from_environment();
    Daemon daemon({.executor = loop.executor(),
                   .clock = clock,
                   .log = log,
                   .manager = manager,
                   .evaluator = evaluator,
                   .store = **store,
                   .reader = **reader,
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
    return daemon.defect().empty() ? ExitCode::pass : ExitCode::cannot_judge;
}

}  // namespace serin
