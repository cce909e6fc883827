/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error of a command: exit code, id for scripts, message and hint.
 *
 * A command records one problem and returns its exit code; main() prints it. Scripts rely on
 * codes, ids and format.
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdbool.h>

enum exit_code {
	EXIT_DONE = 0, /* done, or nothing to do */
	EXIT_NO = 1, /* the answer is no: down, differs, degraded */
	EXIT_USAGE = 2, /* wrong usage: unknown command or flag, wrong number of arguments */
	EXIT_INVALID = 3, /* invalid value or configuration */
	EXIT_NOT_FOUND = 4, /* not found */
	EXIT_CONFLICT = 5, /* conflict: other settings, active flows, no capacity */
	EXIT_PERMISSION = 6, /* permission denied */
	EXIT_TIMEOUT = 7, /* timed out: lock, drain, health */
	EXIT_NOT_ATTACHED = 8, /* not attached */
	EXIT_KERNEL = 9, /* the kernel or the driver refused */
	EXIT_ROLLBACK = 10, /* a rollback failed */
};

struct problem {
	enum exit_code code;
	const char *id; /* words-with-dashes, a static string */
	char message[768];
	bool has_position; /* the message starts with FILE:LINE:COL */
	char hint[256]; /* a command; "" = none */
};

/* Records a problem. Returns its code. */
int problem_set(struct problem *problem, enum exit_code code, const char *id, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* Adds text to the message. */
void problem_append(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void problem_hint(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A word that is not among `choices`, as in "auto, native or generic". Returns the code. */
int problem_choice(struct problem *problem, const char *id, const char *what, const char *word,
		   const char *choices);

/* A failed system or library call, with a negative errno. Returns the code. */
int problem_system(struct problem *problem, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
