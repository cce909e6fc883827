// SPDX-License-Identifier: GPL-2.0-only
#include "config/file_problem.h"

#include <string.h>

#define WHAT_BYTES 256
#define LINE_BYTES 200 /* at most this much of the line is shown */

int file_problem_set(struct problem *problem, const char *name, const char *text, int line,
		     int column, const char *what)
{
	int shown;

	for (int i = 1; i < line && strchr(text, '\n'); i++)
		text = strchr(text, '\n') + 1;
	shown = strcspn(text, "\n");
	if (shown > LINE_BYTES)
		shown = LINE_BYTES;
	if (column > shown + 1)
		column = shown + 1;
	problem->has_position = true;
	return problem_set(problem, EXIT_INVALID, "invalid-configuration",
			   "%s:%d:%d: error: %.*s\n%.*s\n%*s", name, line, column, WHAT_BYTES, what,
			   shown, text, column, "^");
}
