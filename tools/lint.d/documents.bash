# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Documents: generated tables are current, links and examples are valid, and the schema agrees with
# the sources. Sourced by tools/lint: each function prints what is wrong.
# shellcheck disable=SC2016,SC1003 # patterns, which the shell must not expand

SCHEMA=user/config/lbctl.schema.json
README_LINES_MAX=250

# compare_lists A B < LINES-OF-A, 3< LINES-OF-B: the lines that only one of two lists has.
compare_lists() {
	comm -3 <(sort -u) <(sort -u <&3) | awk -F'\t' -v a="$1" -v b="$2" '
		$1 != "" { print "only " a " has: " $1 }
		$1 == "" { print "only " b " has: " $2 }'
}

list_documents() {
	list_files '*.md' | grep -v '^build/'
}

# The text of the manual page without markup.
manual() {
	sed -E 's/\\f[A-Z]|\\&//g; s/\\-/-/g; s/\\e/\\/g' docs/man/lbctl.8
}

# --- generated blocks and drawings ----------------------------------------------

blocks_current() {
	tools/docs --check
}

folder_graph_current() {
	tools/folder-graph --check
}

# --- structure ------------------------------------------------------------------

readme_length() {
	local lines
	lines=$(wc -l <README.md)
	((lines <= README_LINES_MAX)) || echo "README.md has $lines lines, at most $README_LINES_MAX are allowed"
}

links_are_valid() {
	# shellcheck disable=SC2046 # paths without blanks
	tools/lint.d/links $(list_documents)
}

# Each page must be in the index of docs/, and each picture in a page.
pages_are_indexed() {
	local path
	for path in docs/*.md docs/internals/*.md docs/contributing/*.md; do
		[[ $path == docs/README.md ]] || grep -qF "(${path#docs/})" docs/README.md || echo "docs/README.md lacks: $path"
	done
	for path in docs/images/*; do
		grep -rqF "images/${path##*/})" README.md docs || echo "in no document: $path"
	done
}

# Flags that the manual page mentions, also outside generated blocks.
manual_flags_agree() {
	compare_lists docs/man/lbctl.8 "the command table" < <(manual | grep -oE -e '--[a-z][a-z-]*[a-z]' | sed 's/^--//') \
		3< <(table_flags)
}

aliases_agree() {
	local alias word
	sed -nE 's/^.*aliases\[\] = \{\{"([a-z]+)", "([a-z]+)"\}, \{"([a-z]+)", "([a-z]+)"\}\};/\1 \2\n\3 \4/p' user/cli/command.c |
		while read -r alias word; do
			manual | grep -F "$alias = $word" >/dev/null || echo "docs/man/lbctl.8 lacks: $alias = $word"
			grep -q "\`$alias\` = \`$word\`" docs/commands.md || echo "docs/commands.md lacks: $alias = $word"
			grep -qE "\b$alias = $word" user/cli/help.c || echo "user/cli/help.c lacks: $alias = $word"
		done
}

# --- the schema -----------------------------------------------------------------

outcomes() {
	sed -nE 's/^\tX\([A-Z_]+, ([a-z_]+),.*/\1/p' include/lb/outcome.h
}

event_kinds() {
	sed -nE 's/^\tX\([A-Z_]+, "([a-z-]+)"\).*/\1/p' include/lb/event.h
}

# Commands, with a hyphen between object and verb.
table_words() {
	sed -nE 's/^\t\{(NULL|"([a-z]+)"), "([a-z]+)", "[^"]*", [0-9]+,.*/\2-\3/p' user/commands/commands.c | sed 's/^-//'
}

# A definition without a reference to it is that of a command's answer.
schema_agrees() {
	local places='."$defs"'
	compare_lists "the schema" "the command table" \
		< <(jq -r "($places | keys) - ([.. | objects | .\"\$ref\"? // empty | ltrimstr(\"#/\$defs/\")] - $(table_words | jq -Rsc 'split("\n")')) - [\"problem\", \"warning\"] | .[]" $SCHEMA) \
		3< <(table_words)
	compare_lists "the schema" include/lb/outcome.h < <(jq -r "$places.outcome.enum[], $places.status.properties.outcomes.required[]" $SCHEMA) 3< <(outcomes)
	compare_lists "the schema" include/lb/event.h < <(jq -r "$places.event.properties.event.enum[]" $SCHEMA) 3< <(event_kinds)
	compare_lists "the schema" user/model/service_settings.c < <(jq -r "$places.settings.properties | keys[]" $SCHEMA) \
		3< <(sed -nE '/service_settings\[\] = /,/^};/s/^\t\{"([a-z-]+)",.*/\1/p' user/model/service_settings.c)
	compare_lists "the schema's services" "its settings" 3< <(jq -r "$places.settings.properties | keys[]" $SCHEMA) \
		< <(jq -r "$places.configuration.properties.services.items.properties | del(.name, .vip, .backends) | keys[]" $SCHEMA)
}

# --- examples -------------------------------------------------------------------

code_blocks() { # FILE...
	awk 'FNR == 1 { inside = 0 } /^ *```/ { inside = !inside; next } inside' "$@"
}

# Commands in code, one per line, except those with placeholders or variables, and titles of screens.
examples() {
	local documents
	mapfile -t documents < <(list_documents)
	{
		code_blocks "${documents[@]}"
		grep -ohE '`lbctl [^`]*`' "${documents[@]}" | tr -d '`'
		manual | sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/p'
		sed -nE 's/^.*"(lbctl [^"]*)",.*/\1/p' user/commands/commands.c
	} | grep -oE '(^|[ (;&|$#])lbctl [^|>&;)#]*' | sed -E 's/^[ (;&|$#]*//; s/ +$//' | grep -vE '[A-Z]{3,}|\.\.\.|…|\$|  |^lbctl (top|instance) ' | sort -u
}

# Each is parsed in a dry run for an instance that does not exist. A command that the text only
# mentions may lack arguments. As root, without a network: no probe leaves the machine.
examples_work() {
	local line words status output isolated=()
	((EUID)) || isolated=(unshare --net)
	(($(examples | wc -l) >= 60)) || echo "there are fewer examples than expected: $(examples | wc -l)"
	while IFS= read -r line; do
		read -ra words <<<"$line"
		status=0
		output=$("${isolated[@]}" timeout 20 build/lbctl --instance lint-only --dry-run "${words[@]:1}" 2>&1 </dev/null) || status=$?
		[[ $status != 3 || $output != *"No such file"* ]] || continue
		[[ $output != *terminal* ]] || continue
		if ((status == 2)) && [[ ${words[-1]} != --* ]]; then
			output=$(timeout 20 build/lbctl "${words[@]:1}" --help 2>&1 </dev/null) && continue
		fi
		[[ $status != 2 || ${words[-1]} != --* ]] || continue # a flag without its value
		if ((status == 2 || status == 3 || status == 124 || status >= 70)); then
			echo "$line: exit status $status: ${output%%$'\n'*}"
		fi
	done < <(examples)
}
