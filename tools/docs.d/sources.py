# SPDX-License-Identifier: GPL-2.0-only
"""Reads the facts for generated documents from their sources: see tools/docs."""
import glob
import json
import re
import subprocess
import sys

SCHEMA = "user/config/lbctl.schema.json"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sources(*patterns):
    return sorted(path for pattern in patterns for path in glob.glob(pattern, recursive=True))


# --- C sources ------------------------------------------------------------------


def joined(text):
    """The text with adjacent strings and continued lines joined."""
    text = text.replace("\\\n", " ")
    return re.sub(r'"\s+"', "", text)


def arguments(text):
    """The arguments of a call; `text` begins after its opening parenthesis."""
    parts, depth, begin, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return parts + [text[begin:i].strip()]
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[begin:i].strip())
            begin = i + 1
    return parts


def string(argument):
    """The text of a string literal, also beside a macro of a string; None for other arguments."""
    argument = argument.replace("BPF_DIRECTORY", '"/sys/fs/bpf"')
    argument = re.sub(r'"\s*"', "", argument)
    match = re.fullmatch(r'"((?:\\.|[^"\\])*)"', argument.strip())
    return match.group(1).replace('\\"', '"') if match else None


def placeholder(expression, name):
    """The placeholder for a value: SERVICE for service->name, `name` for a variable called name."""
    expression = re.sub(r"\[[^]]*\]", "", expression)
    texts = re.findall(r'"([^"]*)"', expression)
    if "?" in expression and texts:
        return "|".join(text for text in texts if text) if all(texts) else ""
    if expression.endswith("command"):
        return "lbctl"
    parts = re.split(r"->|\.", re.sub(r"\w+\((.*)\)", r"\1", expression))
    word = re.sub(r"[^A-Za-z_]", "", parts[-1]).upper().strip("_")
    if word == "NAME":
        return {"service": "SERVICE", "interface": "IFACE"}.get(parts[-2] if len(parts) > 1 else "", name)
    return {"NAMES": "INSTANCE", "RELEASE": "VERSION", "MISSING": "CAPABILITY"}.get(word, word or "...")


def filled(format, values, name):
    """A printf format with placeholders for its values."""
    values = list(values)

    def one(match):
        if match.group(0) == "%%":
            return "%"
        for _ in range(match.group(0).count("*")):
            values and values.pop(0)
        value = values.pop(0) if values else "..."
        if match.group(0)[-1] in "dui":
            return "N"
        is_within = match.start() and format[match.start() - 1].isalpha()
        return (" " if is_within and placeholder(value, name) else "") + placeholder(value, name)

    return re.sub(r"%%|%[-0-9.*]*(?:ll|l|z)?[sdcui]", one, format)


def x_list(path, macro):
    """The rows of an X-macro list: symbol, name, and a sentence or a comment."""
    text = joined(read(path))
    body = re.search(rf"#define {macro}\(X\)(.*?)\n\n", text, re.S).group(1)
    rows = re.findall(r'X\((\w+),\s*"?([\w-]+)"?(?:,\s*"([^"]*)")?\)(?:\s*/\*\s*(.*?)\s*\*/)?', body)
    return [(symbol, name, sentence or comment) for symbol, name, sentence, comment in rows]


def outcomes():
    return [(name, sentence) for _, name, sentence in x_list("include/lb/outcome.h", "LB_OUTCOMES")]


def events():
    return [(name, sentence) for _, name, sentence in x_list("include/lb/event.h", "LB_EVENT_KINDS")]


def exit_codes():
    """(symbol, code, sentence)"""
    rows = re.findall(r"\t(EXIT_\w+) = (\d+),(?: /\* (.*?) \*/)?", read("user/base/problem.h"))
    return [(symbol, int(code), sentence) for symbol, code, sentence in rows] + \
        [("", 70, "a bug in lbctl")]


def error_ids():
    """Identifiers by exit code."""
    codes = {symbol: code for symbol, code, _ in exit_codes()}
    found = {(9, "kernel-refused"), (7, "timed-out"), (6, "permission-denied")}
    for path in sources("user/**/*.c"):
        text = joined(read(path))
        for symbol, id in re.findall(r'(EXIT_\w+),\s+"([a-z-]+)"', text):
            found.add((codes[symbol], id))
        for id in re.findall(r'(?:problem_choice\([^,]*|call_(?:number|duration)\([^,]*, [^,]*),\s*"([a-z-]+)"', text):
            found.add((codes["EXIT_INVALID"], id))
    by_code = {}
    for code, id in sorted(found):
        by_code.setdefault(code, []).append(id)
    return by_code


