/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IP addresses and endpoints: conversion between text and the ABI's form, and the checksum
 * delta of a changed endpoint.
 *
 * An address is 16 bytes in network byte order, held as two words. IPv4 is ::ffff:a.b.c.d,
 * and text in that form is read as IPv4. Ports are in network byte order. Only numbers are
 * accepted: no names, no zones (%eth0), no surrounding blanks, no leading zeros.
 *
 * Pure: owns nothing. Functions that return int return 0, or -EINVAL with their outputs
 * untouched.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Size of any address, and of any [address]:port, with the terminating NUL. */
#define ADDRESS_TEXT_BYTES  46
#define ENDPOINT_TEXT_BYTES 54

struct endpoint {
	__u64 address[2];
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP, IPPROTO_UDP; 0 = none */
};

bool address_is_ipv4(const __u64 address[2]);

/* The four bytes of an IPv4 address, and back. */
__be32 address_to_ipv4(const __u64 address[2]);
void address_from_ipv4(__be32 ipv4, __u64 address[2]);

/*
 * Returns whether packets to the address can be routed to one host: false for loopback,
 * link-local, multicast, broadcast and unspecified addresses.
 */
bool address_is_routable(const __u64 address[2]);

int address_parse(const char *text, __u64 address[2]);
void address_format(const __u64 address[2], char *text, size_t size);

/*
 * Parses "10.0.0.1", "10.0.0.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80",
 * with or without "/tcp" or "/udp". A missing port is 0; *has_port distinguishes it from a
 * port of 0.
 */
int endpoint_parse(const char *text, struct endpoint *endpoint, bool *has_port);

/* "10.0.0.1:80", "[2001:db8::1]:80" */
void endpoint_format(const __u64 address[2], __be16 port, char *text, size_t size);

/* "tcp" or "udp"; "?" for any other protocol. */
const char *protocol_name(__u8 protocol);
int protocol_parse(const char *text, __u8 *protocol);

/*
 * Checksum delta for replacing `from` by `to`: the ones-complement sum, folded to 16 bits, of
 * the new words and the complements of the old ones, as loaded in host order. The address
 * alone is for the IPv4 header, address and port are for TCP and UDP. By RFC 1624, a stored
 * checksum c becomes
 *
 *     s = (__u16)~c + delta; folded to 16 bits; c' = (__u16)~s
 *
 * and the delta for replacing `to` by `from` is (__u16)~delta.
 *
 * All 16 bytes are summed for IPv4 too: the common prefix adds a multiple of 0xffff, which is
 * zero in this arithmetic. Between addresses of one family the delta is never 0 but 0xffff, so
 * c' equals a checksum of the whole packet, including the choice between the two zeros.
 */
__u32 address_csum_delta(const __u64 from[2], const __u64 to[2]);

/* The same delta with the TTL decremented by one, for a packet that is also routed. */
__u32 address_csum_ttl(__u32 delta);
__u32 endpoint_csum_delta(const __u64 from[2], __be16 from_port, const __u64 to[2], __be16 to_port);

#endif
