// SPDX-License-Identifier: GPL-2.0-only
/* Settings: what is read is shown again in the same words, and what is no value leaves no trace. */
#include <errno.h>
#include <string.h>

#include "setting.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name, *text, *shown;
} good[] = {
	{"load-factor", "off", "off"},
	{"load-factor", "1.25", "1.25"},
	{"load-factor", "1.001", "1.001"},
	{"load-factor", "1.5", "1.5"},
	{"load-factor", "2", "2"},
	{"load-factor", "002.50", "2.5"},
	{"load-factor", "100", "100"},
	{"load-factor", "100.000", "100"},
	{"reset-dead", "on", "on"},
	{"reset-dead", "off", "off"},
	{"spill", "none", "none"},
	{"spill", "sorry-server", "sorry-server"},
	{"persist-through-drain", "on", "on"},
	{"persist-through-drain", "off", "off"},
};

static const struct {
	const char *name, *text;
} bad[] = {
	{"load-factor", ""},
	{"load-factor", "1"},
	{"load-factor", "1.000"},
	{"load-factor", "0.9"},
	{"load-factor", "100.001"},
	{"load-factor", "1000"},
	{"load-factor", "1."},
	{"load-factor", ".5"},
	{"load-factor", "1.2345"},
	{"load-factor", "1.2.3"},
	{"load-factor", "-2"},
	{"load-factor", "+2"},
	{"load-factor", "2x"},
	{"load-factor", "1.5x"},
	{"load-factor", "99999999999999999999"},
	{"reset-dead", "yes"},
	{"reset-dead", ""},
	{"spill", ""},
	{"spill", "a-name-that-is-longer-than-any-service-can-have-as-it-is-of-64-bytes"},
	{"persist-through-drain", "1"},
};

static const struct setting *find(const char *name)
{
	const struct setting *setting = service_settings;

	while (strcmp(setting->name, name))
		setting++;
	return setting;
}

int main(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct lb_service_config service = {0};
		char text[SETTING_TEXT_BYTES];
		int error = find(good[i].name)->parse(good[i].text, &service);

		setting_format(good[i].name, &service, text);
		ok(!error && !strcmp(text, good[i].shown), "--%s %s is shown as %s", good[i].name,
		   good[i].text, good[i].shown);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct lb_service_config service = {.load_factor_milli = 4711}, before = service;

		ok(find(bad[i].name)->parse(bad[i].text, &service) == -EINVAL &&
			   !memcmp(&service, &before, sizeof(service)),
		   "--%s '%s' is refused", bad[i].name, bad[i].text);
	}
	return tap_done();
}
