/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses and endpoints: text to the ABI's form and back, and what a change of
 * endpoint does to a checksum.
 *
 * An address is 16 bytes in network byte order, held as two words; IPv4 is
 * ::ffff:a.b.c.d, and that spelling of it is read as IPv4. Ports are in network
 * byte order. Only numbers are read: no names, no zones (%eth0), no surrounding
 * blanks, no leading zeros.
 *
 * Pure: owns nothing. Functions that return int return 0 or -EINVAL, and leave
 * their outputs untouched on failure.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for any address, and for any [address]:port, with the terminating NUL. */
#define ADDRESS_TEXT_BYTES  46
#define ENDPOINT_TEXT_BYTES 54

struct endpoint {
	__u64 address[2];
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP, IPPROTO_UDP; 0 = none given */
};

bool address_is_ipv4(const __u64 address[2]);

/* The four bytes of an IPv4 address, and back. */
__be32 address_to_ipv4(const __u64 address[2]);
void address_from_ipv4(__be32 ipv4, __u64 address[2]);

/*
 * Can packets be routed to one host by it? Not to loopback, link-local, multicast,
 * broadcast and unspecified addresses.
 */
bool address_is_routable(const __u64 address[2]);

int address_parse(const char *text, __u64 address[2]);
void address_format(const __u64 address[2], char *text, size_t size);

/*
 * "10.0.0.1", "10.0.0.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80", each
 * with or without "/tcp" or "/udp". A port that is absent reads as 0, which may
 * also be given: has_port tells them apart.
 */
int endpoint_parse(const char *text, struct endpoint *endpoint, bool *has_port);

/* "10.0.0.1:80", "[2001:db8::1]:80" */
void endpoint_format(const __u64 address[2], __be16 port, char *text, size_t size);

/* "tcp", "udp"; "?" for others. */
const char *protocol_name(__u8 protocol);
int protocol_parse(const char *text, __u8 *protocol);

/*
 * What a checksum gains when `from` is replaced by `to`: a ones-complement sum,
 * folded to 16 bits, of the new words and the complements of the old ones, words
 * as loaded in host order. The address alone is for the IPv4 header, with the
 * port for TCP and UDP. A stored checksum c becomes, by RFC 1624,
 *
 *     s = (__u16)~c + change; folded to 16 bits; c' = (__u16)~s
 *
 * and the way back from `to` to `from` is a change of (__u16)~change.
 *
 * All 16 bytes are summed for IPv4 too: the prefix that both addresses share adds
 * nothing but multiples of 0xffff, which is zero here. Between addresses of one
 * family the change is never 0 but 0xffff, so that c' is what summing the whole
 * packet anew would give, in the choice between the two zeros as well.
 */
__u32 address_csum_delta(const __u64 from[2], const __u64 to[2]);

/* The same, where the packet is routed as well: its time to live loses one. */
__u32 address_csum_ttl(__u32 delta);
__u32 endpoint_csum_delta(const __u64 from[2], __be16 from_port, const __u64 to[2], __be16 to_port);

#endif
