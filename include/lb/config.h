/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration: what operators, checks and measurements said of services and
 * backends, as abi.h tells. Each is one snapshot's record.
 */
#ifndef LB_CONFIG_H
#define LB_CONFIG_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * service_config: ARRAY of 2 * max_services, mapped by userspace, unread by
 * packets. Written in the snapshot that does not hold.
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
	__u64 past_packets; /* of backends that the service no longer has */
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
	__u8 snat_count; /* of snat: addresses among lb_control.sources */
	__u8 zero0;
	__u16 snat_first;
	__u32 persist_ms; /* LB_PERSIST_SOURCE: how long a client stays without a new flow */
	__u8 persist_bits; /* of its address by which a client is known; 0 = all */
	__u8 persist_through_drain; /* it stays even where nobody else may come */
	__u8 reset_dead; /* TCP flows of a backend that is down are reset */
	__u8 feedback; /* enum lb_feedback */
	__u32 load_factor_milli; /* of its share a backend has at most this many; 0 = any */
	__u64 zero2[2];
	char check[LB_CHECK_BYTES]; /* as operators write it, in full; "" = none */
	char spill[LB_NAME_BYTES]; /* service that gets what its own backends cannot; "" = none */
};

/* No weight override. */
#define LB_NO_OVERRIDE 0xffffffffU

/*
 * backend_config: ARRAY of 2 * max_backends, mapped by userspace, unread by
 * packets. Written in the snapshot that does not hold.
 */
struct lb_backend_config {
	__u64 address[2];
	__be16 port;
	__u16 service; /* service id; 0 = this id is free */
	__u16 weight; /* as configured */
	__u8 state; /* enum lb_state: what the operator said */
	__u8 health; /* enum lb_health: what checks say */
	__u32 override_milli; /* operator's weight in 1/1000, or LB_NO_OVERRIDE */
	__u8 reset; /* LB_STATE_MAINT: its TCP flows are reset */
	__u8 configured_state; /* enum lb_state: what it began with, as `weight` is to override_milli */
	__u8 zero0[2];
	__u32 max_flows; /* 0 = as many as come */
	/* What the weight is multiplied by, in 1/1000; 0 = by nothing. */
	__u32 latency_milli; /* whose answers are faster than the others' gets more */
	__u32 slow_start_milli; /* who came back gets less at first */
	__u16 alias_of; /* the backend of another service whose deputy it is here; 0 = none */
	__u16 zero1;
	__u64 zero2[2];
};

_Static_assert(sizeof(struct lb_service_config) == 512, "no padding");
_Static_assert(sizeof(struct lb_backend_config) == 64, "no padding");

#endif
