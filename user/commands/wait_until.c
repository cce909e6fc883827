// SPDX-License-Identifier: GPL-2.0-only
#include "commands/wait_until.h"

#include <time.h>

#include "base/clock.h"

#define POLL_INTERVAL_MS 100

int wait_until(struct call *call, session_fn poll_fn, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL_MS * 1000000L};
	__u64 started_ms = clock_monotonic_ms();
	int code;

	while ((code = session_run(call, STORE_READ, poll_fn)) == EXIT_NO) {
		if (clock_monotonic_ms() - started_ms >= timeout_ms)
			return EXIT_TIMEOUT;
		call->problem = (struct problem){0};
		nanosleep(&pause, NULL);
	}
	return code;
}
