/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for a drained backend's last flow to end. */
#ifndef COMMANDS_DRAIN_WAIT_H
#define COMMANDS_DRAIN_WAIT_H

#include "cli/command.h"

#define DRAIN_NO_TIMEOUT (~0ULL)

/*
 * Of the call's SERVICE and BACKEND. Returns the exit code: 0 when the last flow
 * has ended, EXIT_TIMEOUT when time is up. The lock is not held in between.
 */
int drain_wait(struct call *call, __u64 timeout_ms);

#endif
