# SPDX-License-Identifier: GPL-2.0-only
"""The generated blocks of documents: in Markdown, and in roff for manual pages. See tools/docs."""
import re
import sys

import sources as from_source
from sources import facts, title

# --- Markdown -------------------------------------------------------------------


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    """Code in a table cell; a bar needs a backslash also in code."""
    return f"`{cell(text)}`" if text else ""


def sentence(text):
    return text[:1].upper() + text[1:]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def flag_help(flag):
    return flag["help"] + (f" (default {flag['default']})" if flag["default"] else "")


def flag_rows(flags):
    return [(code((f"-{flag['letter']}, " if flag["letter"] else "") + "--" + flag["name"] +
                  (" " + flag["value"] if flag["value"] else "")), cell(flag_help(flag))) for flag in flags]


def md_commands():
    return table(("command", "effect"),
                 [(code(f"{title(c)} {c['arguments']}".strip()), cell(c["summary"]))
                  for c in facts()["commands"]])


def md_command_flags():
    lines = []
    for command in facts()["commands"]:
        if not command["flags"]:
            continue
        lines += ["", f"### {title(command)}", "", f"{sentence(command['summary'])}. Example: `{command['example']}`", ""]
        lines += table(("flag", "meaning"), flag_rows(command["flags"]))
    return lines[1:]


def md_error_ids():
    return table(("exit status", "error ids"),
                 [(str(status), ", ".join(f"`{id}`" for id in ids)) for status, ids in sorted(from_source.error_ids().items())])


def md_findings():
    lines = []
    for group, rows in from_source.findings():
        lines += ["", f"**{sentence(group)}**", ""]
        lines += table(("id", "severity", "finding", "effect", "remedy"),
                       [(f"`{id}`", severity, cell(message), cell(reason), code(remedy))
                        for id, severity, message, reason, remedy in rows])
    return lines[1:]


MARKDOWN = {
    "outcomes": lambda: table(("outcome", "meaning"), [(f"`{n}`", cell(s)) for n, s in from_source.outcomes()]),
    "events": lambda: table(("event", "meaning"), [(f"`{n}`", cell(s)) for n, s in from_source.events()]),
    "exit-codes": lambda: table(("exit status", "meaning"), [(str(c), cell(s)) for _, c, s in from_source.exit_codes()]),
    "error-ids": md_error_ids,
    "commands": md_commands,
    "global-flags": lambda: table(("flag", "meaning"), flag_rows(facts()["global_flags"])),
    "command-flags": md_command_flags,
    "metrics": lambda: table(("metric", "type", "labels", "meaning"),
                             [(f"`{n}`", t, from_source.labels(n), cell(h)) for n, t, h in from_source.metrics()]),
    "doctor-findings": md_findings,
    "file-keys": lambda: table(("in", "key", "type", "meaning"),
                               [(f"`{w}`" if w else "", f"`{k}`", cell(t), cell(d)) for w, k, t, d in from_source.file_keys()]),
    "settings": lambda: table(("key", "values", "meaning"),
                              [(f"`{f['name']}`", code(f["value"] or ""), cell(flag_help(f))) for f in from_source.settings()]),
    "make-targets": lambda: table(("target", "effect"), [(f"`make {n}`", cell(h)) for n, h in from_source.make_targets()]),
}

# --- roff -----------------------------------------------------------------------


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def prose(text):
    """Escaped text, with `code` in bold."""
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fR", escape(text))


def values(text):
    """A flag's value: alternatives in bold, placeholders in italics."""
    return re.sub(r"[A-Z]{2,}|\bN\b|[^A-Z|\[\],=/:]+|.",
                  lambda m: f"\\fI{m.group(0)}\\fR" if re.fullmatch(r"[A-Z]{2,}|N", m.group(0))
                  else f"\\fB{escape(m.group(0))}\\fR" if m.group(0)[0].isalnum() else escape(m.group(0)), text)


def man_flags(flags):
    lines = []
    for flag in flags:
        letter = f"\\fB{escape('-' + flag['letter'])}\\fR, " if flag["letter"] else ""
        lines += [".TP", f"{letter}\\fB{escape('--' + flag['name'])}\\fR" + (" " + values(flag["value"]) if flag["value"] else ""),
                  prose(flag_help(flag)) + "."]
    return lines


def man_command(name):
    command = from_source.command_named(name)
    head = f"\\fB{escape(name)}\\fR"
    if command["arguments"]:
        head += " " + values(command["arguments"]).replace("...", "\\&...")
    lines = [".TP", head + (" [\\fIFLAGS\\fR]" if command["flags"] else ""), prose(sentence(command["summary"])) + "."]
    lines += [".RS"] + man_flags(command["flags"])
    lines += [".PP", "Example:", f"\\fB{escape(command['example'])}\\fR", ".RE"]
    return lines


def man_list(rows, width):
    lines = [".RS", ".nf", f".ta {width}n"]
    return lines + [f"\\fB{escape(name)}\\fR\t{prose(text)}" for name, text in rows] + [".fi", ".RE"]


def tagged(rows):
    lines = []
    for name, text in rows:
        lines += [".TP", f"\\fB{escape(str(name))}\\fR", prose(text)]
    return lines


def man_error_ids():
    return tagged([(status, ", ".join(f"`{id}`" for id in ids) + ".") for status, ids in sorted(from_source.error_ids().items())])


def man_findings():
    return tagged([(group, ", ".join(f"`{row[0]}`" for row in rows) + ".") for group, rows in from_source.findings()])


def man_keys():
    def words(text, kind):
        kind = kind.replace("`", "")
        return f"{sentence(text).rstrip('.')} ({kind})." if text else f"{sentence(kind)}."

    return tagged([(f"{where}.{key}" if where else key, words(text, kind)) for where, key, kind, text in from_source.file_keys()])


MANUAL = {
    "outcomes": lambda: man_list(from_source.outcomes(), 22),
    "events": lambda: man_list(from_source.events(), 22),
    "exit-codes": lambda: tagged([(c, sentence(s) + ".") for _, c, s in from_source.exit_codes()]),
    "error-ids": man_error_ids,
    "global-flags": lambda: man_flags(facts()["global_flags"]),
    "doctor-findings": man_findings,
    "file-keys": man_keys,
    "settings": lambda: tagged([(f["name"], f"{flag_help(f)}. Values: `{f['value']}`.") for f in from_source.settings()]),
}


def block(path, name):
    is_manual = path.startswith("docs/man/")
    if is_manual and name.startswith("command "):
        return man_command(name[len("command "):])
    makers = MANUAL if is_manual else MARKDOWN
    if name not in makers:
        sys.exit(f"tools/docs: {path}: there is no block '{name}'")
    lines = makers[name]()
    return lines if is_manual else [""] + lines + [""]
