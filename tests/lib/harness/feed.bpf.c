// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives a program, by tail call, a packet of another flow at each repetition of one
 * BPF_PROG_TEST_RUN. By itself, BPF_PROG_TEST_RUN would give the program its own output again.
 *
 * Headers are copied from a template in full words. A locked add follows, which waits for these
 * stores. Otherwise the target would pay for loads of other widths from bytes just written (store
 * forwarding). The next flow is computed: a linear congruential sequence visits each number below a
 * power of two once. So no list of flows occupies cache. Checksums are those of the template. The
 * target updates them incrementally, even if they are wrong.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define WORDS_IPV4 8 /* Ethernet, IPv4 and TCP headers, and 10 bytes */
#define WORDS_IPV6 10 /* Ethernet, IPv6 and TCP headers, and 6 bytes */

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

/* Set by user space between runs. */
__u64 template[WORDS_IPV6]; /* zeros in place of the end of the client's address and of its port */
__u32 address; /* address of client 0: last 32 bits, host byte order */
__u32 length; /* of a packet without tunnel headers */
__u32 first; /* clients first..first + mask */
__u32 mask;
__u32 multiplier;
__u32 increment;

__u32 position;
__u64 packets;

static __always_inline void put_bits(__u64 *words, __u32 offset, __u64 value)
{
	__u32 shift = offset % 8 * 8;

	words[offset / 8] |= value << shift;
	if (shift > 32)
		words[offset / 8 + 1] |= value >> (64 - shift);
}

/* exchange_client() has the same numbering of clients. */
static __always_inline int feed(struct xdp_md *ctx, __u32 count, __u32 address_at, __u32 port_at)
{
	__u64 *data = (void *)(long)ctx->data;
	__u64 words[WORDS_IPV6];
	__u32 client;

	if ((void *)(data + count) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	position = (position * multiplier + increment) & mask;
	client = first + position;
#pragma unroll
	for (__u32 i = 0; i < count; i++)
		words[i] = template[i];
	put_bits(words, address_at, bpf_htonl(address + (client >> 15)));
	put_bits(words, port_at, bpf_htons(1024 + client % 32768));
#pragma unroll
	for (__u32 i = 0; i < count; i++)
		data[i] = words[i];
	__sync_fetch_and_add(&packets, 1);
	bpf_tail_call(ctx, &target, 0);
	return XDP_ABORTED;
}

#define IP_AT		 sizeof(struct ethhdr)
#define IPV4_TCP_AT	 (IP_AT + sizeof(struct iphdr))
#define IPV6_TCP_AT	 (IP_AT + sizeof(struct ipv6hdr))
#define IPV4_ADDRESS(of) (IP_AT + __builtin_offsetof(struct iphdr, of))
#define IPV6_ADDRESS(of) (IP_AT + __builtin_offsetof(struct ipv6hdr, of) + 12)

SEC("xdp.frags")
int request_ipv4(struct xdp_md *ctx)
{
	return feed(ctx, WORDS_IPV4, IPV4_ADDRESS(saddr), IPV4_TCP_AT);
}

SEC("xdp.frags")
int request_ipv6(struct xdp_md *ctx)
{
	return feed(ctx, WORDS_IPV6, IPV6_ADDRESS(saddr), IPV6_TCP_AT);
}

/*
 * The same for a program that encapsulates: first removes the headers that the previous run added.
 * The helper is called even if there are none, so that each packet costs the same.
 */
static __always_inline bool remove_tunnel(struct xdp_md *ctx)
{
	return !bpf_xdp_adjust_head(ctx, (int)bpf_xdp_get_buff_len(ctx) - (int)length);
}

SEC("xdp.frags")
int tunnel_ipv4(struct xdp_md *ctx)
{
	return remove_tunnel(ctx) ? feed(ctx, WORDS_IPV4, IPV4_ADDRESS(saddr), IPV4_TCP_AT)
				  : XDP_ABORTED;
}

SEC("xdp.frags")
int tunnel_ipv6(struct xdp_md *ctx)
{
	return remove_tunnel(ctx) ? feed(ctx, WORDS_IPV6, IPV6_ADDRESS(saddr), IPV6_TCP_AT)
				  : XDP_ABORTED;
}

SEC("xdp.frags")
int reply_ipv4(struct xdp_md *ctx)
{
	return feed(ctx, WORDS_IPV4, IPV4_ADDRESS(daddr), IPV4_TCP_AT + 2);
}

SEC("xdp.frags")
int reply_ipv6(struct xdp_md *ctx)
{
	return feed(ctx, WORDS_IPV6, IPV6_ADDRESS(daddr), IPV6_TCP_AT + 2);
}

/* A target that does nothing, to measure the cost of feeding. */
SEC("xdp.frags")
int nothing(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
