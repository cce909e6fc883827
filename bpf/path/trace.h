/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What somebody watches: packets as they leave, and what became of them.
 *
 * Nobody does, most of the time, and then a packet costs one test of a word. What is of the
 * sample takes the way of any packet, at whose end its outcome is known; the straight way
 * of most packets knows nothing of this.
 *
 * Who watches renews a lease; when that has run out, because he was killed, a packet clears the
 * word. What he wants is told apart here as far as a packet's addresses tell: whose it is
 * he finds out himself, from the tables. So what is let through here may be somewhat more
 * than he wants, and is never less.
 */
#ifndef BPF_PATH_TRACE_H
#define BPF_PATH_TRACE_H

#include "core/endpoints.h"
#include "forward/encap.h"

#define TRACES_BYTES (256 * 1024)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TRACES_BYTES);
} traces SEC(".maps");

/* Is this packet of the sample? Ends the watching that nobody renews. */
__noinline int trace_samples(struct xdp_md *ctx)
{
	const struct lb_trace_filter *filter = map_get(&trace_filter, 0);
	__u32 tick = now() >> LB_TICK_SHIFT;

	if (!ctx || !filter)
		return false;
	if ((__s32)(filter->until - tick) <= 0) {
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

/* Are the first bits of 64, in network order, the same? */
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

/* Has the client's address given way to another, in a tunnel or by snat? */
static __always_inline bool hides_client(const struct packet *packet)
{
	if (packet->protocol == IPPROTO_IPIP || packet->protocol == IPPROTO_IPV6)
		return true;
	if (packet->protocol == IPPROTO_UDP && (void *)(packet->udp + 1) <= packet->end &&
	    packet->udp->dest == bpf_htons(GUE_PORT))
		return true;
	return endpoint_lookup_exact(packet->source,
				     lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet->is_ipv4));
}

/* By its addresses; a function of its own, for its stack. */
__noinline int matches_filter(struct xdp_md *ctx)
{
	const struct lb_trace_filter *filter = map_get(&trace_filter, 0);
	struct packet packet;

	if (!filter)
		return false;
	if (!filter->by_address && !filter->client_bits)
		return true;
	packet.ctx = ctx;
	if (packet_find_network(&packet))
		return false;
	if (filter->by_address && !has_address(filter, packet.source) &&
	    !has_address(filter, packet.destination))
		return false;
	return !filter->client_bits || is_client(filter, packet.source) ||
	       is_client(filter, packet.destination) || hides_client(&packet);
}

static __always_inline void write_trace(struct xdp_md *ctx, struct lb_trace *record, __u32 result)
{
	__u32 bytes = bpf_xdp_get_buff_len(ctx);
	__u32 last = (bytes < LB_TRACE_BYTES ? bytes : LB_TRACE_BYTES) - 1;

	*record = (struct lb_trace){
		.time_ns = bpf_ktime_get_ns(),
		.ingress = ctx->ingress_ifindex,
		.cpu = bpf_get_smp_processor_id(),
		.bytes = bytes,
		.outcome = result >> 16,
		.verdict = result,
	};
	barrier_var(last); /* bounded where the verifier sees it, and not 0 */
	last &= LB_TRACE_BYTES - 1;
	record->captured = last + 1;
	bpf_xdp_load_bytes(ctx, 0, record->packet, last + 1);
}

static __always_inline void record_trace(struct xdp_md *ctx, struct lb_trace_filter *filter,
					 __u32 result)
{
	struct lb_trace *record = bpf_ringbuf_reserve(&traces, sizeof(*record), 0);

	if (!record) {
		__sync_fetch_and_add(&filter->lost, 1);
		return;
	}
	write_trace(ctx, record, result);
	bpf_ringbuf_submit(record, 0);
}

static __always_inline bool has_outcome(const struct lb_trace_filter *filter, __u32 outcome)
{
	return !filter->outcomes || filter->outcomes >> (outcome & 63) & 1;
}

/* Shows a packet, if it is wanted: `left` is what finish() says. Its verdict. */
__noinline int trace(struct xdp_md *ctx, __u32 result)
{
	struct lb_trace_filter *filter = map_get(&trace_filter, 0);

	if (filter && has_outcome(filter, result >> 16) && matches_filter(ctx))
		record_trace(ctx, filter, result);
	return verdict_of(result);
}

#endif
