#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Validates output of lbctl against its schema.

  schema.py SCHEMA < LIST

Each line of LIST is DEFINITION, FORM and FILE, separated by blanks. For each, one line is
printed: empty if the file is valid, else the error. FORM is
  line     JSON, one document per line
  pretty   JSON, documents of several lines
  text     a string, not JSON

The schema allows unknown fields, because fields may be added. This check does not: a field must
be in the schema before lbctl may print it.
"""

import copy
import json
import sys

from jsonschema import Draft202012Validator

COMBINERS = ("allOf", "anyOf", "oneOf")  # add to what another schema describes
CONTAINERS = ("properties", "patternProperties", "$defs")  # map names to schemas


def forbid_unknown(schema, standalone):
    """Makes each schema that stands alone reject fields that it does not describe."""
    for key, value in schema.items():
        if key in CONTAINERS:
            for below in value.values():
                forbid_unknown(below, key != "$defs")
        elif key in COMBINERS:
            for beside in value:
                forbid_unknown(beside, False)
        elif isinstance(value, dict) and key in ("items", "additionalProperties"):
            forbid_unknown(value, True)
    if standalone and ("type" in schema or "$ref" in schema or any(key in schema for key in COMBINERS)):
        schema["unevaluatedProperties"] = False


def documents(text, form):
    """The documents in a text."""
    if form == "text":
        return [text]
    if form == "line":
        return [json.loads(line) for line in text.splitlines()]
    found, decoder = [], json.JSONDecoder()
    text = text.lstrip()
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].lstrip()
    return found


def location(error):
    return "/".join(str(step) for step in error.absolute_path) or "the whole"


def complaint(schema, definition, form, path):
    """The error of a file as one line; empty if the file is valid."""
    if definition not in schema["$defs"]:
        return "the schema has no " + definition
    plain = schema["$defs"][definition].get("contentMediaType") == "text/plain"
    if plain != (form == "text"):
        return "by the schema this is " + ("text" if plain else "JSON")
    try:
        with open(path, encoding="utf-8") as file:
            found = documents(file.read(), form)
    except ValueError as error:
        return f"invalid JSON: {error}"
    if not found:
        return "no document"
    strict = copy.deepcopy(schema)
    forbid_unknown(strict, False)
    strict.update({"$ref": "#/$defs/" + definition, "unevaluatedProperties": False})
    for document in found:
        for error in Draft202012Validator(strict).iter_errors(document):
            return f"{location(error)}: {error.message}"[:300].replace("\n", " ")
    return ""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    for line in sys.stdin:
        print(complaint(schema, *line.rstrip("\n").split(" ", 2)), flush=True)


main()
