// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration files: valid files are read as written, errors have a position, and none of
 * 10,000 mutated files crashes the reader or sets a value that no flag accepts.
 */
#include "config/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "garble.h"
#include "model/service_settings.h"

#define MUTATED	   10000
#define TEXT_BYTES 4096

static const char complete_file[] =
	"version: 1\n"
	"interfaces: [{name: eth0, mode: auto}, {name: eth1}]\n"
	"limits: {max-flows: 2048}\n"
	"defaults: {scheduler: random, timeout-new: 5s}\n"
	"services:\n"
	"  - name: web\n"
	"    vip: 192.0.2.10:80/tcp\n"
	"    scheduler: maglev\n"
	"    persist: source=300s\n"
	"    backends:\n"
	"      - {address: \"10.0.0.11:8080\", weight: 5, max-flows: 100}\n"
	"      - {address: 10.0.0.12, state: drain, runtime: {state: ready, weight: 2.5}}\n"
	"  - {name: dns, vip: \"[2001:db8::10]:53/udp\", forward: gue,\n"
	"     backends: [{address: 10.0.0.13}]}\n"
	"  - {name: idle, vip: \"192.0.2.11:0/tcp\"}\n";

static int read_text(const char *text, size_t bytes, struct config *config, struct problem *problem)
{
	FILE *file = fmemopen((void *)text, bytes, "r");
	int code;

	*problem = (struct problem){0};
	code = config_read(config, file, "lb.yaml", problem);
	fclose(file);
	return code;
}

static void test_services(const struct config *config)
{
	const struct config_service *web = &config->services[0], *dns = &config->services[1];

	is_int(config->service_count, 3, "three services");
	is_str(web->settings.name, "web", "the first has its name,");
	is_int(ntohs(web->settings.port), 80, "its port");
	is_int(web->settings.scheduler, LB_SCHEDULER_MAGLEV, "its own scheduler,");
	is_int(web->settings.timeout_new_ms, 5000, "the default of the file,");
	is_int(web->settings.persist_ms, 300000, "and the duration within a value");
	is_int(dns->settings.scheduler, LB_SCHEDULER_RANDOM,
	       "the second has the default of the file,");
	is_int(dns->settings.protocol, IPPROTO_UDP, "protocol UDP");
	is_int(dns->settings.forward, LB_FORWARD_GUE, "and forwarding mode gue");
	is_int(config->services[2].backend_count, 0, "a service may have no backends");
}

static void test_backends(const struct config_service *web)
{
	const struct lb_backend_config *a = &web->backends[0].settings,
				       *b = &web->backends[1].settings;

	is_int(web->backend_count, 2, "two backends");
	is_int(a->weight, 5, "a weight");
	is_int(a->max_flows, 100, "a limit");
	is_int(ntohs(a->port), 8080, "a port of its own");
	is_int(ntohs(b->port), 80, "or the service's");
	is_int(b->weight, 1, "the default weight");
	is_int(b->configured_state, LB_STATE_DRAIN, "a configured state,");
	is_int(b->state, LB_STATE_READY, "a run-time state");
	is_int(b->override_milli, 2500, "and weight");
	ok(!web->backends[0].has_runtime && web->backends[1].has_runtime,
	   "backends with run-time values are marked");
}

static void test_complete_file(void)
{
	struct problem problem;
	struct config config;

	is_int(read_text(complete_file, strlen(complete_file), &config, &problem), 0,
	       "a whole file is read");
	is_int(config.interface_count, 2, "two interfaces");
	is_str(config.interfaces[1].mode, "auto", "with the default mode");
	is_int(config.limits[LIMIT_FLOWS], 2048, "a limit of the instance");
	test_services(&config);
	test_backends(&config.services[0]);
	config_release(&config);
}

