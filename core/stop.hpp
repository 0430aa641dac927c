// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <map>

namespace serin {

/// A request to stop that running work listens to: asked once (or again, for the impatient), told to everyone who
/// listens. One thread. Must outlive its listeners.
class Stop {
public:
    /// Tells every listener. A second request is told again to those who listen then.
    void request() {
        ++requests_;
        const auto listeners = listeners_;  // a listener may forget itself while it is told
        for (const auto& [id, listener] : listeners) {
            if (listeners_.contains(id)) listener();
        }
    }
    [[nodiscard]] int requests() const { return requests_; }
    [[nodiscard]] bool requested() const { return requests_ > 0; }

    std::size_t listen(std::function<void()> listener) {
        listeners_.emplace(++last_, std::move(listener));
        return last_;
    }
    void forget(std::size_t id) { listeners_.erase(id); }

private:
    int requests_ = 0;
    std::size_t last_ = 0;
    std::map<std::size_t, std::function<void()>> listeners_;
};

}  // namespace serin
