// SPDX-License-Identifier: GPL-2.0-only
/* Settings: what is read is shown again in the same words, and what is no value leaves no trace. */
#include <errno.h>
#include <string.h>

#include "core/tap.h"
#include "model/service_settings.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name, *text, *printed;
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
	{"check", "none", "none"},
	{"check", "tcp", "tcp,interval=2s,timeout=1s,rise=2,fall=3"},
	{"check", "http:/,match=a", "http:/,match=a,interval=2s,timeout=1s,rise=2,fall=3"},
	{"persist-through-drain", "on", "on"},
	{"persist-through-drain", "off", "off"},
	{"feedback", "off", "off"},
	{"feedback", "observe", "observe"},
	{"feedback", "on", "on"},
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
	{"check", ""},
	{"check", "icmp"},
	{"check", "tcp,timeout=1h"},
	{"feedback", ""},
	{"feedback", "o"},
	{"feedback", "On"},
	{"feedback", "yes"},
};

static const struct setting *find(const char *name)
{
	const struct setting *setting = service_settings;

	while (strcmp(setting->name, name))
		setting++;
	return setting;
}

/* What was there leaves nothing behind: configurations are compared byte by byte. */
static void test_check(void)
{
	struct lb_service_config service = {0}, none = {0};
	char why[256];

	find("check")->parse("http:/a/rather/long/path", &service);
	is_str(service_settings_validate(&service),
	       "--check: a service on all ports has to say which one "
	       "is tried: ,port=N",
	       "a service on all ports has none to be tried");
	find("check")->parse("tcp,port=80", &service);
	ok(!service_settings_validate(&service), "but may say one");
	find("check")->parse("ping", &service);
	ok(!service_settings_validate(&service), "and a ping has no port");
	find("check")->parse("none", &service);
	ok(!memcmp(&service, &none, sizeof(service)), "none is as if there had never been one");
	service_setting_explain(find("check"), "tcp,rise=0", why, sizeof(why));
	is_str(why, "rise: expected 1 to 100", "what is wrong with a check is told");
	service_setting_explain(find("reset-dead"), "0", why, sizeof(why));
	is_str(why, "expected on or off", "and with a switch");
}

int main(void)
{
	test_check();
	for (size_t i = 0; i < COUNT(good); i++) {
		struct lb_service_config service = {0};
		char text[SETTING_TEXT_BYTES];
		int error = find(good[i].name)->parse(good[i].text, &service);

		service_setting_format(good[i].name, &service, text);
		ok(!error && !strcmp(text, good[i].printed), "--%s %s is shown as %s", good[i].name,
		   good[i].text, good[i].printed);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct lb_service_config service = {.load_factor_milli = 4711}, before = service;

		ok(find(bad[i].name)->parse(bad[i].text, &service) == -EINVAL &&
			   !memcmp(&service, &before, sizeof(service)),
		   "--%s '%s' is refused", bad[i].name, bad[i].text);
	}
	return tap_done();
}
