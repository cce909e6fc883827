// SPDX-License-Identifier: GPL-2.0-only
#include "model/check_spec.h"

#include <stdio.h>

#include "base/duration.h"
#include "base/human.h"

/* Text under construction; `used` counts beyond its size. */
struct text {
	char *bytes;
	size_t size, used;
};

const char *check_kind_name(enum check_kind kind)
{
	static const char *const names[CHECK_KIND_COUNT] = {
		[CHECK_NONE] = "none", [CHECK_PING] = "ping",	[CHECK_TCP] = "tcp",
		[CHECK_HTTP] = "http", [CHECK_HTTPS] = "https", [CHECK_EXEC] = "exec",
	};

	return name_of(names, CHECK_KIND_COUNT, kind);
}

static void add(struct text *text, const char *bytes)
{
	size_t space = text->used < text->size ? text->size - text->used : 0;

	text->used += snprintf(space ? text->bytes + text->used : NULL, space, "%s", bytes);
}

static void add_number(struct text *text, const char *prefix, __u32 number)
{
	char digits[12];

	snprintf(digits, sizeof(digits), "%u", number);
	add(text, prefix);
	add(text, digits);
}

static void add_time(struct text *text, const char *prefix, __u32 ms)
{
	char duration[DURATION_TEXT_BYTES];

	duration_format(ms, duration, sizeof(duration));
	add(text, prefix);
	add(text, duration);
}

/* Adds nothing if the value is empty. */
static void add_value(struct text *text, const char *prefix, const char *value)
{
	add(text, value[0] ? prefix : "");
	for (; *value; value++) {
		add(text, *value == ',' || *value == '\\' ? "\\" : "");
		add(text, (char[]){*value, '\0'});
	}
}

static void add_expect(struct text *text, const struct check *check)
{
	if (check->expect_low == CHECK_EXPECT_LOW && check->expect_high == CHECK_EXPECT_HIGH)
		return;
	add_number(text, ",expect=", check->expect_low);
	if (check->expect_high != check->expect_low)
		add_number(text, "-", check->expect_high);
}

size_t check_format(const struct check *check, char bytes[CHECK_TEXT_BYTES])
{
	struct text text = {bytes, CHECK_TEXT_BYTES, 0};

	add(&text, check_kind_name(check->kind));
	if (check->kind == CHECK_NONE)
		return text.used;
	add_value(&text, ":", check->argument);
	add_value(&text, ",host=", check->host);
	add_value(&text, ",sni=", check->sni);
	add(&text, check->insecure ? ",insecure" : "");
	add_value(&text, ",ca=", check->ca);
	add_expect(&text, check);
	add_value(&text, ",match=", check->match);
	if (check->port)
		add_number(&text, ",port=", check->port);
	add_time(&text, ",interval=", check->interval_ms);
	add_time(&text, ",timeout=", check->timeout_ms);
	if (check->fast_ms != check->interval_ms)
		add_time(&text, ",fast=", check->fast_ms);
	add_number(&text, ",rise=", check->rise);
	add_number(&text, ",fall=", check->fall);
	return text.used;
}
