// SPDX-License-Identifier: Apache-2.0
// The desk as others see it: everything is handed to its thread.
#include "reports/alerts/desk/desk.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "net/loop_thread.hpp"
#include "reports/alerts/desk/desk_house.hpp"

namespace serin {

namespace asio = boost::asio;

struct Desk::Impl {
    std::unique_ptr<DeskHouse> house;
    std::vector<StoreEntry> held_back;  ///< passes, for the desk's thread need not wake for each
    bool stopped = false;
};

namespace {

constexpr std::size_t most_held_back = 1000;

bool passed(const StoreEntry& entry) {
    const auto* record = std::get_if<Record>(&entry);
    return record != nullptr && record->outcome->verdict == Verdict::pass;
}

bool concerns(const StoreEntry& entry) {
    return std::holds_alternative<Record>(entry) || std::holds_alternative<Gap>(entry);
}

/// Awaits `ask` on the desk's thread and gives its answer here.
template <class T, class Ask>
asio::awaitable<T> answer(DeskHouse& house, Ask ask) {
    std::optional<T> given;
    co_await run_on(house.executor(), [&] { given = ask(house); });
    co_return *std::move(given);
}

}  // namespace

Desk::Desk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Desk>> Desk::open(DeskRules rules, Parts parts) {
    Redactor redactor;
    auto armed = arm_channels(rules.channels, parts.folder, redactor);
    if (!armed) return std::unexpected(armed.error());
    auto store = AlertStore::open(parts.database);
    if (!store) return std::unexpected(store.error());
    auto impl = std::make_unique<Impl>();
    impl->house =
        std::make_unique<DeskHouse>(std::move(rules), std::move(parts), *std::move(store), std::move(redactor));
    if (Result<void> ready = impl->house->take_up(*std::move(armed)); !ready) return std::unexpected(ready.error());
    post(impl->house->executor(), [house = impl->house.get()] { house->begin(); });
    return std::unique_ptr<Desk>(new Desk(std::move(impl)));
}

Desk::~Desk() = default;

void Desk::observe(const std::vector<StoreEntry>& entries) {
    const bool urgent = !std::ranges::all_of(entries, passed);
    for (const StoreEntry& entry : entries) {
        if (concerns(entry)) impl_->held_back.push_back(entry);
    }
    if (!urgent && impl_->held_back.size() < most_held_back) return;
    post(impl_->house->executor(),
         [house = impl_->house.get(), told = std::exchange(impl_->held_back, {})] { house->observe(told); });
}

void Desk::health(const ProberHealth& health) {
    post(impl_->house->executor(), [house = impl_->house.get(), health, told = std::exchange(impl_->held_back, {})] {
        house->health(health);
        if (!told.empty()) house->observe(told);
    });
}

void Desk::publish_to(std::function<void(const Incident&)> tell) {
    post(impl_->house->executor(), [house = impl_->house.get(), tell = std::move(tell)] { house->publish_to(tell); });
}

void Desk::on_defect(std::function<void(const std::string&)> tell) {
    post(impl_->house->executor(), [house = impl_->house.get(), tell = std::move(tell)] { house->on_defect(tell); });
}

Steady Desk::looked_at() const {
    return impl_->house->looked_at();
}

void Desk::observe(const GaugeSample& sample) {
    post(impl_->house->executor(), [house = impl_->house.get(), sample] { house->observe(sample); });
}

void Desk::observe(const Heartbeat& heartbeat) {
    post(impl_->house->executor(), [house = impl_->house.get(), heartbeat] { house->observe(heartbeat); });
}

void Desk::observe(const Change& change) {
    post(impl_->house->executor(), [house = impl_->house.get(), change] { house->observe(change); });
}

asio::awaitable<Result<void>> Desk::replace(DeskRules rules) {
    co_return co_await answer<Result<void>>(*impl_->house,
                                            [&](DeskHouse& house) { return house.replace(std::move(rules)); });
}

asio::awaitable<Result<void>> Desk::command(AlertCommand command) {
    co_return co_await answer<Result<void>>(*impl_->house,
                                            [&](DeskHouse& house) { return house.command(command, "api"); });
}

asio::awaitable<std::vector<Incident>> Desk::active() {
    co_return co_await answer<std::vector<Incident>>(*impl_->house, [](DeskHouse& house) { return house.active(); });
}

asio::awaitable<DeskFigures> Desk::figures() {
    co_return co_await answer<DeskFigures>(*impl_->house, [](DeskHouse& house) { return house.figures(); });
}

asio::awaitable<StatusPage> Desk::status() {
    co_return co_await answer<StatusPage>(*impl_->house, [](DeskHouse& house) { return house.status(); });
}

namespace {

asio::awaitable<void> drill_there(DeskHouse& house, std::string channel, std::vector<DrillRow>& rows) {
    rows = co_await house.drill(std::move(channel));
}

}  // namespace

asio::awaitable<std::vector<DrillRow>> Desk::drill(std::string channel) {
    std::vector<DrillRow> rows;
    co_await play_on(impl_->house->executor(), drill_there(*impl_->house, std::move(channel), rows));
    co_return rows;
}

asio::awaitable<Result<void>> Desk::pager_webhook(std::string body, std::string signature, std::string webhook_id) {
    co_return co_await answer<Result<void>>(
        *impl_->house, [&](DeskHouse& house) { return house.pager_webhook(body, signature, webhook_id); });
}

asio::awaitable<void> Desk::stop(Duration grace) {
    if (impl_->stopped) co_return;
    impl_->stopped = true;
    co_await play_on(impl_->house->executor(), impl_->house->finish(grace));
}

}  // namespace serin
