/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Service settings: the table of all settings of a service besides its name and VIP, with
 * their text form. Flags, configuration files, reports and events use this one table. The name
 * of a setting is the name of its flag.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_SERVICE_SETTINGS_H
#define MODEL_SERVICE_SETTINGS_H

#include <stddef.h>

#include "base/address.h"
#include "lb/abi.h"

/* Size of the text of any setting, with the terminating NUL. */
#define SETTING_TEXT_BYTES LB_CHECK_BYTES

/* What stores the value of a setting in struct lb_service_config. */
enum setting_kind {
	SETTING_OWN, /* parse() and format() of its own */
	SETTING_WORD, /* a __u8, the index in `names` */
	SETTING_DURATION, /* a __u32 in ms, LB_TIMEOUT_MIN_MS to LB_TIMEOUT_MAX_MS */
};

struct service_setting {
	const char *name;
	const char *expected; /* the accepted values, for messages */
	const char *choices; /* words among them, as in "on or off"; NULL = none */
	enum setting_kind kind;
	size_t offset; /* of the member, except for SETTING_OWN */
	const char *const *names;
	size_t name_count;
	int (*parse)(const char *text, struct lb_service_config *service);
	void (*format)(const struct lb_service_config *service, char *text, size_t size);
};

/* Ends with a NULL name. */
extern const struct service_setting service_settings[];

/* Returns the setting of this name; NULL if there is none. */
const struct service_setting *service_setting_find(const char *name);

/* Returns 0, or -EINVAL with `service` untouched. */
int service_setting_parse(const struct service_setting *setting, const char *text,
			  struct lb_service_config *service);

void service_setting_format(const struct service_setting *setting,
			    const struct lb_service_config *service, char text[SETTING_TEXT_BYTES]);

/* Writes the reason why service_setting_parse() refuses the text. */
void service_setting_explain(const struct service_setting *setting, const char *text, char *why,
			     size_t size);

/* Returns a sentence if the settings contradict each other, else NULL. */
const char *service_settings_validate(const struct lb_service_config *service);

/* A new service of this name and VIP. */
struct lb_service_config service_defaults(const char *name, const struct endpoint *vip);

/* Receives a setting that differs, and both of its values. */
typedef void service_setting_fn(void *argument, const struct service_setting *setting,
				const char *before, const char *now);

/* Calls fn() for each setting that differs between two services. */
void service_settings_each_difference(const struct lb_service_config *before,
				      const struct lb_service_config *now, service_setting_fn *fn,
				      void *argument);

/* Calls fn() for each setting of a service that differs from its default. */
void service_settings_each_changed(const struct lb_service_config *config, service_setting_fn *fn,
				   void *argument);

const char *scheduler_name(__u8 scheduler);
const char *forward_name(__u8 forward);

#endif
