// SPDX-License-Identifier: GPL-2.0-only
#include "model/service_settings.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/duration.h"
#include "base/human.h"
#include "base/number.h"
#include "base/suggest.h"
#include "model/check_parse.h"
#include "model/persistence.h"

static const char *const scheduler_names[LB_SCHEDULER_COUNT] = {
	[LB_SCHEDULER_RR] = "rr",	  [LB_SCHEDULER_WRR] = "wrr",
	[LB_SCHEDULER_RANDOM] = "random", [LB_SCHEDULER_MAGLEV] = "maglev",
	[LB_SCHEDULER_SOURCE] = "source", [LB_SCHEDULER_P2C] = "p2c",
	[LB_SCHEDULER_LC] = "lc",	  [LB_SCHEDULER_LRT] = "lrt",
};

static const char *const forward_names[LB_FORWARD_COUNT] = {
	[LB_FORWARD_NAT] = "nat",   [LB_FORWARD_SNAT] = "snat", [LB_FORWARD_DSR] = "dsr",
	[LB_FORWARD_IPIP] = "ipip", [LB_FORWARD_GUE] = "gue",
};

static const char *const feedback_names[LB_FEEDBACK_COUNT] = {
	[LB_FEEDBACK_OFF] = "off",
	[LB_FEEDBACK_OBSERVE] = "observe",
	[LB_FEEDBACK_ON] = "on",
};

static const char *const switch_names[] = {"off", "on"};

const char *scheduler_name(__u8 scheduler)
{
	return name_of(scheduler_names, LB_SCHEDULER_COUNT, scheduler);
}

const char *forward_name(__u8 forward)
{
	return name_of(forward_names, LB_FORWARD_COUNT, forward);
}

/* "ADDR/BITS", or "ADDR" for a single address. */
static int parse_prefix(const char *text, __u64 address[2], __u8 *bits)
{
	char copy[ADDRESS_TEXT_BYTES + 4];
	__u64 length, whole;
	char *slash;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	if (address_parse(copy, address))
		return -EINVAL;
	length = whole = address_is_ipv4(address) ? 32 : 128;
	if (slash && number_parse(slash, LB_SOURCE_BITS_MIN, whole, &length))
		return -EINVAL;
	*bits = length;
	return 0;
}

/* At most one prefix per IP version. */
static int parse_source(const char *text, struct lb_service_config *service)
{
	struct lb_service_config wanted = *service;
	char copy[SETTING_TEXT_BYTES], *rest, *word;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	wanted.source4 = wanted.source4_bits = wanted.source6_bits = 0;
	wanted.source6[0] = wanted.source6[1] = 0;
	if (!strcmp(text, "default"))
		copy[0] = '\0';
	for (word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		__u64 address[2];
		__u8 bits, *dest;

		if (parse_prefix(word, address, &bits))
			return -EINVAL;
		dest = address_is_ipv4(address) ? &wanted.source4_bits : &wanted.source6_bits;
		if (*dest)
			return -EINVAL;
		*dest = bits;
		if (address_is_ipv4(address))
			wanted.source4 = address_to_ipv4(address);
		else
			memcpy(wanted.source6, address, sizeof(address));
	}
	*service = wanted;
	return 0;
}

static void format_source(const struct lb_service_config *service, char *text, size_t size)
{
	char address[ADDRESS_TEXT_BYTES];
	__u64 source4[2];
	int used = 0;

	if (!service->source4_bits && !service->source6_bits)
		snprintf(text, size, "default");
	if (service->source4_bits) {
		address_from_ipv4(service->source4, source4);
		address_format(source4, address, sizeof(address));
		used = snprintf(text, size, "%s/%u", address, service->source4_bits);
	}
	if (service->source6_bits) {
		address_format(service->source6, address, sizeof(address));
		snprintf(text + used, size - used, "%s%s/%u", used ? "," : "", address,
			 service->source6_bits);
	}
}

