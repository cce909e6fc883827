// SPDX-License-Identifier: GPL-2.0-only
#include "cli/flags.h"

#include <string.h>

static const char *const names[] = {[FLAG_NONE] = "",
#define X(id, name) [FLAG_##id] = name,
				    CLI_FLAGS(X)
#undef X
};

static const char letters[FLAGS_END] = {
	[FLAG_JSON] = 'j', [FLAG_PRETTY] = 'p',	 [FLAG_QUIET] = 'q',	[FLAG_VERBOSE] = 'v',
	[FLAG_HELP] = 'h', [FLAG_VERSION] = 'V', [FLAG_INTERVAL] = 'i', [FLAG_COUNT] = 'c',
	[FLAG_FILE] = 'f', [FLAG_OUTPUT] = 'o',
};

const char *flag_name(enum flag_id id)
{
	return names[id];
}

char flag_letter(enum flag_id id)
{
	return letters[id];
}

enum flag_id flag_by_name(const char *name)
{
	for (enum flag_id id = FLAG_NONE + 1; id < FLAGS_END; id++)
		if (!strcmp(names[id], name))
			return id;
	return FLAG_NONE;
}

enum flag_id flag_by_letter(char letter)
{
	for (enum flag_id id = FLAG_NONE + 1; id < FLAGS_END; id++)
		if (letters[id] && letters[id] == letter)
			return id;
	return FLAG_NONE;
}
