#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a running `serin serve` costs and how punctual it is, as curves. scripts/bench calls it; docs/performance.md
explains the figures. Everything runs on the loopback interface, against a target of our own, for a bounded time."""

import argparse
import json
import math
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
BLACKBOX_MODULE = """modules:
  http_2xx:
    prober: http
    timeout: 5s
    http: { preferred_ip_protocol: ip4, fail_if_body_not_matches_regexp: ['"status":"ok"'] }
"""


def cpu_seconds(pid):
    """User and system time of a process and all its threads."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return math.nan


def open_fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def fetch(url):
    # Loopback must not go through a proxy.
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10).read().decode()


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else math.nan


class Target:
    """The service that is probed; ends with our end of its standard input."""

    def __init__(self, program, seconds):
        self.process = subprocess.Popen([program, str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class Serve:
    """One daemon with `count` one-step probes, one a target."""

    def __init__(self, serin, folder, api, count, every, path):
        self.folder = folder
        self.database = os.path.join(folder, "serin.db")
        with open(os.path.join(folder, "step.yaml"), "w") as scenario:
            scenario.write(
                f"version: 1\nname: one-step\nsteps:\n  - get: {path}\n    expect: status == 200 and json.status == 'ok'\n"
            )
        targets = "".join(f"  t{i:05}: {{ api: '{api}' }}\n" for i in range(count))
        names = ", ".join(f"t{i:05}" for i in range(count))
        with open(os.path.join(folder, "serin.yaml"), "w") as config:
            config.write(
                f"version: 1\nvantage: bench\nstore: {{ path: {self.database} }}\nlisten: {{ port: 0 }}\n"
                f"log: {{ format: json }}\nlimits: {{ max_in_flight: 5000, stop_grace: 5s }}\n"
                f"targets:\n{targets}probes:\n  one-step:\n    scenario: step.yaml\n    every: {every}\n"
                f"    targets: [{names}]\n"
            )
        self.log = open(os.path.join(folder, "log"), "w+")
        self.process = subprocess.Popen(
            [serin, "serve", os.path.join(folder, "serin.yaml")], stdin=subprocess.DEVNULL, stderr=self.log
        )
        self.url = self.wait_for_port()

    def wait_for_port(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with open(self.log.name) as lines:
                for line in lines:
                    if '"listening"' in line:
                        return f"http://127.0.0.1:{json.loads(line)['port']}"
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(self.log.name) as lines:
            sys.exit("serin serve did not start:\n" + lines.read()[-2000:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=60) != 0:
            sys.exit(f"serin serve ended with {self.process.returncode}")
        self.log.close()

    def runs(self, begin, end):
        """(start_lateness, took, verdict) in seconds of what was due in the window (Unix seconds)."""
        with sqlite3.connect(self.database) as store:
            rows = store.execute(
                "SELECT start_lateness, took, verdict FROM runs WHERE on_request = 0 AND scheduled_at >= ? AND scheduled_at < ?",
                (int(begin * 1e6), int(end * 1e6)),
            ).fetchall()
        return [(late / 1e6, took / 1e6, verdict) for late, took, verdict in rows]

    def gaps(self, begin, end):
        with sqlite3.connect(self.database) as store:
            return store.execute(
                "SELECT coalesce(sum(count), 0) FROM gaps WHERE last_scheduled_at >= ? AND first_scheduled_at < ?",
                (int(begin * 1e6), int(end * 1e6)),
            ).fetchone()[0]


def watch(serve, warm_up, seconds):
    """Lets it run, and measures the time after the warm-up."""
    time.sleep(warm_up)
    pid = serve.process.pid
    begin, cpu = time.time(), cpu_seconds(pid)
    memory, fds = [resident_mib(pid)], [open_fds(pid)]
    end = begin + seconds
    while time.time() < end:
        time.sleep(min(5, max(0.0, end - time.time())))
        memory.append(resident_mib(pid))
        fds.append(open_fds(pid))
    cpu = cpu_seconds(pid) - cpu
    serve.stop()
    runs = serve.runs(begin, end)
    return {
        "seconds": seconds,
        "runs": len(runs),
        "not_passed": sum(1 for run in runs if run[2] != "pass"),
        "gaps": serve.gaps(begin, end),
        "cpu_us_per_run": cpu * 1e6 / len(runs) if runs else math.nan,
        "cpu_percent": 100 * cpu / seconds,
        "lateness": [run[0] for run in runs],
        "took": [run[1] for run in runs],
        "memory": memory,
        "fds": fds,
    }


def punctuality(options, target, count, every, seconds):
    with tempfile.TemporaryDirectory() as folder:
        serve = Serve(options.serin, folder, target.url, count, f"{every}s", "/ok")
        return watch(serve, every + 2, seconds)


def blackbox(options, target, count, every, seconds):
    """CPU of blackbox_exporter for the same probes, asked by a Prometheus on the same grid."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/blackbox.yml", "w") as module:
            module.write(BLACKBOX_MODULE)
        log = open(f"{folder}/blackbox.log", "w+")
        exporter = subprocess.Popen(
            ["prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml", "--web.listen-address=127.0.0.1:0"],
            stderr=log,
        )
        address = ""
        for _ in range(100):
            time.sleep(0.1)
            for line in open(log.name):
                if "Listening on" in line:
                    address = line.rsplit("address=", 1)[1].split()[0]
            if address:
                break
        urls = ", ".join(f"'{target.url}/ok?t{i}'" for i in range(count))
        with open(f"{folder}/prometheus.yml", "w") as config:
            config.write(
                f"global: {{ scrape_interval: {every}s, scrape_timeout: 5s }}\nscrape_configs:\n"
                f"  - job_name: blackbox\n    metrics_path: /probe\n    params: {{ module: [http_2xx] }}\n"
                f"    static_configs: [{{ targets: [{urls}] }}]\n    relabel_configs:\n"
                "      - { source_labels: [__address__], target_label: __param_target }\n"
                f"      - {{ target_label: __address__, replacement: '{address}' }}\n"
                "      - { source_labels: [__param_target], target_label: instance }\n"
            )
        prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             "--web.listen-address=127.0.0.1:0", "--log.level=error"],
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(every + 2)
            asked = json.loads(fetch(target.url + "/stats"))["requests"]
            cpu, begin = cpu_seconds(exporter.pid), time.monotonic()
            time.sleep(seconds)
            cpu = cpu_seconds(exporter.pid) - cpu
            asked = json.loads(fetch(target.url + "/stats"))["requests"] - asked
            taken = time.monotonic() - begin
        finally:
            for child in (prometheus, exporter):
                child.terminate()
                child.wait()
        if asked < 0.9 * count * taken / every:
            sys.exit(f"blackbox_exporter was asked only {asked} times")
        return {"cpu_us_per_run": cpu * 1e6 / asked, "cpu_percent": 100 * cpu / taken}


def fidelity(options, seconds):
    """How much longer a run says it took than the target was busy with it, at 200 runs a second."""
    with Target(options.target, 900) as target, tempfile.TemporaryDirectory() as folder:
        serve = Serve(options.serin, folder, target.url, 200, "1s", "/delay/20")
        figures = watch(serve, 3, seconds)
        truth = json.loads(fetch(target.url + "/truth"))
    return {
        "runs": figures["runs"],
        "reported_p50_ms": quantile(figures["took"], 0.5) * 1e3,
        "truth_p50_ms": quantile(truth, 0.5) / 1e3,
        "over_p50_ms": quantile(figures["took"], 0.5) * 1e3 - quantile(truth, 0.5) / 1e3,
        "over_p99_ms": quantile(figures["took"], 0.99) * 1e3 - quantile(truth, 0.99) / 1e3,
    }


def soak(options, target, minutes):
    """500 runs a second for minutes: memory and descriptors must stay flat, and every slot must be in the store."""
    with tempfile.TemporaryDirectory() as folder:
        serve = Serve(options.serin, folder, target.url, 500, "1s", "/ok")
        figures = watch(serve, 20, minutes * 60)
    half = len(figures["memory"]) // 2
    return {
        "runs": figures["runs"],
        "expected": minutes * 60 * 500,
        "gaps": figures["gaps"],
        "memory_first_half_mib": statistics.median(figures["memory"][:half]),
        "memory_second_half_mib": statistics.median(figures["memory"][half:]),
        "memory_peak_mib": max(figures["memory"]),
        "fds_first": figures["fds"][0],
        "fds_last": figures["fds"][-1],
        "cpu_percent": figures["cpu_percent"],
    }


def line(count, figures):
    late = figures["lateness"]
    return (
        f"{count:>7,} {quantile(late, 0.5) * 1e3:>9.2f} {quantile(late, 0.99) * 1e3:>9.2f} {max(late, default=math.nan) * 1e3:>9.1f} "
        f"{figures['gaps']:>7} {figures['not_passed']:>7} {figures['cpu_percent']:>7.1f} {figures['cpu_us_per_run']:>9.0f} "
        f"{max(figures['memory']):>8.1f}"
    )


def verdict(name, value, bar, unit):
    print(f"{name:<52} {value:>9.3f} {unit:<4} <= {bar:<7g} {'met' if value <= bar else 'missed'}")


def chart(points, path):
    """The curve: probes against start lateness, both logarithmic; SVG by hand, readable without a script."""
    left, top, width, height = 70, 30, 560, 300
    counts = [count for count, _ in points]

    def x(count):
        return left + width * (math.log(count) - math.log(counts[0])) / (math.log(counts[-1]) - math.log(counts[0]))

    def y(seconds):
        return top + height * (1 - (math.log10(max(seconds, 1e-5)) + 5) / 4)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 40} {top + height + 60}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="18" font-weight="bold">serin serve: start lateness, one-step probes every 10 s, one process</text>',
    ]
    for exponent in range(-5, 0):
        label = {-5: "10 µs", -4: "100 µs", -3: "1 ms", -2: "10 ms", -1: "100 ms"}[exponent]
        out.append(f'<line x1="{left}" x2="{left + width}" y1="{y(10 ** exponent):.1f}" y2="{y(10 ** exponent):.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{y(10 ** exponent) + 4:.1f}" text-anchor="end">{label}</text>')
    for count in counts:
        out.append(f'<text x="{x(count):.1f}" y="{top + height + 18}" text-anchor="middle">{count:,}</text>')
    out.append(f'<text x="{left + width / 2}" y="{top + height + 42}" text-anchor="middle">probes</text>')
    for q, colour, name in ((0.5, "#1b6", "p50"), (0.99, "#c33", "p99")):
        path_points = [(x(count), y(quantile(figures["lateness"], q))) for count, figures in points]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in path_points)}"/>')
        out.extend(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in path_points)
        out.append(f'<text x="{path_points[-1][0] + 6:.1f}" y="{path_points[-1][1] + 4:.1f}" fill="{colour}">{name}</text>')
    out.append("</svg>")
    with open(path, "w") as svg:
        svg.write("\n".join(out) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--serin", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--chart", metavar="SVG")
    options = parser.parse_args()
    seconds = 20 if options.quick else 60
    counts = [100, 1000, 2000, 5000, 10000] if options.quick else [100, 500, 1000, 2000, 5000, 10000]

    print(f"{os.uname().sysname} {os.uname().release}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.2f}; {seconds} s a point")
    with Target(options.target, 3000) as target:
        if options.soak:
            for name, value in soak(options, target, options.soak).items():
                print(f"{name:<28} {value:,.1f}")
            return
        print(f"{'probes':>7} {'p50 ms':>9} {'p99 ms':>9} {'max ms':>9} {'gaps':>7} {'failed':>7} {'CPU %':>7} {'us/run':>9} {'RSS MiB':>8}")
        points = []
        for count in counts:
            figures = punctuality(options, target, count, 10, seconds)
            points.append((count, figures))
            print(line(count, figures), flush=True)
        exporter = blackbox(options, target, 1000, 10, seconds)
        print(f"blackbox_exporter, 1,000 probes every 10 s: {exporter['cpu_percent']:.1f} % CPU, {exporter['cpu_us_per_run']:.0f} us a probe")
    true = fidelity(options, 20 if options.quick else 40)
    by_count = dict(points)
    small, large = by_count[1000], by_count[10000]
    print()
    verdict("1,000 probes: start lateness p99", quantile(small["lateness"], 0.99) * 1e3, 5, "ms")
    verdict("1,000 probes: slots not run", small["gaps"], 0, "")
    verdict("1,000 probes: CPU / blackbox_exporter's", small["cpu_us_per_run"] / exporter["cpu_us_per_run"], 0.125, "")
    verdict("1,000 probes: RSS", max(small["memory"]), 80, "MiB")
    verdict("10,000 probes: start lateness p99", quantile(large["lateness"], 0.99) * 1e3, 50, "ms")
    verdict("10,000 probes: slots not run", large["gaps"], 0, "")
    verdict("10,000 probes: RSS", max(large["memory"]), 200, "MiB")
    verdict("200 a second, 20 ms target: over-reporting p50", true["over_p50_ms"], 0.3, "ms")
    if options.chart:
        chart(points, options.chart)


if __name__ == "__main__":
    main()
