/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replays: packets by the million, each of the next client, given to a program
 * in one system call; see harness/feed.bpf.c for how.
 */
#ifndef TEST_LIB_HARNESS_REPLAY_H
#define TEST_LIB_HARNESS_REPLAY_H

#include <stdbool.h>

#include "packets/packet_builder.h"

struct replay;

/* Which side of the spec is the client's, and so is different in each packet. */
enum replay_side {
	REPLAY_REQUEST, /* the source */
	REPLAY_REPLY, /* the destination */
	REPLAY_TUNNEL, /* the source; the program may put the packet into a tunnel */
};

/* Clients first..first + count - 1, over and over. */
struct replay_clients {
	__u32 first;
	__u32 count; /* a power of two; 0 is 2^32 */
	bool shuffled; /* or one after the other */
};

/*
 * `program` is to be given packets as `spec` describes, of 64 (IPv4) or 80
 * (IPv6) bytes at least. A negative program stands for one that does nothing,
 * by which the replay's own time is known.
 */
struct replay *replay_open(int program, const struct packet_spec *spec, enum replay_side side);
void replay_close(struct replay *replay);

void replay_set_clients(struct replay *replay, const struct replay_clients *clients);

/*
 * Gives the program so many packets as if `device` had received them; returns
 * the CPU time a packet took, in nanoseconds. Ends the test if the last of them
 * was neither sent nor passed nor dropped.
 */
double replay_run(struct replay *replay, unsigned int device, unsigned int packets);

/* The CPU time, in nanoseconds, of one run of a program that needs no replay. */
double replay_time(int program, unsigned int device, const struct packet *packet,
		   unsigned int repeats);

#endif
