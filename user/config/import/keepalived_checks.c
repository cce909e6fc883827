// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/keepalived_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/check_parse.h"

/* A check as it comes about. */
struct builder {
	struct import *import;
	struct import_check defaults;
	struct check check;
	bool has_url, has_sni;
};

struct key {
	const char *name;
	int (*parse)(struct builder *builder, const struct statement *statement);
};

static const struct {
	const char *name;
	enum check_kind kind; /* CHECK_NONE = none does the same */
	const char *caveat;
} blocks[] = {
	{"HTTP_GET", CHECK_HTTP, NULL},
	{"SSL_GET", CHECK_HTTPS, NULL},
	{"TCP_CHECK", CHECK_TCP, NULL},
	{"PING_CHECK", CHECK_PING, NULL},
	{"MISC_CHECK", CHECK_EXEC, NULL},
	{"SMTP_CHECK", CHECK_TCP, "tcp is taken"},
	{"DNS_CHECK", CHECK_NONE, "no check is taken"},
	{"UDP_CHECK", CHECK_NONE, "no check is taken"},
	{"BFD_CHECK", CHECK_NONE, "no check is taken"},
	{"FILE_CHECK", CHECK_NONE, "no check is taken"},
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
				    "'%s': expected seconds, 86400 at the most", text);
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
	return 0; /* Checks begin at moments of their own here: there is nothing to warm up. */
}

/* Copies a value, if there is room for it. */
static int copy_value(struct builder *builder, const struct statement *statement, char *to)
{
	const char *text = statement_text(statement, 1);

	if (strlen(text) < CHECK_TEXT_BYTES) {
		strcpy(to, text);
		return 0;
	}
	return import_error(builder->import, statement_position(statement, 1),
			    "longer than %d bytes", CHECK_TEXT_BYTES - 1);
}

static int parse_port(struct builder *builder, const struct statement *statement)
{
	__u32 port;
	int code = import_number(builder->import, statement_position(statement, 1),
				 statement_text(statement, 1), 65535, &port);

	if (!code)
		builder->check.port = port;
	return code;
}

static int parse_path(struct builder *builder, const struct statement *statement)
{
	return copy_value(builder, statement, builder->check.argument);
}

/* LOW-HIGH; of several, the first. */
static int parse_status(struct builder *builder, const struct statement *statement)
{
	const char *text = statement_text(statement, 1), *dash = strchr(text, '-');
	struct check *check = &builder->check;

	check->expect_low = strtoul(text, NULL, 10);
	check->expect_high = dash ? strtoul(dash + 1, NULL, 10) : check->expect_low;
	if (check->expect_low < 100 || check->expect_high > 599 ||
	    check->expect_low > check->expect_high)
		return import_error(builder->import, statement_position(statement, 1),
				    "'%s': expected a status or LOW-HIGH, 100 to 599", text);
	if (statement->word_count <= 2)
		return 0;
	return import_warn(builder->import, statement_position(statement, 2),
			   "a check expects one range of status: the first is taken");
}

/* What means itself can be looked for. */
static int parse_regex(struct builder *builder, const struct statement *statement)
{
	const char *text = statement_text(statement, 1);

	if (statement->word_count == 2 && text[0] && !strpbrk(text, "\\^$.|?*+()[]{}"))
		return copy_value(builder, statement, builder->check.match);
	return import_warn(builder->import, statement_position(statement, 1),
			   "expressions have no equivalent: left out (see match= in checks)");
}

static int parse_sni(struct builder *builder, const struct statement *statement)
{
	(void)statement;
	builder->has_sni = true;
	return 0;
}

static int parse_command(struct builder *builder, const struct statement *statement)
{
	return copy_value(builder, statement, builder->check.argument);
}

static int parse_timeout(struct builder *builder, const struct statement *statement)
{
	return import_seconds(builder->import, statement, &builder->defaults.timeout_ms);
}

static int warn_ignored(struct builder *builder, const struct statement *statement)
{
	return import_warn(builder->import, statement_position(statement, 0),
			   "%s has no equivalent: left out", statement->words[0].text);
}

static int parse_keys(struct builder *builder, const struct statement *first,
		      const struct key *keys)
{
	int code = 0;

	for (; !code && first; first = first->next) {
		const struct key *key = keys;

		while (key->name && strcmp(key->name, first->words[0].text))
			key++;
		if (!key->name && import_check_is_common_key(first))
			code = import_check_parse_key(builder->import, first, &builder->defaults);
		else
			code = key->name ? key->parse(builder, first)
					 : warn_ignored(builder, first);
	}
	return code;
}

static int parse_url(struct builder *builder, const struct statement *statement)
{
	static const struct key keys[] = {
		{"path", parse_path},
		{"status_code", parse_status},
		{"regex", parse_regex},
		{NULL, NULL},
	};

	if (builder->has_url)
		return import_warn(builder->import, statement_position(statement, 0),
				   "a check asks for one path: the first is taken");
	builder->has_url = true;
	return parse_keys(builder, statement->body, keys);
}

static __u32 clamp(__u32 value, __u32 min, __u32 max)
{
	return value < min ? min : value > max ? max : value;
}

/* One retry after a failure are two failures in a row; one good answer is enough. */
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

/* In words that are read as the same check again. */
static int format_check(struct builder *builder, const struct import_position *position,
			char text[CHECK_TEXT_BYTES])
{
	struct check parsed;
	const char *why = NULL;

	if (check_format(&builder->check, text) < CHECK_TEXT_BYTES &&
	    !check_parse(text, &parsed, &why))
		return 0;
	text[0] = '\0';
	return import_warn(builder->import, position, "%s: no check is taken",
			   why ? why : "longer than 255 bytes");
}

int import_check(struct import *import, const struct statement *block,
		 const struct import_check *defaults, char text[CHECK_TEXT_BYTES])
{
	static const struct key keys[] = {
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
	/* As check_parse() has it where nothing is said, and as keepalived has it. */
	builder.check.expect_low = CHECK_EXPECT_LOW;
	builder.check.expect_high = is_http(&builder.check) ? 299 : CHECK_EXPECT_HIGH;
	if (blocks[kind].caveat)
		code = import_warn(import, statement_position(block, 0), "%s has no equivalent: %s",
				   blocks[kind].name, blocks[kind].caveat);
	if (code || builder.check.kind == CHECK_NONE)
		return code;
	code = parse_keys(&builder, block->body, keys);
	fill_check(&builder);
	if (builder.check.kind == CHECK_PING)
		builder.check.port = 0;
	return code ? code : format_check(&builder, statement_position(block, 0), text);
}
