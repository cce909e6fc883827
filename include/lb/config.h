/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration: settings by operators, results of checks and measured factors, by service and
 * backend. Each structure is one snapshot's record; see lb/abi.h.
 */
#ifndef LB_CONFIG_H
#define LB_CONFIG_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * service_config: ARRAY of 2 * max_services, mapped by userspace, unread by packets. Userspace
 * writes the snapshot that is not current.
 */
struct lb_service_config {
	char name[LB_NAME_BYTES]; /* "" = id is free */
	__u64 address[2];
	__be16 port;
	__u8 protocol;
	__u8 scheduler; /* enum lb_scheduler */
	__u32 timeout_new_ms;
	__u32 timeout_established_ms;
	__u32 timeout_closing_ms;
	__u64 past_packets; /* counters of deleted backends */
	__u64 past_bytes;
	__u64 past_new_flows;
	__u64 past_reply_packets;
	__u64 past_reply_bytes;
	__u64 source6[2];
	__be32 source4;
	__u8 source4_bits; /* length of the prefix; 0 = the default */
	__u8 source6_bits;
	__u8 forward; /* enum lb_forward */
	__u8 persist; /* enum lb_persist */
	__u8 snat_count; /* its addresses in lb_control.snat_sources */
	__u8 zero0;
	__u16 snat_first;
	__u32 persist_ms; /* LB_PERSIST_SOURCE: time without a new flow until a client expires */
	__u8 persist_bits; /* prefix length of a client; 0 = the whole address */
	__u8 persist_through_drain; /* clients keep a backend that drains */
	__u8 reset_dead; /* TCP flows of a backend that is down are reset */
	__u8 feedback; /* enum lb_feedback */
	__u32 load_factor_milli; /* a backend's limit, in 1/1000 of its share of flows; 0 = none */
	__u64 zero2[2];
	char check[LB_CHECK_BYTES]; /* in the operators' syntax, with all settings; "" = none */
	char spill[LB_NAME_BYTES]; /* service that new flows spill over to; "" = none */
};

/* No weight override. */
#define LB_NO_OVERRIDE 0xffffffffU

/*
 * backend_config: ARRAY of 2 * max_backends, mapped by userspace, unread by packets. Userspace
 * writes the snapshot that is not current.
 */
struct lb_backend_config {
	__u64 address[2];
	__be16 port;
	__u16 service; /* service id; 0 = this id is free */
	__u16 weight; /* as configured */
	__u8 state; /* enum lb_state, set by the operator */
	__u8 health; /* enum lb_health, set by checks */
	__u32 override_milli; /* weight override in 1/1000, or LB_NO_OVERRIDE */
	__u8 reset; /* LB_STATE_MAINT: its TCP flows are reset */
	__u8 configured_state; /* enum lb_state: as configured, which `state` overrides */
	__u8 zero0[2];
	__u32 max_flows; /* 0 = no limit */
	/* Factors of the weight, in 1/1000; 0 = none. */
	__u32 latency_milli; /* latency feedback: faster backends get more */
	__u32 slow_start_milli; /* slow start: a recovered backend gets less at first */
	__u16 alias_of; /* another service's backend that this is an alias of; 0 = none */
	__u16 zero1;
	__u64 zero2[2];
};

_Static_assert(sizeof(struct lb_service_config) == 512, "no padding");
_Static_assert(sizeof(struct lb_backend_config) == 64, "no padding");

#endif
