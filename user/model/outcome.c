// SPDX-License-Identifier: GPL-2.0-only
#include "model/outcome.h"

#include <string.h>

#include "base/human.h"

const char *outcome_name(enum lb_outcome outcome)
{
	static const char *const names[] = {
#define X(symbol, name, sentence) #name,
		LB_OUTCOMES(X)
#undef X
	};

	return name_of(names, LB_OUTCOME_COUNT, outcome);
}

const char *outcome_describe(enum lb_outcome outcome)
{
	static const char *const sentences[] = {
#define X(symbol, name, sentence) sentence,
		LB_OUTCOMES(X)
#undef X
	};

	return name_of(sentences, LB_OUTCOME_COUNT, outcome);
}

/* Each description ends with the fate of the packet. */
bool outcome_is_drop(enum lb_outcome outcome)
{
	static const char suffix[] = ": dropped";
	const char *sentence = outcome_describe(outcome);
	size_t length = strlen(sentence), suffix_length = sizeof(suffix) - 1;

	return length > suffix_length && !strcmp(sentence + length - suffix_length, suffix);
}

const char *verdict_name(__u8 verdict)
{
	static const char *const names[] = {"aborted", "drop", "pass", "tx", "redirect"};

	return name_of(names, sizeof(names) / sizeof(names[0]), verdict);
}
