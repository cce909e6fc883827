/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Suggestions: which of the words that there are is meant by one that there is not. They are
 * offered one after the other; the nearest is kept, if it is near at all.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#define SUGGESTION_BYTES 64 /* longer words are not suggested */

struct suggestion {
	const char *word; /* as it was typed */
	size_t distance; /* of the nearest one */
	char nearest[SUGGESTION_BYTES]; /* "" = none is near */
	char text[SUGGESTION_BYTES + 24];
};

struct suggestion suggestion_of(const char *word);

void suggestion_offer(struct suggestion *suggestion, const char *word);

/* All of "rr, wrr or source", or of "rr|wrr|source". */
void suggestion_offer_all(struct suggestion *suggestion, const char *words);

/* "; did you mean 'wrr'?", or nothing; lives as long as the suggestion does. */
const char *suggestion_text(struct suggestion *suggestion);

#endif
