// SPDX-License-Identifier: GPL-2.0-only
/* What answers and configuration files look like, for scripts and editors. */
#include <errno.h>

#include "cli/parse.h"
#include "config/commands.h"
#include "config/print_schema.h"

int schema_run(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct verb *verb = NULL;

	if (first)
		verb = second ? verb_find(call->verbs, first, second)
			      : verb_find(call->verbs, NULL, first);
	if (first && !verb)
		return second && verb_is_object(call->verbs, first)
			       ? parse_unknown(call, first, second)
			       : parse_unknown(call, NULL, first);
	if (print_schema(&call->output, verb))
		return problem_system(&call->problem, -ENOMEM, "reading the schema");
	return EXIT_DONE;
}