/* Stores the canonical text; "" for none. */
static int parse_check(const char *text, struct lb_service_config *service)
{
	char canonical[CHECK_TEXT_BYTES];
	struct check check;
	const char *why;

	if (check_parse(text, &check, &why))
		return -EINVAL;
	check_format(&check, canonical);
	memset(service->check, 0, sizeof(service->check));
	if (check.kind != CHECK_NONE)
		strcpy(service->check, canonical);
	return 0;
}

static void format_check(const struct lb_service_config *service, char *text, size_t size)
{
	snprintf(text, size, "%s", service->check[0] ? service->check : "none");
}

/* "off", or a number with at most three decimals. */
static int parse_load_factor(const char *text, struct lb_service_config *service)
{
	__u64 milli;

	if (!strcmp(text, "off")) {
		service->load_factor_milli = 0;
		return 0;
	}
	if (number_parse_scaled(text, strlen(text), 1000, &milli) || milli < LB_LOAD_FACTOR_MIN ||
	    milli > LB_LOAD_FACTOR_MAX)
		return -EINVAL;
	service->load_factor_milli = milli;
	return 0;
}

static void format_load_factor(const struct lb_service_config *service, char *text, size_t size)
{
	if (service->load_factor_milli)
		snprintf(text, size, "%g", service->load_factor_milli / 1000.0);
	else
		snprintf(text, size, "off");
}

