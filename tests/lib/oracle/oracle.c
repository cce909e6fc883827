// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle.h"

#include <linux/bpf.h>

#include "oracle/oracle_forward.h"
#include "oracle/oracle_generated.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"

#define PASS (1U << XDP_PASS)
#define DROP (1U << XDP_DROP)
#define BACK (1U << XDP_TX)
#define SENT (1U << XDP_TX | 1U << XDP_REDIRECT)

static const char *check_untouched(const struct run *run)
{
	return packet_same(run->in, run->out)
		       ? NULL
		       : "packet changed, but this outcome leaves it unchanged";
}

static const char *check_nothing(const struct run *run)
{
	(void)run;
	return NULL;
}

static const char *check_to_backend(const struct run *run)
{
	return oracle_check_to_backend(run, ORACLE_FORWARD_ANY);
}

/* A packet by hash has no flow entry, so it cannot use snat. */
static const char *check_by_hash(const struct run *run)
{
	return oracle_check_to_backend(run, ORACLE_FORWARD_EXCEPT(LB_FORWARD_SNAT));
}

/* A packet of either direction that was not sent. */
static const char *check_either_direction(const struct run *run)
{
	return oracle_check_to_backend(run, ORACLE_FORWARD_ANY) ? oracle_check_to_client(run)
								: NULL;
}

static const char *check_relayed(const struct run *run)
{
	return oracle_is_icmp_error(run->in) ? check_either_direction(run)
					     : "relayed as an ICMP error, but it is none";
}

static bool is_for(const struct run *run, enum lb_forward forward)
{
	const struct fixture_service *service = NULL;

	while ((service = oracle_next_service(run->in, service)))
		if (fixture_service_forwards(service, forward))
			return true;
	return false;
}

/* The route lookup follows the rewrite. dsr does not rewrite. */
static const char *check_no_route(const struct run *run)
{
	if (is_for(run, LB_FORWARD_DSR))
		return check_untouched(run);
	return check_either_direction(run);
}

/* The inner packet of an ICMP error is translated before the TTL check. */
static const char *check_ttl_expired(const struct run *run)
{
	return oracle_is_icmp_error(run->in) ? NULL : check_untouched(run);
}

static const char *check_no_neighbour(const struct run *run)
{
	return is_for(run, LB_FORWARD_DSR)
		       ? check_untouched(run)
		       : "no dsr service matches, but the outcome is no_neighbour";
}

static const char *check_no_port(const struct run *run)
{
	return is_for(run, LB_FORWARD_SNAT) ? check_untouched(run)
					    : "no snat service matches, but the outcome is no_port";
}

/* Only a packet that cannot begin a flow may lack an SNAT mapping. */
static const char *check_no_translation(const struct run *run)
{
	struct layout layout;

	if (!is_for(run, LB_FORWARD_SNAT) || !layout_read(run->in, &layout) ||
	    layout.protocol != IPPROTO_TCP ||
	    (run->in->bytes[layout.transport + 13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) ==
		    TCP_SYN)
		return "no_translation for a packet that may begin a flow";
	return check_untouched(run);
}

/* Per outcome: the allowed XDP actions (none = must not occur) and the check of the packet. */
static const struct rule {
	__u32 actions;
	const char *(*check)(const struct run *run);
} rules[LB_OUTCOME_COUNT] = {
	[LB_FORWARDED] = {SENT, check_to_backend},
	[LB_REPLIED] = {SENT, oracle_check_to_client},
	[LB_PASSED] = {PASS, check_untouched},
	[LB_UNTRACKED] = {SENT, check_by_hash},
	[LB_TO_STACK] = {PASS, check_either_direction},
	[LB_NOT_IP] = {PASS, check_untouched},
	[LB_NOT_TCP_UDP] = {PASS, check_untouched},
	[LB_FRAGMENT] = {PASS, check_untouched},
	[LB_MALFORMED] = {PASS, check_untouched},
	[LB_REPLY_UNKNOWN] = {PASS, check_untouched},
	[LB_NO_BACKEND] = {DROP, check_untouched},
	[LB_NO_ROUTE] = {DROP, check_no_route},
	[LB_TTL_EXPIRED] = {DROP, check_ttl_expired},
	[LB_ABORTED] = {0, check_untouched},
	[LB_ECHO_ANSWERED] = {BACK, oracle_check_echo_reply},
	[LB_TOO_BIG] = {BACK, oracle_check_too_big},
	[LB_NO_NEIGHBOUR] = {DROP, check_no_neighbour},
	[LB_NO_PORT] = {DROP, check_no_port},
	[LB_NO_TRANSLATION] = {DROP, check_no_translation},
	/* A failed rewrite drops the packet, in any intermediate state. */
	[LB_NO_HEADROOM] = {DROP, check_nothing},
	[LB_OVERLOADED] = {DROP, check_untouched},
	[LB_RESET] = {BACK, oracle_check_tcp_reset},
	[LB_ICMP_ERROR_RELAYED] = {SENT, check_relayed},
	[LB_ICMP_ERROR_UNKNOWN] = {PASS, check_untouched},
	[LB_FRAGMENT_UNKNOWN] = {DROP, check_untouched},
	[LB_EXTENSIONS] = {PASS, check_untouched},
};

enum lb_outcome oracle_outcome(const struct run *run)
{
	enum lb_outcome found = LB_OUTCOME_COUNT;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		if (!run->increments.count[i])
			continue;
		if (run->increments.count[i] > 1 || found != LB_OUTCOME_COUNT)
			return LB_OUTCOME_COUNT;
		found = i;
	}
	return found;
}

bool oracle_forbids(enum lb_outcome outcome)
{
	return !rules[outcome].actions;
}

/* Packets that show the SNAT endpoint of their flow. */
static bool is_forwarded(enum lb_outcome outcome)
{
	return outcome == LB_FORWARDED || outcome == LB_TO_STACK;
}

/* Packets that may have allocated an SNAT port, visible or not. */
static bool may_allocate_port(enum lb_outcome outcome)
{
	return is_forwarded(outcome) || outcome == LB_NO_ROUTE || outcome == LB_TTL_EXPIRED ||
	       outcome == LB_TOO_BIG || outcome == LB_MALFORMED || outcome == LB_NO_HEADROOM;
}

const char *oracle_check(const struct run *run)
{
	enum lb_outcome outcome = oracle_outcome(run);
	const char *why;

	if (outcome == LB_OUTCOME_COUNT)
		return "not counted exactly once, under one outcome";
	if (!rules[outcome].check)
		return "outcome has no rule in the oracle";
	if (run->action > XDP_REDIRECT || !(rules[outcome].actions >> run->action & 1))
		return "XDP action does not match the outcome";
	why = rules[outcome].check(run);
	if (!why && may_allocate_port(outcome))
		oracle_learn_flow(run, is_forwarded(outcome));
	return why;
}
