/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IPv6 extension headers: the headers between the IPv6 header and that of TCP, UDP or ICMPv6.
 *
 * The walk skips hop-by-hop and destination options, fragment headers, and routing headers without
 * segments left. Limits on number and length bound its cost.
 */
#ifndef BPF_PACKET_IPV6_EXT_H
#define BPF_PACKET_IPV6_EXT_H

#include <linux/in.h>
#include <linux/ipv6.h>

#include "core/maps.h"

#define EXTENSIONS_MAX	    4
#define EXTENSIONS_BYTES    256 /* in total */
#define EXTENSIONS_MASK	    0x1ff
#define EXTENSIONS_FRAGMENT 0x2000 /* more fragments, in the format of IPv4 */

/* The common beginning of all extension headers, and the whole of a fragment header. */
struct extension {
	__u8 next; /* IPPROTO_* */
	__u8 length; /* in units of 8 bytes, without the first 8 */
	__u8 upper; /* fragment: offset in 8 bytes << 3 | more fragments, in network order */
	__u8 lower; /* routing header: segments left */
	__be32 id;
};

/*
 * Result of the walk in one word: outcome:8 | fragment_at:16 | fragment:16 | bytes:16 | protocol:8.
 * `fragment_at` is the fragment header's offset from the end of the IPv6 header.
 */
struct extensions {
	__u64 word;
};

static __always_inline __u8 extensions_protocol(struct extensions found)
{
	return found.word;
}

static __always_inline __u32 extensions_bytes(struct extensions found)
{
	return found.word >> 8 & 0xffff;
}

static __always_inline __u16 extensions_fragment(struct extensions found)
{
	return found.word >> 24;
}

static __always_inline __u16 extensions_fragment_at(struct extensions found)
{
	return found.word >> 40;
}

static __always_inline enum lb_outcome extensions_outcome(struct extensions found)
{
	return found.word >> 56;
}

static __always_inline bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS;
}

/* Offset and flag of a fragment header in the format of IPv4. */
static __always_inline __u16 fragment_bits(const struct extension *extension)
{
	__u16 field = extension->upper << 8 | extension->lower;

	return field >> 3 | (field & 1 ? EXTENSIONS_FRAGMENT : 0);
}

/* The result without a transport header. Its protocol is one that no code handles. */
static __always_inline __u64 extensions_stop(enum lb_outcome outcome)
{
	return (__u64)outcome << 56 | IPPROTO_RAW;
}

/*
 * Walks the extension headers of the packet with an IPv6 header at offset `network`. Returns the
 * word of struct extensions. In a later fragment no header follows the fragment header, so the walk
 * ends there. Global function: verified once, rarely called.
 */
__noinline __u64 extensions_walk(struct xdp_md *ctx, __u32 network)
{
	void *end = (void *)(long)ctx->data_end;
	const struct ipv6hdr *ip = (void *)(long)ctx->data + (network & 31);
	__u64 bytes = 0, fragment = 0, fragment_at = 0;
	bool seen_fragment = false;
	__u8 type;

	if ((void *)(ip + 1) > end)
		return extensions_stop(LB_MALFORMED);
	type = ip->nexthdr;
	for (__u32 i = 0; i < EXTENSIONS_MAX && is_extension(type); i++) {
		const struct extension *extension = (void *)(ip + 1) + (bytes & EXTENSIONS_MASK);

		if ((void *)(extension + 1) > end)
			return extensions_stop(LB_MALFORMED);
		if (type == IPPROTO_FRAGMENT && !seen_fragment) {
			seen_fragment = true;
			fragment = fragment_bits(extension);
			fragment_at = bytes;
			bytes += sizeof(*extension);
		} else if (type == IPPROTO_FRAGMENT ||
			   (type == IPPROTO_ROUTING && extension->lower)) {
			return extensions_stop(LB_EXTENSIONS);
		} else {
			bytes += (extension->length + 1) * 8;
		}
		type = extension->next;
		if (bytes > EXTENSIONS_BYTES)
			return extensions_stop(LB_EXTENSIONS);
		if (fragment & 0x1fff)
			return bytes << 8 | fragment << 24 | fragment_at << 40 | type;
	}
	if (is_extension(type))
		return extensions_stop(LB_EXTENSIONS);
	return bytes << 8 | fragment << 24 | fragment_at << 40 | type;
}

#endif
