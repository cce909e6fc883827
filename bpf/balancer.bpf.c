// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer. Each packet is asked: what came in? is it ours? have we met?
 * who shall have it? And off it goes.
 */
#include "icmp.h"
#include "reply.h"
#include "request.h"
#include "service.h"
#include "snat.h"
#include "sweep.h"

/* Whose a packet is, in one word: its verdict, if it has left; else a role, id, and next. */
static __always_inline __u64 whose(enum lb_role role, const struct lb_directory_entry *entry)
{
	return (__u64)entry->next << 32 | entry->id << 16 | role << 8;
}

/* The endpoint at a port, or the one on all ports of the address. */
static __always_inline struct lb_directory_entry *find_endpoint(const struct packet *packet,
								const __u64 address[2], __be16 port,
								enum lb_role role)
{
	struct lb_directory_entry *entry =
		directory_find(address, packet_selector(packet, port, role));

	return entry ? entry : directory_find(address, packet_selector(packet, 0, role));
}

/*
 * Finds out whose any packet is, whatever it looks like. The common ones are not brought
 * here; a function of its own, which reads the packet again.
 */
__noinline __u64 find_whose(struct xdp_md *ctx)
{
	struct lb_directory_entry *entry;
	enum lb_outcome outcome;
	struct packet packet;

	if (!packet_enter(&packet, ctx))
		return XDP_DROP;
	outcome = packet_parse_network(&packet);
	if (outcome)
		return leave(&packet, outcome, XDP_PASS);
	if (!filter_has(packet.destination, LB_ROLE_SERVICE) &&
	    !filter_has(packet.source, LB_ROLE_BACKEND))
		return leave(&packet, LB_PASSED, XDP_PASS);
	if (icmp_is_echo(&packet) && icmp_is_for_us(&packet))
		return icmp_answer(&packet);
	outcome = packet_parse_transport(&packet);
	if (outcome)
		return leave(&packet, outcome, XDP_PASS);
	entry = find_endpoint(&packet, packet.destination, packet.destination_port,
			      LB_ROLE_SERVICE);
	if (!entry)
		entry = find_endpoint(&packet, packet.destination, packet.destination_port,
				      LB_ROLE_FORGETFUL);
	if (entry)
		return whose(LB_ROLE_SERVICE, entry);
	entry = directory_find(packet.destination,
			       lb_selector(0, 0, LB_ROLE_SOURCE, packet.is_ipv4));
	if (entry)
		return whose(LB_ROLE_SOURCE, entry);
	entry = find_endpoint(&packet, packet.source, packet.source_port, LB_ROLE_BACKEND);
	if (entry)
		return whose(LB_ROLE_BACKEND, entry);
	return leave(&packet, LB_PASSED, XDP_PASS);
}

static __always_inline int balance_any(struct xdp_md *ctx)
{
	__u64 found = find_whose(ctx);
	__u16 id = found >> 16;

	switch (found >> 8 & 0xff) {
	case LB_ROLE_SERVICE:
		return request_noted(ctx, id);
	case LB_ROLE_BACKEND:
		return reply_noted(ctx, id, found >> 32);
	case LB_ROLE_SOURCE:
		return reply_translated(ctx, id);
	default:
		return found & 0xff;
	}
}

/* Inlined twice, so that each IP version has its own straight way. */
static __always_inline int balance(struct packet *packet)
{
	struct lb_directory_entry *entry;

	if (filter_has(packet->destination, LB_ROLE_SERVICE)) {
		entry = packet_has_plain_ports(packet)
				? directory_find(packet->destination,
						 packet_selector(packet, packet->destination_port,
								 LB_ROLE_SERVICE))
				: NULL;
		return entry ? request(packet, entry->id) : balance_any(packet->ctx);
	}
	if (filter_has(packet->source, LB_ROLE_BACKEND)) {
		entry = packet_has_plain_ports(packet)
				? directory_find(packet->source,
						 packet_selector(packet, packet->source_port,
								 LB_ROLE_BACKEND))
				: NULL;
		return entry ? reply(packet, entry->id, entry->next) : balance_any(packet->ctx);
	}
	return leave(packet, LB_PASSED, XDP_PASS);
}

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_is_plain(&packet, true))
		return balance(&packet);
	if (packet_is_plain(&packet, false))
		return balance(&packet);
	return balance_any(ctx);
}

/* Both clocks at one moment, for userspace to tell the flows' from its own. */
struct clock {
	__u64 flows_ns;
	__u64 monotonic_ns;
};

SEC("syscall")
int read_clock(struct clock *clock)
{
	clock->flows_ns = now();
	clock->monotonic_ns = bpf_ktime_get_ns();
	return 0;
}

char _license[] SEC("license") = "GPL";
