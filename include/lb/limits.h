/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits and defaults that the datapath and userspace share.
 *
 * Sizes that are set at attach time (services, backends, flows) have their defaults here. Sizes
 * that a map's layout fixes have their constants here.
 */
#ifndef LB_LIMITS_H
#define LB_LIMITS_H

/* Slots of a service's table. A power of two, so that an index can be masked. */
#define LB_SLOTS 16384U

/* Largest service of which lc compares all backends for a new flow; of more it draws some. */
#define LB_MEMBERS 8U

/* Unit of lb_load.bound: 2^20 stands for all flows of the service. */
#define LB_BOUND_SHIFT 20U

/* Range of a service's load factor, in 1/1000. */
#define LB_LOAD_FACTOR_MIN 1001U
#define LB_LOAD_FACTOR_MAX 100000U

/* Ticks after its last sample for which a response time is valid. */
#define LB_RESPONSE_TICKS 32U

/* Flows in one bucket of the flow table: two cache lines, four flows each. */
#define LB_BUCKET_FLOWS 8U
#define LB_LINE_FLOWS	4U

/* Clients in one bucket of the client table. */
#define LB_BUCKET_CLIENTS 8U

/* Ids are 16 bits wide; id 0 means "none" for services and for backends. */
#define LB_ID_MAX 65535U

#define LB_SERVICES_DEFAULT 255U
#define LB_BACKENDS_DEFAULT 4096U
#define LB_FLOWS_DEFAULT    1048576U
#define LB_CLIENTS_DEFAULT  65536U
#define LB_FLOWS_MAX	    33554432U /* 512 MiB: the verifier allows no larger offset */

/* Services that may share one backend address, port and protocol. */
#define LB_ENDPOINT_CHAIN_MAX 64U

/* Entries of the endpoint table that a lookup visits, at most; its builder guarantees that. */
#define LB_ENDPOINT_PROBES_MAX 8U

/* Weights are whole numbers, 0 to this. */
#define LB_WEIGHT_MAX 65535U

/* Service names: [a-z0-9][a-z0-9-]{0,62} and the terminating NUL. */
#define LB_NAME_BYTES 64U

/* A health check as text, and the terminating NUL. */
#define LB_CHECK_BYTES 256U

/* Texts of a probe's result and of an event, and the terminating NUL. */
#define LB_REASON_BYTES	    96U
#define LB_EVENT_TEXT_BYTES 160U

/* Number of events that are kept. */
#define LB_EVENTS 1024U

/* Range of idle timeouts, in milliseconds; ticks are too coarse for shorter ones. */
#define LB_TIMEOUT_MIN_MS 1000U
#define LB_TIMEOUT_MAX_MS 86400000U

/* SNAT source addresses of an instance; the default is one for each IP version. */
#define LB_SNAT_SOURCES_MAX	64U
#define LB_SNAT_SOURCES_DEFAULT 2U

/* Ports of a SNAT source address: all have an entry; those from the first on are allocated. */
#define LB_SNAT_PORTS	     65536U
#define LB_SNAT_PORT_FIRST   1024U
#define LB_SNAT_BUCKET_PORTS 8U
#define LB_SNAT_BUCKETS	     ((LB_SNAT_PORTS - LB_SNAT_PORT_FIRST) / LB_SNAT_BUCKET_PORTS)

/* Default time without a new flow after which a client expires. */
#define LB_PERSIST_DEFAULT_MS 300000U

/* Shortest prefix of tunnels' source addresses. */
#define LB_SOURCE_BITS_MIN 8U

/* Ticks after which a next hop is looked up again. */
#define LB_NEXTHOP_TICKS 4U

/* Next hops to clients that a CPU caches. */
#define LB_CLIENT_NEXTHOPS 256U

/* Size of the fragment table: lines of 8 fragmented packets, each one cache line. */
#define LB_FRAGMENT_LINES 2048U
#define LB_LINE_FRAGMENTS 8U

/* Ticks for which a packet's later fragments are matched (30 s): hosts wait no longer for them. */
#define LB_FRAGMENT_TICKS 112U

/* Ticks after a flow went untracked for which replies of untracked flows are expected (60 s). */
#define LB_UNTRACKED_TICKS 224U

#endif
