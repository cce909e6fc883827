/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ABI between the datapath and userspace: keys and values of all maps.
 *
 * The maps are pinned and outlive every process, so these structures are also the format of the
 * database. LB_ABI_VERSION changes with each of them; every program compares it before it touches
 * anything.
 *
 * There are two kinds of maps:
 *
 *  - The configuration: settings by operators and results of checks. It is stored as two whole
 *    snapshots (id, and id + half of the map). The low bit of lb_control.generation selects the
 *    current one. A writer prepares the other snapshot and adds one to the generation: that store
 *    is the commit.
 *  - The datapath's tables: compiled from the configuration, and read by packets. Parts that must
 *    agree are stored in two copies as well. One word of at most eight bytes selects the copy in
 *    use, and changes by one store.
 *
 * A copy that packets may still be reading is not written again before an RCU grace period has
 * passed; lb_control.published trails generation until then.
 *
 * Addresses are 16 bytes in network byte order, stored as two words so that two instructions
 * compare them; IPv4 is ::ffff:a.b.c.d. Ports are in network order. All other fields are in host
 * byte order. Padding is explicit and zero.
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

/* lb_control.endpoints of an instance without endpoints: 16 hash entries from index 0. */
#define LB_ENDPOINTS_EMPTY 60U

/* Role of an endpoint: destination of requests, or source of replies. */
enum lb_role {
	LB_ROLE_NONE,
	LB_ROLE_SERVICE,
	LB_ROLE_BACKEND,
	LB_ROLE_SNAT_SOURCE, /* a SNAT source address, with any port and protocol */
	LB_ROLE_PERSIST_NONE, /* a service that tracks no flows (--persist none) */
	LB_ROLE_STATELESS, /* a stateless service: its slots name the backends of flows */
};

/* How a scheduler selects a slot of the service's table. */
enum lb_pick {
	LB_PICK_NEXT, /* the next one, by the service's shared cursor: rr, wrr */
	LB_PICK_RANDOM, /* a random one: random */
	LB_PICK_FLOW_HASH, /* by hash of the flow: maglev */
	LB_PICK_SOURCE_HASH, /* by hash of the client address: source */
	LB_PICK_P2C, /* of two random slots, the backend with fewer flows per weight: p2c */
	LB_PICK_LC, /* of all backends or four random slots, the fewest flows per weight: lc */
	LB_PICK_LRT, /* of two random slots, the least flows per weight times response time: lrt */
};

/* State of a tracked flow; see include/lb/flow.h. */
enum lb_flow_state {
	LB_FLOW_CLOSED, /* both directions are closed, or one side has sent a reset */
	LB_FLOW_NEW, /* the backend has not answered yet */
	LB_FLOW_ANSWERED, /* the backend has answered */
	LB_FLOW_ESTABLISHED, /* the client has continued after the answer */
	LB_FLOW_CLIENT_FIN, /* the client has closed its direction */
	LB_FLOW_BACKEND_FIN, /* the backend has closed its direction */
	LB_FLOW_SAMPLED, /* established, and the next request is sampled */
	LB_FLOW_AWAITING_REPLY, /* established, and a sampled request waits for its answer */
	LB_FLOW_STATE_COUNT
};

/* Length of lb_control.filter in words; word and bit of an lb_filter_hash(). */
#define LB_FILTER_WORDS	     1024U
#define LB_FILTER_WORD(hash) ((__u32)((hash) >> 54))
#define LB_FILTER_BIT(hash)  ((hash) >> 48 & 63)

struct lb_rx_queues {
	__u32 device; /* interface index; 0 = unused */
	__u32 queues;
};

#define LB_RX_DEVICES 4

/*
 * control: the program's global data (a map of 1), mapped by userspace, which writes it under the
 * instance's lock, each word by one store. Packets read `endpoints` and `filter`, and write
 * `untracked_tick`; the sweep reads `counted`. The tracer sets `tracing`; a packet clears it if the
 * tracer was killed.
 */
struct lb_control {
	/*
	 * The copy of the endpoint table in use: index of its first entry in the upper half; in the
	 * lower half the shift of a hash: 64 minus the logarithm of its number of hash entries.
	 */
	__u64 endpoints;
	__u32 untracked_tick; /* tick in which a flow last went untracked */
	__u32 counted; /* number of backends with LB_BACKEND_COUNTED */
	__u32 tracing; /* leaving packets are compared with `trace_filter`: see lb/trace.h */
	__u32 zero0;
	/* Receive queues of up to four interfaces at attach time; see store_rx_queues(). */
	struct lb_rx_queues rx_queues[LB_RX_DEVICES];
	__u32 client_buckets;
	__u32 zero2;

