// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "rig/expect.h"

#define PRINT_MAX 120

static const char *const outcome_names[] = {
#define X(symbol, name, sentence) #name,
	LB_OUTCOMES(X)
#undef X
};

static bool counted_once(const struct lb_outcomes *increments, enum lb_outcome outcome)
{
	bool right = true;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		if (increments->count[i] == (i == outcome))
			continue;
		diag("outcome %s gained %llu", outcome_names[i], increments->count[i]);
		right = false;
	}
	return right;
}

/* As much of a packet as tells what happened to its headers. */
static void print_packet(const char *name, const struct packet *packet)
{
	char text[3 * PRINT_MAX + 1] = "";

	for (unsigned int i = 0; i < packet->length && i < PRINT_MAX; i++)
		sprintf(text + 3 * i, "%02x ", packet->bytes[i]);
	diag("%-6s %4u bytes: %s", name, packet->length, text);
}

static bool bytes_equal(const struct packet *got, const struct packet *wanted)
{
	unsigned int at = 0;

	if (packet_same(got, wanted))
		return true;
	while (at < got->length && at < wanted->length && got->bytes[at] == wanted->bytes[at])
		at++;
	diag("bytes differ, first at offset %u", at);
	print_packet("got", got);
	print_packet("wanted", wanted);
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
