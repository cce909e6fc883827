// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/keepalived_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/check_parse.h"

/* A check under construction. */
struct builder {
	struct import *import;
	struct import_check defaults;
	struct check check;
	bool has_url, has_sni;
};

static const struct {
	const char *name;
	enum check_kind kind; /* CHECK_NONE = no equivalent */
	const char *caveat;
} blocks[] = {
	{"HTTP_GET", CHECK_HTTP, NULL},
	{"SSL_GET", CHECK_HTTPS, NULL},
	{"TCP_CHECK", CHECK_TCP, NULL},
	{"PING_CHECK", CHECK_PING, NULL},
	{"MISC_CHECK", CHECK_EXEC, NULL},
	{"SMTP_CHECK", CHECK_TCP, "using tcp"},
	{"DNS_CHECK", CHECK_NONE, "check omitted"},
	{"UDP_CHECK", CHECK_NONE, "check omitted"},
	{"BFD_CHECK", CHECK_NONE, "check omitted"},
	{"FILE_CHECK", CHECK_NONE, "check omitted"},
};

#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

static bool is_http(const struct check *check)
{
	return check->kind == CHECK_HTTP || check->kind == CHECK_HTTPS;
}

static size_t find_block(const struct statement *statement)
{
	size_t i = 0;

	while (i < BLOCKS && strcmp(blocks[i].name, statement->words[0].text))
		i++;
	return i;
}

bool import_check_is_block(const struct statement *statement)
{
	return find_block(statement) < BLOCKS;
}

int import_seconds(struct import *import, const struct statement *statement, __u32 *ms)
{
	const char *text = statement_text(statement, 1);
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (text[0] < '0' || text[0] > '9' || *end || !(seconds <= 86400))
		return import_error(import, statement_position(statement, 1),
				    "invalid time '%s': expected seconds from 0 to 86400", text);
	*ms = seconds * 1000 + 0.5;
	return 0;
}

static int parse_retries(struct import *import, const struct statement *statement,
			 struct import_check *defaults)
{
	return import_number(import, statement_position(statement, 1), statement_text(statement, 1),
			     ~0U, &defaults->retries);
}

bool import_check_is_common_key(const struct statement *statement)
{
	static const char *const names[] = {"delay_loop",	  "connect_timeout", "retry",
					    "nb_get_retry",	  "nb_sock_retry",   "virtualhost",
					    "delay_before_retry", "warmup"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(statement->words[0].text, names[i]))
			return true;
	return false;
}

int import_check_parse_key(struct import *import, const struct statement *statement,
			   struct import_check *defaults)
{
	const char *name = statement->words[0].text;

	if (!strcmp(name, "virtualhost")) {
		defaults->host = statement_text(statement, 1);
		return 0;
	}
	if (!strcmp(name, "delay_loop"))
		return import_seconds(import, statement, &defaults->interval_ms);
	if (!strcmp(name, "connect_timeout"))
		return import_seconds(import, statement, &defaults->timeout_ms);
	if (!strcmp(name, "delay_before_retry"))
		return import_seconds(import, statement, &defaults->retry_delay_ms);
	if (strstr(name, "retry"))
		return parse_retries(import, statement, defaults);
	return 0; /* warmup: the controller spreads the first checks itself */
}

int import_check_parse_other(struct import *import, const struct statement *statement,
			     struct import_check *defaults)
{
	return import_check_is_common_key(statement)
		       ? import_check_parse_key(import, statement, defaults)
		       : statement_warn_ignored(import, statement);
}

/* Copies the value of a statement. Fails if it is too long. */
static int copy_value(struct builder *builder, const struct statement *statement, char *to)
{
	const char *text = statement_text(statement, 1);

	if (strlen(text) < CHECK_TEXT_BYTES) {
		strcpy(to, text);
		return 0;
	}
	return import_error(builder->import, statement_position(statement, 1),
			    "value is longer than %d bytes", CHECK_TEXT_BYTES - 1);
}

static int parse_port(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	__u32 port;
	int code = import_number(builder->import, statement_position(statement, 1),
				 statement_text(statement, 1), 65535, &port);

	if (!code)
		builder->check.port = port;
	return code;
}

static int parse_path(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	return copy_value(builder, statement, builder->check.argument);
}

/* Parses LOW-HIGH or a status. Of several, the first is used. */
static int parse_status(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	const char *text = statement_text(statement, 1), *dash = strchr(text, '-');
	struct check *check = &builder->check;

	check->expect_low = strtoul(text, NULL, 10);
	check->expect_high = dash ? strtoul(dash + 1, NULL, 10) : check->expect_low;
	if (check->expect_low < 100 || check->expect_high > 599 ||
	    check->expect_low > check->expect_high)
		return import_error(builder->import, statement_position(statement, 1),
				    "invalid status '%s': expected a status or LOW-HIGH, from 100 "
				    "to 599",
				    text);
	if (statement->word_count <= 2)
		return 0;
	return import_warn(builder->import, statement_position(statement, 2),
			   "a check has one status range: using the first");
}

