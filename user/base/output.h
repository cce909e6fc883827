/* SPDX-License-Identifier: GPL-2.0-only */
/* Output format of a command, from its global flags. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>

struct output {
	bool json; /* JSON on standard output, and errors as JSON on standard error */
	bool pretty; /* indented JSON */
	bool quiet; /* no output except errors; the exit code is the result */
	bool color; /* coloured tables */
};

#endif
