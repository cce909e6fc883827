// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/pcap.h"

#include <errno.h>

#define MAGIC_NS	  0xa1b23c4dU
#define LINKTYPE_ETHERNET 1

/* Headers are in the writer's byte order, which a reader detects by the magic number. */
struct file_header {
	__u32 magic;
	__u16 major;
	__u16 minor;
	__u32 zone; /* always 0, as is the accuracy */
	__u32 accuracy;
	__u32 snaplen;
	__u32 linktype;
};

struct packet_header {
	__u32 seconds;
	__u32 nanoseconds;
	__u32 captured;
	__u32 bytes;
};

int pcap_file_open(FILE **file, const char *path, size_t snaplen)
{
	const struct file_header header = {
		.magic = MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = snaplen,
		.linktype = LINKTYPE_ETHERNET,
	};

	*file = fopen(path, "we");
	if (!*file)
		return -errno;
	fwrite(&header, sizeof(header), 1, *file);
	return 0;
}

void pcap_file_write(FILE *file, __u64 time_ns, const void *packet, size_t captured, size_t bytes)
{
	const struct packet_header header = {
		.seconds = time_ns / 1000000000,
		.nanoseconds = time_ns % 1000000000,
		.captured = captured,
		.bytes = bytes,
	};

	fwrite(&header, sizeof(header), 1, file);
	fwrite(packet, captured, 1, file);
}

int pcap_file_close(FILE *file)
{
	int failed = ferror(file);

	if (fclose(file))
		return -errno;
	return failed ? -EIO : 0;
}
