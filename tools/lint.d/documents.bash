# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Do the documents say what the program does, and nothing else? Sourced by tools/lint: each
# function prints what it finds wrong.
# shellcheck disable=SC2016,SC1003 # patterns, in which nothing is to be expanded

SCHEMA=user/config/lbctl.schema.json

# compare_lists A B < LINES-OF-A, 3< LINES-OF-B: what only one of two has.
compare_lists() {
	comm -3 <(sort -u) <(sort -u <&3) | awk -F'\t' -v a="$1" -v b="$2" '
		$1 != "" { print a " has, and " b " has not: " $1 }
		$1 == "" { print b " has, and " a " has not: " $2 }'
}

# The manual's text without its markup, a line as it stands there.
manual() {
	sed -E 's/\\f[A-Z]|\\&//g; s/\\-/-/g; s/\\\(en/-/g' docs/man/lbctl.8
}

# The lines of a section, or of what follows a line, up to another.
manual_from() { # FIRST-LINE LAST-LINE, as regular expressions
	manual | sed -nE "/$1/,/$2/{/$1/d; /$2/d; p}"
}

# Its words in bold, of .B and .BR lines.
bold() {
	sed -nE 's/^\.B (.*)/\1/p; s/^\.BR (.*)/\1/p' | tr -d '",.;' | tr -s ' ' '\n' | grep -E '^[a-z]'
}

# --- the command table ----------------------------------------------------------

manual_flags_agree() {
	compare_lists docs/man/lbctl.8 "the command table" < <(manual | grep -oE -e '--[a-z][a-z-]*[a-z]' | sed 's/^--//') \
		3< <(table_flags)
}

aliases_agree() {
	local alias word file
	sed -nE 's/^.*aliases\[\] = \{\{"([a-z]+)", "([a-z]+)"\}, \{"([a-z]+)", "([a-z]+)"\}\};/\1 \2\n\3 \4/p' user/cli/command.c |
		while read -r alias word; do
			manual | tr '\n' ' ' | grep -qE "\.B $alias for \.BR? $word" || echo "docs/man/lbctl.8 lacks: $alias for $word"
			for file in README.md user/cli/help.c; do
				grep -qE "\b$alias\`? = \`?$word" $file || echo "$file lacks: $alias = $word"
			done
		done
}

# --- exit codes and errors ------------------------------------------------------

exit_codes() {
	sed -nE 's/^\tEXIT_[A-Z_]+ = ([0-9]+),.*/\1/p' user/base/problem.h
	echo 70 # a bug
}

exit_codes_agree() {
	compare_lists docs/man/lbctl.8 user/base/problem.h < <(manual_from '^\.SH EXIT STATUS' '^\.SH ERRORS' | sed -nE 's/^\.B ([0-9]+)$/\1/p') \
		3< <(exit_codes)
	compare_lists README.md user/base/problem.h < <(sed -nE '/^\| exit/,/^$/s/^\| ([0-9]+) \|.*\| \| ([0-9]+) \|.*/\1\n\2/p' README.md) \
		3< <(exit_codes)
}

# "CODE ID", by where problems are set, and by what follows from the kernel's words.
error_ids() {
	local name id
	find user -name "*.c" -exec cat {} + | tr -s ' \t\n' ' ' | grep -oE 'EXIT_[A-Z_]+, "[a-z-]+"' | tr -d ',"' | while read -r name id; do
		echo "$(sed -nE "s/^\t$name = ([0-9]+),.*/\1/p" user/base/problem.h) $id"
	done
	find user -name "*.c" -exec cat {} + | tr -s ' \t\n' ' ' | sed -nE 's/problem_choice\([^,]*, "([a-z-]+)"/\n@\1\n/gp' | sed -n 's/^@/3 /p'
	printf '6 permission-denied\n7 timed-out\n9 kernel-refused\n'
}

