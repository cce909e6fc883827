// SPDX-License-Identifier: GPL-2.0-only
/* metrics and completion: output for other programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/atomic_file.h"
#include "base/cleanup.h"
#include "cli/session.h"
#include "commands/command_functions.h"
#include "commands/completion.h"
#include "view/prometheus.h"

static int print_metrics(struct call *call, const struct store *store, const struct view *view)
{
	const char *path = call_flag(call, FLAG_TEXTFILE);
	_free_ char *text = NULL;
	size_t bytes;
	FILE *stream;
	int error;

	(void)store;
	if (!path) {
		if (!call->output.quiet)
			prometheus_print(stdout, view, call->globals.instance);
		return EXIT_DONE;
	}
	stream = open_memstream(&text, &bytes);
	if (!stream)
		return problem_system(&call->problem, -errno, "writing metrics");
	prometheus_print(stream, view, call->globals.instance);
	fclose(stream);
	error = call->globals.dry_run ? atomic_file_check(path) : atomic_file_replace(path, text);
	return error ? problem_system(&call->problem, error, "%s", path) : EXIT_DONE;
}

int cmd_metrics(struct call *call)
{
	return session_run_view(call, print_metrics);
}

int cmd_completion(struct call *call)
{
	const char *script = completion_script(call->arguments[0]);

	if (!strcmp(call->arguments[0], "words"))
		completion_print(call->commands, call->arguments + 1, call->argument_count - 1);
	else if (!strcmp(call->arguments[0], "verbs"))
		completion_list_commands(call->commands);
	else if (script)
		fputs(script, stdout);
	else
		return problem_choice(&call->problem, "invalid-shell", "shell", call->arguments[0],
				      "bash, zsh or fish");
	return EXIT_DONE;
}
