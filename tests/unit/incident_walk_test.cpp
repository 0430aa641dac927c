// SPDX-License-Identifier: Apache-2.0
// Random faults, people, windows and restarts over virtual time: what must hold whatever happens.
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <set>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

class Walk {
public:
    explicit Walk(unsigned seed) : random_(seed), play_(rules()) {
        play_.baselines = {{"t0", 1.0}, {"t1", 1.0}};
        play_.latencies = {{"t0", 1.1}, {"t1", 1.2}};
    }

    void step() {
        switch (pick(12)) {
            case 0:
            case 1:
                raise();
                break;
            case 2:
            case 3:
                clear();
                break;
            case 4:
                acknowledge();
                break;
            case 5:
                mute();
                break;
            case 6:
                unmute();
                break;
            case 7:
                window();
                break;
            case 8:
                restart();
                break;
            case 9:
                play_.pass(pick(20) * 1min, 10s);
                break;
            case 10:
                play_.pass(pick(40) * 1h, 1h);
                break;
            default:
                play_.pass(pick(15) * 1s);
                break;
        }
        play_.keep(play_.book.tick(play_.now));
        play_.mutes = play_.book.mutes(play_.now);
        follow_notices();
        check_standing();
    }

    /// All faults end, and everybody who was told has heard of it.
    void finish() {
        while (!faults_.empty()) clear_one(faults_.begin()->first);
        play_.pass(48h, 1h);
        follow_notices();
        CHECK(told_.empty());
        CHECK(play_.book.active().empty());
    }
    [[nodiscard]] std::size_t notices() const { return play_.notices.size(); }

private:
    std::mt19937 random_;
    BookPlay play_;
    std::map<std::string, Fault> faults_;
    std::set<std::string> told_, ids_;
    std::set<std::pair<std::string, int>> opened_;
    std::size_t followed_ = 0;

    static BookRules rules() {
        BookRules rules = book_rules();
        rules.gather = 5s;
        rules.info_channels = {"feed"};
        return rules;
    }
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    void raise() {
        const std::string service = "s" + std::to_string(pick(3));
        std::vector<std::string> targets{"t" + std::to_string(pick(3))};
        if (pick(2) == 0) targets.push_back("t" + std::to_string(3 + pick(3)));
        std::vector<std::string> vantages{"fra"};
        if (pick(2) == 0) vantages.emplace_back("iad");
        Fault fault = fault_of(targets, vantages, play_.now - 90s);
        fault.service = service;
        fault.failure_class = pick(2) == 0 ? "not_in_time" : "dns_failure";
        fault.severity = static_cast<AlertSeverity>(pick(3));
        fault.flapping = pick(6) == 0;
        if (service != "s0" && pick(2) == 0) {
            fault.root = "s0";
            fault.root_class = fault.failure_class;
        }
        const bool known = faults_.contains(fault.key());
        faults_[fault.key()] = fault;
        known ? play_.change_to(fault) : play_.raise(fault);
    }
    void clear_one(const std::string& key) {
        Fault fault = faults_.at(key);
        faults_.erase(key);
        if (pick(2) == 0) fault.flapping = false;
        play_.clear(fault);
    }
    void clear() {
        if (faults_.empty()) return;
        auto at = faults_.begin();
        std::advance(at, pick(static_cast<int>(faults_.size())));
        clear_one(at->first);
    }
    void acknowledge() {
        for (const Incident& incident : play_.book.active()) {
            if (incident.state == IncidentState::open && pick(2) == 0)
                play_.done(play_.book.acknowledge(incident.id, "ann", "cli", "", (1 + pick(60)) * 1min, play_.now));
        }
    }
    void mute() {
        play_.done(play_.book.mute(Mute{.service = "s" + std::to_string(pick(3)),
                                        .failure_class = pick(2) == 0 ? "" : "dns_failure",
                                        .owner = "ann",
                                        .reason = "known",
                                        .until = play_.now + (1 + pick(100)) * 1min},
                                   play_.now));
    }
    void unmute() {
        if (play_.mutes.empty()) return;
        const Mute mute = play_.mutes.front();
        if (mute.until <= play_.now) return;
        play_.done(play_.book.unmute(mute.service, mute.failure_class, "ann", play_.now));
    }
    void window() {
        if (pick(2) == 0) {
            play_.maintained.insert("t" + std::to_string(pick(6)));
        } else {
            play_.maintained.clear();
        }
    }
    void restart() {
        std::vector<Fault> faults;
        for (const auto& [key, fault] : faults_) faults.push_back(fault);
        std::shuffle(faults.begin(), faults.end(), random_);
        play_.restart(faults);
    }

    void follow_notices() {
        for (; followed_ < play_.notices.size(); ++followed_) {
            const Notice& notice = play_.notices[followed_];
            const Incident& incident = notice.incident;
            INFO(notice.id << " " << name_of(notice.kind));
            CHECK(ids_.insert(notice.id).second);
            CHECK_FALSE(notice.channels.empty());
            CHECK(notice.page == (notice.page && incident.severity == AlertSeverity::critical));
            const bool opening = notice.kind == NoticeKind::opened || notice.kind == NoticeKind::reopened;
            CHECK(told_.contains(incident.id) != opening);
            if (opening) {
                told_.insert(incident.id);
                CHECK(opened_.emplace(incident.id, incident.waves).second);
                CHECK((notice.kind == NoticeKind::reopened) == (incident.waves > 1));
            }
            if (notice.kind == NoticeKind::resolved) {
                told_.erase(incident.id);
                continue;
            }
            const bool overrides = incident.severity == AlertSeverity::critical && incident.confirmed;
            CHECK((!incident.muted || overrides));
            CHECK_FALSE(incident.maintenance);
            CHECK_FALSE(incident.attached);
        }
    }

    /// Nobody who should have been told by now was forgotten, and nobody is told of what is over.
    void check_standing() {
        std::set<std::string> keys;
        for (const Incident& incident : play_.book.active()) {
            INFO(incident.id << " wave " << incident.waves);
            CHECK(keys.insert(incident.service + incident.failure_class).second);
            CHECK(incident.told == told_.contains(incident.id));
            if (incident.state != IncidentState::open) {
                CHECK_FALSE(incident.told);
                continue;
            }
            const bool overrides = incident.severity == AlertSeverity::critical && incident.confirmed;
            bool covered = true;
            bool any = false;
            for (const AffectedCell& cell : incident.cells) {
                if (cell.recovered_at) continue;
                any = true;
                covered = covered && play_.maintained.contains(cell.cell.target);
            }
            const bool held = incident.waves == 1 && play_.now < incident.opened_at + 5s;
            if (held || (incident.muted && !overrides) || (any && covered) || incident.attached) continue;
            CHECK(incident.told);
            if (incident.severity == AlertSeverity::critical) CHECK(incident.paged_at.has_value());
        }
        for (const auto& [key, fault] : faults_) CHECK(keys.contains(fault.service + fault.failure_class));
    }
};

}  // namespace

TEST_CASE("whatever happens each wave is told once and resolved once and nothing is lost over restarts") {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        Walk walk(seed);
        for (int step = 0; step < 250; ++step) walk.step();
        walk.finish();
        CHECK(walk.notices() > 50);
    }
}

}  // namespace serin::test
