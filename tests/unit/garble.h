/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Garbles a text, so that it is mostly invalid. Texts end with a NUL, which is kept. Functions
 * return the new length. The buffer must have room for what is inserted.
 */
#ifndef TEST_UNIT_GARBLE_H
#define TEST_UNIT_GARBLE_H

#include <string.h>

#include "random.h"

#define GARBLE_BYTES_MAX 32

/* Replaces a word with `word`. Words begin after one of `before` and end at one of `behind`. */
static inline size_t garble_word(char *text, size_t bytes, const char *word, const char *before,
				 const char *behind)
{
	size_t at = random_below(bytes), end, length = strlen(word);

	at += strspn(text + at, before);
	while (at && !strchr(before, text[at - 1]))
		at--;
	end = at + strcspn(text + at, behind);
	memmove(text + at + length, text + end, bytes + 1 - end);
	memcpy(text + at, word, length);
	return bytes + length - (end - at);
}

/*
 * Replaces a byte with one of `marks`, removes bytes, doubles them or overwrites them with others.
 */
static inline size_t garble_bytes(char *text, size_t bytes, const char *marks)
{
	size_t at = random_below(bytes),
	       length = 1 + random_below(random_below(GARBLE_BYTES_MAX) + 1);

	if (at + length > bytes)
		length = bytes - at;
	switch (random_below(4)) {
	case 0:
		text[at] = marks[random_below(strlen(marks))];
		return bytes;
	case 1:
		memmove(text + at, text + at + length, bytes + 1 - at - length);
		return bytes - length;
	case 2:
		memmove(text + at + length, text + at, bytes + 1 - at);
		return bytes + length;
	default:
		memmove(text + at, text + random_below(bytes - length + 1), length);
		return bytes;
	}
}

#endif
