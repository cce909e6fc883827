// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle.h"

#include <linux/bpf.h>

#include "oracle/oracle_forward.h"
#include "oracle/oracle_generated.h"
#include "packets/packet_layout.h"
#include "rig/fixture_config.h"

#define PASS (1U << XDP_PASS)
#define DROP (1U << XDP_DROP)
#define BACK (1U << XDP_TX)
#define SENT (1U << XDP_TX | 1U << XDP_REDIRECT)

static const char *untouched(const struct shot *shot)
{
	return packet_same(shot->in, shot->out) ? NULL : "not untouched";
}

static const char *gone(const struct shot *shot)
{
	(void)shot;
	return NULL;
}

static const char *to_backend(const struct shot *shot)
{
	return delivery_to_backend(shot, DELIVERY_ANY);
}

/* What is translated on both sides is remembered, or refused. */
static const char *to_backend_by_hash(const struct shot *shot)
{
	return delivery_to_backend(shot, DELIVERY_BUT(LB_FORWARD_SNAT));
}

/* In either direction, for whichever reason it went no further. */
static const char *either_way(const struct shot *shot)
{
	return delivery_to_backend(shot, DELIVERY_ANY) ? delivery_to_client(shot) : NULL;
}

static const char *relayed(const struct shot *shot)
{
	return delivery_is_error(shot->in) ? either_way(shot) : "relayed, but no error";
}

static bool is_for(const struct shot *shot, enum lb_forward forward)
{
	const struct cast_service *service = NULL;

	while ((service = delivery_next(shot->in, service)))
		if (cast_forwards(service, forward))
			return true;
	return false;
}

/* The kernel is asked for the way of the packet as it would be sent; by dsr that is as it came. */
static const char *without_way(const struct shot *shot)
{
	if (is_for(shot, LB_FORWARD_DSR))
		return untouched(shot);
	return either_way(shot);
}

/* An error's quote is translated before its own time to live is looked at. */
static const char *too_old(const struct shot *shot)
{
	return delivery_is_error(shot->in) ? NULL : untouched(shot);
}

static const char *for_neighbour(const struct shot *shot)
{
	return is_for(shot, LB_FORWARD_DSR) ? untouched(shot) : "not for a neighbour";
}

static const char *without_port(const struct shot *shot)
{
	return is_for(shot, LB_FORWARD_SNAT) ? untouched(shot) : "in no need of a port";
}

/* Only what cannot be the first of its flow may be of one that is not remembered. */
static const char *without_beginning(const struct shot *shot)
{
	struct layout layout;

	if (!is_for(shot, LB_FORWARD_SNAT) || !layout_read(shot->in, &layout) ||
	    layout.protocol != IPPROTO_TCP ||
	    (shot->in->bytes[layout.transport + 13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) ==
		    TCP_SYN)
		return "might have begun a flow";
	return untouched(shot);
}

/* The verdicts that go with an outcome, none for one that must not be; and what holds then. */
static const struct rule {
	__u32 actions;
	const char *(*broken_by)(const struct shot *shot);
} rules[LB_OUTCOME_COUNT] = {
	[LB_FORWARDED] = {SENT, to_backend},
	[LB_REPLIED] = {SENT, delivery_to_client},
	[LB_PASSED] = {PASS, untouched},
	[LB_UNTRACKED] = {SENT, to_backend_by_hash},
	[LB_TO_STACK] = {PASS, either_way},
	[LB_NOT_IP] = {PASS, untouched},
	[LB_NOT_TCP_UDP] = {PASS, untouched},
	[LB_FRAGMENT] = {PASS, untouched},
	[LB_MALFORMED] = {PASS, untouched},
	[LB_REPLY_UNKNOWN] = {PASS, untouched},
	[LB_NO_BACKEND] = {DROP, untouched},
	[LB_NO_ROUTE] = {DROP, without_way},
	[LB_TTL_EXPIRED] = {DROP, too_old},
	[LB_ABORTED] = {0, untouched},
	[LB_ECHO_ANSWERED] = {BACK, notice_of_ping},
	[LB_TOO_BIG] = {BACK, notice_of_size},
	[LB_NO_NEIGHBOUR] = {DROP, for_neighbour},
	[LB_NO_PORT] = {DROP, without_port},
	[LB_NO_TRANSLATION] = {DROP, without_beginning},
	/* What could not be made into another packet is gone, however far that had come. */
	[LB_NO_HEADROOM] = {DROP, gone},
	[LB_OVERLOADED] = {DROP, untouched},
	[LB_RESET] = {BACK, notice_of_end},
	[LB_ICMP_ERROR_RELAYED] = {SENT, relayed},
	[LB_ICMP_ERROR_UNKNOWN] = {PASS, untouched},
	[LB_FRAGMENT_UNKNOWN] = {DROP, untouched},
	[LB_EXTENSIONS] = {PASS, untouched},
};

enum lb_outcome judge_outcome(const struct shot *shot)
{
	enum lb_outcome found = LB_OUTCOME_COUNT;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		if (!shot->gained.count[i])
			continue;
		if (shot->gained.count[i] > 1 || found != LB_OUTCOME_COUNT)
			return LB_OUTCOME_COUNT;
		found = i;
	}
	return found;
}

bool judge_forbids(enum lb_outcome outcome)
{
	return !rules[outcome].actions;
}

/* Such packets show their flow's endpoint of snat, */
static bool goes_on(enum lb_outcome outcome)
{
	return outcome == LB_FORWARDED || outcome == LB_TO_STACK;
}

/* and by these as well it may have got one. */
static bool takes_place(enum lb_outcome outcome)
{
	return goes_on(outcome) || outcome == LB_NO_ROUTE || outcome == LB_TTL_EXPIRED ||
	       outcome == LB_TOO_BIG || outcome == LB_MALFORMED || outcome == LB_NO_HEADROOM;
}

const char *judge(const struct shot *shot)
{
	enum lb_outcome outcome = judge_outcome(shot);
	const char *why;

	if (outcome == LB_OUTCOME_COUNT)
		return "not counted under one outcome, once";
	if (!rules[outcome].broken_by)
		return "an outcome without a rule";
	if (shot->action > XDP_REDIRECT || !(rules[outcome].actions >> shot->action & 1))
		return "a verdict that does not go with the outcome";
	why = rules[outcome].broken_by(shot);
	if (!why && takes_place(outcome))
		delivery_note(shot, goes_on(outcome));
	return why;
}
