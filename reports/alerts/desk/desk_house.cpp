// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/desk/desk_house.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr Duration time_to_write = std::chrono::seconds(2);
constexpr Wall::duration shown_for = std::chrono::hours(24 * 7);  // closed incidents, on the status page

/// "inc-" and ten letters or digits: 50 bits, so that two never meet.
std::string random_id() {
    constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32
    unsigned char bytes[10];
    std::string id = "inc-";
    if (RAND_bytes(bytes, sizeof bytes) != 1) std::abort();  // OpenSSL without entropy: nothing is safe then
    for (const unsigned char byte : bytes) id += alphabet[byte % alphabet.size()];
    return id;
}

/// What held when the process ended, by the incidents that it left open.
std::vector<Condition> held_by(const std::vector<Incident>& incidents) {
    std::vector<Condition> held;
    for (const Incident& incident : incidents) {
        if (incident.state != IncidentState::open || incident.declared || incident.drill) continue;
        for (const AffectedCell& cell : incident.cells) {
            if (cell.recovered_at) continue;
            held.push_back({.rule = cell.rule,
                            .cell = cell.cell,
                            .failure_class = incident.failure_class,
                            .severity = incident.severity,
                            .since = cell.since,
                            .decided_at = incident.opened_at,
                            .message = cell.message,
                            .run_id = cell.run_id,
                            .step = cell.step,
                            .because = cell.because});
        }
    }
    return held;
}

}  // namespace

DeskHouse::DeskHouse(DeskRules rules, Desk::Parts parts, std::unique_ptr<AlertStore> store, Redactor redactor)
    : rules_(std::move(rules)),
      parts_(std::move(parts)),
      store_(std::move(store)),
      clock_(thread_.executor()),
      redactor_(std::move(redactor)),
      http_(std::make_unique<HttpClient>(thread_.executor())),
      commits_({.store = *store_,
                .desk = thread_.executor(),
                .database = database_thread_.executor(),
                .clock = clock_,
                .log = parts_.log,
                .begun_anew = [this](const std::string& fault) { write_all_again(fault); }}),
      started_at_(clock_.wall()),
      bell_(clock_.make_bell()),
      drill_bell_(clock_.make_bell()),
      sending_(std::make_unique<TaskGroup>(thread_.executor())),
      looking_(std::make_unique<TaskGroup>(thread_.executor())),
      errands_(std::make_unique<TaskGroup>(thread_.executor())),
      ending_(std::make_unique<TaskGroup>(thread_.executor())) {
    sender_ = std::make_unique<Sender>(
        Sender::Parts{.executor = thread_.executor(),
                      .clock = clock_,
                      .log = parts_.log,
                      .commits = commits_,
                      .on_result = [this](const OutboxRow& row, const SendResult& result) { noted(row, result); }},
        rules_.sending, static_cast<std::uint64_t>(clock_.wall().time_since_epoch().count()));
}

DeskHouse::~DeskHouse() {
    // The threads end before anything that they use. One that was never asked to finish is asked now.
    if (!stopping_) {
        post(executor(), [this] { ending_->spawn(finish(Duration::zero())); });
    }
    thread_.stop();
    errands_thread_.stop();
    database_thread_.stop();
}

Policy::Options DeskHouse::policy_options(Wall now) const {
    Policy::Options options = rules_.policy;
    options.now = now;
    const std::vector<std::string> drilled = drill_channels();
    for (const std::string& channel : paging_channels()) {
        ProbeRules rules{.probe = std::string(drill_service) + channel,
                         .service = std::string(drill_service) + channel,
                         .every = std::chrono::hours(1)};
        rules.stale_after = 100'000;  // a drill is asked for, not due
        rules.recover = 1;
        rules.recover_vantages = 1;
        rules.soft = {};
        rules.lost = rules.late = rules.duplicated = {};
        rules.latency = {};
        rules.missed = {};
        rules.drill = true;
        options.probes.push_back(std::move(rules));
        if (rules_.drill_every <= Duration::zero() || std::ranges::find(drilled, channel) == drilled.end()) continue;
        options.heartbeats.push_back({.heartbeat = std::string(drill_service) + channel,
                                      .service = std::string(channel_service) + channel,
                                      .every = rules_.drill_every,
                                      .grace = rules_.drill_every});
    }
    return options;
}

BookRules DeskHouse::book_rules() const {
    BookRules book = rules_.book;
    for (const ProbeRules& each : rules_.policy.probes) book.services.insert(each.service);
    for (const GaugeRules& each : rules_.policy.gauges) book.services.insert(each.service);
    for (const HeartbeatRules& each : rules_.policy.heartbeats) book.services.insert(each.service);
    for (const auto& [name, channel] : sender_->channels()) {
        book.services.insert(std::string(drill_service) + name);
        book.services.insert(std::string(channel_service) + name);
    }
    return book;
}

