// SPDX-License-Identifier: Apache-2.0
#include "net/http_answer.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace serin {

namespace http = boost::beast::http;

HttpAnswer read_answer(std::string_view received) {
    HttpAnswer answer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(max_answer_head);
    parser.body_limit(boost::none);  // what was received is bounded already
    boost::system::error_code error;
    const auto put = [&] {
        const std::size_t taken = parser.put(boost::asio::buffer(received), error);
        received.remove_prefix(taken);
        return taken;
    };
    answer.head_bytes = put();
    if (!parser.is_header_done()) {
        if (error == http::error::header_limit) answer.head = HttpAnswer::Head::too_large;
        if (error && error != http::error::need_more && error != http::error::header_limit) {
            answer.head = HttpAnswer::Head::not_http;
        }
        return answer;
    }
    answer.head = HttpAnswer::Head::complete;
    answer.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    while (!error && !parser.is_done() && !received.empty()) put();
    answer.body = std::move(parser.get().body());
    return answer;
}

}  // namespace serin
