// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "core/secret.hpp"
#include "net/destination.hpp"
#include "net/http_answer.hpp"
#include "net/name_lookup.hpp"
#include "net/tls_client.hpp"
#include "net/wire_errors.hpp"

namespace serin {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
using Endpoints = std::vector<tcp::endpoint>;
using Failure = std::optional<WireFailure>;

asio::awaitable<Failure> look_up(const Destination& destination, Deadline deadline, Endpoints& endpoints) {
    const NameLookup lookup = co_await look_up_name(destination.host, deadline);
    if (lookup.end == NameLookup::End::refused) {
        co_return wire_failure(
            "resolver_failure",
            fmt::format("the prober looks up too many names already to ask for {}", destination.host));
    }
    if (lookup.end == NameLookup::End::late) {
        co_return wire_failure("resolver_failure",
                               fmt::format("the resolver did not answer for {} within the deadline", destination.host));
    }
    if (lookup.answer.eai != 0) co_return name_resolver_failure(lookup.answer.eai, destination.host);
    if (lookup.answer.addresses.empty())
        co_return wire_failure("dns_failure", fmt::format("no address for {}", destination.host));
    for (const asio::ip::address& address : lookup.answer.addresses) endpoints.emplace_back(address, destination.port);
    co_return std::nullopt;
}

/// The addresses to try, in order. A numeric host asks no resolver.
asio::awaitable<Failure> find_endpoints(const Destination& destination, Deadline deadline, Endpoints& endpoints) {
    for (const std::string& address : destination.addresses) {
        endpoints.emplace_back(asio::ip::make_address(address), destination.port);  // checked by destination_of()
    }
    if (!endpoints.empty()) co_return std::nullopt;
    error_code not_numeric;
    const asio::ip::address address = asio::ip::make_address(destination.host, not_numeric);
    if (!not_numeric) {
        endpoints.emplace_back(address, destination.port);
        co_return std::nullopt;
    }
    co_return co_await look_up(destination, deadline, endpoints);
}

/// Tries each address in turn. One that swallows packets gets its share of the time only, so that the next has a
/// chance. The failure of the last one tried is told.
asio::awaitable<Failure> connect_to_any(tcp::socket& socket, const Endpoints& endpoints, Deadline deadline) {
    Failure failure;
    // What the target did goes before what our machine lacks: without IPv6 here, a refusal over IPv4 is the answer.
    const auto note = [&failure](WireFailure one) {
        if (!failure || failure->own_fault || !one.own_fault) failure = std::move(one);
    };
    for (std::size_t tried = 0; tried < endpoints.size(); ++tried) {
        const tcp::endpoint& endpoint = endpoints[tried];
        const std::string peer = host_and_port(endpoint.address().to_string(), endpoint.port());
        const Steady now = steady_clock::now();
        const auto left = static_cast<Duration::rep>(endpoints.size() - tried);
        const Deadline share =
            left == 1 ? deadline : earliest(deadline, deadline_after(now, deadline.left(now) / left));

        error_code error;
        socket.close(error);
        socket.open(endpoint.protocol(), error);
        if (error) {
            note(name_socket_failure(error, peer));
            continue;
        }
        const Alarm alarm(socket.get_executor(), share.at, [&socket] {
            error_code ignored;
            socket.close(ignored);
        });
        std::tie(error) = co_await socket.async_connect(endpoint, as_result);
        if (!error && !alarm.went_off()) {
            socket.set_option(tcp::no_delay(true), error);
            co_return std::nullopt;
        }
        note(alarm.went_off() ? wire_failure("connect_timeout",
                                             fmt::format("{} did not accept the connection within the deadline", peer))
                              : name_socket_failure(error, peer));
        if (!alarm.went_off() && error == asio::error::operation_aborted) break;  // cancelled
    }
    co_return failure;
}

/// Where the first connection goes: to the proxy, when there is one.
struct Hop {
    Url proxy;
    bool through_proxy = false;
    Destination tunnel_end, connect;
};

std::expected<Hop, WireFailure> plan(const Url& url, const Route& route) {
    const auto refused = [](const std::string& what) {
        return std::unexpected(wire_failure("invalid_request", "cannot be used: " + what));
    };
    Hop hop;
    auto target = destination_of(url.host, url.port, route);
    if (!target) return refused(target.error());
    hop.tunnel_end = std::move(*target);
    hop.connect = hop.tunnel_end;
    if (route.proxy.empty()) return hop;

    const bool bare = route.proxy.find("://") == std::string::npos;
    const std::optional<Url> proxy = parse_url(bare ? "http://" + route.proxy : route.proxy);
    if (!proxy || proxy->scheme != "http") return refused("proxy " + route.proxy + " (http://host:port is understood)");
    // Only `resolve` is about the proxy's own name; `connect_to` moves the tunnel's end.
    const Route proxy_route{.tls = {}, .proxy = {}, .resolve = route.resolve, .connect_to = {}};
    auto way = destination_of(proxy->host, proxy->port, proxy_route);
    if (!way) return refused(way.error());
    hop.connect = std::move(*way);
    hop.proxy = *proxy;
    hop.through_proxy = true;
    return hop;
}

/// RFC 9110 §9.3.6.
asio::awaitable<Failure> open_tunnel(AsyncStream& stream, const Hop& hop, Deadline deadline) {
    const std::string target = host_and_port(hop.tunnel_end.host, hop.tunnel_end.port);
    std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    if (!hop.proxy.credentials.empty()) {
        request += "Proxy-Authorization: Basic " + base64(hop.proxy.credentials) + "\r\n";
    }
    request += "\r\n";
    const Alarm alarm(stream.get_executor(), deadline.at, stream.closer());
    const auto failed = [&](std::string_view what) {
        return wire_failure("proxy_failure",
                            fmt::format("proxy {} {} when asked for {}", stream.remote(), what, target));
    };
    if (const error_code error = co_await stream.write_all(request)) co_return failed("broke the connection");
    std::string answer;
    std::array<char, 2048> buffer;
    while (true) {
        const HttpAnswer seen = read_answer(answer);
        if (seen.head == HttpAnswer::Head::complete) {
            if (seen.status / 100 != 2) co_return failed(fmt::format("answered {}", seen.status));
            stream.unread(answer.substr(seen.head_bytes));
            co_return std::nullopt;
        }
        if (seen.head != HttpAnswer::Head::incomplete) co_return failed("did not answer in HTTP");
        const AsyncStream::Read read = co_await stream.read_some(asio::buffer(buffer));
        if (alarm.went_off()) co_return failed("did not answer within the deadline");
        if (read.error) co_return failed("closed the connection");
        answer.append(buffer.data(), read.bytes);
    }
}

asio::awaitable<Failure> start_tls(AsyncStream& stream, const Url& url, const CertificateReport& report,
                                   Deadline deadline) {
    const Alarm alarm(stream.get_executor(), deadline.at, stream.closer());
    set_server_name(stream.ssl(), url.host);
    const error_code error = co_await stream.tls_connect();
    if (!error) co_return std::nullopt;
    if (alarm.went_off()) {
        co_return wire_failure("tls_failure",
                               fmt::format("the TLS handshake with {} was not finished within the deadline", url.host));
    }
    if (auto failure = name_tls_failure(error, report, url.host)) co_return failure;
    co_return wire_failure(
        "tls_failure", fmt::format("{} ended the connection during the TLS handshake: {}", url.host, error.message()));
}

}  // namespace

