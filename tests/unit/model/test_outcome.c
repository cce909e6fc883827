// SPDX-License-Identifier: GPL-2.0-only
/* Packet outcomes: names, and which of them are drops. */
#include "core/tap.h"
#include "model/outcome.h"

int main(void)
{
	is_str(outcome_name(LB_NO_BACKEND), "no_backend", "an outcome has a name");
	is_str(outcome_name(LB_OUTCOME_COUNT), "?", "an unknown outcome is '?'");
	ok(outcome_is_drop(LB_NO_BACKEND) && outcome_is_drop(LB_ABORTED) &&
		   outcome_is_drop(LB_FRAGMENT_UNKNOWN) && outcome_is_drop(LB_OVERLOADED),
	   "outcomes that drop the packet are drops");
	ok(!outcome_is_drop(LB_FORWARDED) && !outcome_is_drop(LB_PASSED) &&
		   !outcome_is_drop(LB_TOO_BIG) && !outcome_is_drop(LB_OUTCOME_COUNT),
	   "other outcomes are not drops");
	return tap_done();
}