/* The name of a service, which need not exist yet. */
static int parse_spill(const char *text, struct lb_service_config *service)
{
	if (strlen(text) >= sizeof(service->spill) || !text[0] || text[0] == '-' ||
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return -EINVAL;
	memset(service->spill, 0, sizeof(service->spill));
	if (strcmp(text, "none"))
		memcpy(service->spill, text, strlen(text));
	return 0;
}

static void format_spill(const struct lb_service_config *service, char *text, size_t size)
{
	snprintf(text, size, "%s", service->spill[0] ? service->spill : "none");
}

#define SCHEDULERS "rr, wrr, random, p2c, lc, lrt, maglev or source"
#define FORWARDS   "nat, snat, dsr, ipip or gue"
#define FEEDBACKS  "off, observe or on"
#define SWITCH	   "on or off"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Rows of the table, after the name. */
#define WORDS(words, member, word_names) \
	.expected = words, .choices = words, .kind = SETTING_WORD, \
	.offset = offsetof(struct lb_service_config, member), .names = word_names, \
	.name_count = COUNT(word_names)
#define DURATION(member) \
	.expected = "a duration from 1s to 24h", .kind = SETTING_DURATION, \
	.offset = offsetof(struct lb_service_config, member)
#define OWN(values, words, parse_fn, format_fn) \
	.expected = values, .choices = words, .kind = SETTING_OWN, .parse = parse_fn, \
	.format = format_fn

const struct service_setting service_settings[] = {
	{"scheduler", WORDS(SCHEDULERS, scheduler, scheduler_names)},
	{"forward", WORDS(FORWARDS, forward, forward_names)},
	{"source", OWN("default, or ADDR[/BITS], at most one per IP version, separated by a comma",
		       "default", parse_source, format_source)},
	{"persist", OWN(PERSIST_EXPECTED, "flow, none or source", persist_parse, persist_format)},
	{"persist-through-drain", WORDS(SWITCH, persist_through_drain, switch_names)},
	{"check", OWN(CHECK_EXPECTED, NULL, parse_check, format_check)},
	{"feedback", WORDS(FEEDBACKS, feedback, feedback_names)},
	{"load-factor", OWN("off, or a number above 1 and at most 100", NULL, parse_load_factor,
			    format_load_factor)},
	{"spill", OWN("none, or the name of another service", NULL, parse_spill, format_spill)},
	{"reset-dead", WORDS(SWITCH, reset_dead, switch_names)},
	{"timeout-new", DURATION(timeout_new_ms)},
	{"timeout-established", DURATION(timeout_established_ms)},
	{"timeout-closing", DURATION(timeout_closing_ms)},
	{.name = NULL},
};

const struct service_setting *service_setting_find(const char *name)
{
	for (const struct service_setting *setting = service_settings; setting->name; setting++)
		if (!strcmp(setting->name, name))
			return setting;
	return NULL;
}

static int parse_word(const struct service_setting *setting, const char *text, __u8 *index)
{
	for (size_t i = 0; i < setting->name_count; i++) {
		if (!strcmp(setting->names[i], text)) {
			*index = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_duration(const char *text, __u32 *duration_ms)
{
	__u64 ms;

	if (duration_parse(text, &ms) || ms < LB_TIMEOUT_MIN_MS || ms > LB_TIMEOUT_MAX_MS)
		return -EINVAL;
	*duration_ms = ms;
	return 0;
}

int service_setting_parse(const struct service_setting *setting, const char *text,
			  struct lb_service_config *service)
{
	void *member = (char *)service + setting->offset;

	switch (setting->kind) {
	case SETTING_WORD:
		return parse_word(setting, text, member);
	case SETTING_DURATION:
		return parse_duration(text, member);
	default:
		return setting->parse(text, service);
	}
}

void service_setting_format(const struct service_setting *setting,
			    const struct lb_service_config *service, char text[SETTING_TEXT_BYTES])
{
	const void *member = (const char *)service + setting->offset;

	switch (setting->kind) {
	case SETTING_WORD:
		snprintf(text, SETTING_TEXT_BYTES, "%s",
			 name_of(setting->names, setting->name_count, *(const __u8 *)member));
		break;
	case SETTING_DURATION:
		duration_format(*(const __u32 *)member, text, SETTING_TEXT_BYTES);
		break;
	default:
		setting->format(service, text, SETTING_TEXT_BYTES);
	}
}

void service_setting_explain(const struct service_setting *setting, const char *text, char *why,
			     size_t size)
{
	char word[SUGGESTION_BYTES] = "";
	struct suggestion hint = suggestion_of(word);
	struct check check;
	const char *detail;

	if (setting->parse == parse_check && check_parse(text, &check, &detail)) {
		snprintf(why, size, "%s", detail);
		return;
	}
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "="), text);
	if (setting->choices)
		suggestion_offer_all(&hint, setting->choices);
	snprintf(why, size, "expected %s%s", setting->expected, suggestion_text(&hint));
}

const char *service_settings_validate(const struct lb_service_config *service)
{
	struct check check;
	const char *why;

	if (!service->port && service->check[0] && !check_parse(service->check, &check, &why) &&
	    check.kind != CHECK_PING && check.kind != CHECK_EXEC && !check.port)
		return "--check needs ,port=N for a service on all ports";
	return persist_validate(service);
}

struct lb_service_config service_defaults(const char *name, const struct endpoint *vip)
{
	bool tcp = vip->protocol == IPPROTO_TCP;
	struct lb_service_config config = {
		.address = {vip->address[0], vip->address[1]},
		.port = vip->port,
		.protocol = vip->protocol,
		.scheduler = LB_SCHEDULER_WRR,
		.timeout_new_ms = tcp ? 10000 : 30000,
		.timeout_established_ms = tcp ? 7440000 : 300000,
		.timeout_closing_ms = 240000,
	};

	snprintf(config.name, sizeof(config.name), "%s", name);
	return config;
}

void service_settings_each_difference(const struct lb_service_config *before,
				      const struct lb_service_config *now, service_setting_fn *fn,
				      void *argument)
{
	char from[SETTING_TEXT_BYTES], to[SETTING_TEXT_BYTES];

	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		service_setting_format(setting, before, from);
		service_setting_format(setting, now, to);
		if (strcmp(from, to))
			fn(argument, setting, from, to);
	}
}

void service_settings_each_changed(const struct lb_service_config *config, service_setting_fn *fn,
				   void *argument)
{
	struct endpoint vip = {.port = config->port, .protocol = config->protocol};
	struct lb_service_config defaults = service_defaults(config->name, &vip);

	service_settings_each_difference(&defaults, config, fn, argument);
}
