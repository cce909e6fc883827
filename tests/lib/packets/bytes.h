/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Big-endian integers at any alignment, like the kernel's get_unaligned_be16(). Values are in host
 * byte order.
 */
#ifndef TEST_LIB_PACKETS_BYTES_H
#define TEST_LIB_PACKETS_BYTES_H

#include <linux/types.h>

static inline __u16 get_be16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static inline __u32 get_be32(const unsigned char *at)
{
	return (__u32)get_be16(at) << 16 | get_be16(at + 2);
}

static inline void put_be16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static inline void put_be32(unsigned char *at, __u32 value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value);
}

#endif
