/* SPDX-License-Identifier: GPL-2.0-only */
/* Diff of two configurations as text, setting by setting. */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "base/address.h"
#include "model/service_settings.h"
#include "store/config_diff.h"

enum diff_kind {
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_SET,
};

struct diff {
	enum diff_kind kind;
	const char *interface; /* name; the other members are then unused. NULL = no interface */
	const char *service; /* name */
	char backend[ENDPOINT_TEXT_BYTES]; /* "" = the service itself differs */
	const char *setting; /* NULL = the service or backend is added or removed */
	char from[SETTING_TEXT_BYTES];
	char to[SETTING_TEXT_BYTES];
};

typedef void (*diff_fn)(void *owner, const struct diff *diff);

/* Calls `fn` for each difference: services first, then backends. */
void diff_walk(const struct config_diff *config_diff, diff_fn fn, void *owner);

#endif
