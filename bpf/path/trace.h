/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet trace: copies sampled packets, as they leave, with outcome and verdict into a ring buffer.
 *
 * Without a trace a packet pays for the test of one word. Sampled packets take the slow path; the
 * fast path has no code for tracing.
 *
 * The tracer renews a lease. If it expires because the tracer was killed, the next packet disables
 * tracing. The filter here matches addresses only; the tracer itself finds service and backend in
 * the tables. So it may get more packets than it wants, but never fewer.
 */
#ifndef BPF_PATH_TRACE_H
#define BPF_PATH_TRACE_H

#include "core/action.h"
#include "core/endpoints.h"
#include "packet/packet.h"

#define TRACES_BYTES (256 * 1024)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TRACES_BYTES);
} traces SEC(".maps");

/* True if this packet is sampled. Disables tracing if the lease has expired. */
__noinline int trace_samples(struct xdp_md *ctx)
{
	const struct lb_trace_filter *filter = map_get(&trace_filter, 0);

	if (!ctx || !filter)
		return false;
	if ((__s32)(filter->until - current_tick()) <= 0) {
		*(volatile __u32 *)&control.tracing = 0;
		return false;
	}
	return filter->sample < 2 || !lb_scale((__u64)bpf_get_prandom_u32() << 32, filter->sample);
}

static __always_inline bool has_address(const struct lb_trace_filter *filter,
					const __u64 address[2])
{
	__u64 hash = lb_address_hash(address);

	return filter->addresses[LB_TRACE_FILTER_WORD(hash)] >> LB_TRACE_FILTER_BIT(hash) & 1;
}

/* True if the first `bits` of 64 bits in network order are equal. */
static __always_inline bool has_prefix(__u64 word, __u64 prefix, __s32 bits)
{
	__u64 differs = bpf_be64_to_cpu(word ^ prefix);

	if (bits <= 0)
		return true;
	return bits >= 64 ? !differs : !(differs >> (64 - bits));
}

static __always_inline bool is_client(const struct lb_trace_filter *filter, const __u64 address[2])
{
	__s32 bits = filter->client_bits;

	return has_prefix(address[0], filter->client[0], bits) &&
	       has_prefix(address[1], filter->client[1], bits - 64);
}

/* True if another address may have replaced the client's, in a tunnel or in snat mode. */
static __always_inline bool hides_client(const struct packet *packet, const struct headers *headers)
{
	if (packet->protocol == IPPROTO_IPIP || packet->protocol == IPPROTO_IPV6)
		return true;
	if (packet->protocol == IPPROTO_UDP && (void *)(headers->udp + 1) <= headers->end &&
	    headers->udp->dest == bpf_htons(GUE_PORT))
		return true;
	return endpoint_lookup(packet->source,
			       lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet->is_ipv4));
}

/* True if the packet's addresses match the filter. Global function, for its own stack frame. */
__noinline int matches_filter(struct xdp_md *ctx)
{
	const struct lb_trace_filter *filter = map_get(&trace_filter, 0);
	struct headers headers = {.ctx = ctx};
	struct packet packet = {0};

	if (!filter)
		return false;
	if (!filter->by_address && !filter->client_bits)
		return true;
	if (parse_network(&packet, &headers))
		return false;
	if (filter->by_address && !has_address(filter, packet.source) &&
	    !has_address(filter, packet.destination))
		return false;
	return !filter->client_bits || is_client(filter, packet.source) ||
	       is_client(filter, packet.destination) || hides_client(&packet, &headers);
}

static __always_inline void write_trace(struct xdp_md *ctx, struct lb_trace *record,
					struct action action)
{
	__u32 bytes = bpf_xdp_get_buff_len(ctx);
	__u32 last = (bytes < LB_TRACE_BYTES ? bytes : LB_TRACE_BYTES) - 1;

	*record = (struct lb_trace){
		.time_ns = bpf_ktime_get_ns(),
		.ingress = ctx->ingress_ifindex,
		.cpu = bpf_get_smp_processor_id(),
		.bytes = bytes,
		.outcome = action_outcome(action),
		.verdict = action_xdp(action),
	};
	barrier_var(last); /* the verifier has to see the bound, and that the length is not 0 */
	last &= LB_TRACE_BYTES - 1;
	record->captured = last + 1;
	bpf_xdp_load_bytes(ctx, 0, record->packet, last + 1);
}

static __always_inline void record_trace(struct xdp_md *ctx, struct lb_trace_filter *filter,
					 struct action action)
{
	struct lb_trace *record = bpf_ringbuf_reserve(&traces, sizeof(*record), 0);

	if (!record) {
		__sync_fetch_and_add(&filter->lost, 1);
		return;
	}
	write_trace(ctx, record, action);
	bpf_ringbuf_submit(record, 0);
}

static __always_inline bool has_outcome(const struct lb_trace_filter *filter,
					enum lb_outcome outcome)
{
	return !filter->outcomes || filter->outcomes >> (outcome & 63) & 1;
}

/* Records a packet that leaves with an ACTION_VERDICT, if it matches the filter. Returns 0. */
__noinline int trace(struct xdp_md *ctx, __u64 word)
{
	struct lb_trace_filter *filter = map_get(&trace_filter, 0);
	struct action action = {word};

	if (filter && has_outcome(filter, action_outcome(action)) && matches_filter(ctx))
		record_trace(ctx, filter, action);
	return 0;
}

#endif
