// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_world.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "tests/support/alert_examples.hpp"
#include "tests/support/outcome_examples.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

ProbeView view(const std::string& name) {
    ProbeView probe;
    probe.name = name;
    probe.scenario = "example";
    probe.every = 10s;
    probe.timeout = 5s;
    ProbeView::CellView cell;
    cell.key = *cell_named(name);
    cell.next_at = api_noon() + 3s;
    probe.cells.push_back(cell);
    return probe;
}

Record failure_with_evidence() {
    Record record = record_of(cell_named("chat"), "run-2", Verdict::fail, noon - 5s);
    auto outcome = std::make_shared<Outcome>(undelivered_message());
    outcome->run_id = "run-2";
    outcome->started_at = noon - 5s;
    record.outcome = std::move(outcome);
    return record;
}

std::vector<StoreEntry> entries() {
    std::vector<StoreEntry> all{
        record_of(cell_named("chat"), "run-1", Verdict::pass, noon - 15s),
        failure_with_evidence(),
        record_of(cell_named("mail"), "run-3", Verdict::pass, noon - 20s),
        record_of(cell_named("gone"), "run-4", Verdict::fail, noon - 20s),
        Gap{.key = cell_named("mail"),
            .reason = GapReason::missed,
            .first_scheduled_at = noon - 40s,
            .last_scheduled_at = noon - 30s,
            .count = 2},
        Sending{.nonce = "n-1",
                .run_id = "run-2",
                .scenario = "example",
                .step = "send",
                .sender = "alice",
                .at = noon - 5s},
        Delivery{.nonce = "n-1",
                 .sender = "alice",
                 .receiver = "bob",
                 .state = "lost",
                 .send_to_receive = {},
                 .ack_to_receive = {},
                 .copies = 0},
    };
    for (int i = 0; i < 25; ++i) {
        all.emplace_back(
            record_of(cell_named("many"), fmt::format("page-{:02}", i), Verdict::pass, noon - 600s + i * 10s));
    }
    Change change;
    change.id = "c-1";
    change.kind = "deploy";
    change.component = "api";
    change.shards = {"shard-1"};
    change.started_at = noon - 30s;
    all.emplace_back(change);
    return all;
}

}  // namespace

Wall api_noon() {
    return noon;
}

FakeControl::FakeControl()
    : metrics_(std::make_unique<Metrics>(Metrics::Options{.vantage = "here", .labels = {}, .version = "1"})) {
    for (const char* name : {"chat", "mail", "many", "never"}) views.push_back(view(name));
    std::vector<std::pair<std::shared_ptr<const CellKey>, Duration>> cells;
    for (const ProbeView& probe : views)
        cells.emplace_back(std::make_shared<const CellKey>(probe.cells[0].key), probe.every);
    metrics_->set_cells(cells);
}

DaemonStatus FakeControl::status() const {
    if (broken) throw std::runtime_error("a defect at /secret/place");
    DaemonStatus status;
    status.vantage = "here";
    status.version = "1";
    status.started_at = api_noon() - 1h;
    status.ready = ready;
    if (!ready) status.not_ready.emplace_back("the store is not writing: disk full");
    status.probes = status.cells = views.size();
    return status;
}

asio::awaitable<Result<int>> FakeControl::run_now(std::string probe, std::string target) {
    if (!run_refusal.empty()) co_return fail(run_refusal, "wait");
    runs.push_back(probe + "/" + target);
    co_return 1;
}

asio::awaitable<Result<void>> FakeControl::reload() {
    ++reloads;
    if (!reload_refusal.empty()) co_return fail(reload_refusal, "mend the file");
    co_return Result<void>();
}

asio::awaitable<Result<void>> FakeAlerts::command(AlertCommand command) {
    if (!refusal.empty()) co_return fail(refusal, "look again");
    commands.push_back(std::move(command));
    co_return Result<void>();
}

asio::awaitable<std::vector<Incident>> FakeAlerts::active() {
    co_return going_on;
}

asio::awaitable<DeskFigures> FakeAlerts::figures() {
    DeskFigures figures;
    figures.opened = 7;
    figures.channels["pager"].took["proven"] = 3;
    co_return figures;
}

