// SPDX-License-Identifier: GPL-2.0-only
/* validate, diff and save: commands that change nothing. */
#include "config/cmd_config.h"
#include "config/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "base/cleanup.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "config/apply.h"
#include "config/diff.h"
#include "config/print_diff.h"
#include "config/save.h"
#include "datapath/attach.h"
#include "store/transaction.h"

int cmd_config_read(struct call *call, struct config *config)
{
	const char *path = call_flag(call, FLAG_FILE);
	FILE *file;
	int code;

	*config = (struct config){0};
	if (!path)
		return problem_set(&call->problem, EXIT_USAGE, "missing-flag",
				   "missing --file: expected FILE, or - for standard input");
	if (!strcmp(path, "-"))
		return config_read(config, stdin, "<stdin>", &call->problem);
	file = fopen(path, "re");
	if (!file)
		return problem_set(&call->problem, EXIT_INVALID, "unreadable-file", "%s: %s", path,
				   strerror(errno));
	code = config_read(config, file, path, &call->problem);
	fclose(file);
	return code;
}

int cmd_validate(struct call *call)
{
	struct config config;
	int code = cmd_config_read(call, &config);

	config_release(&config);
	return code;
}

/* Prints differences. */
struct progress {
	const struct call *call;
	size_t count;
};

static void handle_diff(void *owner, const struct diff *diff)
{
	struct progress *progress = owner;

	print_difference(&progress->call->output, diff, progress->count++);
}

const struct datapath_interface *cmd_config_find_attached(
	const struct datapath_interface *interfaces, size_t count,
	const struct config_interface *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(interfaces[i].name, wanted->name) &&
		    interfaces[i].mode != DATAPATH_DETACHED &&
		    (!strcmp(wanted->mode, "auto") ||
		     !strcmp(wanted->mode, mode_name(interfaces[i].mode))))
			return &interfaces[i];
	return NULL;
}

static int compare_interfaces(struct progress *progress, const struct config *config)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error = datapath_interfaces(progress->call->globals.instance, &interfaces, &count);

	for (size_t i = 0; !error && i < config->interface_count; i++) {
		struct diff diff = {.kind = DIFF_ADDED, .interface = config->interfaces[i].name};

		if (!cmd_config_find_attached(interfaces, count, &config->interfaces[i]))
			handle_diff(progress, &diff);
	}
	return error;
}

static int compare(struct call *call, struct store *store, const struct config *config)
{
	struct progress progress = {.call = call};
	struct apply apply = {.config = config, .prune = true, .force = true};
	struct transaction transaction;
	int error, code = apply_to_store(&apply, store, &call->problem);

	if (code)
		return code;
	error = transaction_prepare(&transaction, store, true);
	code = error ? commit_problem(call, &transaction, error) : 0;
	if (!code) {
		error = compare_interfaces(&progress, config);
		code = error ? xdp_problem(call, error, "reading the links") : 0;
	}
	if (!code) {
		diff_walk(&transaction.diff, handle_diff, &progress);
		print_differences_end(&call->output, progress.count);
		code = progress.count ? EXIT_NO : EXIT_DONE;
	}
	transaction_release(&transaction);
	return code;
}

int cmd_diff(struct call *call)
{
	struct config config;
	struct store store;
	int code = cmd_config_read(call, &config);

	if (!code)
		code = session_open(call, &store, STORE_WRITE);
	if (!code) {
		code = compare(call, &store, &config);
		store_close(&store);
	}
	config_release(&config);
	return code;
}

char *cmd_config_save(struct call *call, const struct store *store, enum yaml_style style)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error = datapath_interfaces(call->globals.instance, &interfaces, &count);
	char *text = error ? NULL : config_save(store, interfaces, count, style);

	if (!text)
		xdp_problem(call, error ? error : -ENOMEM, "writing the configuration");
	return text;
}

enum yaml_style cmd_config_style(const struct call *call)
{
	if (call->output.pretty)
		return YAML_JSON;
	return call->output.json ? YAML_JSON_LINE : YAML_BLOCK;
}

static int save(struct call *call, struct store *store)
{
	const char *path = call_flag(call, FLAG_OUTPUT);
	_free_ char *text = cmd_config_save(call, store, cmd_config_style(call));
	int error;

	if (!text)
		return call->problem.code;
	if (path && strcmp(path, "-")) {
		error = call->globals.dry_run ? atomic_file_check(path)
					      : atomic_file_replace(path, text);
		return error ? problem_system(&call->problem, error, "%s", path) : EXIT_DONE;
	}
	if (call->output.quiet)
		return EXIT_DONE;
	if (fputs(text, stdout) < 0 || fflush(stdout))
		return problem_system(&call->problem, -errno, "writing the configuration");
	return EXIT_DONE;
}

int cmd_save(struct call *call)
{
	return session_run(call, STORE_READ, save);
}
