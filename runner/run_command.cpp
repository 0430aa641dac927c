// SPDX-License-Identifier: Apache-2.0
// `serin run`: from files and options to runs, reports and an exit code.
#include <algorithm>
#include <csignal>
#include <optional>

#include "core/drawing.hpp"
#include "core/names.hpp"
#include "runner/batch.hpp"
#include "runner/cli.hpp"
#include "runner/options.hpp"
#include "runner/report_files.hpp"
#include "runner/worker.hpp"

namespace serin {
namespace {

struct Plan {
    std::vector<RunRequest> requests;
};

std::unexpected<ExitCode> refused(Console& console, const Error& error, ExitCode code = ExitCode::usage) {
    console.error(error);
    return std::unexpected(code);
}

/// Draws every mistake of every file before anything runs; warnings do not stop.
std::expected<std::vector<std::shared_ptr<const Scenario>>, ExitCode> load_all(const RunOptions& options,
                                                                               Console& console) {
    std::vector<std::shared_ptr<const Scenario>> scenarios;
    Mistakes mistakes;
    for (const std::string& file : options.files) {
        Loaded loaded = load_scenario(file);
        mistakes.insert(mistakes.end(), loaded.mistakes.begin(), loaded.mistakes.end());
        if (loaded.scenario) scenarios.push_back(std::make_shared<const Scenario>(*std::move(loaded.scenario)));
    }
    if (!mistakes.empty()) console.err(draw(mistakes, {.colour = console.colour()}) + "\n");
    if (scenarios.size() != options.files.size()) return std::unexpected(ExitCode::usage);
    return scenarios;
}

std::expected<std::vector<Target>, ExitCode> targets_of(const RunOptions& options, Console& console) {
    std::vector<Target> targets;
    if (!options.targets_file.empty()) {
        LoadedTargets loaded = load_targets(options.targets_file);
        if (!loaded.mistakes.empty()) console.err(draw(loaded.mistakes, {.colour = console.colour()}) + "\n");
        if (std::ranges::any_of(loaded.mistakes, [](const Mistake& one) { return one.level == Level::error; })) {
            return std::unexpected(ExitCode::usage);
        }
        targets = std::move(loaded.targets);
    } else if (!options.target.empty()) {
        Target target;
        target.name = "default";
        for (const auto& [key, value] : options.target) {
            if (key == "connect_to") {
                target.connect_to.push_back(value);
            } else if (key == "resolve") {
                target.resolve.push_back(value);
            } else if (std::string* slot = key == "ca"      ? &target.ca
                                           : key == "cert"  ? &target.cert
                                           : key == "key"   ? &target.key
                                           : key == "proxy" ? &target.proxy
                                                            : nullptr) {
                *slot = value;
            } else if ((key == "api" || key == "ws") && value.find("://") == std::string::npos) {
                return refused(console,
                               {.title = "--target " + key + "=" + value + ": that is no URL",
                                .remedy = "write --target " + key + (key == "api" ? "=https://" : "=wss://") + value});
            } else {
                target.values.emplace_back(key, value);
            }
        }
        targets.push_back(std::move(target));
    }
    std::vector<std::string> names;
    for (const Target& target : targets) names.push_back(target.name);
    if (!options.shard.empty() && std::ranges::find(names, options.shard) == names.end()) {
        return refused(console, {.title = "--shard " + options.shard + ": there is no such target",
                                 .remedy = names.empty() ? "name targets with --targets FILE"
                                                         : did_you_mean(options.shard, names, "targets")});
    }
    return targets;
}

/// The command that plays one cell again, as the person typed it, with -v.
std::string again_command(const RunOptions& options, const std::string& file, const Cell& cell,
                          const Redactor& redactor) {
    std::vector<std::string> words{"serin", "run", file};
    for (const auto& [key, value] : options.target)
        words.insert(words.end(), {"--target", key + "=" + without_userinfo(value)});
    if (!options.targets_file.empty()) words.insert(words.end(), {"--targets", options.targets_file});
    if (!options.shard.empty()) words.insert(words.end(), {"--shard", options.shard});
    for (const auto& [name, value] : options.set) words.insert(words.end(), {"--set", name + "=" + value});
    if (!cell.axes.empty()) words.insert(words.end(), {"--only", cell.text()});
    words.emplace_back("-v");
    // Redacted first, quoted then: quoting may change a secret so that no form of it is recognised.
    for (std::string& word : words) word = redactor.redact(word);
    return shell_words(words);
}

std::expected<Plan, ExitCode> make_plan(const RunOptions& options, Worker& worker, Console& console) {
    const auto scenarios = load_all(options, console);
    if (!scenarios) return std::unexpected(scenarios.error());
    const auto targets = targets_of(options, console);
    if (!targets) return std::unexpected(targets.error());
    Plan plan;
    std::vector<bool> used(options.only.size());
    for (std::size_t i = 0; i < scenarios->size(); ++i) {
        const std::shared_ptr<const Scenario>& scenario = (*scenarios)[i];
        const std::string& file = options.files[i];
        auto world = make_world(
            *scenario, {.targets = *targets, .set = options.set, .vantage = options.vantage, .given_secrets = {}},
            worker.evaluator);
        if (!world)
            return refused(console, {.title = file + ": " + world.error().title, .remedy = world.error().remedy});
        const auto cells = cells_of(*scenario, **world, worker.evaluator);
        if (!cells)
            return refused(console, {.title = file + ": " + cells.error().title, .remedy = cells.error().remedy},
                           ExitCode::nothing_ran);
        const std::size_t before = plan.requests.size();
        for (const Cell& cell : *cells) {
            bool wanted = options.only.empty();
            for (std::size_t k = 0; k < options.only.size(); ++k) {
                if (!selects(options.only[k], cell)) continue;
                wanted = true;
                used[k] = true;
            }
            if (!wanted) continue;
            plan.requests.push_back(
                RunRequest{.scenario = scenario,
                           .world = *world,
                           .cell = cell,
                           .target = options.shard,
                           .file = file,
                           .again = again_command(options, file, cell, (*world)->redactor),
                           .evidence = options.verbose || options.curl ? Evidence::of_all : Evidence::of_failures,
                           .stop = nullptr});
        }
        if (plan.requests.size() == before) {
            return refused(console,
                           {.title = file + ": --only selects none of its cells",
                            .remedy = "leave the file out, or select a cell of it: " + cells->front().text()},
                           ExitCode::nothing_ran);
        }
    }
    for (std::size_t k = 0; k < used.size(); ++k) {
        if (used[k]) continue;
        return refused(console,
                       {.title = "--only \"" + options.only[k] + "\" selects no cell",
                        .remedy = "write axis=value pairs of the matrix, as reports show them"},
                       ExitCode::nothing_ran);
    }
    return plan;
}

class Progress {
public:
    Progress(Console& console, std::size_t planned) : console_(console), planned_(planned) {}
    void started(const RunRequest& request) {
        last_ = request.scenario->name + (request.cell.axes.empty() ? "" : "  " + request.cell.text());
        show();
    }
    void ended() {
        ++ended_;
        show();
    }
    void clear() { console_.progress(""); }

private:
    void show() { console_.progress("[" + std::to_string(ended_) + "/" + std::to_string(planned_) + "] " + last_); }
    Console& console_;
    std::size_t planned_, ended_ = 0;
    std::string last_;
};

}  // namespace

ExitCode run_command(const Arguments& arguments, Console& console) {
    const Result<RunOptions> options = parse_run_options(arguments);
    if (!options) {
        console.error(options.error());
        return ExitCode::usage;
    }
    if (options->help) {
        console.out(run_help());
        return ExitCode::pass;
    }
    if (options->no_colour) console.no_colour();

    Worker worker;
    auto plan = make_plan(*options, worker, console);
    if (!plan) return plan.error();
    const ReportOptions style{.colour = console.colour(), .verbose = options->verbose, .curl = options->curl};
    Result<ReportFiles> reports =
        ReportFiles::open(options->report, style, [&](std::string_view text) { console.out(text); });
    if (!reports) {
        console.error(reports.error());
        return ExitCode::usage;
    }

    Stop stop;
    int signal_number = 0;
    SignalListener signals(worker.loop.executor(), {SIGHUP, SIGINT, SIGTERM}, [&](int number) {
        if (signal_number == 0) console.err("\nstopping: cleanup steps run now; once more to leave without them\n");
        if (signal_number == 0) signal_number = number;  // the first one is what ended the run
        stop.request();
    });
    for (RunRequest& request : plan->requests) request.stop = &stop;

    Totals totals;
    const std::size_t planned = plan->requests.size();
    const Steady start = worker.clock.now();
    Progress progress(console, planned);
    reports->begin(planned);
    const BatchEvents events{.started = [&](const RunRequest& request) { progress.started(request); },
                             .ended =
                                 [&](const RunRequest&, const Outcome& outcome) {
                                     totals.count(outcome);
                                     reports->outcome(outcome);
                                     progress.ended();
                                 }};
    std::vector<std::string> names;
    for (const RunRequest& request : plan->requests) {
        names.push_back(request.scenario->name + (request.cell.axes.empty() ? "" : "  " + request.cell.text()));
    }
    std::size_t started = 0;
    worker.loop.run([](Worker& on, std::vector<RunRequest> requests, std::size_t jobs, const Stop& until,
                       BatchEvents told, std::size_t& count) -> boost::asio::awaitable<void> {
        count = co_await play_batch(on.loop.executor(), on.engine, std::move(requests), jobs, until, std::move(told));
    }(worker, std::move(plan->requests), options->jobs, stop, events, started));
    progress.clear();

    totals.not_run = planned - started;
    totals.never_started.assign(names.begin() + static_cast<std::ptrdiff_t>(started), names.end());
    totals.took = worker.clock.now() - start;
    const std::vector<std::string> lost = reports->end(totals);
    for (const std::string& line : lost)
        console.error({.title = line, .remedy = "the runs themselves were played to the end"});
    return exit_code(totals, signal_number, !lost.empty());
}

}  // namespace serin
