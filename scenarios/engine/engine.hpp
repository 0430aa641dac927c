// SPDX-License-Identifier: Apache-2.0
// The engine plays a scenario once, in one cell, and says what came of it. `run`, `serve`, `gate` and the replays share
// it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/ledger.hpp"
#include "core/outcome.hpp"
#include "core/result.hpp"
#include "core/scenario.hpp"
#include "core/secret.hpp"
#include "core/stop.hpp"
#include "core/time.hpp"
#include "probes/probe.hpp"
#include "scenarios/language/evaluator.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {

/// What runs happen in: the shards that there are, the author's variables, the secrets. Made once per `serin run` (or
/// per probe) and shared by its runs; immutable.
struct World {
    std::vector<Target> targets;  ///< at least one, or none for scenarios with absolute URLs only
    std::string vantage;
    std::map<std::string, Secret, std::less<>> secrets;
    Redactor redactor;                                    ///< knows every secret
    std::shared_ptr<const nlohmann::json> vars;           ///< object: the scenario's, overridden by --set
    std::shared_ptr<const nlohmann::json> target_values;  ///< object: target name → its values
    std::shared_ptr<const nlohmann::json> secret_values;  ///< object, for expressions
    std::vector<std::string> warnings;                    ///< for people: odd, but no reason not to run
};

/// Reads the secrets that `scenario` names (environment, files) and puts the world together. `set` holds --set pairs,
/// typed by YAML's core rules. An unreadable or empty secret (the Error names all of them) and an unknown variable are
/// Errors: never run half-armed.
struct WorldSource {
    std::vector<Target> targets;
    std::vector<std::pair<std::string, std::string>> set;
    std::string vantage;
    std::map<std::string, Secret, std::less<>> given_secrets;  ///< instead of reading them (demo, tests)
};
[[nodiscard]] Result<std::shared_ptr<const World>> make_world(const Scenario& scenario, WorldSource source,
                                                              Evaluator& evaluator);

/// The cells of the scenario's matrix, first axis slowest; one empty cell without a matrix. An axis without values is
/// an Error.
[[nodiscard]] Result<std::vector<Cell>> cells_of(const Scenario& scenario, const World& world, Evaluator& evaluator);

enum class Evidence { of_failures, of_all };

struct RunRequest {
    std::shared_ptr<const Scenario> scenario;
    std::shared_ptr<const World> world;
    Cell cell;
    std::string target;       ///< name of the run's own target; empty: the only or first one
    std::string file, again;  ///< for people
    Evidence evidence = Evidence::of_failures;
    Stop* stop = nullptr;  ///< first request: steps are cancelled, cleanup runs; second: cleanup too
};

/// One per worker thread; runs share it concurrently. All parts must outlive it.
class Engine {
public:
    struct Parts {
        boost::asio::any_io_executor executor;
        Clock& clock;
        HttpProbe& http;
        WebsocketProbe& websocket;
        Evaluator& evaluator;
        Ledger& ledger;
        const NonceMaker& nonces;
    };
    explicit Engine(Parts parts) : parts_(std::move(parts)) {}

    /// Plays the scenario, with its retries, cleanup and settling. Never throws for what the target or the author does;
    /// a defect of ours becomes an outcome with verdict `error`.
    boost::asio::awaitable<Outcome> run(RunRequest request);

private:
    Parts parts_;
};

/// Keeps sendings and sightings of this process, so that a stray nonce is booked to the run that sent it.
class MemoryLedger final : public Ledger {
public:
    void sending(const Sending& sending) override;
    void sighted(const Sighting& sighting) override;
    void settled(const Delivery& delivery) override;
    [[nodiscard]] const std::map<std::string, Sending>& sendings() const { return sendings_; }
    [[nodiscard]] const std::vector<Sighting>& strays() const {
        return strays_;
    }  ///< seen by another run than the sender's
    [[nodiscard]] const std::vector<Delivery>& deliveries() const { return deliveries_; }

private:
    std::map<std::string, Sending> sendings_;
    std::vector<Sighting> strays_;
    std::vector<Delivery> deliveries_;
};

}  // namespace serin
