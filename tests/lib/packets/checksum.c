// SPDX-License-Identifier: GPL-2.0-only
#include "packets/checksum.h"

#include "packets/bytes.h"

__u32 checksum_add(__u32 sum, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? byte[i] : byte[i] << 8;
	return sum;
}

__u16 checksum_field(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

void checksum_set_ipv4(unsigned char *ip)
{
	put_be16(ip + 10, 0);
	put_be16(ip + 10, checksum_field(checksum_add(0, ip, (ip[0] & 15) * 4)));
}
