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
	return packet_same(run->in, run->out) ? NULL : "not untouched";
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

/* What is translated on both sides is remembered, or refused. */
static const char *check_by_hash(const struct run *run)
{
	return oracle_check_to_backend(run, ORACLE_FORWARD_EXCEPT(LB_FORWARD_SNAT));
}

/* In either direction, for whichever reason it went no further. */
static const char *check_either_direction(const struct run *run)
{
	return oracle_check_to_backend(run, ORACLE_FORWARD_ANY) ? oracle_check_to_client(run)
								: NULL;
}

static const char *check_relayed(const struct run *run)
{
	return oracle_is_icmp_error(run->in) ? check_either_direction(run)
					     : "relayed, but no error";
}

static bool is_for(const struct run *run, enum lb_forward forward)
{
	const struct fixture_service *service = NULL;

	while ((service = oracle_next_service(run->in, service)))
		if (fixture_service_forwards(service, forward))
			return true;
	return false;
}

/* The kernel is asked for the way of the packet as it would be sent; by dsr that is as it came. */
static const char *check_no_route(const struct run *run)
{
	if (is_for(run, LB_FORWARD_DSR))
		return check_untouched(run);
	return check_either_direction(run);
}

/* An error's quote is translated before its own time to live is looked at. */
static const char *check_ttl_expired(const struct run *run)
{
	return oracle_is_icmp_error(run->in) ? NULL : check_untouched(run);
}

static const char *check_no_neighbour(const struct run *run)
{
	return is_for(run, LB_FORWARD_DSR) ? check_untouched(run) : "not for a neighbour";
}

static const char *check_no_port(const struct run *run)
{
	return is_for(run, LB_FORWARD_SNAT) ? check_untouched(run) : "in no need of a port";
}

/* Only what cannot be the first of its flow may be of one that is not remembered. */
static const char *check_no_translation(const struct run *run)
{
	struct layout layout;

	if (!is_for(run, LB_FORWARD_SNAT) || !layout_read(run->in, &layout) ||
	    layout.protocol != IPPROTO_TCP ||
	    (run->in->bytes[layout.transport + 13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) ==
		    TCP_SYN)
		return "might have begun a flow";
	return check_untouched(run);
}

/* The verdicts that go with an outcome, none for one that must not be; and what holds then. */
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
	/* What could not be made into another packet is gone, however far that had come. */
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

/* Such packets show their flow's endpoint of snat, */
static bool is_forwarded(enum lb_outcome outcome)
{
	return outcome == LB_FORWARDED || outcome == LB_TO_STACK;
}

/* and by these as well it may have got one. */
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
		return "not counted under one outcome, once";
	if (!rules[outcome].check)
		return "an outcome without a rule";
	if (run->action > XDP_REDIRECT || !(rules[outcome].actions >> run->action & 1))
		return "a verdict that does not go with the outcome";
	why = rules[outcome].check(run);
	if (!why && may_allocate_port(outcome))
		oracle_learn_flow(run, is_forwarded(outcome));
	return why;
}
