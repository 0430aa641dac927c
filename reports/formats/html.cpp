// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/html.hpp"

#include "reports/formats/escaping.hpp"

namespace serin {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#17212b;--muted:#586674;--line:#dde3e9;--accent:#1f5fbf;
--good:#1a7f4b;--good-bg:#dcf3e6;--good-ink:#0e5c35;--fair:#b7791f;--fair-bg:#fdf0cf;--fair-ink:#734a00;
--bad:#c8372d;--bad-bg:#fbdcd8;--bad-ink:#8f1f17;--error:#7d4fb5;--none:#8b96a1;--none-bg:#e8ecf0;--none-ink:#4c5966;
--p50:#1f5fbf;--p95:#2f8f9d;--p99:#9a6bc4}
@media (prefers-color-scheme:dark){:root{--bg:#0e1318;--card:#161d24;--ink:#e4eaf0;--muted:#98a6b3;--line:#2a343e;
--accent:#7db2ff;--good:#3fb77a;--good-bg:#12351f;--good-ink:#8fe0b3;--fair:#e0a93b;--fair-bg:#3a2d0d;
--fair-ink:#f4d48a;--bad:#f0665b;--bad-bg:#431a17;--bad-ink:#ffb3ab;--error:#b58be6;--none:#6d7a86;--none-bg:#232c35;
--none-ink:#aab6c1;--p50:#7db2ff;--p95:#5cc4d1;--p99:#c6a1ec}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:clamp(22px,4.5vw,32px);line-height:1.2;margin:4px 0 8px}
h2{font-size:19px;margin:0 0 12px}h3{font-size:15px;margin:20px 0 8px}
p{margin:0 0 12px}a{color:var(--accent)}
.eyebrow{color:var(--muted);font-size:13px;letter-spacing:.06em;text-transform:uppercase;margin:0}
.muted,figcaption,caption{color:var(--muted)}small,.small{font-size:13px}
section,.hero{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px;margin:0 0 16px}
.hero{border-left:6px solid var(--none)}.hero.good{border-left-color:var(--good)}
.hero.fair{border-left-color:var(--fair)}.hero.bad,.hero.worst{border-left-color:var(--bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:0 0 16px;padding:0}
.cards>div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
.cards dt{color:var(--muted);font-size:13px}.cards dd{margin:0}
.cards dd:first-of-type{font-size:24px;font-weight:650;line-height:1.3}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch;margin:0 -18px;padding:0 18px}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-size:13px;padding:0 0 6px}
th,td{padding:7px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:normal}
thead th{color:var(--muted);font-weight:600;font-size:13px;white-space:nowrap}
tbody th{font-weight:600;min-width:9em}tr:last-child>*{border-bottom:0}.num{text-align:right;white-space:nowrap}
.nowrap{white-space:nowrap}td.wide{min-width:15em;overflow-wrap:anywhere}
.heat{width:auto;border-collapse:separate;border-spacing:4px;margin:0 -4px}
.heat caption{white-space:nowrap}.heat th,.heat td{border:0}.heat th{font-size:13px;font-weight:600;vertical-align:middle;min-width:0}
.heat td{border-radius:8px;min-width:128px;padding:9px 12px}.heat td b{display:block;font-size:16px;white-space:nowrap}
.heat td span{display:block;font-size:12px}
.good{--tone:var(--good)}.fair{--tone:var(--fair)}.bad,.worst{--tone:var(--bad)}.none{--tone:var(--none)}
td.good,.badge.good{background:var(--good-bg);color:var(--good-ink)}
td.fair,.badge.fair{background:var(--fair-bg);color:var(--fair-ink)}
td.bad,.badge.bad{background:var(--bad-bg);color:var(--bad-ink)}
td.worst,.badge.worst{background:#b3261e;color:#fff}
td.none,.badge.none{background:repeating-linear-gradient(135deg,var(--none-bg) 0 6px,transparent 6px 12px);
color:var(--none-ink);box-shadow:inset 0 0 0 1px var(--line)}
.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;white-space:nowrap}
figure{margin:14px 0 0}figure svg{display:block;width:100%;min-width:640px;height:auto}
figcaption{font-size:13px}
svg text{font:11px system-ui,sans-serif;fill:var(--muted)}.grid{stroke:var(--line);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.p50{stroke:var(--p50)}.p95{stroke:var(--p95);stroke-dasharray:6 3}
.p99{stroke:var(--p99);stroke-width:1.5;stroke-dasharray:2 3}
.dot{stroke:none}.dot.p50{fill:var(--p50)}.dot.p95{fill:var(--p95)}.dot.p99{fill:var(--p99)}
.f-pass{fill:var(--good)}.f-degraded{fill:var(--fair)}.f-fail{fill:var(--bad)}.f-error{fill:var(--error)}
.change{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:3 3;opacity:.75}.change-band{fill:var(--ink);opacity:.07}
.change-head{fill:var(--ink)}svg text.change-number{fill:var(--card);font-weight:700;text-anchor:middle}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:8px 0 0;padding:0;font-size:13px;
color:var(--muted)}.legend svg{display:inline;width:26px;min-width:0;height:12px;vertical-align:-1px;margin-right:5px}
.bar{display:flex;height:18px;border-radius:9px;overflow:hidden;margin:4px 0 8px;background:var(--none-bg)}
.bar>span{background:var(--tone);min-width:3px;border-right:1px solid var(--card)}
details{border-top:1px solid var(--line)}details:first-of-type{border-top:0}
summary{cursor:pointer;padding:10px 0}summary:focus-visible,a:focus-visible,.scroll:focus-visible{outline:2px solid
var(--accent);outline-offset:2px;border-radius:4px}
pre{background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto;margin:0 0 14px;
font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:normal}
.n{display:inline-block;min-width:22px;padding:0 6px;border-radius:11px;background:var(--ink);color:var(--card);
font-size:12px;font-weight:700;text-align:center}
footer{color:var(--muted);font-size:13px}footer dt{font-weight:600;color:var(--ink)}footer dd{margin:0 0 6px}
@media (max-width:480px){.heat td{min-width:104px;padding:8px 9px}.heat th{padding:6px}}
@media print{body{background:#fff}section,.hero,.cards>div{break-inside:avoid}.scroll{overflow:visible}}
)css";

}  // namespace

std::string html_text(std::string_view text) {
    return xml_text(printable(text));
}

std::string html_attribute(std::string_view text) {
    return xml_attribute(printable(text));
}

std::string grouped(std::int64_t count) {
    std::string text = std::to_string(count);
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > sign + 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string html_page(std::string_view title, std::string_view body) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>";
    page += html_text(title);
    page += "</title>\n<style>";
    page += style;
    page += "</style>\n</head>\n<body>\n<main>\n";
    page += body;
    page += "</main>\n</body>\n</html>\n";
    return page;
}

std::string_view tone_of(std::optional<double> availability) {
    if (!availability) return "none";
    if (*availability >= 1) return "good";
    if (*availability >= 0.99) return "fair";
    return *availability >= 0.9 ? "bad" : "worst";
}

std::string_view sign_of(std::string_view tone) {
    if (tone == "good") return "✓";
    if (tone == "fair") return "▲";
    return tone == "none" ? "?" : "✕";
}

}  // namespace serin
