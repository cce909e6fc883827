// SPDX-License-Identifier: GPL-2.0-only
#include "model/service_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/duration.h"
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

/* The place of a word in a list, or -EINVAL. */
static int find_word(const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], text))
			return i;
	return -EINVAL;
}

const char *scheduler_name(__u8 scheduler)
{
	return scheduler < LB_SCHEDULER_COUNT ? scheduler_names[scheduler] : "?";
}

const char *forward_name(__u8 forward)
{
	return forward < LB_FORWARD_COUNT ? forward_names[forward] : "?";
}

static int parse_scheduler(const char *text, struct lb_service_config *service)
{
	int found = find_word(scheduler_names, LB_SCHEDULER_COUNT, text);

	if (found < 0)
		return found;
	service->scheduler = found;
	return 0;
}

static void format_scheduler(const struct lb_service_config *service, char *text, size_t size)
{
	snprintf(text, size, "%s", scheduler_name(service->scheduler));
}

static int parse_forward(const char *text, struct lb_service_config *service)
{
	int found = find_word(forward_names, LB_FORWARD_COUNT, text);

	if (found < 0)
		return -EINVAL;
	service->forward = found;
	return 0;
}

static void format_forward(const struct lb_service_config *service, char *text, size_t size)
{
	snprintf(text, size, "%s", forward_name(service->forward));
}

/* "ADDR/BITS", or "ADDR", which is all of its bits. */
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

/* One prefix of each IP version at the most. */
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

/* The canonical text is kept; none is kept as nothing. */
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

static int parse_feedback(const char *text, struct lb_service_config *service)
{
	int found = find_word(feedback_names, LB_FEEDBACK_COUNT, text);

	if (found < 0)
		return found;
	service->feedback = found;
	return 0;
}

static void format_feedback(const struct lb_service_config *service, char *text, size_t size)
{
	snprintf(text, size, "%s",
		 service->feedback < LB_FEEDBACK_COUNT ? feedback_names[service->feedback] : "?");
}

static int parse_switch(const char *text, __u8 *on)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return -EINVAL;
	*on = !strcmp(text, "on");
	return 0;
}

static void format_switch(__u8 on, char *text, size_t size)
{
	snprintf(text, size, "%s", on ? "on" : "off");
}

static int parse_persist_through_drain(const char *text, struct lb_service_config *service)
{
	return parse_switch(text, &service->persist_through_drain);
}

static void format_persist_through_drain(const struct lb_service_config *service, char *text,
					 size_t size)
{
	format_switch(service->persist_through_drain, text, size);
}

static int parse_reset_dead(const char *text, struct lb_service_config *service)
{
	return parse_switch(text, &service->reset_dead);
}

static void format_reset_dead(const struct lb_service_config *service, char *text, size_t size)
{
	format_switch(service->reset_dead, text, size);
}

static int parse_timeout(const char *text, __u32 *timeout_ms)
{
	__u64 ms;

	if (duration_parse(text, &ms) || ms < LB_TIMEOUT_MIN_MS || ms > LB_TIMEOUT_MAX_MS)
		return -EINVAL;
	*timeout_ms = ms;
	return 0;
}

static int parse_timeout_new(const char *text, struct lb_service_config *service)
{
	return parse_timeout(text, &service->timeout_new_ms);
}

static void format_timeout_new(const struct lb_service_config *service, char *text, size_t size)
{
	duration_format(service->timeout_new_ms, text, size);
}

static int parse_timeout_established(const char *text, struct lb_service_config *service)
{
	return parse_timeout(text, &service->timeout_established_ms);
}

static void format_timeout_established(const struct lb_service_config *service, char *text,
				       size_t size)
{
	duration_format(service->timeout_established_ms, text, size);
}

static int parse_timeout_closing(const char *text, struct lb_service_config *service)
{
	return parse_timeout(text, &service->timeout_closing_ms);
}

static void format_timeout_closing(const struct lb_service_config *service, char *text, size_t size)
{
	duration_format(service->timeout_closing_ms, text, size);
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

/* The name of a service, which may yet have to come. */
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

#define TIMEOUT "a duration from 1s to 24h"

#define SCHEDULERS "rr, wrr, random, p2c, lc, lrt, maglev or source"
#define FORWARDS   "nat, snat, dsr, ipip or gue"
#define FEEDBACKS  "off, observe or on"
#define SWITCH	   "on or off"

const struct setting service_settings[] = {
	{"scheduler", SCHEDULERS, SCHEDULERS, parse_scheduler, format_scheduler},
	{"forward", FORWARDS, FORWARDS, parse_forward, format_forward},
	{"source", "ADDR[/BITS], one of each IP version, with a comma between; or default",
	 "default", parse_source, format_source},
	{"persist", PERSIST_EXPECTED, "flow, none or source", persist_parse, persist_format},
	{"persist-through-drain", SWITCH, SWITCH, parse_persist_through_drain,
	 format_persist_through_drain},
	{"check", CHECK_EXPECTED, NULL, parse_check, format_check},
	{"feedback", FEEDBACKS, FEEDBACKS, parse_feedback, format_feedback},
	{"load-factor", "off, or a number above 1 and up to 100", NULL, parse_load_factor,
	 format_load_factor},
	{"spill", "the name of another service, or none", NULL, parse_spill, format_spill},
	{"reset-dead", SWITCH, SWITCH, parse_reset_dead, format_reset_dead},
	{"timeout-new", TIMEOUT, NULL, parse_timeout_new, format_timeout_new},
	{"timeout-established", TIMEOUT, NULL, parse_timeout_established,
	 format_timeout_established},
	{"timeout-closing", TIMEOUT, NULL, parse_timeout_closing, format_timeout_closing},
	{NULL, NULL, NULL, NULL, NULL},
};

void service_setting_explain(const struct setting *setting, const char *text, char *why,
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
		return "--check: a service on all ports has to say which one is tried: ,port=N";
	return persist_validate(service);
}

void service_setting_format(const char *name, const struct lb_service_config *service,
			    char text[SETTING_TEXT_BYTES])
{
	const struct setting *setting = service_settings;

	while (strcmp(setting->name, name))
		setting++;
	setting->format(service, text, SETTING_TEXT_BYTES);
}
