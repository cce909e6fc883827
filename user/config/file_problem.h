/* SPDX-License-Identifier: GPL-2.0-only */
/* Problems at a position of a text file. */
#ifndef CONFIG_FILE_PROBLEM_H
#define CONFIG_FILE_PROBLEM_H

#include "base/problem.h"

/*
 * Records NAME:LINE:COLUMN: error: WHAT, the line and a caret. `text` is the whole file; lines and
 * columns count from 1. Returns EXIT_INVALID.
 */
int file_problem_set(struct problem *problem, const char *name, const char *text, int line,
		     int column, const char *what);

#endif