asio::awaitable<Failure> dial(asio::any_io_executor executor, const Url& url, const Route& route, Deadline deadline,
                              Dialled& dialled) {
    const auto hop = plan(url, route);
    if (!hop) co_return hop.error();
    const auto failed = [&](WireFailure failure) {
        // Whatever keeps us from the proxy says nothing of the target, unless it is our own fault.
        if (hop->through_proxy && !failure.own_fault) failure.failure_class = "proxy_failure";
        return failure;
    };

    Steady start = steady_clock::now();
    const auto lap = [&start] {
        const Steady begun = std::exchange(start, steady_clock::now());
        return start - begun;
    };
    Endpoints endpoints;
    Failure failure = co_await find_endpoints(hop->connect, deadline, endpoints);
    dialled.timings.dns = lap();
    if (failure) co_return failed(std::move(*failure));

    tcp::socket socket(executor);
    failure = co_await connect_to_any(socket, endpoints, deadline);
    dialled.timings.connect = lap();
    if (failure) co_return failed(std::move(*failure));

    AsyncStream stream(std::move(socket));
    dialled.remote = stream.remote();
    if (hop->through_proxy) {
        failure = co_await open_tunnel(stream, *hop, deadline);
        if (failure) co_return failure;
        dialled.timings.connect += lap();
    }
    if (url.scheme == "https" || url.scheme == "wss") {
        dialled.certificate = std::make_shared<CertificateReport>();
        const auto context = make_tls_client(route.tls, dialled.certificate);
        if (!context) co_return context.error();
        stream.add_tls(context->get());
        failure = co_await start_tls(stream, url, *dialled.certificate, deadline);
        dialled.timings.tls = lap();
        if (failure) co_return failure;
    }
    dialled.stream = std::move(stream);
    co_return std::nullopt;
}

}  // namespace serin
