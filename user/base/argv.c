// SPDX-License-Identifier: GPL-2.0-only
#include "base/argv.h"

#include <errno.h>
#include <string.h>

/* Copies one word, up to a blank outside quotes. Returns its end; NULL if a quote is open. */
static const char *copy_word(const char *from, char **to)
{
	char quote = '\0';

	for (; *from && (quote || *from != ' '); from++) {
		if (quote ? *from == quote : *from == '\'' || *from == '"')
			quote = quote ? '\0' : *from;
		else
			*(*to)++ = *from;
	}
	*(*to)++ = '\0';
	return quote ? NULL : from;
}

int argv_split(const char *command, char *buffer, char *argv[ARGV_MAX + 1])
{
	int count = 0;

	for (command += strspn(command, " "); *command; command += strspn(command, " ")) {
		if (count == ARGV_MAX)
			return -EINVAL;
		argv[count++] = buffer;
		command = copy_word(command, &buffer);
		if (!command)
			return -EINVAL;
	}
	argv[count] = NULL;
	return count;
}
