/* SPDX-License-Identifier: GPL-2.0-only */
/* The form of what a command prints, as its global flags ask for. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>

struct output {
	bool json; /* JSON on standard output, and errors as JSON on standard error */
	bool pretty; /* indented JSON */
	bool quiet; /* no answer, only errors and the exit code */
	bool color; /* colours, on tables */
};

#endif