	__u32 abi;
	__u32 max_services; /* ids 1..max_services - 1 are services */
	__u32 max_backends; /* ids 1..max_backends - 1 are backends */
	__u32 flow_buckets;
	struct lb_seed seed;
	__u64 generation; /* of the committed configuration; the low bit selects its snapshot */
	__u64 published; /* generation of the datapath's tables, after the grace period */
	__u64 tick_ns; /* period of the timer interrupt, which the flow clock counts */
	__u64 clock_offset_ns; /* the flow clock minus CLOCK_MONOTONIC */
	__u64 max_sources;
	__u64 revision[2]; /* operators' changes up to each snapshot, without health and latency */
	/* CLOCK_BOOTTIME at which an unconfirmed apply is rolled back; 0 = none is pending. */
	__u64 confirm_by_ns;
	__u64 events; /* number of events so far, see map events */
	__u64 controller; /* process id of the last controller, see store_controller_pid() */
	__u64 zero3[2];

	__u64 snat_sources[LB_SNAT_SOURCES_MAX][2]; /* SNAT source addresses; zero = unused */

	/*
	 * Bitmap of the endpoints. If an address's bit is clear, it is no endpoint: two loads
	 * reject most packets of a busy interface.
	 */
	__u64 filter[LB_FILTER_WORDS];
};

/*
 * endpoints: ARRAY of 1, mapped by userspace: an array of entries, two copies. A hash table with
 * open addressing: an endpoint is within LB_ENDPOINT_PROBES_MAX entries from its preferred index.
 * Backends of several services with the same endpoint form a chain by `next`. The copy in use is
 * immutable.
 */
struct lb_endpoint_entry {
	__u64 address[2];
	__u32 selector; /* lb_selector(); 0 = empty */
	__u32 id; /* of the service, backend or SNAT source */
	__u32 next; /* index of the next entry with the same endpoint; 0 = none */
	__u32 zero;
};

/*
 * Port (network order), protocol (IPPROTO_*), role and IP version of an endpoint in one word. Port
 * 0 with IPPROTO_ICMP is a VIP, for ICMP echo of either version. The version is included so that an
 * IPv6 packet with the address ::ffff:a.b.c.d does not match an IPv4 endpoint.
 */
static inline __u32 lb_selector(__be16 port, __u8 protocol, __u8 role, __u8 is_ipv4)
{
	return (__u32)port | (__u32)protocol << 16 | (__u32)role << 24 | (__u32)is_ipv4 << 27;
}

/* The selector of the same endpoint on all ports. */
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
 * Hash of an endpoint; its upper bits are the preferred index in the endpoint table. Operators
 * choose the endpoints, not clients, so one round suffices.
 */
static inline __u64 lb_endpoint_hash(const __u64 address[2], __u32 selector)
{
	return lb_address_hash(address) + (__u64)selector * 0x94d049bb133111ebULL;
}

/* Hash of an address and role; its upper 16 bits select a filter bit. As cheap as possible. */
static inline __u64 lb_filter_hash(const __u64 address[2], enum lb_role role)
{
	return lb_address_hash(address) + role * 0xbf58476d1ce4e5b9ULL;
}

/*
 * services: ARRAY of 1, mapped by userspace: an array by service id. Userspace changes the first
 * cache line rarely, word by word. Packets write the second one too: cursor, response time, flow
 * count and transition.
 */
struct lb_service {
	__u64 address[2];
	__be16 port; /* 0 = all; backends then get the port that the client used */
	__u8 protocol;
	__u8 persist; /* enum lb_persist */
	__u32 slots; /* index in map slots of the copy in use */
	/* Outer source prefixes of tunnels, out of which each flow gets an address. */
	__u64 source6[2];
	__be32 source6_hosts; /* bits of the last word that vary by flow */
	__be32 source4;
	__be32 source4_hosts;
	/* Its addresses in lb_control.snat_sources; none: it has no flows in snat mode. */
	__u16 snat_first;
	__u16 snat_count;
	__u32 persist_ticks; /* LB_PERSIST_SOURCE: ticks after which a client expires, */
	__u32 persist_bits; /* and its prefix length, of 128 for either IP version */

	__u64 cursor; /* LB_PICK_NEXT: the next slot, modulo the table's length */
	__u32 response_us; /* LB_PICK_LRT: smoothed over all its backends */
	__u32 response_tick; /* of its last sample */
	__u32 flows; /* sum of its backends' lb_load.flows */
	__u32 limits; /* its backends have limits for new flows */
	__u32 handles_untracked; /* its slot table is consulted before the flow table */
	__u32 transition_until
		[2]; /* by lb_slots.copy: tick until which slots have previous owners */
	__u32 spill; /* the service that its new flows spill over to; 0 = none */
	__u64 zero2[3];
};

