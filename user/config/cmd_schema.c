// SPDX-License-Identifier: GPL-2.0-only
/* What answers and configuration files look like, for scripts and editors. */
#include <errno.h>

#include "cli/parse.h"
#include "view/print.h"

int schema_run(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct verb *verb = NULL;

	if (first)
		verb = second ? verb_find(first, second) : verb_find(NULL, first);
	if (first && !verb)
		return second && verb_is_object(first) ? parse_unknown(call, first, second)
						       : parse_unknown(call, NULL, first);
	if (report_schema(call, verb))
		return problem_system(&call->problem, -ENOMEM, "reading the schema");
	return EXIT_DONE;
}
