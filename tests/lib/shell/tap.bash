# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Test Anything Protocol for tests in bash. Uses the directory $WORK.

cases=0
failures=0

pass() { # TEXT
	cases=$((cases + 1))
	echo "ok $cases - $1"
}

fail() { # TEXT [DIAGNOSTIC...]
	cases=$((cases + 1))
	failures=$((failures + 1))
	echo "not ok $cases - $1"
	shift
	(($# == 0)) || note "$@"
}

note() { # LINE...
	printf '%s\n' "$@" | sed 's/^/# /'
}

# ok TEXT COMMAND...: the command succeeds.
ok() {
	local text=$1 status=0
	shift
	"$@" >"$WORK/ok.out" 2>&1 || status=$?
	if ((status == 0)); then
		pass "$text"
	else
		fail "$text" "exit status $status: $*" "$(<"$WORK/ok.out")"
	fi
}

# not_ok TEXT COMMAND...: the command fails.
not_ok() {
	local text=$1
	shift
	if "$@" >"$WORK/ok.out" 2>&1; then
		fail "$text" "unexpected success: $*" "$(<"$WORK/ok.out")"
	else
		pass "$text"
	fi
}

is() { # GOT WANTED TEXT
	if [[ $1 == "$2" ]]; then
		pass "$3"
	else
		fail "$3" "got:    $1" "wanted: $2"
	fi
}

like() { # GOT REGEX TEXT
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3" "got:              $1" "wanted, as regex: $2"
	fi
}

between() { # LOW VALUE HIGH TEXT
	if [[ $2 =~ ^-?[0-9]+$ ]] && (($1 <= $2 && $2 <= $3)); then
		pass "$4"
	else
		fail "$4" "got $2, wanted $1 to $3"
	fi
}

# refused CODE REGEX TEXT COMMAND...: lbctl fails with this exit code, prints nothing on stdout,
# and on stderr a message in the documented form that matches REGEX.
refused() {
	local code=$1 regex=$2 text=$3 status=0 got
	shift 3
	"$@" >"$WORK/out" 2>"$WORK/err" || status=$?
	got=$(<"$WORK/err")
	if ((status != code)); then
		fail "$text" "exit status $status, wanted $code: $*" "$got"
	elif [[ -s $WORK/out ]]; then
		fail "$text" "unexpected output on stdout: $(<"$WORK/out")"
	elif ! [[ $got =~ ^lbctl: && $got =~ $regex ]]; then
		fail "$text" "message: $got" "wanted, as regex: $regex"
	else
		pass "$text"
	fi
}

# prints CODE STDOUT TEXT COMMAND...: the command has this exit code and exactly this stdout.
prints() {
	local code=$1 wanted=$2 text=$3 status=0 got
	shift 3
	got=$("$@" 2>"$WORK/err") || status=$?
	if ((status == code)) && [[ $got == "$wanted" ]]; then
		pass "$text"
	else
		fail "$text" "exit status $status, wanted $code: $*" "stdout: $got" "wanted: $wanted" "$(<"$WORK/err")"
	fi
}

# Prints the plan. Returns 1 if a case failed.
finish() {
	echo "1..$cases"
	((failures == 0))
}
