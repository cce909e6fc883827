/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explanation of one packet's forwarding decision: what happened to a test packet in a shadow
 * copy of the attached program, and why. It compares the shadow's tables after the packet with
 * the instance's tables before it. explain_text.h puts it into sentences.
 *
 * An explanation points into the store and the shadow, which must stay open.
 */
#ifndef DIAGNOSE_EXPLAIN_EXPLAIN_H
#define DIAGNOSE_EXPLAIN_EXPLAIN_H

#include <net/if.h>

#include "base/address.h"
#include "diagnose/explain/packet_spec.h"
#include "diagnose/explain/shadow.h"
#include "lb/flow.h"

struct explanation {
	/* Set by the caller. */
	const struct store *store;
	const struct shadow *shadow;
	const struct packet_spec *packet_spec;
	const struct shadow_result *result;
	const char *interface; /* ingress interface */
	__u32 ifindex; /* of the same */

	enum lb_outcome outcome;
	__u32 service_id; /* 0 = none, here and below */
	__u32 backend_id;
	__u32 slot_service_id; /* the service of the slot table used: itself, or the one it spilled to */
	__u32 owner_id; /* the backend in that service, of which backend_id may be an alias */
	/* NULL or "" = none. */
	const struct lb_service_config *service;
	const struct lb_service_config *slot_service;
	const struct lb_backend_config *backend; /* of owner_id */
	const char *flow; /* "known", "new", "none" */
	const char *verdict;
	char egress[IF_NAMESIZE];
	char mac[18]; /* of the next hop */
	bool is_reply;
	bool is_new; /* the packet begins a flow */
	bool is_tracked; /* the flow table has the flow, as flow_entry */
	bool is_stateless; /* the service tracks flows only during a transition of its slots */
	struct lb_flow flow_entry;
	__u64 age_ms;
	__u64 idle_ms;
	enum lb_forward forward;
	bool has_slot; /* a slot was looked up */
	__u32 slot; /* the selected one, else the last that was looked up */
	__u32 slots; /* in slot_service's table */
	__u32 backend_slots; /* those of the backend */
	bool is_delivered; /* forwarded to a backend, or to a client */
};

/* Fills in the rest. */
void explain_make(struct explanation *explanation);

/* How many lookups of slots are recorded (at most LB_EXPLAIN_SLOTS), and the slot of one. */
__u32 explain_slot_count(const struct explanation *explanation);
__u32 explain_slot(const struct explanation *explanation, __u32 number);

/* The backend that owns a slot; 0 = none. */
__u32 explain_slot_backend(const struct explanation *explanation, __u32 slot);

#endif
