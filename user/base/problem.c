// SPDX-License-Identifier: GPL-2.0-only
#include "base/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

int problem_set(struct problem *problem, enum exit_code code, const char *id, const char *format,
		...)
{
	va_list arguments;

	problem->code = code;
	problem->id = id;
	va_start(arguments, format);
	vsnprintf(problem->message, sizeof(problem->message), format, arguments);
	va_end(arguments);
	return code;
}

void problem_append(struct problem *problem, const char *format, ...)
{
	size_t length = strlen(problem->message);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem->message + length, sizeof(problem->message) - length, format, arguments);
	va_end(arguments);
}

void problem_hint(struct problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem->hint, sizeof(problem->hint), format, arguments);
	va_end(arguments);
}

int problem_choice(struct problem *problem, const char *id, const char *what, const char *word,
		   const char *choices)
{
	struct suggestion suggestion = suggestion_of(word);

	suggestion_offer_all(&suggestion, choices);
	return problem_set(problem, EXIT_INVALID, id, "invalid %s '%s': expected %s%s", what, word,
			   choices, suggestion_text(&suggestion));
}

static enum exit_code code_of(int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		return EXIT_PERMISSION;
	case ETIMEDOUT:
		return EXIT_TIMEOUT;
	default:
		return EXIT_KERNEL;
	}
}

int problem_system(struct problem *problem, int error, const char *format, ...)
{
	enum exit_code code = code_of(error);
	va_list arguments;

	problem->code = code;
	problem->id = code == EXIT_PERMISSION ? "permission-denied"
		      : code == EXIT_TIMEOUT  ? "timed-out"
					      : "kernel-refused";
	va_start(arguments, format);
	vsnprintf(problem->message, sizeof(problem->message), format, arguments);
	va_end(arguments);
	/* A condition that no caller handled still shows which one it is. */
	if (error > 0)
		problem_append(problem, ": condition 0x%x", error);
	else
		problem_append(problem, ": %s", strerror(-error));
	return code;
}
