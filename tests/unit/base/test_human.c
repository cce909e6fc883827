// SPDX-License-Identifier: GPL-2.0-only
/* Numbers in few columns. */
#include <string.h>

#include "base/human.h"
#include "core/tap.h"

int main(void)
{
	static const struct {
		double value;
		const char *text;
	} words[] = {
		{0, "0"},	   {0.34, "0.3"},    {3, "3"},		{9.94, "9.9"},
		{9.96, "10"},	   {9999.4, "9999"}, {9999.6, "10.0k"}, {12345, "12.3k"},
		{99940, "99.9k"},  {99960, "100k"},  {999400, "999k"},	{999600, "1.0M"},
		{1234567, "1.2M"}, {9.4e9, "9.4G"},  {1e11, "100G"},	{4.2e13, "42.0T"},
		{1.8e19, "18.0E"},
	};
	static const char *const names[] = {"zero", "one"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[HUMAN_TEXT_BYTES];

		is_str(human_format(words[i].value, text), words[i].text, "%g is %s",
		       words[i].value, words[i].text);
		ok(strlen(text) <= 5, "%s has at most five columns", text);
	}
	is_str(name_of(names, 2, 1), "one", "an index has a name");
	is_str(name_of(names, 2, 2), "?", "an index beyond the end is '?'");
	return tap_done();
}
