/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Choices: what operators and checks can say of services and backends. Their numbers
 * are part of the ABI, as they stand in the configuration.
 */
#ifndef LB_ENUMS_H
#define LB_ENUMS_H

enum lb_scheduler {
	LB_SCHEDULER_RR,
	LB_SCHEDULER_WRR,
	LB_SCHEDULER_RANDOM,
	LB_SCHEDULER_MAGLEV,
	LB_SCHEDULER_SOURCE,
	LB_SCHEDULER_P2C,
	LB_SCHEDULER_LC,
	LB_SCHEDULER_LRT,
	LB_SCHEDULER_COUNT
};

/* How packets reach a backend. */
enum lb_forward {
	LB_FORWARD_NAT, /* translated; the client's address is kept, replies come back to us */
	LB_FORWARD_SNAT, /* translated on both sides: replies come to an address of ours */
	LB_FORWARD_DSR, /* unchanged, by the backend's hardware address; it answers by itself */
	LB_FORWARD_IPIP, /* in an IP packet to the backend, which answers by itself */
	LB_FORWARD_GUE, /* in a UDP packet to the backend, which answers by itself */
	LB_FORWARD_COUNT
};

/* What stays with a backend. */
enum lb_persist {
	LB_PERSIST_FLOW, /* a flow */
	LB_PERSIST_NONE, /* nothing: each packet is chosen for anew */
	LB_PERSIST_SOURCE, /* a client: its new flows go where its others went */
	LB_PERSIST_COUNT
};

/* What measured latency does to the weights. */
enum lb_feedback {
	LB_FEEDBACK_OFF, /* nothing */
	LB_FEEDBACK_OBSERVE, /* nothing, but what it would do is shown */
	LB_FEEDBACK_ON, /* who answers faster gets more */
	LB_FEEDBACK_COUNT
};

/* What the operator said of a backend. */
enum lb_state {
	LB_STATE_READY, /* takes new flows */
	LB_STATE_DRAIN, /* keeps its flows, takes no new ones */
	LB_STATE_MAINT, /* takes nothing; its flows are chosen anew */
	LB_STATE_COUNT
};

/* What checks say of a backend. Unknown counts as usable. */
enum lb_health {
	LB_HEALTH_UNKNOWN,
	LB_HEALTH_UP,
	LB_HEALTH_DOWN,
	LB_HEALTH_COUNT
};

#endif
