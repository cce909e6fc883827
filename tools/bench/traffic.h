/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UDP traffic over a veth path: packets of many clients to one service at a constant rate, and
 * a server socket that counts them. Sender and receiver are child processes, which end with
 * this one.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "veth_path.h"

struct traffic;

/* Starts both processes, at rate 0. */
struct traffic *traffic_open(const struct veth_path *veth_path);

/* Sets the rate in packets per second; 0 = none. */
void traffic_set_rate(struct traffic *traffic, unsigned int rate);

/* Stops sending, waits for packets in flight, and resets the counters; returns them. */
struct traffic_count {
	unsigned long sent;
	unsigned long received;
	unsigned long clients; /* different sources */
} traffic_stop(struct traffic *traffic);

unsigned long traffic_sent(const struct traffic *traffic);

#endif
