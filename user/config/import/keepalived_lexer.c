// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/keepalived_lexer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

/* One file being read. */
struct reading {
	struct import *import;
	struct import_place place; /* what comes next */
	struct statement **end; /* where the next statement goes */
	struct statement *last; /* of this block; it may yet have more words, or its block */
	bool is_open; /* its line goes on */
	int depth;
};

static int read_block(struct reading *reading, const struct import_place *brace);

void statement_free(struct statement *first)
{
	while (first) {
		struct statement *next = first->next;

		for (size_t i = 0; i < first->word_count; i++)
			free(first->words[i].text);
		free(first->words);
		statement_free(first->within);
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

const struct import_place *statement_place(const struct statement *statement, size_t word)
{
	size_t last = statement->word_count - 1;

	return &statement->words[word < last ? word : last].place;
}

static int no_memory(struct reading *reading)
{
	return problem_system(reading->import->problem, -ENOMEM, "importing");
}

static int begin_statement(struct reading *reading)
{
	struct statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return no_memory(reading);
	statement->words = calloc(STATEMENT_WORDS_MAX, sizeof(*statement->words));
	*reading->end = reading->last = statement;
	reading->end = &statement->next;
	reading->is_open = true;
	return statement->words ? 0 : no_memory(reading);
}

static int add_word(struct reading *reading, const struct import_place *place, size_t length)
{
	int code = reading->is_open ? 0 : begin_statement(reading);
	struct statement *statement = reading->last;
	char *text;

	if (code)
		return code;
	if (statement->word_count == STATEMENT_WORDS_MAX)
		return import_fault(reading->import, place, "more than %d words",
				    STATEMENT_WORDS_MAX);
	text = strndup(place->at, length);
	if (!text)
		return no_memory(reading);
	statement->words[statement->word_count++] =
		(struct statement_word){{place->file, place->at}, text};
	return 0;
}

/* Up to the quote that closes it, in the same line. */
static int read_quoted(struct reading *reading)
{
	struct import_place place = reading->place;
	size_t length = strcspn(place.at + 1, "\"\n");

	if (place.at[1 + length] != '"')
		return import_fault(reading->import, &place, "this quote is not closed");
	reading->place.at += length + 2;
	place.at++;
	return add_word(reading, &place, length);
}

/* A brace at a word's end opens a block. */
static int read_plain(struct reading *reading)
{
	struct import_place place = reading->place;
	size_t length = strcspn(place.at, " \t\r\n");

	if (length > 1 && place.at[length - 1] == '{')
		length--;
	reading->place.at += length;
	return add_word(reading, &place, length);
}

static int read_file(struct reading *outer, const struct import_file *file)
{
	struct reading reading = {
		.import = outer->import,
		.place = {file, file->text},
		.end = outer->end,
		.depth = outer->depth + 1,
	};
	int code = read_block(&reading, NULL);

	outer->end = reading.end;
	return code;
}

/* Takes the statement out again, and what it means in. */
static int include(struct reading *reading, struct statement **at)
{
	struct statement *statement = *at;
	struct import *import = reading->import;
	size_t from = import->file_count;
	int code = 0;

	if (!import->include)
		return import_fault(import, statement_place(statement, 0),
				    "files can't be included here");
	if (reading->depth == DEPTH_MAX)
		return import_fault(import, statement_place(statement, 0),
				    "files within more than %d others", DEPTH_MAX);
	code = import->include(import, statement_place(statement, 1), statement_text(statement, 1));
	statement_free(statement);
	*at = NULL;
	reading->end = at;
	for (size_t to = import->file_count; !code && from < to; from++)
		code = read_file(reading, &import->files[from]);
	return code;
}

/* The line has ended. `at` is where its statement hangs. */
static int end_line(struct reading *reading, struct statement **at)
{
	reading->is_open = false;
	if (*at && !(*at)->next && !strncmp((*at)->words[0].text, "include", 7) &&
	    (*at)->word_count == 2 && !(*at)->has_block) {
		reading->last = NULL;
		return include(reading, at);
	}
	return 0;
}

/* A block belongs to the statement before it, in its line or the one before. */
static int open_block(struct reading *reading)
{
	struct import_place brace = reading->place;
	struct statement *statement = reading->last;
	struct reading inner = *reading;
	int code;

	if (!statement || statement->has_block)
		return import_fault(reading->import, &brace, "nothing stands before this brace");
	if (reading->depth == DEPTH_MAX)
		return import_fault(reading->import, &brace, "blocks within more than %d others",
				    DEPTH_MAX);
	statement->has_block = true;
	inner.place.at++;
	inner.end = &statement->within;
	inner.last = NULL;
	inner.is_open = false;
	inner.depth++;
	code = read_block(&inner, &brace);
	reading->place = inner.place;
	reading->is_open = false;
	return code;
}

/* Up to the brace that closes it, or the end of the file. */
static int read_block(struct reading *reading, const struct import_place *brace)
{
	struct import *import = reading->import;
	struct statement **at = reading->end; /* where the statement of this line hangs */
	int code = 0;

	while (!code) {
		const char *c = reading->place.at += strspn(reading->place.at, " \t\r");

		if (!reading->is_open)
			at = reading->end;
		if (*c == '#' || *c == '!') {
			reading->place.at += strcspn(c, "\n");
		} else if (!*c || *c == '}' || *c == '\n') {
			code = end_line(reading, at);
			if (!code && !*c && brace)
				code = import_fault(import, brace, "this brace is not closed");
			if (!code && *c == '}' && !brace)
				code = import_fault(import, &reading->place,
						    "no brace is open here");
			reading->place.at += *c != '\0';
			if (*c != '\n')
				break;
		} else if (*c == '{') {
			code = open_block(reading);
		} else {
			code = *c == '"' ? read_quoted(reading) : read_plain(reading);
		}
	}
	return code;
}

int statement_read(struct import *import, struct statement **first)
{
	struct reading reading = {
		.import = import,
		.place = {&import->files[0], import->files[0].text},
		.end = first,
	};

	*first = NULL;
	return read_block(&reading, NULL);
}
