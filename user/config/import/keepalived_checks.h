/* SPDX-License-Identifier: GPL-2.0-only */
/* Conversion of the checks of keepalived's real servers. */
#ifndef CONFIG_IMPORT_KEEPALIVED_CHECKS_H
#define CONFIG_IMPORT_KEEPALIVED_CHECKS_H

#include "config/import/keepalived_lexer.h"
#include "model/check_spec.h"

/* Defaults of a virtual server for the checks of its real servers. */
struct import_check {
	const char *host; /* of HTTP; NULL = none */
	__u32 interval_ms, timeout_ms;
	__u32 retry_delay_ms; /* after a failed probe */
	__u32 retries;
};

/* Parses seconds: "5", "1.5". */
int import_seconds(struct import *import, const struct statement *statement, __u32 *ms);

/* Keys that both virtual servers and check blocks have. */
bool import_check_is_common_key(const struct statement *statement);
int import_check_parse_key(struct import *import, const struct statement *statement,
			   struct import_check *defaults);

/* Parses a common key, and warns of any other statement. */
int import_check_parse_other(struct import *import, const struct statement *statement,
			     struct import_check *defaults);

/* Is it a check block? */
bool import_check_is_block(const struct statement *statement);

/* Converts a check block. The text is "", with a warning, if there is no equivalent. */
int import_check(struct import *import, const struct statement *block,
		 const struct import_check *defaults, char text[CHECK_TEXT_BYTES]);

#endif
