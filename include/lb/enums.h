/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enumerations of settings and states of services and backends. The configuration stores their
 * values, so these are part of the ABI.
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

/* Forwarding mode: how packets reach a backend. */
enum lb_forward {
	LB_FORWARD_NAT, /* DNAT: keeps the client's address; replies return through the balancer */
	LB_FORWARD_SNAT, /* full NAT: replies return to a SNAT source address */
	LB_FORWARD_DSR, /* direct server return: unchanged, to the backend's MAC address */
	LB_FORWARD_IPIP, /* IP-in-IP tunnel; the backend answers the client directly */
	LB_FORWARD_GUE, /* GUE (UDP) tunnel; the backend answers the client directly */
	LB_FORWARD_COUNT
};

/* Persistence: what keeps its backend. */
enum lb_persist {
	LB_PERSIST_FLOW, /* a flow */
	LB_PERSIST_NONE, /* nothing: a backend is selected for each packet */
	LB_PERSIST_SOURCE, /* a client: its new flows go to the backend of its others */
	LB_PERSIST_COUNT
};

/* Effect of measured latency on weights. */
enum lb_feedback {
	LB_FEEDBACK_OFF, /* none */
	LB_FEEDBACK_OBSERVE, /* none, but the factors are computed and shown */
	LB_FEEDBACK_ON, /* faster backends get more */
	LB_FEEDBACK_COUNT
};

/* Administrative state of a backend. */
enum lb_state {
	LB_STATE_READY, /* gets new flows */
	LB_STATE_DRAIN, /* keeps its flows, gets no new ones */
	LB_STATE_MAINT, /* gets nothing; its flows get another backend */
	LB_STATE_COUNT
};

/* Health of a backend, by its checks. Unknown counts as usable. */
enum lb_health {
	LB_HEALTH_UNKNOWN,
	LB_HEALTH_UP,
	LB_HEALTH_DOWN,
	LB_HEALTH_COUNT
};

#endif
