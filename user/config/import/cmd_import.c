// SPDX-License-Identifier: GPL-2.0-only
/* import: converts the configuration of another load balancer to a file for apply. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "base/cleanup.h"
#include "cli/answer.h"
#include "config/cmd_config.h"
#include "config/commands.h"
#include "config/import/import.h"

static const struct format {
	const char *name;
	int (*import)(struct import *import);
} formats[] = {
	{"ipvsadm", import_ipvsadm},
	{"keepalived", import_keepalived},
};

static int add_stream(struct import *import, FILE *stream, const char *name)
{
	const char *why;
	char *text = atomic_file_read(stream, &why);

	return text ? import_add_file(import, name, text)
		    : problem_set(import->problem, EXIT_INVALID, "unreadable-file", "%s: %s", name,
				  why);
}

static int add_file(struct import *import, const char *path)
{
	FILE *file = fopen(path, "re");
	int code;

	if (!file)
		return problem_set(import->problem, EXIT_INVALID, "unreadable-file", "%s: %s", path,
				   strerror(errno));
	code = add_stream(import, file, path);
	fclose(file);
	return code;
}

/* Adds files by a pattern, which is relative to the including file unless it begins with /. */
static int include(struct import *import, const struct import_position *position,
		   const char *pattern)
{
	const char *name = position->file->name, *slash = strrchr(name, '/');
	int directory = pattern[0] == '/' || !slash ? 0 : slash + 1 - name;
	char path[PATH_MAX];
	glob_t found;
	int code = 0;

	if (snprintf(path, sizeof(path), "%.*s%s", directory, name, pattern) >= (int)sizeof(path))
		return import_error(import, position, "%s", strerror(ENAMETOOLONG));
	if (glob(path, GLOB_BRACE, NULL, &found))
		return import_error(import, position, "no such file");
	for (size_t i = 0; !code && i < found.gl_pathc; i++)
		code = add_file(import, found.gl_pathv[i]);
	globfree(&found);
	return code;
}

static int add_input(struct import *import, struct call *call)
{
	const char *path = call_flag(call, FLAG_FILE);

	if (!path)
		return problem_set(&call->problem, EXIT_USAGE, "missing-flag",
				   "missing --file: expected FILE, or - for standard input");
	return strcmp(path, "-") ? add_file(import, path) : add_stream(import, stdin, "<stdin>");
}

static int print(const struct import *import, struct call *call)
{
	_free_ char *text = import_save(import, cmd_config_style(call));

	if (!text)
		return problem_system(&call->problem, -ENOMEM, "writing the configuration");
	for (size_t i = 0; i < import->warning_count && !call->output.quiet; i++)
		answer_file_warning(call, "no-equivalent", import->warnings[i]);
	fputs(text, stdout);
	return import->warning_count && call_flag(call, FLAG_STRICT) ? EXIT_NO : EXIT_DONE;
}

int cmd_import(struct call *call)
{
	struct import import = {.problem = &call->problem, .include = include};
	const struct format *format = NULL;
	int code;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, call->arguments[0]))
			format = &formats[i];
	if (!format)
		return problem_choice(&call->problem, "invalid-format", "format",
				      call->arguments[0], "ipvsadm or keepalived");
	code = add_input(&import, call);
	if (!code)
		code = format->import(&import);
	if (!code)
		code = print(&import, call);
	import_release(&import);
	return code;
}