manual_error_ids() {
	manual_from '^\.SS Identifiers' '^\.SH' | awk '
		/^\.TP/ { next }
		/^\.B [0-9]+$/ { code = $2; next }
		/^\.BR? / { gsub(/^\.BR? |[",.]/, ""); for (i = 1; i <= NF; i++) print code, $i }'
}

errors_agree() {
	compare_lists docs/man/lbctl.8 "the program" < <(manual_error_ids) 3< <(error_ids)
}

# --- lists of names -------------------------------------------------------------

outcomes() {
	sed -nE 's/^\tX\([A-Z_]+, ([a-z_]+),.*/\1/p' include/lb/outcome.h
}

event_kinds() {
	sed -nE 's/^\tX\([A-Z_]+, "([a-z-]+)"\).*/\1/p' include/lb/event.h
}

names_agree() {
	compare_lists docs/man/lbctl.8 include/lb/outcome.h < <(manual_from '^\.SH OUTCOMES' '^\.SH' | sed -nE 's/^([a-z_]+)\t.*/\1/p') 3< <(outcomes)
	compare_lists README.md include/lb/outcome.h < <(sed -nE '/^\| outcome /,/^$/s/^\| `([a-z_]+)` .*/\1/p' README.md) 3< <(outcomes)
	compare_lists docs/man/lbctl.8 include/lb/event.h < <(manual | sed -nE '/^\.B events$/,/^\.TP/p' | sed '1,/^\.B event$/d' | bold |
		grep -vxE 'or') 3< <(event_kinds)
}

findings_agree() {
	compare_lists docs/man/lbctl.8 user/diagnose/doctor < <(manual | sed -n '/^doctor \[IFACE\]/,/^trace/p' | sed '1,/^\.RS/d' | bold) \
		3< <(cat user/diagnose/doctor/*.c | tr -s ' \t\n' ' ' | grep -oE '"[a-z]+(-[a-z]+)+", ?(DOCTOR_[A-Z]+|severity)|"packets-[a-z-]+"' | cut -d'"' -f2)
}

# Verbs by their words, with a hyphen between.
table_words() {
	sed -nE 's/^\t\{(NULL|"([a-z]+)"), "([a-z]+)", "[^"]*", [0-9]+,.*/\2-\3/p' user/commands/commands.c | sed 's/^-//'
}

# --- the schema -----------------------------------------------------------------

# What nothing else refers to is there for a verb.
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

# The keys of files, but for settings, which are as flags are.
file_keys_agree() {
	local files='."$defs".configuration'
	compare_lists docs/man/lbctl.yaml.5 "the schema" \
		< <(sed -nE '/^\.SH KEYS/,/^\.SH EXAMPLES/p' docs/man/lbctl.yaml.5 | sed -E 's/\\-/-/g' | bold | grep -vxE 'auto|lbctl|and|apply|add|service|backend|drain|ready|maint|save') \
		3< <(jq -r "$files | (.properties | keys[]), (.properties.limits.properties | keys[]), (.properties.interfaces.items.properties | keys[]),
			(.properties.services.items.properties | (.name, .vip, .backends) |= \"\" | to_entries[] | select(.value == \"\") | .key),
			(.properties.services.items.properties.backends.items.properties | keys[], (.runtime.properties | keys[]))" $SCHEMA)
}

# --- examples -------------------------------------------------------------------

# Commands in code, a line each; what has placeholders or variables is none, nor is the head of a screen.
examples() {
	{
		code_blocks README.md
		grep -oE '`lbctl [^`]*`' README.md | tr -d '`' | sed 's/$/ --help/' # mentioned, without arguments
		manual_from '^\.SH EXAMPLES' '^\.SH'
		sed -nE 's/^.*"(lbctl [^"]*)",.*/\1/p' user/commands/commands.c
	} | grep -oE '(^|[ (;&|$#])lbctl [^|>&;)#]*' | sed -E 's/^[ (;&|$#]*//; s/ +$//' | grep -vE '[A-Z]{3,}|\.\.\.|\$|  ' | sort -u
}

# They are understood, if not done: where there is no such instance, and only dry.
examples_work() {
	local line words status output
	(($(examples | wc -l) >= 40)) || echo "the examples are not where they were"
	while IFS= read -r line; do
		read -ra words <<<"$line"
		status=0
		output=$(timeout 20 build/lbctl --instance lint-only --dry-run "${words[@]:1}" 2>&1 </dev/null) || status=$?
		[[ $status != 3 || $output != *"No such file"* ]] || continue
		[[ $output != *"are no terminal"* ]] || continue
		if ((status == 2 || status == 3 || status == 124 || status >= 70)); then
			echo "$line: exit status $status: ${output%%$'\n'*}"
		fi
	done < <(examples)
}
