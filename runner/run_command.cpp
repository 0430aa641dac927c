// SPDX-License-Identifier: Apache-2.0
// `serin run`: from files and options to runs, reports and an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "core/drawing.hpp"
#include "core/names.hpp"
#include "core/shell.hpp"
#include "runner/batch.hpp"
#include "runner/cli.hpp"
#include "runner/config/file_kind.hpp"
#include "runner/options.hpp"
#include "runner/report_files.hpp"
#include "runner/selection.hpp"
#include "runner/worker.hpp"

namespace serin {
namespace {

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
        LoadedTargets loaded = load_targets_of(options.targets_file);
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
                const char* scheme = key == "api" ? "https://" : "wss://";
                return refused(console, {.title = fmt::format("--target {}={}: that is no URL", key, value),
                                         .remedy = fmt::format("write --target {}={}{}", key, scheme, value)});
            } else {
                target.values.emplace_back(key, value);
            }
        }
        targets.push_back(std::move(target));
    }
    std::vector<std::string> names;
    names.reserve(targets.size());
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
        words.insert(words.end(), {"--target", fmt::format("{}={}", key, without_userinfo(value))});
    if (!options.targets_file.empty()) words.insert(words.end(), {"--targets", options.targets_file});
    if (!options.shard.empty()) words.insert(words.end(), {"--shard", options.shard});
    for (const auto& [name, value] : options.set)
        words.insert(words.end(), {"--set", fmt::format("{}={}", name, value)});
    if (!cell.axes.empty()) words.insert(words.end(), {"--only", cell.text()});
    words.emplace_back("-v");
    // Redacted first, quoted then: quoting may change a secret so that no form of it is recognised.
    for (std::string& word : words) word = redactor.redact(word);
    return shell_words(words);
}

/// One request for each cell that is wanted, in the order of the files.
std::expected<std::vector<RunRequest>, ExitCode> make_requests(const RunOptions& options, Worker& worker,
                                                               Console& console) {
    const auto scenarios = load_all(options, console);
    if (!scenarios) return std::unexpected(scenarios.error());
    const auto targets = targets_of(options, console);
    if (!targets) return std::unexpected(targets.error());
    std::vector<RunRequest> requests;
    Selection selection(options.only);
    std::optional<Error> left_out;  // the first file of which no cell is wanted
    for (std::size_t i = 0; i < scenarios->size(); ++i) {
        const std::shared_ptr<const Scenario>& scenario = (*scenarios)[i];
        const std::string& file = options.files[i];
        const auto of_file = [&](const Error& error) { return Error{file + ": " + error.title, error.remedy}; };
        auto world = make_world(
            *scenario, {.targets = *targets, .set = options.set, .vantage = options.vantage, .given_secrets = {}},
            worker.player.evaluator);
        if (!world) return refused(console, of_file(world.error()));
        for (const std::string& warning : (*world)->warnings) console.warning(fmt::format("{}: {}", file, warning));
        const auto cells = cells_of(*scenario, **world, worker.player.evaluator);
        if (!cells) return refused(console, of_file(cells.error()), ExitCode::nothing_ran);
        const std::size_t before = requests.size();
        for (const Cell& cell : *cells) {
            if (!selection.wants(cell)) continue;
            requests.push_back(
                RunRequest{.scenario = scenario,
                           .world = *world,
                           .cell = cell,
                           .target = options.shard,
                           .file = file,
                           .again = again_command(options, file, cell, (*world)->redactor),
                           .evidence = options.verbose || options.curl ? Evidence::of_all : Evidence::of_failures,
                           .stop = nullptr});
        }
        if (requests.size() > before || left_out) continue;
        const std::string example = cells->front().text();
        left_out = of_file({.title = "--only selects none of its cells",
                            .remedy = example.empty() ? "leave the file out: it has no matrix"
                                                      : "leave the file out, or select a cell of it: " + example});
    }
    if (const std::optional<Error> unmet = selection.unmet()) return refused(console, *unmet, ExitCode::nothing_ran);
    if (left_out) return refused(console, *left_out, ExitCode::nothing_ran);
    return requests;
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
    auto requests = make_requests(*options, worker, console);
    if (!requests) return requests.error();
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
    for (RunRequest& request : *requests) request.stop = &stop;

    Totals totals;
    const std::size_t planned = requests->size();
    const Steady start = worker.player.clock.now();
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
    names.reserve(planned);
    for (const RunRequest& request : *requests) {
        names.push_back(request.scenario->name + (request.cell.axes.empty() ? "" : "  " + request.cell.text()));
    }
    std::size_t started = 0;
    worker.loop.run([](Worker& on, std::vector<RunRequest> all, std::size_t jobs, const Stop& until, BatchEvents told,
                       std::size_t& count) -> boost::asio::awaitable<void> {
        count = co_await play_batch(on.loop.executor(), on.player.engine, std::move(all), jobs, until, std::move(told));
    }(worker, std::move(*requests), options->jobs, stop, events, started));
    progress.clear();

    totals.not_run = planned - started;
    totals.never_started.assign(names.begin() + static_cast<std::ptrdiff_t>(started), names.end());
    totals.took = worker.player.clock.now() - start;
    const std::vector<std::string> lost = reports->end(totals);
    for (const std::string& line : lost)
        console.error({.title = line, .remedy = "the runs themselves were played to the end"});
    return exit_code(totals, signal_number, !lost.empty());
}

}  // namespace serin
