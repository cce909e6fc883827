// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP program of the load balancer. It processes a packet in five steps:
 *
 *     1. parse the headers                                        packet/
 *     2. look up the endpoint: service or backend                 core/endpoints.h
 *     3. find the flow, and update its state                      flow/
 *     4. select a backend for a new flow                          select/
 *     5. find the next hop, translate or encapsulate, and send    forward/
 *
 * The fast path does this for common packets of known flows, and writes nothing but counters. For
 * any other packet it returns the steps left as an action (core/action.h), and the slow path
 * performs that. Every packet ends in finish(), which counts its outcome.
 */
#include "core/action.h"
#include "core/endpoints.h"
#include "flow/pressure.h"
#include "flow/sweep.h"
#include "forward/forward.h"
#include "forward/icmp_echo.h"
#include "forward/return.h"
#include "packet/icmp.h"
#include "packet/packet.h"
#include "path/fragment.h"
#include "path/icmp_error.h"
#include "path/reply.h"
#include "path/request.h"
#include "path/snat.h"
#include "path/stateless_fast.h"
#include "path/trace.h"

/* --- fast path ------------------------------------------------------------------------------- */

/* A common packet to a VIP. Returns ACTION_VERDICT, or the action for the slow path. */
static __always_inline struct action to_service(struct packet *packet, struct headers *headers,
						struct lb_cpu *cpu)
{
	struct lb_endpoint_entry *entry;
	struct flow_lookup lookup;
	struct lb_bucket *bucket;

	if (!packet_has_plain_ports(packet, headers))
		return action_of(ACTION_CLASSIFY, 0);
	/* Before the endpoint: loads that depend on the flow's hash take longest. */
	bucket = flow_lookup(&lookup, packet, packet->source, packet->source_port);
	if (!pressure_is_high(cpu) && !filter_may_match(packet->destination, LB_ROLE_STATELESS))
		flow_prefetch(&lookup, bucket);
	entry = endpoint_lookup_exact(
		packet->destination,
		packet_selector(packet, packet->destination_port, LB_ROLE_SERVICE));
	if (entry)
		return request_fast(packet, headers, cpu, entry->id, &lookup, bucket);
	return (struct action){packet->is_ipv4 ? stateless_fast4(headers->ctx)
					       : stateless_fast6(headers->ctx)};
}

/* A common packet from a backend's address. Returns the same. */
static __always_inline struct action from_backend(struct packet *packet, struct headers *headers,
						  struct lb_cpu *cpu)
{
	struct lb_endpoint_entry *entry;

	if (!packet_has_plain_ports(packet, headers))
		return action_of(ACTION_CLASSIFY, 0);
	entry = endpoint_lookup_exact(
		packet->source, packet_selector(packet, packet->source_port, LB_ROLE_BACKEND));
	if (!entry)
		return action_of(ACTION_CLASSIFY, 0);
	return reply_fast(packet, headers, cpu, entry);
}

/* Inlined once for each IP version, so that its code does not branch on the version. */
static __always_inline struct action balance_plain(struct packet *packet, struct headers *headers,
						   struct lb_cpu *cpu)
{
	if (filter_may_match(packet->destination, LB_ROLE_SERVICE))
		return to_service(packet, headers, cpu);
	if (filter_may_match(packet->source, LB_ROLE_BACKEND))
		return from_backend(packet, headers, cpu);
	if (unlikely(packet_is_icmp(packet))) /* a router's error, about a packet to a backend */
		return action_of(ACTION_CLASSIFY, 0);
	return finish(cpu, LB_PASSED, XDP_PASS);
}

static __always_inline struct action fast_path(struct xdp_md *ctx, struct lb_cpu *cpu)
{
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	if (packet_is_plain(&packet, &headers, true))
		return balance_plain(&packet, &headers, cpu);
	if (packet_is_plain(&packet, &headers, false))
		return balance_plain(&packet, &headers, cpu);
	return action_of(ACTION_CLASSIFY, 0);
}

/* --- slow path ------------------------------------------------------------------------------- */

/* Passes a packet to the stack; if it is a first fragment to a VIP, its later fragments too. */
static __always_inline struct action pass_through(const struct packet *packet,
						  enum lb_outcome outcome)
{
	if (packet->fragment && packet_is_to_vip(packet))
		fragment_record(packet, 0, 0, false);
	return action_verdict(outcome, XDP_PASS);
}

static __always_inline struct lb_endpoint_entry *service_at(const struct packet *packet,
							    enum lb_role role)
{
	return endpoint_lookup(packet->destination,
			       packet_selector(packet, packet->destination_port, role));
}

/* The endpoint entry of the service that a packet is sent to, or NULL. */
static __always_inline struct lb_endpoint_entry *find_service(const struct packet *packet)
{
	return service_at(packet, LB_ROLE_SERVICE)
		       ?: service_at(packet, LB_ROLE_PERSIST_NONE)
				  ?: service_at(packet, LB_ROLE_STATELESS);
}

