/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Internet checksum (RFC 1071), computed in full, byte by byte. It is slow and plain, and
 * shares no code with the program under test.
 */
#ifndef TEST_LIB_PACKETS_CHECKSUM_H
#define TEST_LIB_PACKETS_CHECKSUM_H

#include <linux/types.h>
#include <stddef.h>

/* Returns `sum` plus the 16-bit words of `length` bytes, not yet complemented. */
__u32 checksum_add(__u32 sum, const void *bytes, size_t length);

/*
 * Returns the checksum field for a sum, in host byte order. If the sum includes a valid checksum,
 * returns 0.
 */
__u16 checksum_field(__u32 sum);

/* Computes and writes the checksum of an IPv4 header with its options. */
void checksum_set_ipv4(unsigned char *ip);

#endif