Book::Seams DeskHouse::seams() {
    return {.in_maintenance =
                [this](const CellKey& cell, const std::string& failure_class, Wall now) {
                    return rules_.in_maintenance && rules_.in_maintenance(cell, failure_class, now);
                },
            .make_id = random_id,
            .baseline = [this](const CellKey& cell, Wall before) { return policy_->baseline(cell, before); },
            .latency = [this](const CellKey& cell) { return policy_->latest_latency(cell); }};
}

Result<void> DeskHouse::open_channels(std::vector<ArmedChannel> armed, const std::string& external_url) {
    std::vector<Secret> pager_keys;
    for (const ArmedChannel& one : armed)
        pager_keys.insert(pager_keys.end(), one.inbound_keys.begin(), one.inbound_keys.end());
    auto made = make_channels(std::move(armed), {.executor = thread_.executor(),
                                                 .http = *http_,
                                                 .evaluator = evaluator_,
                                                 .clock = clock_,
                                                 .redactor = redactor_,
                                                 .external_url = external_url,
                                                 .vantage = parts_.vantage});
    if (!made) return std::unexpected(made.error());
    Channels channels;
    for (std::unique_ptr<Channel>& one : *made) {
        std::string name = one->name();
        channels.emplace(std::move(name), std::move(one));
    }
    pager_keys_ = std::move(pager_keys);
    sender_->replace(std::move(channels));
    return {};
}

Result<void> DeskHouse::take_up(std::vector<ArmedChannel> armed) {
    if (Result<void> opened = open_channels(std::move(armed), rules_.external_url); !opened) return opened;
    policy_ = std::make_unique<Policy>(policy_options(started_at_));
    book_ = std::make_unique<Book>(book_rules(), seams());
    Result<AlertState> state = store_->load(started_at_);
    if (!state) return std::unexpected(state.error());
    restore(*std::move(state));
    return {};
}

void DeskHouse::restore(AlertState state) {
    next_row_id_ = state.next_row_id;
    policy_->hold(held_by(state.incidents));
    for (const Record& record : parts_.history) static_cast<void>(policy_->observe(record));
    for (const GaugeSample& sample : state.gauges) static_cast<void>(policy_->observe(sample));
    for (const Heartbeat& heartbeat : state.heartbeats) {
        heartbeats_[heartbeat.heartbeat] = heartbeat.at;
        static_cast<void>(policy_->observe(heartbeat));
    }
    for (const DrillRow& row : state.drills) {
        drilled_[row.channel] = row;
        if (row.good) drilled_well_at_[row.channel] = row.at;
    }
    for (const Incident& incident : state.incidents) {
        told_on_[incident.id];  // whom it was told, the rows say
        if (incident.told || incident.recovered_at) resolved_[incident.id] = incident;
    }
    std::erase_if(resolved_, [](const auto& each) { return each.second.state == IncidentState::open; });
    if (auto reader = AlertReader::open(parts_.database)) {
        AlertReader::Filter recently;
        recently.states = {name_of(IncidentState::closed)};
        recently.from = started_at_ - shown_for;
        recently.limit = 1000;
        for (const Incident& incident : (*reader)->incidents(recently).value_or(std::vector<Incident>())) {
            closed_[incident.id] = incident;
            state.incidents.push_back(incident);
        }
        for (auto& [id, channels] : told_on_) {
            const auto rows = (*reader)->rows(id);
            if (!rows) continue;
            for (const OutboxRow& row : *rows) {
                if (row.state == OutboxRow::State::delivered || row.state == OutboxRow::State::accepted)
                    channels.insert(row.channel);
            }
        }
    }
    book_->restore(std::move(state.incidents), std::move(state.mutes), std::move(parts_.changes));
    for (const auto& [incident, channel] : state.told_by_failover) sender_->restore_told(incident, channel);
    sender_->add(std::move(state.rows));
    parts_.history.clear();
}

void DeskHouse::begin() {
    if (!store_->fault().empty()) log(LogLevel::error, "alert_store_set_aside", store_->fault());
    act(book_->reconcile(policy_->faults(), clock_.wall()));
    sending_->spawn(guarded(sender_->serve(), "sending"));
    looking_->spawn(guarded(look(), "the desk"));
}

/// Alerting that ended by a defect of ours must not leave the rest looking healthy.
asio::awaitable<void> DeskHouse::guarded(asio::awaitable<void> work, std::string what) {
    try {
        co_await std::move(work);
        co_return;
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::system::errc::operation_canceled) throw;
        defect_ = what + ": " + error.what();
    } catch (const std::exception& error) {
        defect_ = what + ": " + error.what();
    }
    log(LogLevel::error, "defect", "alerting ended by a defect of Serin, please report it: " + defect_);
    if (tell_defect_) tell_defect_(defect_);
}

