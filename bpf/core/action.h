/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Actions: the next step for a packet, in one word. A BPF global function (which is verified once,
 * apart from its callers) cannot return more.
 *
 *     bits  0-15  id of a backend, service or SNAT source; VERDICT: XDP_*
 *          16-18  forwarding mode, enum lb_forward        FORWARD
 *             19  the packet begins a flow                FORWARD
 *          20-25  enum lb_outcome                         VERDICT, FORWARD, RETURN
 *          26-29  enum action_kind
 *          32-63  SNAT port: index in snat_ports, or 0    FORWARD, RETURN
 *                 next entry of the endpoint chain, or 0  REPLY
 */
#ifndef BPF_CORE_ACTION_H
#define BPF_CORE_ACTION_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "lb/enums.h"
#include "lb/limits.h"
#include "lb/outcome.h"

enum action_kind {
	ACTION_VERDICT, /* nothing: outcome and verdict are known */

	/* The packet belongs to this endpoint; its flow has to be found: */
	ACTION_CLASSIFY, /* the endpoint is not known yet */
	ACTION_REQUEST, /* from a client to a service */
	ACTION_REPLY, /* from a backend to a client */
	ACTION_SNAT_REPLY, /* from a backend to a SNAT source address */
	ACTION_FRAGMENT, /* fragment without ports */
	ACTION_ICMP_ERROR,

	/* During the search for the flow: */
	ACTION_CONTINUE, /* this table does not have it; the next table decides */
	ACTION_SKIP_SNAT, /* likewise, and SNAT ports are not searched */

	/* The flow's backend is known: */
	ACTION_FORWARD, /* send to the backend */
	ACTION_RETURN, /* send to the client, from the service */
	ACTION_RESET, /* answer the client with a TCP reset */
	ACTION_KIND_COUNT
};

struct action {
	__u64 word;
};

#define ACTION_ID_MASK	     0xffffU
#define ACTION_MODE_SHIFT    16
#define ACTION_MODE_MASK     7U
#define ACTION_NEW_FLOW	     (1U << 19)
#define ACTION_OUTCOME_SHIFT 20
#define ACTION_OUTCOME_MASK  0x3fU
#define ACTION_KIND_SHIFT    26
#define ACTION_KIND_MASK     0xfU
#define ACTION_INDEX_SHIFT   32
#define ACTION_VERDICT_MASK  7U

_Static_assert(LB_ID_MAX <= ACTION_ID_MASK, "an id fits");
_Static_assert(LB_FORWARD_COUNT <= ACTION_MODE_MASK + 1, "a forwarding mode fits");
_Static_assert(LB_OUTCOME_COUNT <= ACTION_OUTCOME_MASK + 1, "an outcome fits");
_Static_assert(ACTION_KIND_COUNT <= ACTION_KIND_MASK + 1, "a kind fits");
_Static_assert(XDP_REDIRECT <= ACTION_VERDICT_MASK, "a verdict fits");

static __always_inline struct action action_of(enum action_kind kind, __u32 id)
{
	return (struct action){(__u32)kind << ACTION_KIND_SHIFT | id};
}

static __always_inline struct action action_verdict(enum lb_outcome outcome, __u32 verdict)
{
	return (struct action){(__u32)ACTION_VERDICT << ACTION_KIND_SHIFT |
			       (__u32)outcome << ACTION_OUTCOME_SHIFT |
			       (verdict & ACTION_VERDICT_MASK)};
}

/* Drops a packet because of a bug: a table is missing, or the packet has changed in between. */
static __always_inline struct action action_abort(void)
{
	return action_verdict(LB_ABORTED, XDP_DROP);
}

static __always_inline struct action action_forward(__u32 backend, enum lb_forward mode,
						    enum lb_outcome outcome)
{
	return (struct action){(__u32)ACTION_FORWARD << ACTION_KIND_SHIFT |
			       (__u32)outcome << ACTION_OUTCOME_SHIFT |
			       (__u32)mode << ACTION_MODE_SHIFT | backend};
}

static __always_inline struct action action_return(__u32 backend, enum lb_outcome outcome)
{
	return (struct action){(__u32)ACTION_RETURN << ACTION_KIND_SHIFT |
			       (__u32)outcome << ACTION_OUTCOME_SHIFT | backend};
}

/* The same action for a packet that begins a flow. */
static __always_inline struct action action_new_flow(struct action action, bool is_new)
{
	return (struct action){action.word | (is_new ? ACTION_NEW_FLOW : 0)};
}

/* The same action with the index of a SNAT port, or of an entry in the endpoint chain. */
static __always_inline struct action action_indexed(struct action action, __u32 index)
{
	return (struct action){action.word | (__u64)index << ACTION_INDEX_SHIFT};
}

static __always_inline enum action_kind action_kind(struct action action)
{
	return action.word >> ACTION_KIND_SHIFT & ACTION_KIND_MASK;
}

static __always_inline bool action_is(struct action action, enum action_kind kind)
{
	return action_kind(action) == kind;
}

/* True for ACTION_VERDICT. Such a word has no kind and no index, so one comparison suffices. */
static __always_inline bool action_is_final(struct action action)
{
	return action.word < 1U << ACTION_KIND_SHIFT;
}

static __always_inline __u32 action_id(struct action action)
{
	return action.word & ACTION_ID_MASK;
}

static __always_inline __u32 action_xdp(struct action action)
{
	return action.word & ACTION_VERDICT_MASK;
}

static __always_inline enum lb_forward action_mode(struct action action)
{
	return action.word >> ACTION_MODE_SHIFT & ACTION_MODE_MASK;
}

static __always_inline enum lb_outcome action_outcome(struct action action)
{
	return action.word >> ACTION_OUTCOME_SHIFT & ACTION_OUTCOME_MASK;
}

static __always_inline bool action_begins_flow(struct action action)
{
	return action.word & ACTION_NEW_FLOW;
}

static __always_inline __u32 action_index(struct action action)
{
	return action.word >> ACTION_INDEX_SHIFT;
}

#endif