asio::awaitable<StatusPage> FakeAlerts::status() {
    StatusPage page;
    page.title = "Example";
    page.at = noon;
    Component chat;
    chat.name = "Chat";
    chat.about = "<live> messages";
    page.components = {{.component = chat,
                        .state = ComponentState::partial_outage,
                        .since = noon - 10min,
                        .incidents = {"inc-rich"},
                        .why = "confirmed on b"}};
    page.drafts = {{.incident_id = "inc-rich",
                    .stage = "investigating",
                    .title = "Chat is not live",
                    .text = "messages are stored but not delivered live",
                    .overdue = false,
                    .at = noon - 10min}};
    co_return page;
}

asio::awaitable<std::vector<DrillRow>> FakeAlerts::drill(std::string channel) {
    drilled.push_back(channel);
    std::vector<DrillRow> rows;
    for (const DrillRow& row : example_batch(noon).drills) {
        if (channel.empty() || channel == row.channel) rows.push_back(row);
    }
    co_return rows;
}

Result<void> FakeAlerts::heartbeat(const Heartbeat& heartbeat) {
    if (heartbeat.heartbeat != "backup") return fail("there is no heartbeat `" + heartbeat.heartbeat + "`");
    heartbeats.push_back(heartbeat);
    return {};
}

Result<void> FakeAlerts::gauge(const GaugeSample& sample) {
    if (sample.gauge != "disk") return fail("there is no gauge `" + sample.gauge + "`");
    gauges.push_back(sample);
    return {};
}

asio::awaitable<Result<void>> FakeAlerts::pager_webhook(std::string body, std::string signature,
                                                        std::string webhook_id) {
    if (signature != "v1=good") co_return fail("the signature is " + signature);
    webhooks.push_back(webhook_id + " " + body);
    co_return Result<void>();
}

void NotedLog::write(LogLevel, std::string_view event, std::string_view, const LogFields& fields) {
    std::string line(event);
    for (const auto& [key, value] : fields) line.append(" ").append(key).append("=").append(value);
    lines.push_back(std::move(line));
}

struct ApiWorld::Stored {
    TempFolder folder;
    std::unique_ptr<Store> store;
    std::unique_ptr<StoreReader> reader;
    std::unique_ptr<AlertReader> alert_reader;

    Stored() : store(open_store_at(folder.file("store.db"))) {
        store->append(entries());
        flush(*store);
        auto opened = StoreReader::open(folder.file("store.db"));
        if (!opened) throw std::runtime_error(opened.error().title);
        reader = *std::move(opened);
        keep_examples(folder.file("alerts.db"), noon);
        auto kept = AlertReader::open(folder.file("alerts.db"));
        if (!kept) throw std::runtime_error(kept.error().title);
        alert_reader = *std::move(kept);
    }
};

namespace {

Api::Parts adjusted(Api::Parts parts, const std::function<void(Api::Parts&)>& adjust) {
    if (adjust) adjust(parts);
    return parts;
}

}  // namespace

ApiWorld::ApiWorld(const asio::any_io_executor& executor, Tokens tokens, const std::function<void(Api::Parts&)>& adjust)
    : clock(executor),
      stored_(std::make_unique<Stored>()),
      api(adjusted({.control = control,
                    .reader = *stored_->reader,
                    .reader_executor = reader_thread_.executor(),
                    .clock = clock,
                    .tokens = std::move(tokens),
                    .log = &log,
                    .alerts = &alerts,
                    .alert_reader = stored_->alert_reader.get()},
                   adjust)) {}
ApiWorld::~ApiWorld() = default;

ServerRequest ApiWorld::request(const std::string& method, const std::string& target, const std::string& token) {
    ServerRequest request;
    request.method = method;
    request.target = target;
    request.headers = {{"Host", "localhost:9464"}};
    request.remote = "127.0.0.1:5000";
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    return request;
}

asio::awaitable<ServerResponse> ApiWorld::ask(std::string method, std::string target, std::string token) {
    ServerRequest asked = request(method, target, token);
    co_return co_await api.handle(std::move(asked));
}

}  // namespace serin::test