/*
 * Looks up the endpoint of a TCP or UDP packet. Returns ACTION_REQUEST, ACTION_SNAT_REPLY,
 * ACTION_REPLY, or ACTION_VERDICT if it has none.
 */
static __always_inline struct action classify_endpoint(const struct packet *packet)
{
	struct lb_endpoint_entry *entry = find_service(packet);

	if (entry)
		return action_of(ACTION_REQUEST, entry->id);
	entry = endpoint_lookup(packet->destination,
				lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet->is_ipv4));
	if (entry)
		return action_of(ACTION_SNAT_REPLY, entry->id);
	entry = endpoint_lookup(packet->source,
				packet_selector(packet, packet->source_port, LB_ROLE_BACKEND));
	if (entry)
		return action_indexed(action_of(ACTION_REPLY, entry->id), entry->next);
	return pass_through(packet, LB_PASSED);
}

/*
 * Classifies a packet by its headers and endpoint. Returns one of ACTION_REQUEST to
 * ACTION_ICMP_ERROR, or ACTION_VERDICT. Global function: verified once.
 */
__noinline __u64 classify(struct xdp_md *ctx, const struct packet *packet)
{
	struct headers headers;

	if (!packet || !headers_find(&headers, ctx, packet))
		return action_abort().word;
	if (icmp_is_error(packet, &headers))
		return action_of(ACTION_ICMP_ERROR, 0).word;
	if (icmp_is_echo_request(packet, &headers) && packet_is_to_vip(packet))
		return icmp_echo_reply(packet, &headers).word;
	if (packet_is_icmp(packet) && packet_is_foreign(packet))
		return action_verdict(LB_PASSED, XDP_PASS).word;
	if (packet_is_later_fragment(packet))
		return packet->error == LB_MALFORMED ? action_verdict(LB_MALFORMED, XDP_PASS).word
						     : action_of(ACTION_FRAGMENT, 0).word;
	if (packet->error)
		return pass_through(packet, packet->error).word;
	return classify_endpoint(packet).word;
}

/* Finds the flow of a classified packet. Returns the action for transmit(). */
static __always_inline struct action track(struct xdp_md *ctx, const struct packet *packet,
					   struct action action)
{
	__u32 id = action_id(action);

	switch (action_kind(action)) {
	case ACTION_REQUEST:
		return (struct action){request_action(
			packet, id,
			action_begins_flow(action) ? FLOW_SELECT : FLOW_FIND_OR_SELECT)};
	case ACTION_REPLY:
		return (struct action){reply_track(packet, id, action_index(action))};
	case ACTION_SNAT_REPLY:
		return (struct action){snat_reply_track(packet, id)};
	case ACTION_FRAGMENT:
		return (struct action){fragment_action(packet)};
	case ACTION_ICMP_ERROR:
		return icmp_error_action(ctx, packet);
	default:
		return action;
	}
}

/* Sends, answers or drops a packet. Returns ACTION_VERDICT. */
static __always_inline struct action transmit(struct xdp_md *ctx, const struct packet *packet,
					      struct action action)
{
	switch (action_kind(action)) {
	case ACTION_FORWARD:
		return forward_packet(ctx, packet, action);
	case ACTION_RETURN:
		return (struct action){return_packet(ctx, packet, action.word)};
	case ACTION_RESET:
		return (struct action){tcp_reset(ctx, packet)};
	case ACTION_VERDICT:
		return action;
	default:
		return action_abort();
	}
}

/* Performs an action on any packet, and the actions that follow. Returns ACTION_VERDICT. */
__noinline __u64 slow_path(struct xdp_md *ctx, __u64 word)
{
	struct action action = {word};
	struct packet packet = {0};
	bool is_unknown = action_is(action, ACTION_CLASSIFY);
	enum lb_outcome outcome = packet_parse(ctx, &packet, is_unknown);

	if (outcome)
		return action_verdict(outcome, XDP_PASS).word;
	if (is_unknown)
		action.word = classify(ctx, &packet);
	action = track(ctx, &packet, action);
	return transmit(ctx, &packet, action).word;
}

/* --- entry points ---------------------------------------------------------------------------- */

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct action action = action_of(ACTION_CLASSIFY, 0);
	struct lb_cpu *cpu = this_cpu();
	bool traced;

	if (!cpu)
		return XDP_ABORTED;
	traced = unlikely(*(volatile __u32 *)&control.tracing) && trace_samples(ctx);
	if (likely(!traced))
		action = fast_path(ctx, cpu);
	if (likely(action_is_final(action)))
		return action_xdp(action);
	action.word = slow_path(ctx, action.word);
	if (unlikely(traced))
		trace(ctx, action.word);
	return action_xdp(finish(cpu, action_outcome(action), action_xdp(action)));
}

/* The flow clock and CLOCK_MONOTONIC at the same moment; userspace computes their offset. */
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