/// What goes wrong in one errand is told, and ends nothing else.
void DeskHouse::run_errand(asio::awaitable<void> errand) {
    errands_->spawn(watched(std::move(errand)));
}

asio::awaitable<void> DeskHouse::watched(asio::awaitable<void> errand) {
    try {
        co_await std::move(errand);
        co_return;
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::system::errc::operation_canceled) throw;
        log(LogLevel::error, "defect", std::string("a defect of Serin, please report it: ") + error.what());
    } catch (const std::exception& error) {
        log(LogLevel::error, "defect", std::string("a defect of Serin, please report it: ") + error.what());
    }
}

asio::awaitable<void> DeskHouse::finish(Duration grace) {
    stopping_ = true;
    drill_bell_->ring();
    stop_asked_.store(true);
    looking_->cancel();
    co_await looking_->join();
    errands_->cancel();
    co_await errands_->join();
    // What was decided last is written, and in the plan, before the sender lines up for the last time; what came of it
    // is written afterwards.
    co_await settle_commits(deadline_after(clock_.now(), time_to_write).at);
    sender_->stop(deadline_after(clock_.now(), grace).at);
    co_await sending_->join();
    co_await settle_commits(deadline_after(clock_.now(), time_to_write).at);
}

asio::awaitable<void> DeskHouse::settle_commits(Steady until) {
    while (!commits_.idle() && clock_.now() < until) {
        commits_.look();
        co_await bell_->wait_until(deadline_after(clock_.now(), std::chrono::milliseconds(20)).at);
    }
}

/// The database was damaged and has been begun anew: whatever counts goes into the new one.
void DeskHouse::write_all_again(const std::string& fault) {
    log(LogLevel::error, "alert_store_set_aside", fault);
    taken_commands_.clear();  // their numbers begin anew
    AlertBatch batch;
    for (Incident& incident : book_->active())
        batch.transitions.push_back({.incident = std::move(incident), .timeline = {}, .notices = {}});
    batch.rows = sender_->plan().rows();
    batch.mutes = book_->mutes(clock_.wall());
    for (const auto& [name, at] : heartbeats_) {
        Heartbeat heartbeat;
        heartbeat.heartbeat = name;
        heartbeat.at = at;
        batch.heartbeats.push_back(std::move(heartbeat));
    }
    for (const auto& [channel, row] : drilled_) batch.drills.push_back(row);
    commits_.write(std::move(batch), nullptr);
}

void DeskHouse::digest(const std::vector<FaultChange>& changes) {
    Transitions all;
    for (const FaultChange& change : changes) {
        Transitions some = book_->take(change);
        std::ranges::move(some, std::back_inserter(all));
    }
    act(std::move(all));
    // What is to be told at once need not wait for the next look at the time.
    if (const Wall now = clock_.wall(); book_->next_due().value_or(Wall::max()) <= now) act(book_->tick(now));
}

void DeskHouse::observe(const std::vector<StoreEntry>& entries) {
    incoming_.insert(incoming_.end(), entries.begin(), entries.end());
    if (incoming_.size() > entries.size()) return;
    post(executor(), [this] { observe_incoming(); });
}

/// In a storm runs come faster than they are judged: then many are judged at once, for each change tells of all cells.
void DeskHouse::observe_incoming() {
    const std::vector<StoreEntry> entries = std::exchange(incoming_, {});
    std::vector<const Record*> records;
    std::vector<FaultChange> changes;
    for (const StoreEntry& entry : entries) {
        if (const auto* record = std::get_if<Record>(&entry)) records.push_back(record);
        if (const auto* gap = std::get_if<Gap>(&entry))
            std::ranges::move(policy_->observe(*gap), std::back_inserter(changes));
    }
    digest(changes);
    if (!records.empty()) digest(policy_->observe_all(records));
}

void DeskHouse::observe(const GaugeSample& sample) {
    AlertBatch batch;
    batch.gauges.push_back(sample);
    commits_.write(std::move(batch), nullptr);
    digest(policy_->observe(sample));
}

void DeskHouse::observe(const Heartbeat& heartbeat) {
    heartbeats_[heartbeat.heartbeat] = heartbeat.at;
    AlertBatch batch;
    batch.heartbeats.push_back(heartbeat);
    commits_.write(std::move(batch), nullptr);
    digest(policy_->observe(heartbeat));
}

void DeskHouse::observe(const Change& change) {
    act(book_->take(change));
    for (const auto& [name, channel] : sender_->channels()) run_errand(tell(channel, change));
}

