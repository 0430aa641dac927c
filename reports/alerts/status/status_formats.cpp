// SPDX-License-Identifier: Apache-2.0
// The static forms of a status page.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/alerts/status/status_page.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/html.hpp"

namespace serin {
namespace {

using Json = nlohmann::ordered_json;

Wall to_the_minute(Wall at) {
    return std::chrono::floor<std::chrono::minutes>(at);
}

/// RFC 3339 in whole seconds.
std::string whole_seconds(Wall at) {
    return rfc3339(at).substr(0, 19) + "Z";
}

ComponentState worst_of(const StatusPage& page) {
    ComponentState worst = ComponentState::operational;
    for (const ComponentStanding& each : page.components) worst = std::max(worst, each.state);
    return worst;
}

struct StateLook {
    std::string_view tone, words, headline;
};
/// The tones of html_page()'s badges; a sign and words stand beside the colour.
StateLook look_of(ComponentState state) {
    switch (state) {
        case ComponentState::operational:
            return {"good", "operational", "Everything works"};
        case ComponentState::under_maintenance:
            return {"none", "under maintenance", "Maintenance is under way"};
        case ComponentState::degraded_performance:
            return {"fair", "degraded performance", "Some things work badly"};
        case ComponentState::partial_outage:
            return {"bad", "partial outage", "Some things do not work"};
        case ComponentState::major_outage:
            break;
    }
    return {"worst", "major outage", "Something does not work at all"};
}

std::string_view state_sign(ComponentState state) {
    return state == ComponentState::under_maintenance ? "◆" : sign_of(look_of(state).tone);
}

std::string time_html(Wall at) {
    const std::string text = whole_seconds(at);
    return fmt::format("<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 5));
}

std::string component_html(const ComponentStanding& each) {
    const StateLook look = look_of(each.state);
    std::string row = fmt::format("<tr><th scope=\"row\">{}", html_text(each.component.name));
    if (!each.component.about.empty())
        row += fmt::format("<br><span class=\"muted small\">{}</span>", html_text(each.component.about));
    row += fmt::format("</th><td class=\"nowrap\"><span class=\"badge {}\">{} {}</span></td><td>", look.tone,
                       state_sign(each.state), look.words);
    row += html_text(each.why);
    if (each.since != Wall{})
        row += fmt::format("{}<span class=\"muted small\">since {}</span>", each.why.empty() ? "" : "<br>",
                           time_html(each.since));
    return row + "</td></tr>\n";
}

std::string draft_html(const Draft& each) {
    std::string text = fmt::format(
        "<article id=\"{}\">\n<h3>{}</h3>\n<p class=\"muted small\">{} · {} · draft of {}{}</p>\n",
        html_attribute(each.incident_id), html_text(each.title), html_text(each.stage), time_html(each.at),
        html_text(each.incident_id),
        each.overdue ? " · <strong>overdue: paged more than 15 min ago, and no post is known</strong>" : "");
    return text + fmt::format("<p>{}</p>\n</article>\n", html_text(each.text));
}

Json component_json(const ComponentStanding& each) {
    Json json{{"name", each.component.name}, {"about", each.component.about}, {"state", name_of(each.state)}};
    json["since"] = each.since == Wall{} ? Json(nullptr) : Json(whole_seconds(each.since));
    json["why"] = each.why;
    json["incidents"] = each.incidents;
    return json;
}

Json draft_json(const Draft& each) {
    return {{"incident", each.incident_id}, {"stage", each.stage},    {"title", each.title}, {"text", each.text},
            {"at", whole_seconds(each.at)}, {"overdue", each.overdue}};
}

}  // namespace

std::string status_json(const StatusPage& page) {
    Json components = Json::array(), drafts = Json::array();
    for (const ComponentStanding& each : page.components) components.push_back(component_json(each));
    for (const Draft& each : page.drafts) drafts.push_back(draft_json(each));
    const Json json{{"title", page.title},
                    {"updated_at", whole_seconds(to_the_minute(page.at))},
                    {"state", name_of(worst_of(page))},
                    {"components", std::move(components)},
                    {"drafts", std::move(drafts)}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string status_html(const StatusPage& page) {
    const ComponentState worst = worst_of(page);
    const StateLook look = look_of(worst);
    std::string body = fmt::format(
        "<section class=\"hero {}\">\n<p class=\"eyebrow\">{}</p>\n<h1>{} {}</h1>\n"
        "<p class=\"muted\">as of {}</p>\n</section>\n",
        look.tone, html_text(page.title), state_sign(worst), look.headline, time_html(to_the_minute(page.at)));
    body += "<section>\n<h2>Components</h2>\n";
    if (page.components.empty()) {
        body += "<p class=\"muted\">No component is configured.</p>\n";
    } else {
        body +=
            "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">component</th><th scope=\"col\">state</th>"
            "<th scope=\"col\">what users notice</th></tr></thead>\n<tbody>\n";
        for (const ComponentStanding& each : page.components) body += component_html(each);
        body += "</tbody>\n</table></div>\n";
    }
    body += "</section>\n";
    if (!page.drafts.empty()) {
        body +=
            "<section>\n<h2>Drafts</h2>\n<p class=\"muted\">For people to check and post; nothing here has been "
            "published by itself.</p>\n";
        for (const Draft& each : page.drafts) body += draft_html(each);
        body += "</section>\n";
    }
    return html_page(page.title, body);
}

std::string status_atom(const StatusPage& page, const std::string& base_url) {
    const std::string base = base_url.empty() ? "urn:serin:status" : base_url;
    const std::string_view separator = base_url.empty() ? ":" : "#";
    Wall updated{};
    for (const Draft& each : page.drafts) updated = std::max(updated, each.at);
    std::string feed = fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
        "  <id>{}</id>\n  <title>{}</title>\n  <updated>{}</updated>\n"
        "  <author><name>Serin</name></author>\n",
        xml_text(base), xml_text(page.title.empty() ? "Status" : page.title), whole_seconds(updated));
    if (!base_url.empty()) {
        feed += fmt::format("  <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n", xml_attribute(base_url));
    }
    for (const Draft& each : page.drafts) {
        const std::string place = base + std::string(separator) + each.incident_id;
        feed += fmt::format(
            "  <entry>\n    <id>{}-{}</id>\n    <title>{}</title>\n    <updated>{}</updated>\n"
            "    <category term=\"draft\"/>\n    <category term=\"{}\"/>\n",
            xml_text(place), xml_text(each.stage), xml_text(printable("Draft: " + each.title)), whole_seconds(each.at),
            xml_attribute(each.stage));
        if (!base_url.empty()) feed += fmt::format("    <link rel=\"alternate\" href=\"{}\"/>\n", xml_attribute(place));
        feed += fmt::format("    <content type=\"text\">{}</content>\n  </entry>\n", xml_text(printable(each.text)));
    }
    return feed + "</feed>\n";
}

}  // namespace serin
