/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lexer of keepalived.conf. A statement is the words of a line, and a block of statements in { }.
 * Comments begin with # or !, words with blanks are in "quotes", and `include` inserts files.
 *
 * A statement owns its words, its block and the next statement.
 */
#ifndef CONFIG_IMPORT_KEEPALIVED_LEXER_H
#define CONFIG_IMPORT_KEEPALIVED_LEXER_H

#include "config/import/import.h"

/* Words of a statement. No known statement has that many. */
#define STATEMENT_WORDS_MAX 64

struct statement_word {
	struct import_position position;
	char *text;
};

struct statement {
	struct statement_word *words; /* at least one */
	size_t word_count;
	bool has_block;
	struct statement *body; /* first statement of the block; NULL = none */
	struct statement *next;
};

/* Reads the first file of the import. The caller frees the statements, also on failure. */
int statement_read(struct import *import, struct statement **first);
void statement_free(struct statement *first);

/* The first statement of the list that begins with this word; NULL = none. */
const struct statement *statement_find(const struct statement *first, const char *word);

/* The text of a word; "" if there are fewer words. */
const char *statement_text(const struct statement *statement, size_t word);

/* The position of a word, or of the last one if there are fewer. */
const struct import_position *statement_position(const struct statement *statement, size_t word);

/* Warns that a statement has no equivalent. */
int statement_warn_ignored(struct import *import, const struct statement *statement);

/* Parses a statement; `context` is that of block_read(). */
typedef int (*statement_fn)(void *context, const struct statement *statement);

struct block_key {
	const char *name; /* NULL ends the keys */
	statement_fn parse;
};

/* Parses the statements of a block by their first words; `other` gets those that are not keys. */
int block_read(const struct statement *first, const struct block_key *keys, statement_fn other,
	       void *context);

#endif
