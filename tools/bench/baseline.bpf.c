// SPDX-License-Identifier: GPL-2.0-only
/*
 * Baselines: programs that do the least that any load balancer has to do. They are measured in
 * the same way and in the same run as the real program; its figures are given as ratios to
 * them. They parse and rewrite with the datapath's own code.
 */
#include "forward/encap.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "packet/packet.h"

#define CHASE_LINES 1048576U /* of 64 bytes: 64 MiB */
#define CHASE_STEPS 256

/* The only backend and service; set before loading, constant afterwards. */
const volatile struct lb_backend only_backend;
const volatile struct lb_service only_service;

struct line {
	__u32 next;
	__u32 unused[15];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CHASE_LINES);
	__type(key, __u32);
	__type(value, struct line);
} lines SEC(".maps");

__u32 chase_position;

static __always_inline void swap_addresses(struct ethhdr *ethernet)
{
	mac_store(ethernet, mac_load(ethernet->h_source), mac_load(ethernet->h_dest));
}

SEC("xdp.frags")
int mac_swap(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	swap_addresses(ethernet);
	return XDP_TX;
}

/* Parses any packet, inlined. False if it has no ports. */
static __always_inline bool parse(struct packet *packet, struct headers *headers)
{
	return !parse_network(packet, headers) && !packet->error &&
	       !parse_transport(packet, headers);
}

SEC("xdp.frags")
int parse_swap(struct xdp_md *ctx)
{
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	if (!parse(&packet, &headers))
		return XDP_PASS;
	swap_addresses(headers.ethernet);
	return XDP_TX;
}

static __always_inline int translate(const struct headers *headers)
{
	const struct lb_backend *backend = (const struct lb_backend *)&only_backend;

	/* Keeps the compiler from turning the record's fields into constants. */
	asm volatile("" : "+r"(backend));
	if (!ttl_allows(headers))
		return XDP_DROP;
	nat_request(headers, backend, backend->port);
	mac_store(headers->ethernet, backend->nexthop_dst_mac >> 16,
		  backend->nexthop_src_mac >> 16);
	return XDP_TX;
}

SEC("xdp.frags")
int parse_nat(struct xdp_md *ctx)
{
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	return parse(&packet, &headers) ? translate(&headers) : XDP_PASS;
}

/* The same, for packets without VLAN tags and IP options only. */
SEC("xdp.frags")
int plain_nat(struct xdp_md *ctx)
{
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	if (packet_is_plain(&packet, &headers, true))
		return packet_has_plain_ports(&packet, &headers) ? translate(&headers) : XDP_PASS;
	if (packet_is_plain(&packet, &headers, false))
		return packet_has_plain_ports(&packet, &headers) ? translate(&headers) : XDP_PASS;
	return XDP_PASS;
}

/* Encapsulation in IPIP, with an outer source from a fixed prefix. */
SEC("xdp.frags")
int parse_ipip(struct xdp_md *ctx)
{
	const struct lb_backend *backend = (const struct lb_backend *)&only_backend;
	const struct lb_service *service = (const struct lb_service *)&only_service;
	struct tunnel tunnel = {.is_ipv4 = true};
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	asm volatile("" : "+r"(backend));
	tunnel.backend = backend;
	tunnel.service = service;
	if (!parse(&packet, &headers) || !ttl_allows(&headers))
		return XDP_PASS;
	ttl_decrement(&headers);
	if (!encap(&packet, &headers, &tunnel, packet.source_port))
		return XDP_DROP;
	mac_store(headers.ethernet, backend->nexthop_dst_mac >> 16, backend->nexthop_src_mac >> 16);
	return XDP_TX;
}

/* Pointer chasing: each step reads a cold cache line, which holds the position of the next. */
SEC("xdp.frags")
int chase(struct xdp_md *ctx)
{
	__u32 position = chase_position;

	(void)ctx;
	for (int i = 0; i < CHASE_STEPS; i++) {
		struct line *line = map_get(&lines, position);

		if (!line)
			return XDP_ABORTED;
		position = line->next;
	}
	chase_position = position;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
