# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks of the English by tools/lint.d/english. Sourced by tools/lint: each function prints what is
# wrong.
# shellcheck disable=SC2034 # read by tools/lint
# shellcheck disable=SC2046 # paths without blanks

# Folders whose comments are checked.
ENGLISH_AREAS=(bpf include user tests tools)

english_documents() {
	tools/lint.d/english documents $(list_documents) docs/man/*
}

english_help() {
	local text
	text=$(mktemp)
	{
		build/lbctl help
		build/lbctl help all
	} >"$text"
	tools/lint.d/english help "$text" | sed 's/^[^:]*/lbctl help/'
	rm -f "$text"
	tools/lint.d/english strings $(list_files 'user/*.c' 'user/*.h')
}

# Sources in C, shell and Python, also scripts without an extension.
english_sources() { # FOLDER
	local file start
	list_files "$1/*" | while read -r file; do
		IFS= read -r -N 2 start 2>/dev/null <"$file"
		if [[ $file =~ \.(c|h|bash|sh|py)$ || $start == '#!' ]]; then
			echo "$file"
		fi
	done
}

english_comments() {
	local area
	for area in "${ENGLISH_AREAS[@]}"; do
		tools/lint.d/english comments $(english_sources "$area") | sed "s|^\([0-9]\)|$area: \1|"
	done
}
