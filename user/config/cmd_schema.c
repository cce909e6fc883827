// SPDX-License-Identifier: GPL-2.0-only
/* schema: prints the JSON schema of answers and configuration files. */
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
		command = parse_command_words(call, first, second);
	if (first && !command)
		return EXIT_USAGE;
	if (print_schema(&call->output, command))
		return problem_system(&call->problem, -ENOMEM, "reading the schema");
	return EXIT_DONE;
}
