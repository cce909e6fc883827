// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/keepalived_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A check as it comes about. */
struct making {
	struct import *import;
	struct import_check usual;
	struct check check;
	bool has_url, has_sni;
};

struct key {
	const char *name;
	int (*take)(struct making *making, const struct statement *statement);
};

static const struct {
	const char *name;
	enum check_kind kind; /* CHECK_NONE = none does the same */
	const char *but;
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

static bool is_web(const struct check *check)
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

bool import_check_is(const struct statement *statement)
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
		return import_fault(import, statement_place(statement, 1),
				    "'%s': expected seconds, 86400 at the most", text);
	*ms = seconds * 1000 + 0.5;
	return 0;
}

static int take_retries(struct import *import, const struct statement *statement,
			struct import_check *usual)
{
	return import_number(import, statement_place(statement, 1), statement_text(statement, 1),
			     ~0U, &usual->retries);
}

bool import_check_takes(const struct statement *statement)
{
	static const char *const names[] = {"delay_loop",	  "connect_timeout", "retry",
					    "nb_get_retry",	  "nb_sock_retry",   "virtualhost",
					    "delay_before_retry", "warmup"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(statement->words[0].text, names[i]))
			return true;
	return false;
}

int import_check_take(struct import *import, const struct statement *statement,
		      struct import_check *usual)
{
	const char *name = statement->words[0].text;

	if (!strcmp(name, "virtualhost")) {
		usual->host = statement_text(statement, 1);
		return 0;
	}
	if (!strcmp(name, "delay_loop"))
		return import_seconds(import, statement, &usual->interval_ms);
	if (!strcmp(name, "connect_timeout"))
		return import_seconds(import, statement, &usual->timeout_ms);
	if (!strcmp(name, "delay_before_retry"))
		return import_seconds(import, statement, &usual->pause_ms);
	if (strstr(name, "retry"))
		return take_retries(import, statement, usual);
	return 0; /* Checks begin at moments of their own here: there is nothing to warm up. */
}

/* Copies a value, if there is room for it. */
static int copy(struct making *making, const struct statement *statement, char *to)
{
	const char *text = statement_text(statement, 1);

	if (strlen(text) < CHECK_TEXT_BYTES) {
		strcpy(to, text);
		return 0;
	}
	return import_fault(making->import, statement_place(statement, 1), "longer than %d bytes",
			    CHECK_TEXT_BYTES - 1);
}

static int take_port(struct making *making, const struct statement *statement)
{
	__u32 port;
	int code = import_number(making->import, statement_place(statement, 1),
				 statement_text(statement, 1), 65535, &port);

	if (!code)
		making->check.port = port;
	return code;
}

static int take_path(struct making *making, const struct statement *statement)
{
	return copy(making, statement, making->check.what);
}

/* LOW-HIGH; of several, the first. */
static int take_status(struct making *making, const struct statement *statement)
{
	const char *text = statement_text(statement, 1), *dash = strchr(text, '-');
	struct check *check = &making->check;

	check->expect_low = strtoul(text, NULL, 10);
	check->expect_high = dash ? strtoul(dash + 1, NULL, 10) : check->expect_low;
	if (check->expect_low < 100 || check->expect_high > 599 ||
	    check->expect_low > check->expect_high)
		return import_fault(making->import, statement_place(statement, 1),
				    "'%s': expected a status or LOW-HIGH, 100 to 599", text);
	if (statement->word_count <= 2)
		return 0;
	return import_note(making->import, statement_place(statement, 2),
			   "a check expects one range of status: the first is taken");
}

/* What means itself can be looked for. */
static int take_regex(struct making *making, const struct statement *statement)
{
	const char *text = statement_text(statement, 1);

	if (statement->word_count == 2 && text[0] && !strpbrk(text, "\\^$.|?*+()[]{}"))
		return copy(making, statement, making->check.match);
	return import_note(making->import, statement_place(statement, 1),
			   "expressions have no equivalent: left out (see match= in checks)");
}

static int take_sni(struct making *making, const struct statement *statement)
{
	(void)statement;
	making->has_sni = true;
	return 0;
}

