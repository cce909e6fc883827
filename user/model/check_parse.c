// SPDX-License-Identifier: GPL-2.0-only
#include "model/check_parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/argv.h"
#include "base/duration.h"
#include "base/number.h"
#include "base/suggest.h"

#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS 3600000
#define TIMEOUT_MIN_MS	10
#define TIMEOUT_MAX_MS	60000
#define STREAK_MAX	100

#define DEFAULT_INTERVAL_MS 2000
#define DEFAULT_TIMEOUT_MS  1000
#define DEFAULT_RISE	    2
#define DEFAULT_FALL	    3

/* Sets of kinds. */
#define KIND_BIT(kind) (1U << (kind))
#define HTTP_KINDS     (KIND_BIT(CHECK_HTTP) | KIND_BIT(CHECK_HTTPS))
#define PROBE_KINDS    (KIND_BIT(CHECK_PING) | KIND_BIT(CHECK_TCP) | HTTP_KINDS | KIND_BIT(CHECK_EXEC))

static int parse_number(const char *text, __u16 min, __u16 max, __u16 *number)
{
	__u64 value;

	if (number_parse(text, min, max, &value))
		return -EINVAL;
	*number = value;
	return 0;
}

static int parse_time(const char *text, __u32 min, __u32 max, __u32 *ms)
{
	__u64 value;

	if (duration_parse(text, &value) || value < min || value > max)
		return -EINVAL;
	*ms = value;
	return 0;
}

/* A name of allowed characters only, which cannot end a header or a URL. */
static int parse_name(const char *text, const char *allowed, char name[CHECK_TEXT_BYTES])
{
	size_t length = strspn(text, allowed);

	if (!length || text[length])
		return -EINVAL;
	strcpy(name, text);
	return 0;
}

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

static int parse_host(const char *value, struct check *check)
{
	return parse_name(value, NAME_LETTERS ":[]", check->host);
}

static int parse_sni(const char *value, struct check *check)
{
	return parse_name(value, NAME_LETTERS, check->sni);
}

static int parse_insecure(const char *value, struct check *check)
{
	(void)value;
	check->insecure = true;
	return 0;
}

static int parse_ca(const char *value, struct check *check)
{
	if (value[0] != '/')
		return -EINVAL;
	strcpy(check->ca, value);
	return 0;
}

/* LOW-HIGH, or one status. */
static int parse_expect(const char *value, struct check *check)
{
	char low[CHECK_TEXT_BYTES];
	char *dash;
	__u16 from, to;

	strcpy(low, value);
	dash = strchr(low, '-');
	if (dash)
		*dash++ = '\0';
	if (parse_number(low, 100, 599, &from) || parse_number(dash ? dash : low, 100, 599, &to) ||
	    from > to)
		return -EINVAL;
	check->expect_low = from;
	check->expect_high = to;
	return 0;
}

static int parse_match(const char *value, struct check *check)
{
	strcpy(check->match, value);
	return 0;
}

static int parse_port(const char *value, struct check *check)
{
	return parse_number(value, 1, 65535, &check->port);
}

static int parse_interval(const char *value, struct check *check)
{
	return parse_time(value, INTERVAL_MIN_MS, INTERVAL_MAX_MS, &check->interval_ms);
}

static int parse_timeout(const char *value, struct check *check)
{
	return parse_time(value, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, &check->timeout_ms);
}

static int parse_fast(const char *value, struct check *check)
{
	return parse_time(value, INTERVAL_MIN_MS, INTERVAL_MAX_MS, &check->fast_ms);
}

static int parse_rise(const char *value, struct check *check)
{
	return parse_number(value, 1, STREAK_MAX, &check->rise);
}

static int parse_fall(const char *value, struct check *check)
{
	return parse_number(value, 1, STREAK_MAX, &check->fall);
}

#define OPTION(name) name, "unknown option; did you mean '" name "'?"
#define KINDS	     "expected none, ping, tcp, http:/PATH, https:/PATH or exec:/PROGRAM"

