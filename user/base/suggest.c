// SPDX-License-Identifier: GPL-2.0-only
#include "base/suggest.h"

#include <stdio.h>
#include <string.h>

/* More edits are unlikely to be a typing error. */
#define DISTANCE_MAX 2

/* Levenshtein distance. Words are shorter than SUGGESTION_BYTES. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[SUGGESTION_BYTES], diagonal, above;

	for (size_t j = 0; j <= strlen(b); j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; b[j]; j++) {
			above = row[j + 1];
			row[j + 1] = diagonal + (a[i] != b[j]);
			if (above + 1 < row[j + 1])
				row[j + 1] = above + 1;
			if (row[j] + 1 < row[j + 1])
				row[j + 1] = row[j] + 1;
			diagonal = above;
		}
	}
	return row[strlen(b)];
}

struct suggestion suggestion_of(const char *word)
{
	return (struct suggestion){.word = word, .distance = DISTANCE_MAX + 1};
}

void suggestion_offer(struct suggestion *suggestion, const char *word)
{
	size_t distance;

	if (strlen(word) >= SUGGESTION_BYTES || strlen(suggestion->word) >= SUGGESTION_BYTES)
		return;
	distance = edit_distance(suggestion->word, word);
	if (distance >= suggestion->distance || distance >= strlen(word))
		return;
	suggestion->distance = distance;
	strcpy(suggestion->nearest, word);
}

void suggestion_offer_all(struct suggestion *suggestion, const char *words)
{
	char word[SUGGESTION_BYTES];

	for (words += strspn(words, ", |"); *words; words += strspn(words, ", |")) {
		size_t length = strcspn(words, ", |");

		if (length < sizeof(word)) {
			memcpy(word, words, length);
			word[length] = '\0';
			if (strcmp(word, "or"))
				suggestion_offer(suggestion, word);
		}
		words += length;
	}
}

const char *suggestion_text(struct suggestion *suggestion)
{
	suggestion->text[0] = '\0';
	if (suggestion->nearest[0])
		snprintf(suggestion->text, sizeof(suggestion->text), "; did you mean '%s'?",
			 suggestion->nearest);
	return suggestion->text;
}
