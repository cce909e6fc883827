# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Folders and layers. Sourced by tools/lint: each function prints what is wrong.
# shellcheck disable=SC2034 # lists that tools/lint uses
# shellcheck disable=SC2046 # paths without blanks

# A folder uses only folders in lines above its own.
USER_LAYERS='base
model netlink
store
datapath probe
feedback
view
cli
config top diagnose
controller
web
commands
main.c'

BPF_LAYERS='core
packet
observe
flow
select
forward
path
balancer.bpf.c decap.bpf.c'

TEST_LAYERS='core
packets
harness
random
oracle'

# The paths that may include a library's headers, as extended regular expressions.
LIBBPF_PATHS='user/(store|datapath|diagnose/explain|diagnose/trace)/'
NETLINK_PATHS='user/netlink/'
LIBUV_PATHS='user/base/loop\.'
LIBCURL_PATHS='user/probe/(http|http_request|curl_multi|curl_lazy|engine)\.'
KNOW_JSON='user/(view/|cli/answer\.|[a-z/]+/print_[a-z]+\.)'
CURSES_PATHS='user/top/terminal\.'
MICROHTTPD_PATHS='user/web/http_server\.'
YAML_PATHS='user/config/yaml\.'

# These return errors and print nothing.
SILENT='user/(base|model|netlink|store|datapath|probe|feedback|controller)/'

# The functions of the C library that a pure module may call: strings, memory, sorting, mathematics.
PURE_CALLS='mem(chr|cmp|cpy|move|set)|str(chr|cmp|cpy|cspn|len|ncmp|pbrk|rchr|spn|str|tok_r)'
PURE_CALLS+='|_*(isoc23_)?strto[u]?ll?|_*v?snprintf(_chk)?|(m|c|re)alloc|free|qsort|bsearch'
PURE_CALLS+='|inet_(pton|ntop)|log|exp|pow|sqrt|lround|f(max|min)|[hn]to[hn][sl]|__ctype_b_loc|__errno_location|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'

# Includes of folders that are not in a lower layer.
layer_violations() { # TOP LAYERS
	awk -v layers="$2" -v top="$1/" '
		BEGIN {
			n = split(layers, lines, "\n")
			for (i = 1; i <= n; i++) {
				m = split(lines[i], folders, " ")
				for (j = 1; j <= m; j++) layer[folders[j]] = i
			}
		}
		FNR == 1 {
			path = substr(FILENAME, length(top) + 1)
			folder = path; sub(/\/.*/, "", folder)
			if (!(folder in layer)) print FILENAME ": its folder has no layer in tools/lint.d/layers.bash"
		}
		/^#include "/ {
			split($0, parts, "\""); used = parts[2]; sub(/\/.*/, "", used)
			if (used in layer && used != folder && layer[used] >= layer[folder])
				print FILENAME ":" FNR ": " folder " may not use " used
		}' $(list_files "$1/*.c" "$1/*.h" | grep -v '^user/systemd/')
}

# Includes without the folder of the header.
includes_without_folder() {
	grep -nHE '^#include "[^/"]+"' $(list_files 'user/*.[ch]' 'bpf/*.[ch]') |
		grep -vE '"(balancer|decap)\.skel\.h"|"schema\.inc"|"page_policy\.h"'
}

# Includes of a library's headers outside the allowed paths.
includes_outside() { # HEADERS PATHS
	grep -rnE "^#include [<\"]($1)[\">]" user | grep -vE "^($2)"
}

# Modules with the word Pure in a comment.
pure_modules() {
	grep -rlw Pure user --include='*.[ch]' | sed -E 's/\.[ch]$//' | sort -u
}

pure_includes() {
	local module headers
	headers="($(pure_modules | sed 's|^user/||' | paste -sd'|'))\.h|base/cleanup\.h|lb/[a-z]+\.h"
	headers+='|linux/types\.h|netinet/in\.h|arpa/inet\.h|(ctype|errno|math|std[a-z]+|string)\.h'
	for module in $(pure_modules); do
		grep -nHE '^#include' "$module".[ch] | grep -vE "[<\"]($headers)[\">]"
	done
}

# Undefined symbols of the objects, which also shows calls in macros.
pure_calls() {
	local module objects=()
	for module in $(pure_modules); do
		[[ ! -e $module.c ]] || objects+=("build/$module.o")
	done
	nm -A -u "${objects[@]}" |
		awk 'NR == FNR { defined[$1]; next } !($NF in defined) { print $1, $NF }' \
			<(nm -g --defined-only "${objects[@]}" | awk 'NF == 3 { print $3 }') - |
		grep -vE " ($PURE_CALLS)$"
}

# Calls that print, except the function that passes on a library's messages with -v.
silent_prints() {
	grep -rnE '\b(v?f?printf|f?puts|f?putc|putchar|perror|std(out|err))\b' user --include='*.c' |
		grep -E "^($SILENT|($(pure_modules | paste -sd'|'))\.)" | grep -vE 'vfprintf\(stderr, format|format\(printf'
}

# Folders with more than 40 files.
folder_sizes() {
	list_files '*' | sed 's|[^/]*$||' | sort | uniq -c | awk -v max=40 '$1 > max { print $2 ": " $1 " files" }'
}