/* `why` is the message for an invalid value. */
static const struct option {
	const char *name;
	const char *hint; /* the message for a misspelt name */
	unsigned int kinds;
	bool no_value; /* takes no value */
	int (*parse)(const char *value, struct check *check);
	const char *why;
} options[] = {
	{OPTION("host"), HTTP_KINDS, false, parse_host, "host: expected a name or an address"},
	{OPTION("sni"), KIND_BIT(CHECK_HTTPS), false, parse_sni, "sni: expected a host name"},
	{OPTION("insecure"), KIND_BIT(CHECK_HTTPS), true, parse_insecure,
	 "insecure: takes no value"},
	{OPTION("ca"), KIND_BIT(CHECK_HTTPS), false, parse_ca,
	 "ca: expected the absolute path of a file"},
	{OPTION("expect"), HTTP_KINDS, false, parse_expect,
	 "expect: expected an HTTP status or LOW-HIGH, 100 to 599"},
	{OPTION("match"), HTTP_KINDS, false, parse_match, "match: expected a text"},
	{OPTION("port"), PROBE_KINDS & ~KIND_BIT(CHECK_PING), false, parse_port,
	 "port: expected 1 to 65535"},
	{OPTION("interval"), PROBE_KINDS, false, parse_interval,
	 "interval: expected a duration, 100ms to 1h"},
	{OPTION("timeout"), PROBE_KINDS, false, parse_timeout,
	 "timeout: expected a duration, 10ms to 1m"},
	{OPTION("fast"), PROBE_KINDS, false, parse_fast, "fast: expected a duration, 100ms to 1h"},
	{OPTION("rise"), PROBE_KINDS, false, parse_rise, "rise: expected 1 to 100"},
	{OPTION("fall"), PROBE_KINDS, false, parse_fall, "fall: expected 1 to 100"},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/*
 * Cuts the next part off *rest, up to a comma without a backslash, and replaces \, and \\ by
 * the characters that they stand for. Returns NULL if none is left.
 */
static char *next_part(char **rest)
{
	char *part = *rest, *from = part, *to = part;

	if (!part)
		return NULL;
	for (; *from && *from != ','; from++) {
		if (from[0] == '\\' && (from[1] == ',' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : NULL;
	*to = '\0';
	return part;
}

static const char *unknown_option(const char *name)
{
	struct suggestion hint = suggestion_of(name);

	for (size_t i = 0; i < OPTIONS; i++)
		suggestion_offer(&hint, options[i].name);
	for (size_t i = 0; i < OPTIONS; i++)
		if (!strcmp(options[i].name, hint.nearest))
			return options[i].hint;
	return "unknown option; expected interval, timeout, rise, fall, fast, port; for http also "
	       "host, expect, match; for https also sni, insecure, ca";
}

static const char *unknown_kind(const char *name)
{
	static const char *const kind_hints[CHECK_KIND_COUNT] = {
		[CHECK_NONE] = KINDS "; did you mean 'none'?",
		[CHECK_PING] = KINDS "; did you mean 'ping'?",
		[CHECK_TCP] = KINDS "; did you mean 'tcp'?",
		[CHECK_HTTP] = KINDS "; did you mean 'http:/'?",
		[CHECK_HTTPS] = KINDS "; did you mean 'https:/'?",
		[CHECK_EXEC] = KINDS "; did you mean 'exec:/'?",
	};
	struct suggestion hint = suggestion_of(name);

	for (size_t i = 0; i < CHECK_KIND_COUNT; i++)
		suggestion_offer(&hint, check_kind_name(i));
	for (size_t i = 0; i < CHECK_KIND_COUNT; i++)
		if (!strcmp(check_kind_name(i), hint.nearest))
			return kind_hints[i];
	return KINDS;
}

static const char *parse_option(char *part, struct check *check, unsigned int *seen)
{
	char *value = strchr(part, '=');
	size_t i = 0;

	if (value)
		*value++ = '\0';
	while (i < OPTIONS && strcmp(options[i].name, part))
		i++;
	if (i == OPTIONS)
		return unknown_option(part);
	if (!(options[i].kinds & KIND_BIT(check->kind)))
		return "option not valid for this kind of check";
	if (*seen & 1U << i)
		return "duplicate option";
	*seen |= 1U << i;
	if (options[i].no_value != !value || (value && !value[0]) || options[i].parse(value, check))
		return options[i].why;
	return NULL;
}

static const char *parse_path(const char *path, struct check *check)
{
	if (path[0] != '/')
		return "expected a path that starts with /, as in http:/healthz";
	if (path[1] == '/')
		return "expected a path, as in http:/healthz (the address is the backend's; "
		       "use host=NAME for another name)";
	if (strpbrk(path, " #"))
		return "write blanks and # in a path as %20 and %23";
	strcpy(check->argument, path);
	return NULL;
}

static const char *parse_command(const char *command, struct check *check)
{
	char buffer[CHECK_TEXT_BYTES], *argv[ARGV_MAX + 1];

	if (argv_split(command, buffer, argv) < 1)
		return "expected a command of 1 to 32 words, with all quotes closed";
	if (argv[0][0] != '/')
		return "expected the absolute path of a program, as in exec:/usr/bin/true";
	strcpy(check->argument, command);
	return NULL;
}

/* KIND[:ARGUMENT] */
static const char *parse_kind(char *part, struct check *check)
{
	char *argument = strchr(part, ':');
	size_t kind = 0;

	if (argument)
		*argument++ = '\0';
	while (kind < CHECK_KIND_COUNT && strcmp(check_kind_name(kind), part))
		kind++;
	if (kind == CHECK_KIND_COUNT)
		return unknown_kind(part);
	check->kind = kind;
	if (KIND_BIT(kind) & HTTP_KINDS)
		return parse_path(argument ? argument : "/", check);
	if (kind == CHECK_EXEC)
		return parse_command(argument ? argument : "", check);
	return argument ? "none, ping and tcp take no argument after a colon" : NULL;
}

/* Fills in defaults, and checks options against each other. Returns an error or NULL. */
static const char *fill_defaults(struct check *check)
{
	if (check->kind == CHECK_NONE)
		return NULL;
	if (!check->interval_ms)
		check->interval_ms = DEFAULT_INTERVAL_MS;
	if (!check->timeout_ms)
		check->timeout_ms = check->interval_ms < DEFAULT_TIMEOUT_MS ? check->interval_ms
									    : DEFAULT_TIMEOUT_MS;
	if (!check->fast_ms)
		check->fast_ms = check->interval_ms;
	if (check->timeout_ms > check->interval_ms)
		return "timeout: longer than the interval";
	if (check->fast_ms > check->interval_ms)
		return "fast: longer than the interval";
	if (check->insecure && check->ca[0])
		return "insecure and ca exclude each other";
	return NULL;
}

int check_parse(const char *text, struct check *check, const char **why)
{
	struct check parsed = {.rise = DEFAULT_RISE,
			       .fall = DEFAULT_FALL,
			       .expect_low = CHECK_EXPECT_LOW,
			       .expect_high = CHECK_EXPECT_HIGH};
	char copy[CHECK_TEXT_BYTES], *rest = copy, *part;
	unsigned int seen = 0;

	*why = NULL;
	if (strlen(text) >= sizeof(copy))
		*why = "longer than 255 bytes";
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*why = "expected printable ASCII characters";
	if (*why)
		return -EINVAL;
	strcpy(copy, text);
	*why = parse_kind(next_part(&rest), &parsed);
	while (!*why && (part = next_part(&rest)))
		*why = parse_option(part, &parsed, &seen);
	if (!*why)
		*why = fill_defaults(&parsed);
	if (!*why && check_format(&parsed, copy) >= CHECK_TEXT_BYTES)
		*why = "longer than 255 bytes with all defaults";
	if (*why)
		return -EINVAL;
	*check = parsed;
	return 0;
}