/// The first of the transaction's two halves; the second, telling, begins when it is on the disk.
void DeskHouse::act(Transitions transitions, AlertBatch batch) {
    std::vector<OutboxRow> rows;
    std::vector<std::string> over;
    for (Transition& transition : transitions) {
        const bool resolved = std::ranges::any_of(
            transition.notices, [](const Notice& notice) { return notice.kind == NoticeKind::resolved; });
        if (transition.acknowledged || resolved) over.push_back(transition.incident.id);
        // No failover may begin between now and the commit: it would never learn of the end.
        if (transition.acknowledged || resolved) sender_->acknowledged(transition.incident.id);
        for (Notice& notice : transition.notices) {
            route(notice);
            std::vector<OutboxRow> some = sender_->plan().rows_for(notice, next_row_id_);
            next_row_id_ += static_cast<std::int64_t>(some.size());
            std::ranges::move(some, std::back_inserter(rows));
        }
        after(transition);
    }
    batch.transitions = std::move(transitions);
    batch.rows = rows;
    if (batch.empty()) return;
    commits_.write(std::move(batch), [this, rows = std::move(rows), over = std::move(over)] {
        // First what it settles: rows that are still on their way from an earlier step are in the plan by now.
        for (const std::string& incident : over) sender_->acknowledged(incident);
        sender_->add(rows);
    });
}

/// What the desk knows of channels and the book does not.
void DeskHouse::route(Notice& notice) const {
    const std::string& service = notice.incident.service;
    if (service.starts_with(drill_service)) {
        notice.channels = {service.substr(drill_service.size())};
        notice.failover.clear();
        notice.page = false;
        return;
    }
    if (service.starts_with(channel_service)) {
        // Of a channel that cannot be trusted, the others are told.
        const std::string broken = service.substr(channel_service.size());
        std::erase(notice.channels, broken);
        std::erase(notice.failover, broken);
        for (const auto& [name, channel] : sender_->channels()) {
            if (notice.channels.empty() && name != broken && channel->traits().pages) notice.channels.push_back(name);
        }
    }
    const bool turn = notice.kind == NoticeKind::opened || notice.kind == NoticeKind::reopened ||
                      notice.kind == NoticeKind::resolved || notice.kind == NoticeKind::changed;
    if (!turn) return;
    for (const ChannelConfig& config : rules_.channels) {
        const bool shows = config.kind == ChannelKind::grafana || config.kind == ChannelKind::statuspage;
        if (shows && std::ranges::find(notice.channels, config.name) == notice.channels.end())
            notice.channels.push_back(config.name);
    }
}

/// What follows from a transition beside telling.
void DeskHouse::after(const Transition& transition) {
    const Incident& incident = transition.incident;
    status_changed_ = true;
    for (const TimelineEntry& entry : transition.timeline) {
        const bool loud = incident.severity == AlertSeverity::critical && !incident.drill;
        log(loud ? LogLevel::warning : LogLevel::info, "incident_" + entry.event, entry.text,
            {{"incident", incident.id}, {"service", incident.service}, {"failure_class", incident.failure_class}});
        if (entry.event == "opened" && !incident.drill) ++opened_;
    }
    for (const Notice& notice : transition.notices) {
        if (notice.page) ++pages_;
        if (notice.kind == NoticeKind::resolved) resolved_[incident.id] = incident;
        if (notice.kind == NoticeKind::opened || notice.kind == NoticeKind::reopened) resolved_.erase(incident.id);
    }
    if (incident.state == IncidentState::closed) {
        told_on_.erase(incident.id);
        if (!incident.drill) closed_[incident.id] = incident;
    }
    if (const auto drill = std::ranges::find_if(
            drilling_, [&](const auto& each) { return incident.service == std::string(drill_service) + each.first; });
        drill != drilling_.end()) {
        drill->second.incident_id = incident.id;
    }
    if (!incident.drill && publish_) publish_(incident);
}

void DeskHouse::noted(const OutboxRow& row, const SendResult& result) {
    if (result.took == Took::proven || result.took == Took::accepted) {
        if (row.notice.kind != NoticeKind::resolved) told_on_[row.notice.incident.id].insert(row.channel);
    }
    const auto drill = drilling_.find(row.channel);
    if (drill == drilling_.end() || !row.notice.incident.service.starts_with(drill_service)) return;
    drill->second.took[row.notice.kind] = {result.took, clock_.wall()};
    drill->second.said = result.said;
    drill_bell_->ring();
}

void DeskHouse::log_later(LogLevel level, std::string event, std::string message) {
    post(executor(),
         [this, level, event = std::move(event), message = std::move(message)] { log(level, event, message); });
}

void DeskHouse::log(LogLevel level, std::string_view event, const std::string& message, const LogFields& fields) const {
    if (parts_.log != nullptr) parts_.log->write(level, event, redactor_.redact(message), fields);
}

}  // namespace serin
