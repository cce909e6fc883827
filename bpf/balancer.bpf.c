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
enum packet_class {
	CLASS_ICMP_ERROR = 128,
	CLASS_FRAGMENT,
};

/* Whose a packet is, in one word: what finish() says, if it has left; else a role, id, and next. */
static __always_inline __u64 classified(enum lb_role role, const struct lb_endpoint_entry *entry)
{
	return (__u64)entry->next << 32 | entry->id << 16 | role << 8;
}

/* It is not ours, nor is the rest of it if it is a first fragment. */
static __always_inline int pass_through(const struct packet *packet, enum lb_outcome outcome)
{
	if (packet->fragment && packet_is_to_vip(packet))
		fragment_record(packet, 0, 0, false);
	return finish(packet, outcome, XDP_PASS);
}

/*
 * Finds out whose any packet is, whatever it looks like. The common ones are not brought
 * here; a function of its own, which reads the packet again.
 */
__noinline __u64 classify(struct xdp_md *ctx)
{
	struct lb_endpoint_entry *entry;
	enum lb_outcome outcome;
	struct packet packet;

	if (!packet_init(&packet, ctx))
		return XDP_DROP;
	outcome = packet_parse_network(&packet);
	if (outcome)
		return finish(&packet, outcome, XDP_PASS);
	if (!filter_may_match(packet.destination, LB_ROLE_SERVICE) &&
	    !filter_may_match(packet.source, LB_ROLE_BACKEND))
		return icmp_is_error(&packet) ? CLASS_ICMP_ERROR << 8
					      : finish(&packet, LB_PASSED, XDP_PASS);
	if (icmp_is_echo_request(&packet) && packet_is_to_vip(&packet))
		return icmp_echo_reply(&packet);
	if (icmp_is_error(&packet))
		return CLASS_ICMP_ERROR << 8;
	if (packet_is_later_fragment(&packet))
		return packet.transport > packet.end ? finish(&packet, LB_MALFORMED, XDP_PASS)
						     : CLASS_FRAGMENT << 8;
	outcome = packet_parse_transport(&packet);
	if (outcome)
		return pass_through(&packet, outcome);
	entry = endpoint_lookup(packet.destination,
				packet_selector(&packet, packet.destination_port, LB_ROLE_SERVICE));
	if (!entry)
		entry = endpoint_lookup(
			packet.destination,
			packet_selector(&packet, packet.destination_port, LB_ROLE_PERSIST_NONE));
	if (!entry)
		entry = endpoint_lookup(
			packet.destination,
			packet_selector(&packet, packet.destination_port, LB_ROLE_STATELESS));
	if (entry)
		return classified(LB_ROLE_SERVICE, entry);
	entry = endpoint_lookup_exact(packet.destination,
				      lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet.is_ipv4));
	if (entry)
		return classified(LB_ROLE_SNAT_SOURCE, entry);
	entry = endpoint_lookup(packet.source,
				packet_selector(&packet, packet.source_port, LB_ROLE_BACKEND));
	if (entry)
		return classified(LB_ROLE_BACKEND, entry);
	return pass_through(&packet, LB_PASSED);
}

static __always_inline int dispatch(struct xdp_md *ctx, __u64 found)
{
	__u16 id = found >> 16;

	switch (found >> 8 & 0xff) {
	case LB_ROLE_SERVICE:
		return request_slow(ctx, id);
	case LB_ROLE_BACKEND:
		return reply_slow(ctx, id, found >> 32);
	case LB_ROLE_SNAT_SOURCE:
		return reply_snat(ctx, id);
	case CLASS_ICMP_ERROR:
		return icmp_error_relay(ctx);
	case CLASS_FRAGMENT:
		return fragment_follow(ctx);
	default:
		return found;
	}
}

static __always_inline int slow_path(struct xdp_md *ctx)
{
	return verdict_of(dispatch(ctx, classify(ctx)));
}

/* What is at no endpoint of a service that remembers its flows, but may be at a steady one's. */
static __always_inline int stateless_path(const struct packet *packet)
{
	__u32 next = packet->is_ipv4 ? stateless_fast4(packet->ctx) : stateless_fast6(packet->ctx);

	if (!next)
		return slow_path(packet->ctx);
	if (next & ACTION_FORWARD)
		return verdict_of(forward_packet(packet->ctx, next));
	return next & ACTION_TRY_NEXT ? verdict_of(request_slow(packet->ctx, next & 0xffff))
				      : (int)next;
}

/* Inlined twice, so that each IP version has its own straight way. */
static __always_inline int balance(struct packet *packet)
{
	struct lb_endpoint_entry *entry;
	struct lb_bucket *bucket;
	struct flow_lookup lookup;

	if (filter_may_match(packet->destination, LB_ROLE_SERVICE)) {
		if (!packet_has_plain_ports(packet))
			return slow_path(packet->ctx);
		/* Before its service is: what follows from a flow's hash takes the longest. */
		bucket = flow_lookup(&lookup, packet, packet->source, packet->source_port);
		entry = endpoint_lookup_exact(
			packet->destination,
			packet_selector(packet, packet->destination_port, LB_ROLE_SERVICE));
		return entry ? request(packet, entry->id, &lookup, bucket) : stateless_path(packet);
	}
	if (filter_may_match(packet->source, LB_ROLE_BACKEND)) {
		entry = packet_has_plain_ports(packet)
				? endpoint_lookup_exact(packet->source,
							packet_selector(packet, packet->source_port,
									LB_ROLE_BACKEND))
				: NULL;
		return entry ? reply(packet, entry->id, entry->next) : slow_path(packet->ctx);
	}
	if (unlikely(packet_is_icmp(packet))) /* by a router, about a packet to a backend */
		return slow_path(packet->ctx);
	return finish(packet, LB_PASSED, XDP_PASS);
}

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;

	/* Somebody watches: it takes the way of any, at whose end its outcome is known. */
	if (unlikely(*(volatile __u32 *)&control.tracing) && trace_samples(ctx))
		return trace(ctx, dispatch(ctx, classify(ctx)));
	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	packet.is_fast_path = true;
	if (packet_is_plain(&packet, true))
		return balance(&packet);
	if (packet_is_plain(&packet, false))
		return balance(&packet);
	return slow_path(ctx);
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
