/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A capture: a file of packets in the pcap format (nanoseconds, Ethernet), as tcpdump and
 * Wireshark read it.
 */
#ifndef DIAGNOSE_TRACE_PCAP_H
#define DIAGNOSE_TRACE_PCAP_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

/* Makes the file; 0 or a negative errno. The caller closes *file by pcap_file_close(). */
int pcap_file_open(FILE **file, const char *path, size_t snaplen);

/* One packet, of which `captured` bytes of `bytes` are there; the time is since 1970. */
void pcap_file_write(FILE *file, __u64 time_ns, const void *packet, size_t captured, size_t bytes);

/* 0, or a negative errno if anything was not written. */
int pcap_file_close(FILE *file);

#endif
