// SPDX-License-Identifier: GPL-2.0-only
/* Words of a command: what parts them, and what keeps them together. */
#include <errno.h>
#include <string.h>

#include "base/argv.h"
#include "core/tap.h"

#define ROOM 256

int main(void)
{
	char storage[ROOM], *words[ARGV_MAX + 1];
	char many[ROOM] = "";

	is_int(argv_split(" /bin/x  -a 'b c' d\"e 'f\"g '' \"\" ", storage, words), 6,
	       "blanks part words, quotes keep them together");
	is_str(words[0], "/bin/x", "the program");
	is_str(words[2], "b c", "what is quoted");
	is_str(words[3], "de 'fg", "a quote in a word, and a quote in quotes");
	is_str(words[5], "", "an empty word");
	ok(!words[6], "and an end");
	is_int(argv_split("", storage, words), 0, "nothing has no words");
	ok(argv_split("a \"b", storage, words) < 0, "a quote that is not closed is refused");
	for (int i = 0; i < ARGV_MAX; i++)
		strcat(many, "a ");
	is_int(argv_split(many, storage, words), ARGV_MAX, "so many words may be");
	strcat(many, "a");
	ok(argv_split(many, storage, words) < 0, "and no more");
	return tap_done();
}
