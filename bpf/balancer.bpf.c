// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer. Each packet is asked: what came in? is it ours? have we met?
 * who shall have it? And off it goes.
 */
#include "reply.h"
#include "request.h"
#include "service.h"

/* Inlined twice, so that each IP version has its own straight path. */
static __always_inline int balance(struct packet *packet, enum lb_outcome outcome)
{
	struct lb_directory_entry *entry;

	if (outcome)
		return leave(packet, outcome, XDP_PASS);
	if (!filter_has(packet->destination, LB_ROLE_SERVICE) &&
	    !filter_has(packet->source, LB_ROLE_BACKEND))
		return leave(packet, LB_PASSED, XDP_PASS);
	outcome = packet_parse_transport(packet);
	if (outcome)
		return leave(packet, outcome, XDP_PASS);
	entry = directory_find(packet->destination, packet->destination_port, packet->protocol,
			       LB_ROLE_SERVICE);
	if (entry)
		return request(packet, entry->id);
	entry = directory_find(packet->source, packet->source_port, packet->protocol,
			       LB_ROLE_BACKEND);
	if (entry)
		return reply(packet, entry->id, entry->next);
	return leave(packet, LB_PASSED, XDP_PASS);
}

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;
	enum lb_outcome outcome;
	__be16 type;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	outcome = packet_begin(&packet, &type);
	if (outcome)
		return leave(&packet, outcome, XDP_PASS);
	if (type == bpf_htons(ETH_P_IP))
		return balance(&packet, packet_parse_ipv4(&packet));
	if (type == bpf_htons(ETH_P_IPV6))
		return balance(&packet, packet_parse_ipv6(&packet));
	return leave(&packet, LB_NOT_IP, XDP_PASS);
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
