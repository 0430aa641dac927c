// SPDX-License-Identifier: Apache-2.0
#include "reports/store/store.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "net/loop_thread.hpp"
#include "net/task_group.hpp"
#include "reports/store/entry.hpp"
#include "reports/store/gauges.hpp"
#include "reports/store/journal.hpp"
#include "reports/store/keeper.hpp"
#include "reports/store/opening.hpp"

namespace serin {
namespace {

/// A journal, and whether it could be written the last time.
struct Slot {
    explicit Slot(const std::string& path, std::atomic<std::uint64_t>& numbers) : journal(path, numbers) {}
    std::atomic_flag taken{};
    Journal journal;
    bool failing = false;
};

/// Gives a slot back, also when writing throws.
struct Occupied {
    std::atomic_flag& taken;
    ~Occupied() { taken.clear(std::memory_order_release); }
};

bool is_null(const StoreEntry& entry) {
    if (const auto* record = std::get_if<Record>(&entry)) return record->key == nullptr || record->outcome == nullptr;
    const auto* gap = std::get_if<Gap>(&entry);
    return gap != nullptr && gap->key == nullptr;
}

bool passed(const StoreEntry& entry) {
    const auto* record = std::get_if<Record>(&entry);
    return record != nullptr && record->outcome->verdict == Verdict::pass;
}

}  // namespace

struct Store::Impl {
    Impl(StoreOptions store_options, OpenedStore opened)
        : options(std::move(store_options)), nonce_key(opened.nonce_key), thread("serin-store") {
        const std::vector<std::string> journals = journal_paths(options.path);
        if (!journals.empty()) journal_numbers = journal_number(journals.back()) + 1;
        for (auto& slot : slots) slot = std::make_unique<Slot>(options.path, journal_numbers);
        executor = thread.executor();
        keeper.emplace(options, std::move(opened), gauges, journal_numbers, executor);
    }

    void start() {
        post(executor, [this] {
            group.emplace(executor);
            group->spawn(keeper->keep());
        });
    }

    /// To the journal and then to the thread.
    void take(Slot& slot, std::vector<StoredEntry> entries);
    /// False after close().
    [[nodiscard]] bool admit(std::size_t count);
    void lose(std::size_t count) { gauges.dropped.fetch_add(static_cast<std::int64_t>(count)); }

