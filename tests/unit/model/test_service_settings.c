// SPDX-License-Identifier: GPL-2.0-only
/* Service settings: accepted values in canonical text, refused values, differences. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/tap.h"
#include "model/service_settings.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name, *text, *canonical;
} good[] = {
	{"scheduler", "lrt", "lrt"},
	{"forward", "gue", "gue"},
	{"source", "default", "default"},
	{"source", "10.0.0.0", "10.0.0.0/32"},
	{"source", "2001:db8::/64,10.0.0.0/8", "10.0.0.0/8,2001:db8::/64"},
	{"persist", "source=5m/24", "source=5m/24"},
	{"load-factor", "off", "off"},
	{"load-factor", "1.25", "1.25"},
	{"load-factor", "1.001", "1.001"},
	{"load-factor", "1.5", "1.5"},
	{"load-factor", "2", "2"},
	{"load-factor", "002.50", "2.5"},
	{"load-factor", "2.500000", "2.5"},
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
	{"timeout-new", "1s", "1s"},
	{"timeout-established", "90m", "90m"},
	{"timeout-closing", "24h", "1d"},
};

static const struct {
	const char *name, *text;
} bad[] = {
	{"scheduler", ""},
	{"scheduler", "RR"},
	{"forward", "tun"},
	{"source", "10.0.0.0/7"},
	{"source", "10.0.0.0/33"},
	{"source", "10.0.0.0/"},
	{"source", "10.0.0.0,10.0.0.1"},
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
	{"timeout-new", "999ms"},
	{"timeout-new", "25h"},
	{"timeout-new", "10"},
};

static int parse(const char *name, const char *text, struct lb_service_config *service)
{
	return service_setting_parse(service_setting_find(name), text, service);
}

/* Configurations are compared byte by byte, so unused bytes must be 0. */
static void test_check(void)
{
	struct lb_service_config service = {0}, none = {0};
	char why[256];

	parse("check", "http:/a/rather/long/path", &service);
	is_str(service_settings_validate(&service),
	       "--check needs ,port=N for a service on all ports",
	       "a check of a service on all ports needs a port");
	parse("check", "tcp,port=80", &service);
	ok(!service_settings_validate(&service), "a check with a port is valid");
	parse("check", "ping", &service);
	ok(!service_settings_validate(&service), "a ping needs no port");
	parse("check", "none", &service);
	ok(!memcmp(&service, &none, sizeof(service)), "none clears the check");
	service_setting_explain(service_setting_find("check"), "tcp,rise=0", why, sizeof(why));
	is_str(why, "rise: expected 1 to 100", "an invalid check is explained");
	service_setting_explain(service_setting_find("reset-dead"), "0", why, sizeof(why));
	is_str(why, "expected on or off", "an invalid word is explained");
}

static void add_difference(void *argument, const struct service_setting *setting,
			   const char *before, const char *now)
{
	size_t used = strlen(argument);

	snprintf((char *)argument + used, 256 - used, "%s %s>%s;", setting->name, before, now);
}

static void test_differences(void)
{
	struct endpoint vip = {.port = htons(53), .protocol = IPPROTO_UDP};
	struct lb_service_config service = service_defaults("dns", &vip), before = service;
	char text[256] = "";

	service_settings_each_changed(&service, add_difference, text);
	is_str(text, "", "a new service has only defaults");
	parse("persist", "none", &service);
	parse("timeout-new", "1m", &service);
	service_settings_each_changed(&service, add_difference, text);
	is_str(text, "persist flow>none;timeout-new 30s>1m;", "changed settings are listed");
	text[0] = '\0';
	service_settings_each_difference(&service, &before, add_difference, text);
	is_str(text, "persist none>flow;timeout-new 1m>30s;", "two services are compared");
}

/* Every setting, in the value that a new service has. */
static void test_defaults(void)
{
	struct endpoint vip = {.port = htons(80), .protocol = IPPROTO_TCP};
	struct lb_service_config service = service_defaults("web", &vip);

	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		struct lb_service_config parsed = service;
		char text[SETTING_TEXT_BYTES];

		service_setting_format(setting, &service, text);
		ok(!service_setting_parse(setting, text, &parsed) &&
			   !memcmp(&parsed, &service, sizeof(service)),
		   "--%s %s is the default", setting->name, text);
	}
	ok(!service_setting_find("scheduling") && !service_setting_find(""),
	   "an unknown name finds no setting");
}

int main(void)
{
	test_check();
	test_differences();
	test_defaults();
	for (size_t i = 0; i < COUNT(good); i++) {
		struct lb_service_config service = {0};
		char text[SETTING_TEXT_BYTES];
		int error = parse(good[i].name, good[i].text, &service);

		service_setting_format(service_setting_find(good[i].name), &service, text);
		ok(!error && !strcmp(text, good[i].canonical), "--%s %s is formatted as %s",
		   good[i].name, good[i].text, good[i].canonical);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct lb_service_config service = {.load_factor_milli = 4711}, before = service;

		ok(parse(bad[i].name, bad[i].text, &service) == -EINVAL &&
			   !memcmp(&service, &before, sizeof(service)),
		   "--%s '%s' is refused", bad[i].name, bad[i].text);
	}
	return tap_done();
}
