// SPDX-License-Identifier: Apache-2.0
// The plan against channels with bad manners, over virtual time: a page is proven on some channel within two minutes,
// and no row is ever lost.
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <random>
#include <set>

#include "reports/alerts/outbox/send_plan.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using State = OutboxRow::State;

const Wall noon = Wall(hours(500'000));

enum class Mode { ok, bad_request, unauthorised, rate_limited, server_error, hang, reset, accept_and_drop, slow };
constexpr Mode all_modes[] = {Mode::ok,           Mode::bad_request,     Mode::unauthorised,
                              Mode::rate_limited, Mode::server_error,    Mode::hang,
                              Mode::reset,        Mode::accept_and_drop, Mode::slow};

struct Answer {
    Duration after{};
    SendResult result{};
};

Answer answer(Took how, Duration after, std::optional<Duration> wish = {}) {
    return {.after = after, .result = {.took = how, .said = "words", .retry_after = wish, .reference = {}}};
}

Answer answer_of(Mode mode, bool read_back) {
    if (read_back) return answer(mode == Mode::accept_and_drop ? Took::accepted : Took::proven, milliseconds(50));
    switch (mode) {
        case Mode::ok:
            return answer(Took::proven, milliseconds(100));
        case Mode::bad_request:
            return answer(Took::refused, milliseconds(100));
        case Mode::unauthorised:
            return answer(Took::broken, milliseconds(100));
        case Mode::rate_limited:
            return answer(Took::retry, milliseconds(100), seconds(30));
        case Mode::server_error:
            return answer(Took::retry, milliseconds(100));
        case Mode::hang:
            return answer(Took::retry, seconds(10));
        case Mode::reset:
            return answer(Took::retry, milliseconds(1));
        case Mode::accept_and_drop:
            return answer(Took::accepted, milliseconds(100));
        case Mode::slow:
            return answer(Took::proven, seconds(30));
    }
    return answer(Took::proven, Duration::zero());
}

/// Two channels, incidents that come and go, and everything that was seen of it.
class World {
public:
    explicit World(unsigned seed) : random_(seed), plan_(SendRules{}, seed) {}

    std::map<std::string, Mode> modes{{"A", Mode::ok}, {"B", Mode::ok}};
    std::map<std::string, Wall> proven_at{};                 ///< by notice: of the first channel
    std::map<std::string, std::set<std::string>> sent_on{};  ///< by notice
    std::map<std::int64_t, OutboxRow> stored{};              ///< as the outbox would hold it
    std::vector<Notice> pages{};
    bool in_order = true, settled_twice = false;

    [[nodiscard]] SendPlan& plan() { return plan_; }
    [[nodiscard]] Wall now() const { return now_; }
    [[nodiscard]] unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

    void tell(const std::string& incident, NoticeKind kind, bool page) {
        Notice notice;
        notice.id = incident + "." + std::to_string(++notices_);
        notice.kind = kind;
        notice.incident.id = incident;
        notice.made_at = now_;
        notice.channels = {"A"};
        notice.failover = {"B"};
        notice.page = page;
        auto rows = plan_.rows_for(notice, next_id_);
        next_id_ += std::ssize(rows);
        for (const OutboxRow& row : rows) stored[row.id] = row;
        plan_.add(std::move(rows));
        if (page) pages.push_back(std::move(notice));
    }

    void run_until(Wall end) {
        while (true) {
            send();
            std::optional<Wall> next = plan_.next_due();
            if (!answers_.empty() && (!next || answers_.begin()->first < *next)) next = answers_.begin()->first;
            if (!next || *next > end) break;
            now_ = std::max(now_, *next);
            if (!answers_.empty() && answers_.begin()->first <= now_) {
                auto first = answers_.extract(answers_.begin());
                const auto& [row, result] = first.mapped();
                if (result.took == Took::proven) proven_at.try_emplace(row.notice.id, now_);
                store(plan_.settle(row.id, result, now_));
            }
        }
        now_ = end;
    }

    /// What the database would give back after the process was killed.
    void restart() {
        answers_.clear();
        plan_ = SendPlan(SendRules{}, random_());
        std::vector<OutboxRow> left;
        for (const auto& [id, row] : stored)
            if (!row.settled_at) left.push_back(row);
        plan_.add(std::move(left));
        newest_sent_.clear();
    }

private:
    void send() {
        for (const OutboxRow& row : plan_.due(now_)) {
            const bool read_back = row.state == State::accepted;
            const Answer answer = answer_of(modes.at(row.channel), read_back);
            if (!read_back) {
                std::int64_t& newest = newest_sent_[row.notice.incident.id + "\n" + row.channel];
                in_order = in_order && newest <= row.id;
                newest = std::max(newest, row.id);
                sent_on[row.notice.id].insert(row.channel);
            }
            answers_.emplace(now_ + answer.after, std::pair(row, answer.result));
        }
    }
    void store(const std::vector<OutboxRow>& rows) {
        for (const OutboxRow& row : rows) {
            settled_twice = settled_twice || stored.at(row.id).settled_at;
            stored[row.id] = row;
        }
    }

    std::mt19937 random_;
    SendPlan plan_;
    Wall now_ = noon;
    int notices_ = 0;
    std::int64_t next_id_ = 1;
    std::multimap<Wall, std::pair<OutboxRow, SendResult>> answers_;
    std::map<std::string, std::int64_t> newest_sent_;
};

/// Half an hour of incidents, a third of them pages; then A is well again for a day.
void play_incidents(World& world, bool modes_change, bool restarts) {
    const Wall end = noon + minutes(30);
    for (int i = 0; world.now() < end; ++i) {
        const std::string incident = "inc-" + std::to_string(i);
        const bool page = world.roll(3) == 0;
        world.tell(incident, NoticeKind::opened, page);
        world.run_until(world.now() + seconds(world.roll(40)));
        if (world.roll(2) == 0) world.tell(incident, NoticeKind::changed, false);
        if (modes_change && world.roll(5) == 0) world.modes["A"] = all_modes[world.roll(std::size(all_modes))];
        if (restarts && world.roll(6) == 0) world.restart();
        world.run_until(world.now() + seconds(world.roll(20)));
        const std::string older = "inc-" + std::to_string(std::max(0, i - 6));
        world.tell(older, NoticeKind::resolved, false);
    }
    world.run_until(world.now() + minutes(5));
    world.modes["A"] = Mode::ok;
    world.run_until(world.now() + hours(25));
}

void check_nothing_lost(World& world) {
    CHECK(world.plan().size() == 0);
    CHECK(world.in_order);
    CHECK_FALSE(world.settled_twice);
    int unsettled = 0;
    for (const auto& [id, row] : world.stored) unsettled += row.settled_at ? 0 : 1;
    CHECK(unsettled == 0);
    REQUIRE(world.pages.size() > 5);
}

Duration slowest_page(const World& world) {
    Duration slowest{};
    for (const Notice& page : world.pages) {
        const auto proven = world.proven_at.find(page.id);
        if (proven == world.proven_at.end()) return Duration::max();
        slowest = std::max(slowest, Duration(proven->second - page.made_at));
    }
    return slowest;
}

}  // namespace

TEST_CASE("whatever the first channel does a page is proven within two minutes and no row is lost") {
    for (const Mode mode : all_modes) {
        for (unsigned seed = 1; seed <= 2; ++seed) {
            INFO("mode " << static_cast<int>(mode) << " seed " << seed);
            World world(seed);
            world.modes["A"] = mode;
            play_incidents(world, false, false);
            check_nothing_lost(world);
            CHECK(slowest_page(world) <= seconds(120));
            if (mode == Mode::bad_request || mode == Mode::unauthorised) CHECK(slowest_page(world) <= seconds(1));
        }
    }
}

TEST_CASE("while the first channel proves its pages nobody else is told") {
    for (const Mode mode : {Mode::ok, Mode::slow}) {
        World world(7);
        world.modes["A"] = mode;
        play_incidents(world, false, false);
        bool others = false;
        for (const auto& [notice, channels] : world.sent_on) others = others || channels.contains("B");
        CHECK_FALSE(others);
    }
}

TEST_CASE("a first channel that changes its manners at random loses no page") {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        World world(seed);
        play_incidents(world, true, false);
        check_nothing_lost(world);
        CHECK(slowest_page(world) <= seconds(120));
    }
}

TEST_CASE("a process that is killed again and again loses no page") {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        World world(seed);
        play_incidents(world, true, true);
        CHECK(world.plan().size() == 0);
        CHECK(slowest_page(world) <= seconds(120));
    }
}

TEST_CASE("with both channels out nothing is lost and the first that is well again is told") {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        World world(seed);
        world.modes["A"] = Mode::hang;
        world.modes["B"] = Mode::server_error;
        world.tell("inc-1", NoticeKind::opened, true);
        world.run_until(noon + hours(3));
        CHECK(world.proven_at.empty());
        CHECK(world.plan().pending() == 2);
        world.modes["B"] = Mode::ok;
        world.run_until(noon + hours(3) + seconds(120));
        CHECK(world.proven_at.size() == 1);
    }
}

}  // namespace serin::test