/* An expression without special characters is a text to match. */
static int parse_regex(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	const char *text = statement_text(statement, 1);

	if (statement->word_count == 2 && text[0] && !strpbrk(text, "\\^$.|?*+()[]{}"))
		return copy_value(builder, statement, builder->check.match);
	return import_warn(
		builder->import, statement_position(statement, 1),
		"regular expressions have no equivalent: omitted (see match= of checks)");
}

static int parse_sni(void *context, const struct statement *statement)
{
	struct builder *builder = context;

	(void)statement;
	builder->has_sni = true;
	return 0;
}

static int parse_command(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	return copy_value(builder, statement, builder->check.argument);
}

static int parse_timeout(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	return import_seconds(builder->import, statement, &builder->defaults.timeout_ms);
}

static int parse_other(void *context, const struct statement *statement)
{
	struct builder *builder = context;

	return import_check_parse_other(builder->import, statement, &builder->defaults);
}

static int parse_url(void *context, const struct statement *statement)
{
	struct builder *builder = context;
	static const struct block_key keys[] = {
		{"path", parse_path},
		{"status_code", parse_status},
		{"regex", parse_regex},
		{NULL, NULL},
	};

	if (builder->has_url)
		return import_warn(builder->import, statement_position(statement, 0),
				   "a check has one URL: using the first");
	builder->has_url = true;
	return block_read(statement->body, keys, parse_other, builder);
}

static __u32 clamp(__u32 value, __u32 min, __u32 max)
{
	return value < min ? min : value > max ? max : value;
}

/* One retry after a failure is a fall of 2. keepalived accepts the first good answer: rise 1. */
static void fill_check(struct builder *builder)
{
	const struct import_check *defaults = &builder->defaults;
	struct check *check = &builder->check;

	check->interval_ms = clamp(defaults->interval_ms, 100, 3600000);
	check->timeout_ms = clamp(defaults->timeout_ms, 10, clamp(check->interval_ms, 10, 60000));
	check->fast_ms = clamp(defaults->retry_delay_ms, 100, check->interval_ms);
	check->rise = 1;
	check->fall = clamp(defaults->retries, 0, 99) + 1;
	if (!is_http(check))
		return;
	if (!check->argument[0])
		strcpy(check->argument, "/");
	snprintf(check->host, sizeof(check->host), "%s", defaults->host ? defaults->host : "");
	check->insecure = check->kind == CHECK_HTTPS;
	if (builder->has_sni && check->insecure)
		strcpy(check->sni, check->host);
}

/* Formats the check. Omits it, with a warning, if the text would not parse as a check. */
static int format_check(struct builder *builder, const struct import_position *position,
			char text[CHECK_TEXT_BYTES])
{
	struct check parsed;
	const char *why = NULL;

	if (check_format(&builder->check, text) < CHECK_TEXT_BYTES &&
	    !check_parse(text, &parsed, &why))
		return 0;
	text[0] = '\0';
	return import_warn(builder->import, position, "%s: check omitted",
			   why ? why : "longer than 255 bytes");
}

int import_check(struct import *import, const struct statement *block,
		 const struct import_check *defaults, char text[CHECK_TEXT_BYTES])
{
	static const struct block_key keys[] = {
		{"connect_port", parse_port}, {"url", parse_url},
		{"enable_sni", parse_sni},    {"misc_path", parse_command},
		{"path", parse_command},      {"misc_timeout", parse_timeout},
		{"timeout", parse_timeout},   {NULL, NULL},
	};
	struct builder builder = {.import = import, .defaults = *defaults};
	size_t kind = find_block(block);
	int code = 0;

	text[0] = '\0';
	builder.check.kind = blocks[kind].kind;
	/* The defaults of check_parse(), except the status range, which is that of keepalived. */
	builder.check.expect_low = CHECK_EXPECT_LOW;
	builder.check.expect_high = is_http(&builder.check) ? 299 : CHECK_EXPECT_HIGH;
	if (blocks[kind].caveat)
		code = import_warn(import, statement_position(block, 0), "%s has no equivalent: %s",
				   blocks[kind].name, blocks[kind].caveat);
	if (code || builder.check.kind == CHECK_NONE)
		return code;
	code = block_read(block->body, keys, parse_other, &builder);
	fill_check(&builder);
	if (builder.check.kind == CHECK_PING)
		builder.check.port = 0;
	return code ? code : format_check(&builder, statement_position(block, 0), text);
}
