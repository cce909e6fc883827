// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer. Each packet is asked: what came in? is it ours? have we met?
 * who shall have it? And off it goes.
 */
#include "core/endpoints.h"
#include "flow/sweep.h"
#include "forward/icmp_echo.h"
#include "path/fragment.h"
#include "path/icmp_error.h"
#include "path/reply.h"
#include "path/request.h"
#include "path/snat.h"
#include "path/stateless_fast.h"
#include "path/trace.h"

/* What is not found by ports of its own; beside the roles of enum lb_role. */
enum hard {
	HARD_ERROR = 128,
	HARD_FRAGMENT,
};

/* Whose a packet is, in one word: what leave() says, if it has left; else a role, id, and next. */
static __always_inline __u64 whose(enum lb_role role, const struct lb_directory_entry *entry)
{
	return (__u64)entry->next << 32 | entry->id << 16 | role << 8;
}

/* It is not ours, nor is the rest of it if it is a first fragment. */
static __always_inline int leave_alone(const struct packet *packet, enum lb_outcome outcome)
{
	if (packet->fragment && icmp_is_for_us(packet))
		fragment_note(packet, 0, 0, false);
	return leave(packet, outcome, XDP_PASS);
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
		return icmp_is_error(&packet) ? HARD_ERROR << 8
					      : leave(&packet, LB_PASSED, XDP_PASS);
	if (icmp_is_echo(&packet) && icmp_is_for_us(&packet))
		return icmp_answer(&packet);
	if (icmp_is_error(&packet))
		return HARD_ERROR << 8;
	if (packet_is_rest(&packet))
		return packet.transport > packet.end ? leave(&packet, LB_MALFORMED, XDP_PASS)
						     : HARD_FRAGMENT << 8;
	outcome = packet_parse_transport(&packet);
	if (outcome)
		return leave_alone(&packet, outcome);
	entry = endpoint_find(packet.destination,
			      packet_selector(&packet, packet.destination_port, LB_ROLE_SERVICE));
	if (!entry)
		entry = endpoint_find(
			packet.destination,
			packet_selector(&packet, packet.destination_port, LB_ROLE_FORGETFUL));
	if (!entry)
		entry = endpoint_find(
			packet.destination,
			packet_selector(&packet, packet.destination_port, LB_ROLE_STEADY));
	if (entry)
		return whose(LB_ROLE_SERVICE, entry);
	entry = directory_find(packet.destination,
			       lb_selector(0, 0, LB_ROLE_SOURCE, packet.is_ipv4));
	if (entry)
		return whose(LB_ROLE_SOURCE, entry);
	entry = endpoint_find(packet.source,
			      packet_selector(&packet, packet.source_port, LB_ROLE_BACKEND));
	if (entry)
		return whose(LB_ROLE_BACKEND, entry);
	return leave_alone(&packet, LB_PASSED);
}

static __always_inline int balance_found(struct xdp_md *ctx, __u64 found)
{
	__u16 id = found >> 16;

	switch (found >> 8 & 0xff) {
	case LB_ROLE_SERVICE:
		return request_noted(ctx, id);
	case LB_ROLE_BACKEND:
		return reply_noted(ctx, id, found >> 32);
	case LB_ROLE_SOURCE:
		return reply_translated(ctx, id);
	case HARD_ERROR:
		return relay(ctx);
	case HARD_FRAGMENT:
		return follow(ctx);
	default:
		return found;
	}
}

static __always_inline int balance_any(struct xdp_md *ctx)
{
	return verdict_of(balance_found(ctx, find_whose(ctx)));
}

/* What is at no endpoint of a service that remembers its flows, but may be at a steady one's. */
static __always_inline int balance_straight(const struct packet *packet)
{
	__u32 next = packet->is_ipv4 ? straight4(packet->ctx) : straight6(packet->ctx);

	if (!next)
		return balance_any(packet->ctx);
	if (next & DELIVERY)
		return verdict_of(deliver(packet->ctx, next));
	return next & ELSEWHERE ? verdict_of(request_noted(packet->ctx, next & 0xffff)) : (int)next;
}

/* Inlined twice, so that each IP version has its own straight way. */
static __always_inline int balance(struct packet *packet)
{
	struct lb_directory_entry *entry;
	struct lb_bucket *bucket;
	struct flow_visit visit;

	if (filter_has(packet->destination, LB_ROLE_SERVICE)) {
		if (!packet_has_plain_ports(packet))
			return balance_any(packet->ctx);
		/* Before its service is: what follows from a flow's hash takes the longest. */
		bucket = flow_visit(&visit, packet, packet->source, packet->source_port);
		entry = directory_find(
			packet->destination,
			packet_selector(packet, packet->destination_port, LB_ROLE_SERVICE));
		return entry ? request(packet, entry->id, &visit, bucket)
			     : balance_straight(packet);
	}
	if (filter_has(packet->source, LB_ROLE_BACKEND)) {
		entry = packet_has_plain_ports(packet)
				? directory_find(packet->source,
						 packet_selector(packet, packet->source_port,
								 LB_ROLE_BACKEND))
				: NULL;
		return entry ? reply(packet, entry->id, entry->next) : balance_any(packet->ctx);
	}
	if (unlikely(packet_is_icmp(packet))) /* by a router, about a packet to a backend */
		return balance_any(packet->ctx);
	return leave(packet, LB_PASSED, XDP_PASS);
}

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;

	/* Somebody watches: it takes the way of any, at whose end its outcome is known. */
	if (unlikely(*(volatile __u32 *)&control.tracing) && trace_takes(ctx))
		return trace(ctx, balance_found(ctx, find_whose(ctx)));
	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	packet.is_straight = true;
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