static const struct {
	const char *text;
	const char *message; /* its beginning */
} invalid_files[] = {
	{"", "lb.yaml:1:1: error: the file is empty"},
	{"a: [1,\nb: }\n", "lb.yaml:2:1: error: "},
	{"version: 1\nversion: 1\n", "lb.yaml:2:1: error: duplicate key"},
	{"services: []\n", "lb.yaml:1:1: error: missing version"},
	{"version: 2\n", "lb.yaml:1:10: error: unsupported version: expected 1"},
	{"[1, 2]", "lb.yaml:1:1: error: expected a map of keys and values"},
	{"version: 1\nservice: []\n",
	 "lb.yaml:2:1: error: unknown key 'service'; did you mean 'services'?\nservice: []\n^"},
	{"version: 1\nservices: {}\n", "lb.yaml:2:11: error: expected a list"},
	{"version: 1\nservices: [x]\n", "lb.yaml:2:12: error: expected a map of keys and values"},
	{"version: 1\nservices: [{name: a}]\n", "lb.yaml:2:12: error: missing vip of the service"},
	{"version: 1\nservices: [{name: A, vip: \"192.0.2.1:80/tcp\"}]\n",
	 "lb.yaml:2:19: error: invalid name 'A'"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80\"}]\n",
	 "lb.yaml:2:28: error: invalid VIP"},
	{"version: 1\ndefaults: {schedular: wrr}\n",
	 "lb.yaml:2:12: error: unknown key 'schedular'; did you mean 'scheduler'?"},
	{"version: 1\ndefaults: {scheduler: best}\n",
	 "lb.yaml:2:23: error: invalid scheduler 'best': expected rr,"},
	{"version: 1\nlimits: {max-flows: 0}\n",
	 "lb.yaml:2:21: error: expected a whole number from 1 to"},
	{"version: 1\ninterfaces: [{name: a}, {name: b}, {name: a}]\n",
	 "lb.yaml:2:36: error: duplicate interface 'a'"},
	{"version: 1\ninterfaces: [{mode: auto}]\n",
	 "lb.yaml:2:14: error: missing name of the interface"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\", backends: [{address: "
	 "2001:db8::1}]}]\n",
	 "lb.yaml:2:68: error: backend '[2001:db8::1]:80': address family mismatch"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\", backends: [{weight: 1}]}]\n",
	 "lb.yaml:2:58: error: missing address of the backend"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\", backends: [{address: "
	 "10.0.0.1, weight: 65536}]}]\n",
	 "lb.yaml:2:86: error: expected a whole number from 0 to 65535"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\", backends: [{address: "
	 "10.0.0.1}, {address: \"10.0.0.1:80\"}]}]\n",
	 "lb.yaml:2:79: error: duplicate backend of the service"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\"}, {name: a, vip: "
	 "\"192.0.2.2:80/tcp\"}]\n",
	 "lb.yaml:2:55: error: duplicate service 'a'"},
	{"version: 1\nservices: [{name: a, vip: \"192.0.2.1:80/tcp\"}, {name: b, vip: "
	 "\"192.0.2.1:80/tcp\"}]\n",
	 "lb.yaml:2:64: error: VIP is in use by service 'a'"},
	{"version: 1\nx: &a 1\nservices: *a\n", "lb.yaml:2:1: error: unknown key 'x'"},
	{"version: 1\nservices: *a\n", "lb.yaml:2:12: error: expected a list"},
};

static void test_invalid_files(void)
{
	for (size_t i = 0; i < sizeof(invalid_files) / sizeof(invalid_files[0]); i++) {
		size_t bytes = strlen(invalid_files[i].text);
		struct problem problem;
		struct config config;
		int code;

		/* fmemopen() does not accept an empty buffer. */
		code = bytes ? read_text(invalid_files[i].text, bytes, &config, &problem)
			     : read_text("\n", 1, &config, &problem);
		config_release(&config);
		problem.message[strlen(invalid_files[i].message)] = '\0';
		ok(code == EXIT_INVALID && problem.has_position &&
			   !strcmp(problem.message, invalid_files[i].message),
		   "%s", invalid_files[i].message);
		if (strcmp(problem.message, invalid_files[i].message))
			diag("got %s", problem.message);
	}
}

