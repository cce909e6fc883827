// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/keepalived_lexer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

/* State of one file or block. */
struct lexer {
	struct import *import;
	struct import_position position; /* of the next character */
	struct statement **tail; /* link of the next statement */
	struct statement *current; /* the last statement, which may still get words or a block */
	bool is_line_open; /* the line of the current statement continues */
	int depth;
};

static int read_block(struct lexer *lexer, const struct import_position *brace);

void statement_free(struct statement *first)
{
	while (first) {
		struct statement *next = first->next;

		for (size_t i = 0; i < first->word_count; i++)
			free(first->words[i].text);
		free(first->words);
		statement_free(first->body);
		free(first);
		first = next;
	}
}

const struct statement *statement_find(const struct statement *first, const char *word)
{
	while (first && strcmp(first->words[0].text, word))
		first = first->next;
	return first;
}

const char *statement_text(const struct statement *statement, size_t word)
{
	return word < statement->word_count ? statement->words[word].text : "";
}

const struct import_position *statement_position(const struct statement *statement, size_t word)
{
	size_t current = statement->word_count - 1;

	return &statement->words[word < current ? word : current].position;
}

static int no_memory(struct lexer *lexer)
{
	return problem_system(lexer->import->problem, -ENOMEM, "importing");
}

static int begin_statement(struct lexer *lexer)
{
	struct statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return no_memory(lexer);
	statement->words = calloc(STATEMENT_WORDS_MAX, sizeof(*statement->words));
	*lexer->tail = lexer->current = statement;
	lexer->tail = &statement->next;
	lexer->is_line_open = true;
	return statement->words ? 0 : no_memory(lexer);
}

static int add_word(struct lexer *lexer, const struct import_position *position, size_t length)
{
	int code = lexer->is_line_open ? 0 : begin_statement(lexer);
	struct statement *statement = lexer->current;
	char *text;

	if (code)
		return code;
	if (statement->word_count == STATEMENT_WORDS_MAX)
		return import_error(lexer->import, position, "too many words: expected at most %d",
				    STATEMENT_WORDS_MAX);
	text = strndup(position->at, length);
	if (!text)
		return no_memory(lexer);
	statement->words[statement->word_count++] =
		(struct statement_word){{position->file, position->at}, text};
	return 0;
}

/* Reads up to the closing quote, which must be in the same line. */
static int read_quoted(struct lexer *lexer)
{
	struct import_position position = lexer->position;
	size_t length = strcspn(position.at + 1, "\"\n");

	if (position.at[1 + length] != '"')
		return import_error(lexer->import, &position, "unclosed quote");
	lexer->position.at += length + 2;
	position.at++;
	return add_word(lexer, &position, length);
}

/* A brace at the end of a word begins a block. */
static int read_unquoted(struct lexer *lexer)
{
	struct import_position position = lexer->position;
	size_t length = strcspn(position.at, " \t\r\n");

	if (length > 1 && position.at[length - 1] == '{')
		length--;
	lexer->position.at += length;
	return add_word(lexer, &position, length);
}

static int read_file(struct lexer *outer, const struct import_file *file)
{
	struct lexer lexer = {
		.import = outer->import,
		.position = {file, file->text},
		.tail = outer->tail,
		.depth = outer->depth + 1,
	};
	int code = read_block(&lexer, NULL);

	outer->tail = lexer.tail;
	return code;
}

/* Replaces the include statement by the contents of the files. */
static int include(struct lexer *lexer, struct statement **at)
{
	struct statement *statement = *at;
	struct import *import = lexer->import;
	size_t from = import->file_count;
	int code = 0;

	if (!import->include)
		return import_error(import, statement_position(statement, 0),
				    "include is not supported here");
	if (lexer->depth == DEPTH_MAX)
		return import_error(import, statement_position(statement, 0),
				    "includes nested deeper than %d", DEPTH_MAX);
	code = import->include(import, statement_position(statement, 1),
			       statement_text(statement, 1));
	statement_free(statement);
	*at = NULL;
	lexer->tail = at;
	for (size_t to = import->file_count; !code && from < to; from++)
		code = read_file(lexer, &import->files[from]);
	return code;
}

/* Ends the line; `at` is the link of its statement. */
static int end_line(struct lexer *lexer, struct statement **at)
{
	lexer->is_line_open = false;
	if (*at && !(*at)->next && !strncmp((*at)->words[0].text, "include", 7) &&
	    (*at)->word_count == 2 && !(*at)->has_block) {
		lexer->current = NULL;
		return include(lexer, at);
	}
	return 0;
}

/* A block belongs to the statement before it, in the same line or in a previous one. */
static int begin_block(struct lexer *lexer)
{
	struct import_position brace = lexer->position;
	struct statement *statement = lexer->current;
	struct lexer inner = *lexer;
	int code;

	if (!statement || statement->has_block)
		return import_error(lexer->import, &brace, "expected a word before this brace");
	if (lexer->depth == DEPTH_MAX)
		return import_error(lexer->import, &brace, "blocks nested deeper than %d",
				    DEPTH_MAX);
	statement->has_block = true;
	inner.position.at++;
	inner.tail = &statement->body;
	inner.current = NULL;
	inner.is_line_open = false;
	inner.depth++;
	code = read_block(&inner, &brace);
	lexer->position = inner.position;
	lexer->is_line_open = false;
	return code;
}

/* Reads up to the closing brace or, without `brace`, up to the end of the file. */
static int read_block(struct lexer *lexer, const struct import_position *brace)
{
	struct import *import = lexer->import;
	struct statement **at = lexer->tail; /* link of the statement of this line */
	int code = 0;

	while (!code) {
		const char *c = lexer->position.at += strspn(lexer->position.at, " \t\r");

		if (!lexer->is_line_open)
			at = lexer->tail;
		if (*c == '#' || *c == '!') {
			lexer->position.at += strcspn(c, "\n");
		} else if (!*c || *c == '}' || *c == '\n') {
			code = end_line(lexer, at);
			if (!code && !*c && brace)
				code = import_error(import, brace, "unclosed brace");
			if (!code && *c == '}' && !brace)
				code = import_error(import, &lexer->position, "unmatched brace");
			lexer->position.at += *c != '\0';
			if (*c != '\n')
				break;
		} else if (*c == '{') {
			code = begin_block(lexer);
		} else {
			code = *c == '"' ? read_quoted(lexer) : read_unquoted(lexer);
		}
	}
	return code;
}

int statement_warn_ignored(struct import *import, const struct statement *statement)
{
	return import_warn(import, statement_position(statement, 0),
			   "%s has no equivalent: omitted", statement->words[0].text);
}

int block_read(const struct statement *first, const struct block_key *keys, statement_fn other,
	       void *context)
{
	int code = 0;

	for (; !code && first; first = first->next) {
		const struct block_key *key = keys;

		while (key->name && strcmp(key->name, first->words[0].text))
			key++;
		code = key->name ? key->parse(context, first) : other(context, first);
	}
	return code;
}

int statement_read(struct import *import, struct statement **first)
{
	struct lexer lexer = {
		.import = import,
		.position = {&import->files[0], import->files[0].text},
		.tail = first,
	};

	*first = NULL;
	return read_block(&lexer, NULL);
}
