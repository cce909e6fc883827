/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Internet checksum (RFC 1071), computed in full, byte by byte. Slow and plain on purpose: it
 * shares no code with the program under test.
 */
#ifndef TEST_LIB_PACKETS_CHECKSUM_H
#define TEST_LIB_PACKETS_CHECKSUM_H

#include <linux/types.h>
#include <stddef.h>

/* Returns `sum` plus the 16-bit words of `length` bytes, not yet complemented. */
__u32 checksum_add(__u32 sum, const void *bytes, size_t length);

/* Returns the checksum field for a sum, in host byte order. 0 for a header with a valid checksum. */
__u16 checksum_field(__u32 sum);

/* Computes and writes the checksum of an IPv4 header, options included. */
void checksum_set_ipv4(unsigned char *ip);

#endif
