// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/formats/html.hpp"
#include "reports/formats/store_listing.hpp"

namespace serin {
namespace {

// Of the drawing, in its own units.
constexpr double left = 58, right = 948, top = 30, bottom = 200;
constexpr double strip_top = 214, strip_bottom = 242, height = 264;

constexpr std::array quantiles{std::pair{0.5, "p50"}, std::pair{0.95, "p95"}, std::pair{0.99, "p99"}};

Duration human(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

/// 1, 2 or 5 times a power of ten, at least `value`.
double round_up(double value) {
    const double decade = std::pow(10, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= value * 0.999'999) return factor * decade;
    }
    return 10 * decade;
}

/// Seconds to a height. Logarithmic when a linear one would press all but the outliers to the ground.
class Scale {
public:
    explicit Scale(const ProbeReport& probe) {
        double least = 0, most = 0;
        for (const TimelineStep& step : probe.timeline) {
            const double low = std::max(step.counts.took.quantile(0.5).value_or(0), 1e-6);
            if (step.counts.took.count() == 0) continue;
            least = least == 0 ? low : std::min(least, low);
            most = std::max(most, step.counts.took.quantile(0.99).value_or(0));
        }
        empty_ = most <= 0;
        if (empty_) return;
        logarithmic_ = most / least > 30;
        if (logarithmic_) {
            low_ = std::pow(10, std::floor(std::log10(least)));
            high_ = round_up(most);
            for (double tick = low_; tick <= high_ * 1.001; tick *= 10) ticks_.push_back(tick);
            return;
        }
        const double step = round_up(most / 4);
        for (double tick = 0; tick < most + step * 0.999; tick += step) ticks_.push_back(tick);
        high_ = ticks_.back();
    }
    [[nodiscard]] bool empty() const { return empty_; }
    [[nodiscard]] bool logarithmic() const { return logarithmic_; }
    [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }
    [[nodiscard]] double y(double seconds) const {
        const double share =
            logarithmic_ ? std::log(std::max(seconds, low_) / low_) / std::log(high_ / low_) : seconds / high_;
        return bottom - (bottom - top) * std::clamp(share, 0.0, 1.0);
    }

private:
    bool empty_ = true, logarithmic_ = false;
    double low_ = 0, high_ = 1;
    std::vector<double> ticks_;
};

class Drawing {
public:
    Drawing(const StoreReport& report, const ProbeReport& probe) : report_(report), probe_(probe), scale_(probe) {}

    std::string whole() {
        axis_of_time();
        axis_of_latency();
        without_data();
        bands_of_changes();
        for (const auto& [q, name] : quantiles) line(q, name);
        strip();
        marks_of_changes();
        return fmt::format(
            "<svg viewBox=\"0 0 960 {}\" role=\"img\" aria-label=\"{}\">{}</svg>", height,
            html_attribute("Latency and verdicts of " + probe_.name + " over time: " + counts_text(probe_.counts) +
                           "; median " + quantile_text(probe_.counts.took, 0.5) + ", 99th percentile " +
                           quantile_text(probe_.counts.took, 0.99)),
            svg_);
    }
    [[nodiscard]] bool logarithmic() const { return scale_.logarithmic(); }

private:
    [[nodiscard]] double x(Wall t) const {
        const double share = std::chrono::duration<double>(t - report_.from) /
                             std::chrono::duration<double>(report_.until - report_.from);
        return left + (right - left) * std::clamp(share, 0.0, 1.0);
    }
    [[nodiscard]] double end_of(const TimelineStep& step) const {
        return x(step.at + std::chrono::duration_cast<Wall::duration>(report_.step));
    }

    void axis_of_time() {
        using std::chrono::minutes;
        constexpr std::array<int, 14> steps{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10'080};
        const Duration window = report_.until - report_.from;
        Duration step = minutes(steps.back()) * (window / minutes(steps.back()) / 8 + 1);
        for (const int candidate : steps) {
            if (window / minutes(candidate) > 8) continue;
            step = minutes(candidate);
            break;
        }
        const Duration since_epoch = report_.from.time_since_epoch();
        Wall at = Wall{} + std::chrono::duration_cast<Wall::duration>((since_epoch / step + 1) * step);
        for (; at < report_.until; at += std::chrono::duration_cast<Wall::duration>(step)) {
            const std::string text = short_time(at);
            const bool midnight = text.substr(11, 5) == "00:00";
            svg_ += fmt::format("<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>", x(at),
                                top, strip_bottom);
            svg_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x(at), height - 6,
                                midnight ? text.substr(5, 5) : text.substr(11, 5));
        }
    }

    void axis_of_latency() {
        for (const double tick : scale_.ticks()) {
            svg_ += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", left, right,
                                scale_.y(tick), scale_.y(tick));
            svg_ += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", left - 6,
                                scale_.y(tick) + 4, tick > 0 ? human_duration(human(tick)) : "0");
        }
    }

    /// Successive steps without a judged run, as one hatched field.
    void without_data() {
        for (std::size_t i = 0; i < probe_.timeline.size(); ++i) {
            if (probe_.timeline[i].counts.judged() > 0) continue;
            std::size_t last = i;
            while (last + 1 < probe_.timeline.size() && probe_.timeline[last + 1].counts.judged() == 0) ++last;
            const double begin = x(probe_.timeline[i].at);
            svg_ += fmt::format(
                "<rect fill=\"url(#hatch)\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"><title>no data</title>"
                "</rect>",
                begin, top, std::max(0.5, end_of(probe_.timeline[last]) - begin), bottom - top);
            i = last;
        }
    }

