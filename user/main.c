// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "commands/commands.h"
#include "datapath/libbpf_log.h"

/* A flag that does not parse must be reported as JSON too, even if -j comes after it. */
static bool is_json_requested(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		const char *word = argv[i];

		if (!strcmp(word, "--json") || !strcmp(word, "--pretty"))
			return true;
		if (word[0] == '-' && strspn(word + 1, "jpqvhV") == strlen(word + 1) &&
		    strpbrk(word, "jp"))
			return true;
	}
	return false;
}

/* Completes the hint, which is a command: by the instance, or by sudo if permission was denied. */
static void complete_hint(struct call *call, int argc, char **argv)
{
	struct problem *problem = &call->problem;
	const char *instance = call->globals.instance;
	char command_line[sizeof(problem->hint)];
	size_t length;

	if (problem->code == EXIT_PERMISSION && !problem->hint[0] && geteuid()) {
		problem_hint(problem, "sudo lbctl");
		for (int i = 1; i < argc; i++) {
			length = strlen(problem->hint);
			snprintf(problem->hint + length, sizeof(problem->hint) - length, " %s",
				 argv[i]);
		}
	} else if (strcmp(instance, "default") && !strncmp(problem->hint, "lbctl ", 6) &&
		   strncmp(problem->hint, "lbctl help", 10)) {
		snprintf(command_line, sizeof(command_line), "%s", problem->hint + 6);
		problem_hint(problem, "lbctl --instance %s %s", instance, command_line);
	}
}

static int run_command(struct call *call)
{
	if (call->globals.version)
		return cmd_version(call);
	if (call->globals.help)
		return help_call(call);
	return call->command->run(call);
}

int main(int argc, char **argv)
{
	struct call call = {
		.commands = commands,
		.globals = {.instance = "default", .lock_timeout_ms = 10000},
	};
	int code;

	call.output.color = !getenv("NO_COLOR") && isatty(STDOUT_FILENO);
	code = parse_call(&call, argc, argv);
	if (code)
		call.output.json |= is_json_requested(argc, argv);
	libbpf_log_start(call.globals.verbosity > 0);
	if (!code)
		code = run_command(&call);
	if (code <= EXIT_NO && (fflush(stdout) || ferror(stdout)))
		code = problem_system(&call.problem, -errno, "writing the answer");
	complete_hint(&call, argc, argv);
	if (call.problem.code)
		answer_problem(&call);
	return code;
}