/* lb_backend.flags; from bit 8 on, the forwarding mode of new flows: enum lb_forward. */
#define LB_BACKEND_MAINT	 1U /* its flows get another backend */
#define LB_BACKEND_COUNTED	 2U /* its flows are counted */
#define LB_BACKEND_TIMED	 4U /* its response times are measured */
#define LB_BACKEND_RESET	 8U /* with LB_BACKEND_MAINT: its TCP flows are reset */
#define LB_BACKEND_NO_PERSIST	 16U /* client persistence does not keep clients here */
#define LB_BACKEND_PERSIST_NONE	 32U /* flows are untracked: all replies are translated */
#define LB_BACKEND_ALIAS	 64U /* alias of another service's backend, for spillover */
#define LB_BACKEND_PASSIVE_CHECK 128U /* outcomes of new connections are counted, as with _TIMED */

static inline __u8 lb_backend_forward(__u32 flags)
{
	return flags >> 8 & 7;
}

/*
 * backends: ARRAY of 1, mapped by userspace: an array by backend id. Address, port, service and
 * checksum deltas are written before the id is published, and then stay; each other field changes
 * by one store. Both the datapath and userspace write the next-hop words, each by one store. These
 * belong together if their low 16 bits, the tick of writing, are equal.
 */
struct lb_backend {
	__u64 address[2];
	__be16 port;
	__u16 service;
	__u32 flags;
	__u16 address_sum; /* delta of the IPv4 header's checksum: VIP -> backend, and a hop */
	__u16 endpoint_sum; /* delta of the transport checksum: VIP -> backend */
	__u32 idle_new; /* idle timeout in ticks of a flow that is half open, */
	__u32 idle_established; /* established, */
	__u32 idle_closing; /* closed in one direction */
	__u64 nexthop_dst_mac; /* destination MAC << 16 | tick */
	__u64 nexthop_src_mac; /* source MAC << 16 | tick; unknown: another tick than dst_mac's */
	__u64 nexthop_device; /* MTU (0: unknown) << 48 | interface index << 16 | tick */
};

/* A tracked flow; include/lb/flow.h describes its two words. */
struct lb_flow {
	__u64 key;
	__u64 data;
};

/*
 * flows: ARRAY of 1, mapped by userspace: an array of buckets, two cache lines each. A flow's hash
 * selects its bucket and preferred entry. Packets (insert) and userspace (flush) claim an entry by
 * compare-and-swap of its key.
 */
struct lb_bucket {
	struct lb_flow flow[LB_BUCKET_FLOWS];
};

/*
 * fingerprints: ARRAY of 1, mapped by userspace: for each bucket of flows, lb_fingerprint() of each
 * entry's flow. The packet that claims an entry writes the fingerprint before the key; after the
 * entry is freed, it has no meaning. The map has a 16th of the flow table's size, so it stays in
 * the CPU caches where that does not. In a flood it shows that a flow is not in the table.
 */
struct lb_fingerprints {
	__u8 entry[LB_BUCKET_FLOWS];
};

/* Traffic between clients and one backend, counted by one CPU. */
struct lb_traffic {
	__u64 packets; /* towards the backend */
	__u64 bytes; /* of IP packets: header and payload */
	__u64 new_flows;
	__u64 reply_packets; /* from the backend */
	__u64 reply_bytes;
	__u64 zero[3];
};

/* Packets by outcome, enum lb_outcome. */
struct lb_outcomes {
	__u64 count[LB_OUTCOME_COUNT];
};

/* Pressure on the flow table, as one CPU observes it: see bpf/flow/pressure.h. */
struct lb_pressure {
	__u32 streak; /* consecutive inserts without a free entry */
	__u32 skip; /* new flows that are not inserted before the next attempt, in this tick: */
	__u32 tick;
	__u32 fingerprint_first; /* number of next packets that compare fingerprints first */
};

/* The next hop to a client, cached by one CPU from its FIB lookup. */
struct lb_client_nexthop {
	__u64 client[2];
	__u64 dst_mac; /* destination MAC, first byte lowest */
	__u64 src_mac; /* source MAC */
	__u32 device; /* egress interface index */
	__u32 ingress; /* ingress interface index of the reply */
	__u32 service; /* of the reply; 0 = none */
	__u32 tick; /* of the lookup */
};

/*
 * cpus: ARRAY by CPU, mapped by userspace. One CPU's own records. Userspace reads the counters, and
 * zeroes a backend's traffic before its id is published. `traffic` has lb_control.max_backends
 * records, by backend id.
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

/* devices: DEVMAP_HASH, interface index -> interface index: the possible egress interfaces. */

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
