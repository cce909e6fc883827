# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# English: words and phrases that are not the field's, and personal pronouns for things, by
# tools/lint.d/english. Sourced by tools/lint: each function prints what it finds.
# shellcheck disable=SC2034 # read by tools/lint
# shellcheck disable=SC2046 # paths without blanks

# Code areas whose comments are checked: an area is added when it has been rewritten.
# All of them: bpf include user tests tools.
ENGLISH_AREAS=(user/base user/model user/netlink user/feedback tests/sim
	tests/unit/abi tests/unit/base tests/unit/model tests/unit/netlink tests/unit/feedback)

# Whether messages in user/, and lbctl's help, are checked.
ENGLISH_STRINGS=

english_documents() {
	tools/lint.d/english documents $(list_documents) docs/man/*
}

english_help() {
	local text
	[[ -n $ENGLISH_STRINGS ]] || return 0
	text=$(mktemp)
	{
		build/lbctl help
		build/lbctl help all
	} >"$text"
	tools/lint.d/english help "$text" | sed 's/^[^:]*/lbctl help/'
	rm -f "$text"
	tools/lint.d/english strings $(list_files 'user/*.c' 'user/*.h')
}

english_comments() {
	local area
	for area in "${ENGLISH_AREAS[@]}"; do
		tools/lint.d/english comments $(list_files "$area/*.c" "$area/*.h" "$area/*.bash" "$area/*.sh" "$area/*.py") |
			sed "s|^\([0-9]\)|$area: \1|"
	done
}