    StoreOptions options;
    std::string nonce_key;
    std::vector<std::pair<CellKey, Wall>> last_scheduled;
    StoreGauges gauges;
    std::atomic<std::uint64_t> journal_numbers{1};
    std::atomic<bool> closed{false};
    /// For append_durably(). A caller takes the first that is free: there is always one, unless as many threads write
    /// at the very same moment.
    std::array<std::unique_ptr<Slot>, 8> slots;
    LoopThread thread;
    boost::asio::any_io_executor executor;
    std::optional<Keeper> keeper;
    std::optional<TaskGroup> group;
};

bool Store::Impl::admit(std::size_t count) {
    if (closed.load()) {
        lose(count);
        return false;
    }
    gauges.queued.fetch_add(static_cast<std::int64_t>(count));
    return true;
}

void Store::Impl::take(Slot& slot, std::vector<StoredEntry> entries) {
    std::vector<std::string> lines;
    lines.reserve(entries.size());
    for (const StoredEntry& entry : entries) lines.push_back(journal_line(entry));
    auto written = slot.journal.append(lines);
    const std::string fault = written ? std::string() : written.error().title;
    const bool tell = !fault.empty() || slot.failing;
    slot.failing = !fault.empty();
    if (!admit(entries.size())) return;  // what was journaled is taken in at the next start
    std::shared_ptr<JournalFile> file = written ? *std::move(written) : nullptr;
    post(executor, [this, taken = std::move(entries), journal = std::move(file), fault, tell]() mutable {
        if (tell) keeper->journal_fault(fault);
        keeper->take(std::move(taken), journal);
    });
}

namespace {

/// Makes each call durable, then queues it.
template <class Take>
class JournaledLedger final : public Ledger {
public:
    JournaledLedger(const std::string& path, std::atomic<std::uint64_t>& numbers, Take take)
        : slot_(path, numbers), take_(std::move(take)) {}
    void sending(const Sending& sending) override { take_(slot_, StoredEntry(sending)); }
    void sighted(const Sighting& sighting) override { take_(slot_, StoredEntry(sighting)); }
    void settled(const Delivery& delivery) override { take_(slot_, StoredEntry(delivery)); }

private:
    Slot slot_;
    Take take_;
};

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
    close();
}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
    if (options.path.empty()) return fail("the store has no path", "name a file");
    Result<OpenedStore> opened = open_store(options);
    if (!opened) return std::unexpected(opened.error());
    // The connection stays where it is when its owner moves.
    Database& database = *opened->database;
    auto impl = std::make_unique<Impl>(std::move(options), *std::move(opened));
    impl->keeper->take_in_journals();
    auto last_scheduled = read_last_scheduled(database);
    if (last_scheduled) impl->last_scheduled = *std::move(last_scheduled);
    impl->start();
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

void Store::append(std::vector<StoreEntry> entries) {
    try {
        const auto room = static_cast<std::int64_t>(impl_->options.max_queued);
        const bool full = impl_->gauges.queued.load() >= room;
        impl_->lose(std::erase_if(
            entries, [full](const StoreEntry& entry) { return is_null(entry) || (full && passed(entry)); }));
        if (entries.empty()) return;
        if (impl_->gauges.behind()) return append_durably(std::move(entries));
        if (!impl_->admit(entries.size())) return;
        Impl* const impl = impl_.get();
        post(impl->executor, [impl, given = std::move(entries)]() mutable { impl->keeper->take(std::move(given)); });
    } catch (const std::exception&) {
        impl_->lose(entries.size());
    }
}

void Store::append_durably(std::vector<StoreEntry> entries) {
    try {
        impl_->lose(std::erase_if(entries, is_null));
        std::vector<StoredEntry> stored;
        stored.reserve(entries.size());
        for (StoreEntry& entry : entries) stored.push_back(stored_form(std::move(entry)));
        if (stored.empty()) return;
        while (true) {
            for (const auto& slot : impl_->slots) {
                if (slot->taken.test_and_set(std::memory_order_acquire)) continue;
                const Occupied occupied{slot->taken};
                return impl_->take(*slot, std::move(stored));
            }
            std::this_thread::yield();
        }
    } catch (const std::exception&) {
        impl_->lose(entries.size());
    }
}

std::unique_ptr<Ledger> Store::make_ledger() {
    Impl* const impl = impl_.get();
    const auto take = [impl](Slot& slot, StoredEntry entry) {
        try {
            std::vector<StoredEntry> one;
            one.push_back(std::move(entry));
            impl->take(slot, std::move(one));
        } catch (const std::exception&) {
            impl->lose(1);
        }
    };
    return std::make_unique<JournaledLedger<decltype(take)>>(impl->options.path, impl->journal_numbers, take);
}

void Store::flush(std::function<void()> done) {
    if (impl_->closed.load()) return done();
    Impl* const impl = impl_.get();
    post(impl->executor, [impl, told = std::move(done)] { impl->keeper->flush(told); });
}

StoreStatus Store::status() const {
    return impl_->gauges.status(std::chrono::steady_clock::now());
}

const std::string& Store::nonce_key() const {
    return impl_->nonce_key;
}

std::vector<std::pair<CellKey, Wall>> Store::last_scheduled() const {
    return impl_->last_scheduled;
}

void Store::close(Duration grace) {
    if (impl_->closed.exchange(true)) return;
    Impl* const impl = impl_.get();
    const Steady until = deadline_after(std::chrono::steady_clock::now(), grace).at;
    post(impl->executor, [impl, until] { impl->keeper->close(until); });
    impl->thread.stop();
    impl->keeper->leave();
}

}  // namespace serin