def findings():
    """The doctor's findings by file: (id, severity, message, reason, remedy)."""
    groups = []
    titles = {"host": "host", "interfaces": "interfaces", "offloads": "offloads and queues",
              "paths": "paths to backends and back", "services": "services and flows",
              "connect": "connections to backends"}
    for stem, title in titles.items():
        text = joined(read(f"user/diagnose/doctor/{stem}.c"))
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        for name, value in re.findall(r"#define (\w+)[ \t]+(\S+)$", text, re.M):
            text = re.sub(rf"\b{name}\b", value, text)
        rows = []
        name = "SERVICE" if stem in ("services", "connect") else "IFACE"
        calls = list(re.finditer(r"\bfinding_add\(", text))
        for i, call in enumerate(calls):
            end = calls[i + 1].start() if i + 1 < len(calls) else len(text)
            end = min(end, text.find("\n}", call.end()))
            parts = arguments(text[call.end():])
            id, severity = string(parts[1]), parts[2].replace("DOCTOR_", "").lower()
            if not id:
                continue
            message = filled(string(parts[4]) or "", parts[5:], name)
            remedy = ""
            fix = re.search(r"\bfinding_set_remedy\(", text[call.end():end])
            if fix:
                values = arguments(text[call.end() + fix.end():])
                format = string(values[1])
                if not format and "?" in values[1]:
                    format = " | ".join(re.findall(r'"([^"]*)"', values[1]))
                remedy = filled(format or "", values[2:], name).strip()
            rows.append((id, severity, message, string(parts[3]) or "", remedy))
        for symbol, id in re.findall(r'\{(LB_\w+),\s*"([a-z-]+)"\}', text):
            outcome, meaning = next((outcome, meaning) for s, outcome, meaning in
                                    x_list("include/lb/outcome.h", "LB_OUTCOMES") if "LB_" + s == symbol)
            rows.append((id, "warning or note", f"N packets with outcome {outcome}", meaning,
                         f"lbctl trace --outcome {outcome}"))
        if not rows:
            sys.exit(f"tools/docs: user/diagnose/doctor/{stem}.c has no finding that it understands")
        groups.append((title, rows))
    return groups


# --- facts of the program -------------------------------------------------------


def facts():
    if not hasattr(facts, "kept"):
        made = subprocess.run(["make", "-s", "--no-print-directory", "build/docs/facts"],
                              stdout=subprocess.DEVNULL, check=False)
        if made.returncode:
            sys.exit("tools/docs: cannot build build/docs/facts")
        facts.kept = json.loads(subprocess.run(["build/docs/facts"], check=True, text=True,
                                               capture_output=True).stdout)
    return facts.kept


def title(command):
    return f"{command['object']} {command['name']}" if command["object"] else command["name"]


def command_named(name):
    return next(command for command in facts()["commands"] if title(command) == name)


def metrics():
    """(name, type, help), from the HELP and TYPE lines of the metrics."""
    rows = []
    for name, help in re.findall(r"^# HELP (\S+) (.*)", facts()["metrics"], re.M):
        type = re.search(rf"^# TYPE {name} (\S+)", facts()["metrics"], re.M).group(1)
        rows.append((name, type, help))
    return rows


def labels(name):
    known = {"lbctl_info": "version, instance", "lbctl_interface_attached": "interface, mode",
             "lbctl_packets_total": "outcome"}
    if name in known:
        return known[name]
    if name.startswith("lbctl_backend_"):
        return "service, backend"
    return "service" if name.startswith("lbctl_service_") else ""


def make_targets():
    return re.findall(r"^([a-z][a-z._-]*):[^#\n]*## (.*)", read("Makefile"), re.M)


# --- the schema of files ---------------------------------------------------------


def schema():
    return json.loads(read(SCHEMA))["$defs"]


def described(node):
    """Type and description of a key."""
    where = node
    while "$ref" in where:
        where = schema()[where["$ref"].rsplit("/", 1)[1]] if where["$ref"].count("/") == 2 else {}
    kind = where.get("type", "")
    if "enum" in where:
        kind = " or ".join(f"`{value}`" for value in where["enum"])
    elif "const" in where:
        kind = f"`{where['const']}`"
    elif kind == "integer" and "maximum" in where:
        kind = f"{where.get('minimum', 0)} to {where['maximum']}"
    elif kind == "array":
        kind = "list"
    elif kind == "object":
        kind = "map"
    return kind, node.get("description", where.get("description", ""))


def file_keys():
    """(where, key, type, description), without the settings of services."""
    top = schema()["configuration"]["properties"]
    service = top["services"]["items"]["properties"]
    backend = service["backends"]["items"]["properties"]
    rows = [("", key, *described(node)) for key, node in top.items()]
    rows += [("interfaces[]", key, *described(node)) for key, node in top["interfaces"]["items"]["properties"].items()]
    rows += [("limits", key, *described(node)) for key, node in top["limits"]["properties"].items()]
    rows += [("services[]", key, *described(service[key])) for key in ("name", "vip", "backends")]
    rows += [("backends[]", key, *described(node)) for key, node in backend.items()]
    rows += [("runtime", key, *described(node)) for key, node in backend["runtime"]["properties"].items()]
    return rows


def settings():
    names = facts()["settings"]
    return [flag for flag in command_named("service add")["flags"] if flag["name"] in names]
