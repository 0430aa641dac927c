# SPDX-License-Identifier: Apache-2.0
"""What deploy/grafana/serin.json and deploy/prometheus/serin.rules.yml ask of Prometheus.

python3 dashboard.py check ROOT           the dashboard holds together: prints each mistake, exits 1 when there is one
python3 dashboard.py ask ROOT PROMETHEUS  asks each query of the running Prometheus at that URL: an error of the query exits 1,
                                          missing data exits 2 and says where
"""
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

# Nothing of these happens while a test runs: a query without an error is all that can be asked.
MAY_BE_EMPTY = {"Certificates", "Retries, cleanup failures, leaked objects"}
WORDS = {
    "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "sum", "count", "max",
    "min", "avg", "rate", "increase", "time", "vector", "topk", "sort", "histogram_quantile", "absent", "le", "job", "instance",
}


def dashboard(root):
    with open(os.path.join(root, "deploy/grafana/serin.json"), encoding="utf-8") as file:
        return json.load(file)


def queries(root):
    """(where, expression) of each panel, annotation and rule."""
    board = dashboard(root)
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"panel: {panel['title']} {target['refId']}", target["expr"]
    for note in board["annotations"]["list"]:
        if "expr" in note:
            yield f"annotation: {note['name']}", note["expr"]


def filled(expression):
    for name, value in (("$__rate_interval", "20s"), ("$__range", "1m"), ("$vantage", ".*"), ("$probe", ".*"), ("$target", ".*")):
        expression = expression.replace(name, value)
    return expression


def metric_names(expression):
    """Identifiers that are no label, no word of PromQL."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    return {word for word in re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare) if word not in WORDS}


def documented(root):
    """Series names of docs/metrics.md."""
    names = set()
    with open(os.path.join(root, "docs/metrics.md"), encoding="utf-8") as file:
        for row in re.findall(r"^\| `(\w+)` \| (\w+) \|", file.read(), re.M):
            names.add(row[0])
            if row[1] == "histogram":
                names.update(row[0] + suffix for suffix in ("_bucket", "_sum", "_count"))
    return names


def layout(panels):
    ids, taken = set(), {}
    for panel in panels:
        where, at = f"panel `{panel['title']}`", panel["gridPos"]
        if panel["id"] in ids:
            yield f"{where}: id {panel['id']} is used twice"
        ids.add(panel["id"])
        if at["x"] + at["w"] > 24:
            yield f"{where}: wider than the page"
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                if (x, y) in taken:
                    yield f"{where}: overlaps `{taken[x, y]}`"
                    return
                taken[x, y] = panel["title"]


def panel_mistakes(panel, variables):
    where = f"panel `{panel['title']}`"
    if panel["type"] == "row":
        return
    if not panel.get("description"):
        yield f"{where}: no description"
    if not panel["targets"]:
        yield f"{where}: no query"
    if len({target["refId"] for target in panel["targets"]}) != len(panel["targets"]):
        yield f"{where}: two queries of one refId"
    for source in [panel["datasource"]] + [target["datasource"] for target in panel["targets"]]:
        if source != {"type": "prometheus", "uid": "${datasource}"}:
            yield f"{where}: another data source than the variable"
    for target in panel["targets"]:
        for name in re.findall(r"\$\{?(\w+)", target["expr"]):
            if name not in variables | {"__rate_interval", "__range"}:
                yield f"{where}: unknown variable ${name}"


def check(root):
    board = dashboard(root)
    variables = {each["name"] for each in board["templating"]["list"]}
    mistakes = list(layout(board["panels"]))
    if board["schemaVersion"] < 36 or board["id"] is not None or not board["uid"]:
        mistakes.append("schemaVersion, id or uid are not those of a dashboard to import")
    for panel in board["panels"]:
        mistakes.extend(panel_mistakes(panel, variables))
    known = documented(root)
    for where, expression in queries(root):
        for name in metric_names(expression) - known:
            mistakes.append(f"{where}: `{name}` is not in docs/metrics.md")
        if not metric_names(expression):
            mistakes.append(f"{where}: asks for no metric")
    with open(os.path.join(root, "deploy/prometheus/serin.rules.yml"), encoding="utf-8") as file:
        for name in re.findall(r"\b(?:serin|process)_\w+", re.sub(r"^\s*#.*|^\s*(summary|description):.*", "", file.read(), flags=re.M)):
            if name not in known:
                mistakes.append(f"serin.rules.yml: `{name}` is not in docs/metrics.md")
    return mistakes


def answer(prometheus, path, **parameters):
    with urllib.request.urlopen(f"{prometheus}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as response:
        return json.load(response)["data"]


def ask(root, prometheus):
    wrong, empty = [], []
    asked = [(where, filled(expression)) for where, expression in queries(root)]
    for group in answer(prometheus, "/api/v1/rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] == "err":
                wrong.append(f"rule {rule['name']}: {rule['lastError']}")
            if rule["type"] == "recording":
                asked.append((f"rule: {rule['name']}", rule["name"]))
    for where, expression in asked:
        try:
            found = answer(prometheus, "/api/v1/query", query=expression)["result"]
        except urllib.error.HTTPError as error:
            wrong.append(f"{where}: {json.load(error).get('error', error)}")
            continue
        guarded = expression.rstrip().endswith("> 0") and "failure_class" not in expression
        if not found and not guarded and not any(title in where for title in MAY_BE_EMPTY):
            empty.append(where)
    return wrong, empty


def main(how, root, prometheus=None):
    if how == "check":
        mistakes = check(root)
        print("\n".join(mistakes) or f"{len(list(queries(root)))} queries ask for documented metrics")
        return 1 if mistakes else 0
    wrong, empty = ask(root, prometheus)
    print("\n".join(wrong + [f"no data: {where}" for where in empty]))
    return 1 if wrong else 2 if empty else 0


sys.exit(main(*sys.argv[1:]))
