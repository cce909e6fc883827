/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements, as keepalived's configuration has them: words up to the end of the line, and
 * statements of its own within { and }. Comments begin with # or !, words with blanks stand
 * in "quotes", and `include` is done where it stands.
 *
 * A statement owns its words, what is within it, and what comes next.
 */
#ifndef CONFIG_IMPORT_KEEPALIVED_LEXER_H
#define CONFIG_IMPORT_KEEPALIVED_LEXER_H

#include "config/import/import.h"

/* More words are not read; none of those that matter has so many. */
#define STATEMENT_WORDS_MAX 64

struct statement_word {
	struct import_position position;
	char *text;
};

struct statement {
	struct statement_word *words; /* one at least */
	size_t word_count;
	bool has_block;
	struct statement *body; /* the first; NULL = none */
	struct statement *next;
};

/* All of the import's first file. 0 or the code of the problem; freed in either case. */
int statement_read(struct import *import, struct statement **first);
void statement_free(struct statement *first);

/* The first with this word in front, of these and those that follow; NULL = none. */
const struct statement *statement_find(const struct statement *first, const char *word);

/* A word's text; "" where there are fewer. */
const char *statement_text(const struct statement *statement, size_t word);

/* A word's place, or that of the last one. */
const struct import_position *statement_position(const struct statement *statement, size_t word);

#endif
