/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keepalived's checks of real servers, as ours.
 */
#ifndef CONFIG_IMPORT_KEEPALIVED_CHECKS_H
#define CONFIG_IMPORT_KEEPALIVED_CHECKS_H

#include "config/import/keepalived_lexer.h"
#include "model/check_spec.h"

/* What a virtual server says for the checks of all its real servers. */
struct import_check {
	const char *host; /* NULL = none is asked for */
	__u32 interval_ms, timeout_ms,
		retry_delay_ms; /* pause: between a failure and the next try */
	__u32 retries;
};

/* "5", "1.5": seconds. */
int import_seconds(struct import *import, const struct statement *statement, __u32 *ms);

/* One of the keys that check blocks and virtual servers have in common? */
bool import_check_is_common_key(const struct statement *statement);
int import_check_parse_key(struct import *import, const struct statement *statement,
			   struct import_check *defaults);

/* Is it a check block at all? */
bool import_check_is_block(const struct statement *statement);

/* The check in words, where there is one that does the same; else "", and a note. */
int import_check(struct import *import, const struct statement *block,
		 const struct import_check *defaults, char text[CHECK_TEXT_BYTES]);

#endif
