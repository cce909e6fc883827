/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Internet checksum (RFC 1071), in full and byte by byte: slow, plain, and
 * sharing nothing with the code under test.
 */
#ifndef TEST_LIB_PACKETS_CHECKSUM_H
#define TEST_LIB_PACKETS_CHECKSUM_H

#include <linux/types.h>
#include <stddef.h>

/* Sum of the 16-bit words of `length` bytes, not yet complemented, added to `sum`. */
__u32 checksum_add(__u32 sum, const void *bytes, size_t length);

/* The checksum field's value, host byte order, of what was summed up. */
__u16 checksum_field(__u32 sum);

#endif
