// SPDX-License-Identifier: GPL-2.0-only
/* Suggestions: the nearest known word, and none if all are far. */
#include "base/suggest.h"

#include <string.h>

#include "core/tap.h"

static const struct {
	const char *word, *choices, *nearest;
} cases[] = {
	{"wlrr", "rr, wrr, random or source", "wrr"},
	{"sorce", "rr, wrr, random or source", "source"},
	{"wrr", "rr, wrr, random or source", "wrr"},
	{"fastest", "rr, wrr, random or source", ""},
	{"o", "rr or lc", ""},
	{"x", "rr", ""},
	{"rx", "rr", "rr"},
	{"", "rr, wrr", ""},
	{"natt", "nat|snat|dsr", "nat"},
	{"10.0.0.21:80", "10.0.0.11:80|10.0.0.12:80", "10.0.0.11:80"},
	{"servcie", "service|backend", "service"},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a|b", ""},
	{"a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suggestion suggestion = suggestion_of(cases[i].word);

		suggestion_offer_all(&suggestion, cases[i].choices);
		is_str(suggestion.nearest, cases[i].nearest, "'%s' among %s", cases[i].word,
		       cases[i].choices);
		ok(strstr(suggestion_text(&suggestion), cases[i].nearest), "the text contains '%s'",
		   cases[i].nearest);
	}
	return tap_done();
}