    void line(double q, std::string_view name) {
        if (scale_.empty()) return;
        std::string path, dots;
        for (std::size_t i = 0; i < probe_.timeline.size(); ++i) {
            const auto value = [&](std::size_t k) { return probe_.timeline[k].counts.took.quantile(q); };
            if (!value(i)) continue;
            const TimelineStep& step = probe_.timeline[i];
            const double at = (x(step.at) + end_of(step)) / 2;
            const bool after = i > 0 && value(i - 1);
            const bool before = i + 1 < probe_.timeline.size() && value(i + 1);
            path += fmt::format("{}{:.1f} {:.1f}", after ? "L" : "M", at, scale_.y(*value(i)));
            if (!after && !before)
                dots += fmt::format("<circle class=\"dot {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>", name, at,
                                    scale_.y(*value(i)));
        }
        svg_ += fmt::format("<path class=\"line {}\" d=\"{}\"/>{}", name, path, dots);
    }

    /// What the runs of each step said, as shares of a bar; what was not judged stays hatched.
    void strip() {
        for (const TimelineStep& step : probe_.timeline) {
            const double begin = x(step.at);
            const double width = std::max(0.6, end_of(step) - begin - 0.6);
            svg_ += fmt::format(
                "<g><title>{}: {}</title><rect fill=\"url(#hatch)\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" "
                "height=\"{}\"/>",
                short_time(step.at), counts_text(step.counts), begin, strip_top, width, strip_bottom - strip_top);
            const auto slots = static_cast<double>(step.counts.slots());
            double foot = strip_bottom;
            const std::pair<const char*, std::int64_t> parts[] = {{"fail", step.counts.fail},
                                                                  {"error", step.counts.error},
                                                                  {"degraded", step.counts.degraded},
                                                                  {"pass", step.counts.pass}};
            for (const auto& [name, count] : parts) {
                if (count == 0) continue;
                // One failure among thousands is still to be seen.
                const double share = (strip_bottom - strip_top) * static_cast<double>(count) / slots;
                const double part = std::min(std::max(share, 3.0), foot - strip_top);
                foot -= part;
                svg_ +=
                    fmt::format("<rect class=\"f-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                                name, begin, foot, width, part);
            }
            svg_ += "</g>";
        }
    }

    void bands_of_changes() {
        for (const Change& change : report_.changes) {
            if (!change.ended_at || *change.ended_at <= report_.from || change.started_at >= report_.until) continue;
            const double begin = x(change.started_at);
            svg_ += fmt::format("<rect class=\"change-band\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>",
                                begin, top, x(*change.ended_at) - begin, strip_bottom - top);
        }
    }

    void marks_of_changes() {
        int number = 0;
        double last = -100;
        bool raised = false;
        for (const Change& change : report_.changes) {
            ++number;
            const double at = x(change.started_at);
            raised = at - last < 18 && !raised;  // two that stand close together take turns in height
            last = at;
            const double head = raised ? 8 : 20;
            svg_ += fmt::format(
                "<g><title>{}</title><line class=\"change\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>"
                "<circle class=\"change-head\" cx=\"{:.1f}\" cy=\"{}\" r=\"8\"/>"
                "<text class=\"change-number\" x=\"{:.1f}\" y=\"{}\">{}</text></g>",
                html_text(short_time(change.started_at) + " " + change.kind + " of " + change.component), at, at,
                head + 8, strip_bottom, at, head, at, head + 4, number);
        }
    }

    const StoreReport& report_;
    const ProbeReport& probe_;
    Scale scale_;
    std::string svg_;
};

std::string key(std::string_view shape, std::string_view text) {
    return fmt::format("<li><svg viewBox=\"0 0 26 12\" aria-hidden=\"true\">{}</svg>{}</li>", shape, text);
}

}  // namespace

std::string html_timeline_patterns() {
    return "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs><pattern id=\"hatch\" "
           "width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" "
           "height=\"6\" fill=\"var(--none-bg)\" opacity=\".5\"/><rect width=\"2\" height=\"6\" fill=\"var(--none)\" "
           "opacity=\".35\"/></pattern></defs></svg>\n";
}

std::string html_timeline(const StoreReport& report, const ProbeReport& probe) {
    Drawing drawing(report, probe);
    std::string text = "<figure><div class=\"scroll\" tabindex=\"0\">" + drawing.whole() + "</div><figcaption>";
    text += fmt::format("Latency of judged runs{}, and below it what the runs said; each step is {}, times are UTC.",
                        drawing.logarithmic() ? " (logarithmic)" : "", human_duration(report.step));
    text += "</figcaption><ul class=\"legend\">";
    for (const auto& [q, name] : quantiles)
        text += key(fmt::format("<path class=\"line {}\" d=\"M0 6H26\"/>", name), name);
    for (const char* verdict : {"pass", "degraded", "fail", "error"})
        text += key(fmt::format("<rect class=\"f-{}\" width=\"26\" height=\"12\"/>", verdict), verdict);
    text += key("<rect fill=\"url(#hatch)\" width=\"26\" height=\"12\"/>", "no data");
    if (!report.changes.empty()) text += "<li><span class=\"n\">1</span> a change, by its number below</li>";
    return text + "</ul></figure>";
}

}  // namespace serin
