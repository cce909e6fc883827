// SPDX-License-Identifier: GPL-2.0-only
#include "core/outcome_label.h"

const char *outcome_label(enum lb_outcome outcome)
{
	static const char *const names[] = {
#define X(symbol, name, sentence) #name,
		LB_OUTCOMES(X)
#undef X
	};

	return outcome < LB_OUTCOME_COUNT ? names[outcome] : "several or none";
}