/* The number of interfaces is limited. */
static void test_many_interfaces(void)
{
	for (int count = CONFIG_INTERFACES_MAX; count <= CONFIG_INTERFACES_MAX + 1; count++) {
		char text[TEXT_BYTES] = "version: 1\ninterfaces: [";
		struct problem problem;
		struct config config;
		size_t length = strlen(text);

		for (int i = 0; i < count; i++)
			length += sprintf(text + length, "{name: if%d},", i);
		length += sprintf(text + length, "]\n");
		is_int(read_text(text, length, &config, &problem),
		       count > CONFIG_INTERFACES_MAX ? EXIT_INVALID : 0, "%d interfaces", count);
		config_release(&config);
	}
}

/* Replaces a word by another one of such files, or by a number. */
static size_t change_word(char *text, size_t bytes)
{
	static const char *const words[] = {
		"0",
		"1",
		"65536",
		"-1",
		"1e9",
		"2.5",
		"x",
		"web",
		"wrr",
		"maglev",
		"drain",
		"gue",
		"none",
		"auto",
		"on",
		"10.0.0.14",
		"192.0.2.9:80/tcp",
		"\"[::1]:0/udp\"",
		"state",
		"weight",
		"port",
		"null",
		"~",
		"99999999999999999999",
		"source=1ms/129",
	};
	const char *word = words[random_below(sizeof(words) / sizeof(words[0]))];

	return garble_word(text, bytes, word, " {}[],\n\"", " {}[],:\n\"");
}

static size_t mutate(char *text)
{
	static const char marks[] = "{}[]:,-\n \t\"'#&*!|>%@0123456789abcxyz\xff\x01";
	size_t bytes = strlen(complete_file);

	strcpy(text, complete_file);
	for (__u32 changes = 1 + random_below(3); changes; changes--)
		bytes = random_below(4) ? change_word(text, bytes)
					: garble_bytes(text, bytes, marks);
	return bytes;
}

static bool is_in_range(const struct config *config)
{
	bool good = true;

	for (size_t i = 0; i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];
		const struct lb_service_config *settings = &service->settings;

		good &= settings->name[0] && settings->scheduler < LB_SCHEDULER_COUNT &&
			settings->forward < LB_FORWARD_COUNT &&
			settings->persist < LB_PERSIST_COUNT &&
			settings->timeout_new_ms >= LB_TIMEOUT_MIN_MS &&
			settings->timeout_new_ms <= LB_TIMEOUT_MAX_MS;
		for (size_t j = 0; j < service->backend_count; j++) {
			const struct lb_backend_config *backend = &service->backends[j].settings;

			good &= backend->state < LB_STATE_COUNT &&
				backend->configured_state < LB_STATE_COUNT &&
				(backend->override_milli == LB_NO_OVERRIDE ||
				 backend->override_milli <= LB_WEIGHT_MAX * 1000U) &&
				backend->max_flows <= LB_FLOWS_MAX &&
				(backend->address[0] || backend->address[1]);
		}
	}
	return good;
}

static void test_mutated(void)
{
	size_t accepted = 0, refused = 0, silent = 0;
	bool good = true;

	for (int i = 0; i < MUTATED; i++) {
		char text[TEXT_BYTES];
		size_t bytes = mutate(text);
		struct problem problem;
		struct config config;

		if (read_text(text, bytes, &config, &problem)) {
			refused++;
			silent += !problem.message[0];
		} else {
			accepted++;
			good &= is_in_range(&config);
		}
		config_release(&config);
	}
	is_int(accepted + refused, MUTATED, "%d mutated files are read", MUTATED);
	ok(accepted > MUTATED / 100 && refused > MUTATED / 4,
	   "some are valid (%zu), some are not (%zu)", accepted, refused);
	is_int(silent, 0, "every error has a message");
	ok(good, "and no value is out of range");
}

int main(void)
{
	test_complete_file();
	test_invalid_files();
	test_many_interfaces();
	test_mutated();
	return tap_done();
}
