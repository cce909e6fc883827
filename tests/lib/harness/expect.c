// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "core/outcome_label.h"
#include "harness/expect.h"
#include "packets/packet_dump.h"

static bool counted_once(const struct lb_outcomes *increments, enum lb_outcome outcome)
{
	bool right = true;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		if (increments->count[i] == (i == outcome))
			continue;
		diag("outcome %s increased by %llu", outcome_label(i), increments->count[i]);
		right = false;
	}
	return right;
}

static bool bytes_equal(const struct packet *got, const struct packet *wanted)
{
	unsigned int at = 0;

	if (packet_same(got, wanted))
		return true;
	while (at < got->length && at < wanted->length && got->bytes[at] == wanted->bytes[at])
		at++;
	diag("bytes differ, first at offset %u", at);
	packet_dump("got", got);
	packet_dump("wanted", wanted);
	return false;
}

bool expect_at(const char *file, int line, const struct verdict *verdict,
	       const struct expectation *expectation, const char *format, ...)
{
	bool action_right = verdict->action == expectation->action;
	bool counters_right = counted_once(&verdict->increments, expectation->outcome);
	bool bytes_right = bytes_equal(&verdict->packet, expectation->packet);
	char what[256];
	va_list arguments;

	if (!action_right)
		diag("action %u, wanted %u", verdict->action, expectation->action);
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return tap_result(action_right && counters_right && bytes_right, file, line, "%s", what);
}
