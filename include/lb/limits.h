/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits and defaults that the datapath and the controller share.
 *
 * Whatever is sized at attach time (services, backends, flows) has its default
 * here; whatever is fixed by the layout of a map has its constant here.
 */
#ifndef LB_LIMITS_H
#define LB_LIMITS_H

/* Slots of one service's table. A power of two, so that an index can be masked. */
#define LB_SLOTS 16384U

/* So many backends of a service are all compared for a new flow (lc); of more, some draws. */
#define LB_MEMBERS 8U

/* Unit of lb_load.bound: 2^20 are all flows of the service. */
#define LB_BOUND_SHIFT 20U

/* A service's load factor, in 1/1000. */
#define LB_LOAD_FACTOR_MIN 1001U
#define LB_LOAD_FACTOR_MAX 100000U

/* A response time is known for so many ticks after its last sample. */
#define LB_RESPONSE_TICKS 32U

/* Flows in one bucket of the flow memory: two cache lines, four flows each. */
#define LB_BUCKET_FLOWS 8U
#define LB_LINE_FLOWS	4U

/* Clients in one bucket of those that stay by their address. */
#define LB_BUCKET_CLIENTS 8U

/* Ids are 16 bits wide; id 0 means "none" for services and for backends. */
#define LB_ID_MAX 65535U

#define LB_SERVICES_DEFAULT 255U
#define LB_BACKENDS_DEFAULT 4096U
#define LB_FLOWS_DEFAULT    1048576U
#define LB_CLIENTS_DEFAULT  65536U
#define LB_FLOWS_MAX	    33554432U /* 512 MiB: the verifier follows no index further */

/* Services that may share one backend address, port and protocol. */
#define LB_ENDPOINT_CHAIN_MAX 64U

/* Entries of the directory that a lookup visits at most; the builder keeps to it. */
#define LB_ENDPOINT_PROBES_MAX 8U

/* Operator's weights are whole numbers of 0 to this. */
#define LB_WEIGHT_MAX 65535U

/* Service names: [a-z0-9][a-z0-9-]{0,62} and the terminating NUL. */
#define LB_NAME_BYTES 64U

/* A health check, in words, and the terminating NUL. */
#define LB_CHECK_BYTES 256U

/* Why a probe ended, and what an event was, in words, and the terminating NUL. */
#define LB_REASON_BYTES	    96U
#define LB_EVENT_TEXT_BYTES 160U

/* So many events are kept. */
#define LB_EVENTS 1024U

/* Idle times that operators may set, in milliseconds; ticks tell no shorter ones apart. */
#define LB_TIMEOUT_MIN_MS 1000U
#define LB_TIMEOUT_MAX_MS 86400000U

/* Addresses that snat may speak from; room for one of each IP version is there by default. */
#define LB_SNAT_SOURCES_MAX	64U
#define LB_SNAT_SOURCES_DEFAULT 2U

/* Ports of such an address: all of them have a place, and these are given out. */
#define LB_SNAT_PORTS	     65536U
#define LB_SNAT_PORT_FIRST   1024U
#define LB_SNAT_BUCKET_PORTS 8U
#define LB_SNAT_BUCKETS	     ((LB_SNAT_PORTS - LB_SNAT_PORT_FIRST) / LB_SNAT_BUCKET_PORTS)

/* How long a client stays with a backend if nothing else is said. */
#define LB_PERSIST_DEFAULT_MS 300000U

/* The shortest prefix that source addresses may be of. */
#define LB_SOURCE_BITS_MIN 8U

/* A next hop is asked of the kernel again after this many ticks. */
#define LB_NEXTHOP_TICKS 4U

/* Next hops towards clients that a CPU keeps. */
#define LB_CLIENT_NEXTHOPS 256U

/* Fragments that are followed at the same time: lines of 8, each one cache line. */
#define LB_FRAGMENT_LINES 2048U
#define LB_LINE_FRAGMENTS 8U

/* The fragments of a packet follow its first within 30 s: no longer do hosts wait for them. */
#define LB_FRAGMENT_TICKS 112U

/* For so many ticks after a flow went untracked, replies of such are looked out for. */
#define LB_UNTRACKED_TICKS 224U

#endif
