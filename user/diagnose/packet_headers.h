/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet header sizes in bytes, without options, and port numbers.
 *
 * Pure: constants only.
 */
#ifndef DIAGNOSE_PACKET_HEADERS_H
#define DIAGNOSE_PACKET_HEADERS_H

#define ETHERNET_BYTES 14
#define VLAN_TAG_BYTES 4
#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define TCP_BYTES      20
#define UDP_BYTES      8
#define GUE_PORT       6080 /* UDP; bpf/forward/encap.h */

#endif
