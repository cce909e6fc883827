/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP, the Test Anything Protocol: one line per case, the plan at the end.
 *
 * A failed case prints its file and line, the value and the expected value. `return tap_done();`
 * ends main(): it prints the plan and returns the exit code, 0 if every case passed.
 *
 * 	ok(condition, "sentence")		is_int(got, wanted, "sentence")
 * 	is_str(got, wanted, "sentence")		skip(cases, "reason")
 */
#ifndef TEST_LIB_CORE_TAP_H
#define TEST_LIB_CORE_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tap {
	int run;
	int failed;
};

/* One counter for the whole program, shared by all of its files. */
__attribute__((weak)) struct tap tap;

/* Prints a comment to stderr: details of a failure. */
__attribute__((format(printf, 1, 2))) static inline void diag(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("# ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

__attribute__((format(printf, 4, 5))) static inline bool tap_result(bool passed, const char *file,
								    int line, const char *format,
								    ...)
{
	va_list arguments;

	tap.run++;
	printf("%sok %d - ", passed ? "" : "not ", tap.run);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	if (!passed) {
		tap.failed++;
		diag("failed at %s:%d", file, line);
	}
	return passed;
}

static inline void tap_diag_ints(bool passed, long long got, long long wanted)
{
	if (!passed)
		diag("got %lld, wanted %lld", got, wanted);
}

static inline bool tap_strings_equal(const char *got, const char *wanted)
{
	return got == wanted || (got && wanted && strcmp(got, wanted) == 0);
}

static inline void tap_diag_strings(bool passed, const char *got, const char *wanted)
{
	if (!passed)
		diag("got \"%s\", wanted \"%s\"", got ? got : "(null)", wanted ? wanted : "(null)");
}

/* The last argument(s): a printf format and its arguments. */
#define ok(condition, ...) tap_result((condition), __FILE__, __LINE__, __VA_ARGS__)

#define is_int(got, wanted, ...) \
	({ \
		long long tap_got = (long long)(got), tap_wanted = (long long)(wanted); \
		bool tap_ok = tap_result(tap_got == tap_wanted, __FILE__, __LINE__, __VA_ARGS__); \
		tap_diag_ints(tap_ok, tap_got, tap_wanted); \
		tap_ok; \
	})

#define is_str(got, wanted, ...) \
	({ \
		const char *tap_got = (got), *tap_wanted = (wanted); \
		bool tap_ok = tap_result(tap_strings_equal(tap_got, tap_wanted), __FILE__, \
					 __LINE__, __VA_ARGS__); \
		tap_diag_strings(tap_ok, tap_got, tap_wanted); \
		tap_ok; \
	})

/* Counts `cases` cases as skipped: neither passed nor failed. */
__attribute__((format(printf, 2, 3))) static inline void skip(int cases, const char *format, ...)
{
	va_list arguments;

	while (cases-- > 0) {
		printf("ok %d # SKIP ", ++tap.run);
		va_start(arguments, format);
		vprintf(format, arguments);
		va_end(arguments);
		putchar('\n');
	}
	fflush(stdout);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap.run);
	if (tap.failed)
		diag("%d of %d failed", tap.failed, tap.run);
	return tap.failed ? 1 : 0;
}

#endif
