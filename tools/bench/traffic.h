/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traffic on a road: UDP packets of many clients to one service at an even
 * pace, and the servers' sockets that count them. Two processes of ours do it;
 * they end with this one.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "veth_path.h"

struct traffic;

/* Nobody sends yet. */
struct traffic *traffic_open(const struct veth_path *veth_path);

/* Packets a second from now on; 0: none. */
void traffic_set_rate(struct traffic *traffic, unsigned int rate);

/* Stops the sending, and waits for what is under way; forgets what was counted. */
struct traffic_count {
	unsigned long sent;
	unsigned long received;
	unsigned long clients; /* that they came from, one after the other */
} traffic_stop(struct traffic *traffic);

unsigned long traffic_sent(const struct traffic *traffic);

#endif
