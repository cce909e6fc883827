/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings: what can be said of a service besides its name and VIP, in words. One
 * list serves flags, reports and whatever else reads or writes them: a setting's
 * name is its flag's.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_SERVICE_SETTINGS_H
#define MODEL_SERVICE_SETTINGS_H

#include <stddef.h>

#include "lb/abi.h"

/* Room for any setting's value, with the terminating NUL. */
#define SETTING_TEXT_BYTES LB_CHECK_BYTES

struct setting {
	const char *name;
	const char *expected; /* what its values look like */
	const char *choices; /* words among them, as in "on or off"; NULL = none */
	/* 0, or -EINVAL with `service` untouched. */
	int (*parse)(const char *text, struct lb_service_config *service);
	void (*format)(const struct lb_service_config *service, char *text, size_t size);
};

/* Ends with a NULL name. */
extern const struct setting service_settings[];

/* What is wrong with a text that parse() has refused. */
void service_setting_explain(const struct setting *setting, const char *text, char *why,
			     size_t size);

/* Why the service cannot have all that it asks for, in a sentence; NULL if it can. */
const char *service_settings_validate(const struct lb_service_config *service);

/* The value of a setting; there has to be one of this name. */
void service_setting_format(const char *name, const struct lb_service_config *service,
			    char text[SETTING_TEXT_BYTES]);

const char *scheduler_name(__u8 scheduler);
const char *forward_name(__u8 forward);

#endif
