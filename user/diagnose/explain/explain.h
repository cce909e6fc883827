/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An explanation: what became of a specimen at the twin of the attached program, and why.
 * Found out by comparing the twin's tables after it with the instance's before. Each
 * step is a line for a person; the fields are the same for scripts.
 *
 * It points into the store and the twin, which must stay open; the rest it owns.
 */
#ifndef DIAGNOSE_EXPLAIN_EXPLAIN_H
#define DIAGNOSE_EXPLAIN_EXPLAIN_H

#include <net/if.h>

#include "base/address.h"
#include "diagnose/explain/packet_spec.h"
#include "diagnose/explain/shadow.h"
#include "lb/flow.h"

#define EXPLAIN_STEPS_MAX 12

struct explain_step {
	const char *name;
	char text[240];
};

struct explanation {
	const struct store *store;
	const struct shadow *shadow;
	const struct packet_spec *packet_spec;
	const struct shadow_result *result;
	const char *interface; /* that the packet comes in by, */
	__u32 ifindex; /* and its index */

	enum lb_outcome outcome;
	__u32 service_id; /* 0 = none, here and below */
	__u32 backend_id;
	__u32 slot_service_id; /* the service, or the one that it spilled to, whose slots had the say; */
	__u32 owner_id; /* its backend: that one, or of whom it is the deputy */
	/* NULL or "" where there is none. */
	const struct lb_service_config *service;
	const struct lb_service_config *slot_service;
	const struct lb_backend_config *backend; /* the owner */
	const char *flow; /* "known", "new", "none" */
	const char *verdict;
	char egress[IF_NAMESIZE];
	char mac[18]; /* of the next hop */
	bool is_reply;
	bool is_new; /* a flow that would be remembered from now on */
	bool is_tracked; /* the flow is remembered, as: */
	bool is_stateless; /* its service remembers no flow while slots keep their owners */
	struct lb_flow flow_entry;
	__u64 age_ms;
	__u64 idle_ms;
	enum lb_forward forward;
	bool has_slot; /* one was looked at, */
	__u32 slot; /* and this is the last, or the one that was taken */
	__u32 slots; /* of the chooser's table, */
	__u32 backend_slots; /* and those of them that are the backend's */
	bool is_delivered; /* at a backend, or from one at a client */

	struct explain_step steps[EXPLAIN_STEPS_MAX];
	size_t step_count;
};

/* Fills the rest from store, twin, specimen, answer and interface. */
void explain_make(struct explanation *explanation);

/* The slots that were looked at, at most LB_EXPLAIN_SLOTS, and the last of them. */
__u32 explain_slot_count(const struct explanation *explanation);
__u32 explain_slot(const struct explanation *explanation, __u32 number);

/* Whose a slot is; 0 for none. */
__u32 explain_slot_backend(const struct explanation *explanation, __u32 slot);

/* Puts the fields in words: a part of its own, diagnose/explain/explain_text.c. */
void explain_text(struct explanation *explanation);

#endif
