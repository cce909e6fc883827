// SPDX-License-Identifier: GPL-2.0-only
#include "cli/flags.h"

#include <string.h>

static const char *const names[] = {[FLAG_NONE] = "",
#define X(id, name) [FLAG_##id] = name,
				    CLI_FLAGS(X)
#undef X
};

const char *flag_name(enum flag_id id)
{
	return names[id];
}

enum flag_id flag_named(const char *name)
{
	for (enum flag_id id = FLAG_NONE + 1; id < FLAGS_END; id++)
		if (!strcmp(names[id], name))
			return id;
	return FLAG_NONE;
}
