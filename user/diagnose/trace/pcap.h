/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes pcap files (Ethernet, nanosecond timestamps), which tcpdump and Wireshark read. */
#ifndef DIAGNOSE_TRACE_PCAP_H
#define DIAGNOSE_TRACE_PCAP_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

/* Creates the file; 0 or a negative errno. The caller closes *file with pcap_file_close(). */
int pcap_file_open(FILE **file, const char *path, size_t snaplen);

/* Writes a packet of `bytes` bytes, the first `captured` of which are given; time since 1970. */
void pcap_file_write(FILE *file, __u64 time_ns, const void *packet, size_t captured, size_t bytes);

/* Closes the file; 0, or a negative errno if any write failed. */
int pcap_file_close(FILE *file);

#endif
