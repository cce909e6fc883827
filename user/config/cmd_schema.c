// SPDX-License-Identifier: GPL-2.0-only
/* What answers and configuration files look like, for scripts and editors. */
#include <errno.h>

#include "cli/parse.h"
#include "config/commands.h"
#include "config/print_schema.h"

int cmd_schema(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct command *command = NULL;

	if (first)
		command = second ? command_find(call->commands, first, second)
				 : command_find(call->commands, NULL, first);
	if (first && !command)
		return second && command_is_object(call->commands, first)
			       ? parse_unknown_command(call, first, second)
			       : parse_unknown_command(call, NULL, first);
	if (print_schema(&call->output, command))
		return problem_system(&call->problem, -ENOMEM, "reading the schema");
	return EXIT_DONE;
}
