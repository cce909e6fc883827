/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Did you mean": the known word that is nearest to an unknown one, by edit distance. Known
 * words are offered one by one; the nearest is kept, if it is near enough.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#define SUGGESTION_BYTES 64 /* longer words are not suggested */

struct suggestion {
	const char *word; /* the unknown word */
	size_t distance; /* to the nearest word */
	char nearest[SUGGESTION_BYTES]; /* "" = none is near enough */
	char text[SUGGESTION_BYTES + 24];
};

struct suggestion suggestion_of(const char *word);

void suggestion_offer(struct suggestion *suggestion, const char *word);

/* Offers each word of "rr, wrr or source", or of "rr|wrr|source". */
void suggestion_offer_all(struct suggestion *suggestion, const char *words);

/* Returns "; did you mean 'wrr'?" or "", which the suggestion owns. */
const char *suggestion_text(struct suggestion *suggestion);

#endif
