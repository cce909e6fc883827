/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replay: gives a program millions of packets, each from the next client, in one system call
 * (harness/feed.bpf.c).
 */
#ifndef TEST_LIB_HARNESS_REPLAY_H
#define TEST_LIB_HARNESS_REPLAY_H

#include <stdbool.h>

#include "packets/packet_builder.h"

struct replay;

/* The client's side of the packet, which differs in each packet. */
enum replay_side {
	REPLAY_REQUEST, /* source */
	REPLAY_REPLY, /* destination */
	REPLAY_TUNNEL, /* source; the program may encapsulate the packet */
};

/* Clients first..first + count - 1, repeated. */
struct replay_clients {
	__u32 first;
	__u32 count; /* a power of two; 0 = 2^32 */
	bool shuffled; /* false = in ascending order */
};

/*
 * Prepares a replay of packets as described by `spec` (at least 64 bytes for IPv4, 80 for IPv6) for
 * `program`. -1 stands for a program that does nothing, to measure the replay's own cost.
 */
struct replay *replay_open(int program, const struct packet_spec *spec, enum replay_side side);
void replay_close(struct replay *replay);

void replay_set_clients(struct replay *replay, const struct replay_clients *clients);

/*
 * Gives the program `packets` packets, received on `device`. Returns the CPU time per packet in
 * nanoseconds. Ends the test if the last packet was aborted.
 */
double replay_run(struct replay *replay, unsigned int device, unsigned int packets);

/* Returns the CPU time, in nanoseconds, of one run of a program without a replay. */
double replay_time(int program, unsigned int device, const struct packet *packet,
		   unsigned int repeats);

#endif
