// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows the next hops of an instance's backends, as the controller does, and nothing
 * else: follow INSTANCE [READY-FILE], until it is killed.
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "hops.h"
#include "session.h"

static __u64 clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int follow(struct hops *hops, const char *instance)
{
	struct store store;
	int error = store_open(&store, instance, STORE_READ, 5000);

	if (error)
		return error;
	error = hops_follow(hops, &store);
	store_close(&store);
	return error;
}

static void write_store(struct hops *hops, const char *instance)
{
	struct store store;

	if (store_open(&store, instance, STORE_WRITE, 5000))
		return;
	hops_write(hops, &store);
	store_close(&store);
}

int main(int count, char **words)
{
	struct hops hops;
	struct pollfd poll_fd;
	FILE *ready;

	if (count < 2 || hops_open(&hops))
		return 1;
	poll_fd = (struct pollfd){hops_fd(&hops), POLLIN, 0};
	if (follow(&hops, words[1]))
		return 1;
	ready = count > 2 ? fopen(words[2], "w") : NULL;
	if (ready)
		fclose(ready);
	for (;;) {
		if (poll(&poll_fd, 1, NEIGHBOUR_TURN_MS) > 0)
			hops_read(&hops);
		if (hops_turn(&hops, clock_ms()))
			write_store(&hops, words[1]);
	}
}
