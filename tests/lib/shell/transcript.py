#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the commands in the transcripts of a document and compares their output with it.

    transcript.py FILE NAME [--record]

A transcript is a code block after the line `<!-- transcript -->`. Lines that begin with "# " are
commands; the lines after them are their output. Commands between `<!-- setup` and `-->` run as
well. All commands run in one shell, in a lab of this NAME, which the document calls "lab". In a
block after `<!-- transcript: loose -->`, figures and prose may vary: the output must have a line
with each first word of the documented lines. With --record the output is written to the document.
Prints TAP.
"""
import re
import subprocess
import sys

BLOCK = re.compile(r"^<!-- setup\n(?P<setup>.*?)^-->\n|"
                   r"^<!-- transcript(?P<loose>: loose)? -->\n```\n(?P<block>.*?)^```\n", re.S | re.M)
END = "--end-of-command--"


def split(block):
    """Pairs of command and output lines. A command continues after a backslash."""
    parts = []
    for line in block.splitlines():
        if line.startswith("# "):
            parts.append([line[2:], []])
        elif parts and parts[-1][0].endswith("\\") and not parts[-1][1]:
            parts[-1][0] += "\n" + line
        else:
            parts[-1][1].append(line)
    return parts


class Shell:
    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.run(f"shopt -s expand_aliases; export LAB_NAME={name} COLUMNS=140")

    def run(self, command):
        """Runs a command; returns the lines of its output."""
        self.process.stdin.write(f"{command}\necho {END}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line.endswith(END):
                if line != END:
                    lines.append(line[:-len(END)])
                return [line.replace(self.name, "lab") for line in lines]
            lines.append(line)
        raise EOFError(command)


def squeezed(lines):
    return [" ".join(line.split()) for line in lines if line.strip()]


def first_words(lines):
    """The first words of lines, with digits replaced, because times, ports and counts vary."""
    return {re.sub(r"\d+", "N", line.split()[0]) for line in lines if line.strip()}


def main():
    path, name = sys.argv[1:3]
    text = open(path, encoding="utf-8").read()
    shell = Shell(name)
    number = failed = 0
    is_recording = "--record" in sys.argv

    def one(match):
        nonlocal number, failed
        made = []
        if match.group("setup") is not None:
            print("\n".join(f"# {line}" for line in shell.run(match.group("setup"))))
            return match.group(0)
        for command, expected in split(match.group("block")):
            output = shell.run(command)
            made += ["# " + command] + output
            number += 1
            is_same = first_words(expected) <= first_words(output) if match.group("loose") else \
                squeezed(output) == squeezed(expected)
            is_same = is_same or is_recording
            failed += not is_same
            print(f"{'ok' if is_same else 'not ok'} {number} - {command.splitlines()[0][:100]}")
            if not is_same:
                print("\n".join(["# printed:"] + [f"#   {line}" for line in output] +
                                ["# documented:"] + [f"#   {line}" for line in expected]))
        return f"<!-- transcript{match.group('loose') or ''} -->\n```\n" + "\n".join(made) + "\n```\n"

    made = BLOCK.sub(one, text)
    print(f"1..{number}")
    if is_recording:
        with open(path, "w", encoding="utf-8") as file:
            file.write(made)
        return 0
    return 1 if failed or not number else 0


if __name__ == "__main__":
    sys.exit(main())