static int take_command(struct making *making, const struct statement *statement)
{
	return copy(making, statement, making->check.what);
}

static int take_timeout(struct making *making, const struct statement *statement)
{
	return import_seconds(making->import, statement, &making->usual.timeout_ms);
}

static int ignore(struct making *making, const struct statement *statement)
{
	return import_note(making->import, statement_place(statement, 0),
			   "%s has no equivalent: left out", statement->words[0].text);
}

static int take_keys(struct making *making, const struct statement *first, const struct key *keys)
{
	int code = 0;

	for (; !code && first; first = first->next) {
		const struct key *key = keys;

		while (key->name && strcmp(key->name, first->words[0].text))
			key++;
		if (!key->name && import_check_takes(first))
			code = import_check_take(making->import, first, &making->usual);
		else
			code = key->name ? key->take(making, first) : ignore(making, first);
	}
	return code;
}

static int take_url(struct making *making, const struct statement *statement)
{
	static const struct key keys[] = {
		{"path", take_path},
		{"status_code", take_status},
		{"regex", take_regex},
		{NULL, NULL},
	};

	if (making->has_url)
		return import_note(making->import, statement_place(statement, 0),
				   "a check asks for one path: the first is taken");
	making->has_url = true;
	return take_keys(making, statement->within, keys);
}

static __u32 clamp(__u32 value, __u32 least, __u32 most)
{
	return value < least ? least : value > most ? most : value;
}

/* One retry after a failure are two failures in a row; one good answer is enough. */
static void complete(struct making *making)
{
	const struct import_check *usual = &making->usual;
	struct check *check = &making->check;

	check->interval_ms = clamp(usual->interval_ms, 100, 3600000);
	check->timeout_ms = clamp(usual->timeout_ms, 10, clamp(check->interval_ms, 10, 60000));
	check->fast_ms = clamp(usual->pause_ms, 100, check->interval_ms);
	check->rise = 1;
	check->fall = clamp(usual->retries, 0, 99) + 1;
	if (!is_web(check))
		return;
	if (!check->what[0])
		strcpy(check->what, "/");
	snprintf(check->host, sizeof(check->host), "%s", usual->host ? usual->host : "");
	check->insecure = check->kind == CHECK_HTTPS;
	if (making->has_sni && check->insecure)
		strcpy(check->sni, check->host);
}

/* In words that are read as the same check again. */
static int settle(struct making *making, const struct import_place *place,
		  char text[CHECK_TEXT_BYTES])
{
	struct check again;
	const char *why = NULL;

	if (check_format(&making->check, text) < CHECK_TEXT_BYTES &&
	    !check_parse(text, &again, &why))
		return 0;
	text[0] = '\0';
	return import_note(making->import, place, "%s: no check is taken",
			   why ? why : "longer than 255 bytes");
}

int import_check(struct import *import, const struct statement *block,
		 const struct import_check *usual, char text[CHECK_TEXT_BYTES])
{
	static const struct key keys[] = {
		{"connect_port", take_port}, {"url", take_url},	     {"enable_sni", take_sni},
		{"misc_path", take_command}, {"path", take_command}, {"misc_timeout", take_timeout},
		{"timeout", take_timeout},   {NULL, NULL},
	};
	struct making making = {.import = import, .usual = *usual};
	size_t kind = find_block(block);
	int code = 0;

	text[0] = '\0';
	making.check.kind = blocks[kind].kind;
	/* As check_parse() has it where nothing is said, and as keepalived has it. */
	making.check.expect_low = CHECK_EXPECT_LOW;
	making.check.expect_high = is_web(&making.check) ? 299 : CHECK_EXPECT_HIGH;
	if (blocks[kind].but)
		code = import_note(import, statement_place(block, 0), "%s has no equivalent: %s",
				   blocks[kind].name, blocks[kind].but);
	if (code || making.check.kind == CHECK_NONE)
		return code;
	code = take_keys(&making, block->within, keys);
	complete(&making);
	if (making.check.kind == CHECK_PING)
		making.check.port = 0;
	return code ? code : settle(&making, statement_place(block, 0), text);
}
