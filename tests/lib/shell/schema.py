#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Holds what lbctl has said against its schema.

  schema.py SCHEMA < LIST

Each line of LIST is DEFINITION, FORM and FILE, with blanks between; for each, a line
is printed: empty if the file is right, or else what is wrong with it. FORM is
  line     JSON, a document a line
  pretty   JSON, over many lines
  text     no JSON but a string

What a schema does not speak of is allowed by it, as fields may be added. Here it is not:
a field has to be described before it can be printed.
"""

import copy
import json
import sys

from jsonschema import Draft202012Validator

COMBINERS = ("allOf", "anyOf", "oneOf")  # say more about what something else describes
CONTAINERS = ("properties", "patternProperties", "$defs")  # have schemas by name


def forbid_unknown(schema, standalone):
    """Lets a schema that stands alone allow nothing that it does not speak of."""
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
    """What is wrong with a file, in a line; empty if nothing is."""
    if definition not in schema["$defs"]:
        return "the schema has no " + definition
    plain = schema["$defs"][definition].get("contentMediaType") == "text/plain"
    if plain != (form == "text"):
        return "the schema says that this is " + ("text" if plain else "JSON")
    try:
        with open(path, encoding="utf-8") as file:
            said = documents(file.read(), form)
    except ValueError as error:
        return f"no JSON: {error}"
    if not said:
        return "nothing was said"
    strict = copy.deepcopy(schema)
    forbid_unknown(strict, False)
    strict.update({"$ref": "#/$defs/" + definition, "unevaluatedProperties": False})
    for document in said:
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
