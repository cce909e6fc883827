// SPDX-License-Identifier: GPL-2.0-only
/* Splitting a command into words: blanks and quotes. */
#include <errno.h>
#include <string.h>

#include "base/argv.h"
#include "core/tap.h"

#define BUFFER_BYTES 256

int main(void)
{
	char buffer[BUFFER_BYTES], *argv[ARGV_MAX + 1];
	char many[BUFFER_BYTES] = "";

	is_int(argv_split(" /bin/x  -a 'b c' d\"e 'f\"g '' \"\" ", buffer, argv), 6,
	       "blanks separate words, except in quotes");
	is_str(argv[0], "/bin/x", "the first word is the program");
	is_str(argv[2], "b c", "a quoted word keeps its blank");
	is_str(argv[3], "de 'fg", "quotes within a word are removed");
	is_str(argv[5], "", "an empty word is a word");
	ok(!argv[6], "argv ends with NULL");
	is_int(argv_split("", buffer, argv), 0, "an empty command has no words");
	ok(argv_split("a \"b", buffer, argv) < 0, "an open quote is refused");
	for (int i = 0; i < ARGV_MAX; i++)
		strcat(many, "a ");
	is_int(argv_split(many, buffer, argv), ARGV_MAX, "32 words are accepted");
	strcat(many, "a");
	ok(argv_split(many, buffer, argv) < 0, "33 words are refused");
	return tap_done();
}
