/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Header pointers: a packet's Ethernet, IP and transport header, and functions on these alone. Uses
 * no map, so that both programs can share it.
 *
 * All pointers are into the packet's first buffer. A header that has been found lies before `end`.
 */
#ifndef BPF_PACKET_HEADERS_H
#define BPF_PACKET_HEADERS_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_FRAGMENT	   0x3fff /* more fragments, or an offset */
#define IPV4_OFFSET	   0x1fff

#define GUE_PORT 6080 /* UDP: Generic UDP Encapsulation */

#define ETHERNET_MASK 0x1f /* an Ethernet header with two tags has 22 bytes */

/*
 * The fields is_ipv4, is_tcp and has_ports are constants on each of the verifier's paths. So a
 * check of a header's length holds for every later access to that header.
 */
struct headers {
	struct xdp_md *ctx;
	struct ethhdr *ethernet;
	union {
		struct iphdr *ipv4; /* if is_ipv4 */
		struct ipv6hdr *ipv6;
		void *network;
	};
	union {
		struct tcphdr *tcp; /* if is_tcp */
		struct udphdr *udp; /* else, if has_ports */
		void *transport;
	};
	void *end;
	__u64 is_ipv4;
	__u64 is_tcp;
	__u64 has_ports; /* a TCP or UDP header */
};

struct vlan_tag {
	__be16 control;
	__be16 type;
};

/* Hides a constant from the compiler, but not from the verifier. */
static __always_inline __u64 known(__u64 value)
{
	barrier_var(value);
	return value;
}

/* --- addresses: 16 bytes as two words, IPv4 as ::ffff:a.b.c.d -------------------------------- */

static __always_inline void address_set_ipv4(__u64 address[2], __be32 ipv4)
{
	address[0] = 0;
	address[1] = (__u64)ipv4 << 32 | bpf_htonl(0xffff);
}

/* Words of any type. In a packet they need not be aligned: BPF allows that. */
typedef __u64 __attribute__((may_alias)) any_word;
typedef __u32 __attribute__((may_alias)) any_half;

static __always_inline void address_copy(void *to, const void *from)
{
	((any_word *)to)[0] = ((const any_word *)from)[0];
	((any_word *)to)[1] = ((const any_word *)from)[1];
}

static __always_inline bool address_equal(const __u64 a[2], const __u64 b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

static __always_inline bool address_is_ipv4(const __u64 address[2])
{
	return !address[0] && (__u32)address[1] == bpf_htonl(0xffff);
}

static __always_inline __be32 address_ipv4(const __u64 address[2])
{
	return address[1] >> 32;
}

/* --- Ethernet -------------------------------------------------------------------------------- */

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* Read as a word: struct ethhdr is packed, so the compiler would read bytes. */
static __always_inline __be16 ethernet_type(const struct ethhdr *ethernet)
{
	return *(__be16 *)((void *)ethernet + 2 * ETH_ALEN);
}

static __always_inline void ethernet_set_type(struct ethhdr *ethernet, __be16 type)
{
	*(__be16 *)((void *)ethernet + 2 * ETH_ALEN) = type;
}

/* A MAC address in the lower 48 bits of a word, in the order of its bytes. */
static __always_inline __u64 mac_load(const __u8 mac[ETH_ALEN])
{
	return *(__u16 *)mac | (__u64) * (__u16 *)(mac + 2) << 16 |
	       (__u64) * (__u16 *)(mac + 4) << 32;
}

/* Writes both addresses of an Ethernet header. */
static __always_inline void mac_store(struct ethhdr *ethernet, __u64 dst_mac, __u64 src_mac)
{
	__u64 *first = (void *)ethernet;
	__u32 *second = (void *)ethernet + sizeof(*first);

	*first = dst_mac | src_mac << 48;
	*second = src_mac >> 16;
}

/*
 * Finds the Ethernet header, and the network header after it and up to two VLAN tags; sets *type to
 * the type of the latter. False if the packet is too short.
 */
static __always_inline bool ethernet_parse(struct headers *headers, __be16 *type)
{
	headers->end = (void *)(long)headers->ctx->data_end;
	headers->ethernet = (void *)(long)headers->ctx->data;
	headers->network = headers->ethernet + 1;
	if (headers->network > headers->end)
		return false;
	*type = ethernet_type(headers->ethernet);
	for (int i = 0; i < 2 && is_vlan(*type); i++) {
		struct vlan_tag *tag = headers->network;

		if ((void *)(tag + 1) > headers->end)
			return false;
		*type = tag->type;
		headers->network = tag + 1;
	}
	return true;
}

static __always_inline __u32 ethernet_bytes(const struct headers *headers)
{
	return headers->network - (void *)headers->ethernet;
}

/*
 * Moves an Ethernet header of `bytes` bytes, tags included, and sets its type. Old and new place
 * may overlap. False if one of them is not within the packet.
 */
static __always_inline bool ethernet_move(void *to, const void *from, const void *end, __u32 bytes,
					  __be16 type)
{
	const any_half *old = from;
	any_half *new = to;
	__be16 *last;

	if (from + ETH_HLEN + 8 > end || to + ETH_HLEN + 8 > end)
		return false;
	__u32 half[] = {old[0], old[1], old[2], old[3], old[4]};

	new[0] = half[0];
	new[1] = half[1];
	new[2] = half[2];
	if (bytes > ETH_HLEN)
		new[3] = half[3];
	if (bytes > ETH_HLEN + 4)
		new[4] = half[4];
	bytes -= sizeof(*last);
	barrier_var(bytes); /* the verifier has to see the mask after the subtraction */
	last = to + (bytes & ETHERNET_MASK);
	if ((void *)(last + 1) > end)
		return false;
	*last = type;
	return true;
}

/* --- IP and TCP ------------------------------------------------------------------------------ */

static __always_inline bool tcp_is_whole(const struct headers *headers)
{
	return (void *)(headers->tcp + 1) <= headers->end && headers->tcp->doff >= 5;
}

static __always_inline __u8 tcp_flags(const struct tcphdr *tcp)
{
	return ((const __u8 *)tcp)[13];
}

/* Length of the IP packet, header and payload, over all buffers. */
static __always_inline __u32 ip_bytes(const struct headers *headers)
{
	if (headers->is_ipv4)
		return bpf_ntohs(headers->ipv4->tot_len);
	return bpf_ntohs(headers->ipv6->payload_len) + sizeof(*headers->ipv6);
}

/* Bytes after the TCP header; below 0 if the lengths are inconsistent. */
static __always_inline __s32 tcp_payload_bytes(const struct headers *headers)
{
	__u32 before = headers->transport - headers->network;

	return ip_bytes(headers) - before - headers->tcp->doff * 4;
}

#endif
