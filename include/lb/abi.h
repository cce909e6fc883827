/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ABI between the datapath and the controller: keys and values of all maps.
 *
 * The maps are pinned and outlive every process, so these structures are also
 * the database's format: LB_ABI_VERSION changes with each of them, and is
 * compared before anything is touched.
 *
 * Two kinds of maps:
 *
 *  - The configuration: what operators and checks said. Two whole snapshots of
 *    it stand side by side (id, and id + the map's half), and the low bit of
 *    lb_control.generation says which one holds. A writer prepares the other
 *    snapshot and adds one to the generation: that store is the commit.
 *  - The datapath's tables: compiled from the configuration, and read by
 *    packets. What has parts that must agree stands in two copies as well,
 *    chosen by one word of at most eight bytes that is stored at once.
 *
 * A copy that packets may still be reading is not written again before an RCU
 * grace period has passed; lb_control.published trails generation until then.
 *
 * Addresses are 16 bytes in network byte order, held as two words so that they
 * compare in two instructions; IPv4 is ::ffff:a.b.c.d. Ports are network order.
 * All other fields are in host byte order. Padding is explicit and zero.
 */
#ifndef LB_ABI_H
#define LB_ABI_H

#include <linux/types.h>

#include "lb/client.h"
#include "lb/config.h"
#include "lb/enums.h"
#include "lb/event.h"
#include "lb/feedback.h"
#include "lb/hash.h"
#include "lb/health.h"
#include "lb/latency.h"
#include "lb/limits.h"
#include "lb/load.h"
#include "lb/outcome.h"
#include "lb/slots.h"
#include "lb/trace.h"

#define LB_ABI_VERSION 8U

/* lb_control.endpoints of an instance without any endpoint. */
#define LB_ENDPOINTS_EMPTY 60U

/* What an endpoint in the directory is: where packets go to, or replies come from. */
enum lb_role {
	LB_ROLE_NONE,
	LB_ROLE_SERVICE,
	LB_ROLE_BACKEND,
	LB_ROLE_SNAT_SOURCE, /* an address that snat speaks to backends from; any port and protocol */
	LB_ROLE_PERSIST_NONE, /* a service that remembers nothing of its clients */
	LB_ROLE_STATELESS, /* a service whose slots name the backends of flows not remembered */
};

/* How the next slot of a service's table is found. */
enum lb_pick {
	LB_PICK_NEXT, /* by the service's shared cursor: rr, wrr */
	LB_PICK_RANDOM, /* by one random draw: random */
	LB_PICK_FLOW_HASH, /* by the flow's hash: maglev */
	LB_PICK_SOURCE_HASH, /* by the client address's hash: source */
	LB_PICK_P2C, /* of two draws, who has fewer flows for its weight: p2c */
	LB_PICK_LC, /* of all, or of some draws, who has fewest for its weight: lc */
	LB_PICK_LRT, /* of two draws, by response time and flows for the weight: lrt */
};

/* Where a flow is in its life; see include/lb/flow.h. */
enum lb_flow_state {
	LB_FLOW_CLOSED, /* both directions are closed, or one side has reset */
	LB_FLOW_NEW, /* the client spoke, the backend has not yet */
	LB_FLOW_ANSWERED, /* the backend answered */
	LB_FLOW_ESTABLISHED, /* and the client took up the answer */
	LB_FLOW_CLIENT_FIN, /* the client has closed its direction */
	LB_FLOW_BACKEND_FIN, /* the backend has closed its direction */
	LB_FLOW_SAMPLED, /* established, and the next request is to be timed */
	LB_FLOW_AWAITING_REPLY, /* established, and the answer to a timed request is awaited */
	LB_FLOW_STATE_COUNT
};

/* Words of the filter, and the bit of it that belongs to an endpoint's hash. */
#define LB_FILTER_WORDS	     1024U
#define LB_FILTER_WORD(hash) ((__u32)((hash) >> 54))
#define LB_FILTER_BIT(hash)  ((hash) >> 48 & 63)

struct lb_rx_queues {
	__u32 device; /* an interface's index; 0 = of none */
	__u32 queues;
};

#define LB_RX_DEVICES 4

/*
 * control: the program's global data (a map of 1), mapped by userspace. Written
 * under the instance's lock, each word at once; packets read `endpoints` and
 * `filter`, and write `untracked_tick`; the sweep reads `counted`. `tracing` is set by the one who
 * traces, and cleared by packets when he was killed.
 */
struct lb_control {
	/*
	 * Which directory holds: its first entry in the upper half, and in the lower
	 * 64 minus the bits of a hash that number its hash entries.
	 */
	__u64 endpoints;
	__u32 untracked_tick; /* tick in which a flow last went untracked */
	__u32 counted; /* backends whose flows are counted */
	__u32 tracing; /* packets that leave are to be held against `trace_filter`: see lb/trace.h */
	__u32 zero0;
	/* Receive queues at the time of attaching, see store_rx_queues(). Of four interfaces. */
	struct lb_rx_queues rx_queues[LB_RX_DEVICES];
	__u32 client_buckets;
	__u32 zero2;

	__u32 abi;
	__u32 max_services; /* ids 1..max_services - 1 are services */
	__u32 max_backends; /* ids 1..max_backends - 1 are backends */
	__u32 flow_buckets;
	struct lb_seed seed;
	__u64 generation; /* configuration committed; the low bit names its snapshot */
	__u64 published; /* generation that the datapath's tables show, settled */
	__u64 tick_ns; /* the kernel's timer interrupt, which the flows' clock counts */
	__u64 clock_offset_ns; /* the flows' clock minus CLOCK_MONOTONIC */
	__u64 max_sources;
	__u64 revision[2]; /* changes by operators up to each snapshot; not health's, latency's */
	/* CLOCK_BOOTTIME at which what was applied is put back; 0 = nothing awaits a confirmation. */
	__u64 confirm_by_ns;
	__u64 events; /* noted so far, in map events */
	__u64 controller; /* the process id of the last controller, see store_controller_pid() */
	__u64 zero3[2];

	__u64 snat_sources[LB_SNAT_SOURCES_MAX][2]; /* addresses of snat; zero = not in use */

	/*
	 * A bit for each endpoint in the directory: what has none is not ours, which
	 * most packets of a busy interface are told by two loads.
	 */
	__u64 filter[LB_FILTER_WORDS];
};

/*
 * endpoints: ARRAY of 1, mapped by userspace: an array of entries, two copies. Endpoints by open
 * addressing: an endpoint stands within LB_ENDPOINT_PROBES_MAX entries behind its hash.
 * Backends with the same endpoint (of several services) hang off the first by
 * `next`. Immutable while it is the copy in use.
 */
struct lb_endpoint_entry {
	__u64 address[2];
	__u32 selector; /* lb_selector(); 0 = empty */
	__u32 id; /* of the service or backend */
	__u32 next; /* index in this map of the next with the same endpoint; 0 = none */
	__u32 zero;
};

/*
 * Port (network order), protocol (IPPROTO_*), role and IP version of an endpoint in one
 * word. With port 0 and IPPROTO_ICMP it is the service's address, for pings of either
 * version. The version is told so that IPv6 packets with the address ::ffff:a.b.c.d are
 * not taken for IPv4's.
 */
static inline __u32 lb_selector(__be16 port, __u8 protocol, __u8 role, __u8 is_ipv4)
{
	return (__u32)port | (__u32)protocol << 16 | (__u32)role << 24 | (__u32)is_ipv4 << 27;
}

/* The same on all ports. */
static inline __u32 lb_selector_all_ports(__u32 selector)
{
	return selector & 0xffff0000U;
}

static inline __u8 lb_selector_role(__u32 selector)
{
	return selector >> 24 & 7;
}

static inline __u64 lb_address_hash(const __u64 address[2])
{
	return (address[1] + address[0] * 0xff51afd7ed558ccdULL) * 0x9e3779b97f4a7c15ULL;
}

/*
 * Where an endpoint stands in the directory, by as many of the upper bits
 * as number its hash entries. What is in there is the operator's, not a client's,
 * so one round does.
 */
static inline __u64 lb_endpoint_hash(const __u64 address[2], __u32 selector)
{
	return lb_address_hash(address) + (__u64)selector * 0x94d049bb133111ebULL;
}

/* Where its bit stands in the filter, by the upper 16 bits. As cheap as can be. */
static inline __u64 lb_filter_hash(const __u64 address[2], enum lb_role role)
{
	return lb_address_hash(address) + role * 0xbf58476d1ce4e5b9ULL;
}

/*
 * services: ARRAY of 1, mapped by userspace: an array by service id. The first line changes
 * rarely (by the writer, word by word); the second is the datapath's own.
 */
struct lb_service {
	__u64 address[2];
	__be16 port; /* 0 = all; its backends then get what was asked for */
	__u8 protocol;
	__u8 persist; /* enum lb_persist */
	__u32 slots; /* index in map slots of the table in use */
	/* Where tunnels seem to come from: an address for each flow, of two prefixes. */
	__u64 source6[2];
	__be32 source6_hosts; /* bits of the last word that differ from flow to flow */
	__be32 source4;
	__be32 source4_hosts;
	/* Of snat: its addresses among lb_control.sources; none: it has no such flows. */
	__u16 snat_first;
	__u16 snat_count;
	__u32 persist_ticks; /* LB_PERSIST_SOURCE: a client stays for so long, */
	__u32 persist_bits; /* known by so many bits of its address, of 128 for either version */

	__u64 cursor; /* LB_PICK_NEXT: flows placed so far */
	__u32 response_us; /* LB_PICK_LRT: of all its backends, smoothed */
	__u32 response_tick; /* of the last sample in it */
	__u32 flows; /* of all lb_load.flows of its backends the sum */
	__u32 limits; /* its backends have limits, which new flows are to be held against */
	__u32 handles_untracked; /* its slot table has something to say of flows that are not remembered */
	__u32 transition_until
		[2]; /* by lb_slots.copy: tick until which slots have an owner before */
	__u32 spill; /* the service whose backends get flows that its own cannot; 0 = none */
	__u64 zero2[3];
};

/* lb_backend.flags; above them, from bit 8 on, how it gets new flows: enum lb_forward. */
#define LB_BACKEND_MAINT	 1U /* its flows are to be chosen anew */
#define LB_BACKEND_COUNTED	 2U /* its flows are counted */
#define LB_BACKEND_TIMED	 4U /* its answers are timed */
#define LB_BACKEND_RESET	 8U /* with LB_BACKEND_MAINT: those of TCP are to be reset */
#define LB_BACKEND_NO_PERSIST	 16U /* clients that stay by their address cannot stay here */
#define LB_BACKEND_PERSIST_NONE	 32U /* whoever it answers, the service does: LB_PERSIST_NONE */
#define LB_BACKEND_ALIAS	 64U /* of another service's backend, for what is spilled to that */
#define LB_BACKEND_PASSIVE_CHECK 128U /* it is counted how its flows begin, as of those timed */

static inline __u8 lb_backend_forward(__u32 flags)
{
	return flags >> 8 & 7;
}

/*
 * backends: ARRAY of 1, mapped by userspace: an array by backend id. Address, port, service and
 * sums are written before the id is published and stay; the others change at once.
 * The hop words are written by the datapath and by userspace alike, each at
 * once, and hold together when their low 16 bits, the tick of writing, agree.
 */
struct lb_backend {
	__u64 address[2];
	__be16 port;
	__u16 service;
	__u32 flags;
	__u16 address_sum; /* what the IPv4 header's checksum gains, VIP -> backend and a hop */
	__u16 endpoint_sum; /* what the transport checksum gains, VIP -> backend */
	__u32 idle_new; /* a flow ends after so many ticks of silence: half open, */
	__u32 idle_established; /* established, */
	__u32 idle_closing; /* closed in one direction */
	__u64 nexthop_dst_mac; /* destination MAC << 16 | tick */
	__u64 nexthop_src_mac; /* source MAC << 16 | tick; not known: a tick unlike nexthop_dst_mac's */
	__u64 nexthop_device; /* MTU (0: not known) << 48 | interface index << 16 | tick */
};

/* One remembered flow; see include/lb/flow.h for what the words hold. */
struct lb_flow {
	__u64 key;
	__u64 data;
};

/*
 * flows: ARRAY of 1, mapped by userspace: an array of buckets. Two cache lines; a flow's hash names the
 * bucket and the place that is its first choice. Claimed by compare-and-swap of
 * the key by packets (insert) and by userspace (flush).
 */
struct lb_bucket {
	struct lb_flow flow[LB_BUCKET_FLOWS];
};

/*
 * fingerprints: ARRAY of 1, mapped by userspace: for each bucket of flows, of each place's flow
 * lb_fingerprint(). Written by packets, who own the place, before its key; of a place that was
 * given back it may be anything. A 16th of the memory, so that it stays in the processor's
 * caches where that does not, and tells in a flood that a flow is not there.
 */
struct lb_fingerprints {
	__u8 entry[LB_BUCKET_FLOWS];
};

/* What passes between clients and one backend, as one CPU counted it. */
struct lb_traffic {
	__u64 packets; /* towards the backend */
	__u64 bytes; /* of IP packets: header and payload */
	__u64 new_flows;
	__u64 reply_packets; /* from the backend */
	__u64 reply_bytes;
	__u64 zero[3];
};

/* Packets by what became of them. */
struct lb_outcomes {
	__u64 count[LB_OUTCOME_COUNT];
};

/* How one CPU fares with finding room for new flows: see bpf/flow/pressure.h. */
struct lb_pressure {
	__u32 streak; /* failures in a row */
	__u32 skip; /* new flows to turn away before the next attempt, in this tick: */
	__u32 tick;
	__u32 fingerprint_first; /* packets whose flow is asked for by its fingerprint first */
};

/* The next hop towards a client, as one CPU asked the kernel for it. */
struct lb_client_nexthop {
	__u64 client[2];
	__u64 dst_mac; /* destination MAC, the first byte lowest */
	__u64 src_mac; /* source MAC */
	__u32 device; /* interface index to send out of */
	__u32 ingress; /* interface index that the reply came in by */
	__u32 service; /* whose reply it was; 0 = none */
	__u32 tick; /* of asking */
};

/*
 * cpus: ARRAY by CPU, mapped by userspace. What one CPU keeps for itself; userspace
 * reads the counters, and starts a backend's traffic at 0 before its id is
 * published. `traffic` has lb_control.max_backends records, by backend id.
 */
struct lb_cpu {
	struct lb_outcomes outcomes;
	__u64 zero[30 - LB_OUTCOME_COUNT];
	struct lb_pressure pressure;
	struct lb_client_nexthop
		client_nexthops[LB_CLIENT_NEXTHOPS]; /* by lb_client_nexthop_index() */
	struct lb_traffic traffic[];
};

static inline __u32 lb_client_nexthop_index(const __u64 client[2])
{
	return lb_address_hash(client) >> 56;
}

/* devices: DEVMAP_HASH, interface index -> interface index; those we may send out of. */

_Static_assert(sizeof(struct lb_control) == 192 + 16 * LB_SNAT_SOURCES_MAX + 8 * LB_FILTER_WORDS,
	       "no padding");
_Static_assert(sizeof(struct lb_endpoint_entry) == 32, "two entries a cache line");
_Static_assert(sizeof(struct lb_service) == 128, "lb_service is two cache lines");
_Static_assert(sizeof(struct lb_backend) == 64, "lb_backend is one cache line");
_Static_assert(sizeof(struct lb_bucket) == 128, "lb_bucket is two cache lines");
_Static_assert(sizeof(struct lb_traffic) == 64, "lb_traffic is one cache line");
_Static_assert(sizeof(struct lb_client_nexthop) == 48, "no padding");
_Static_assert(sizeof(struct lb_cpu) % 64 == 0, "traffic begins on a cache line");

#endif
