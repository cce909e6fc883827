/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting until the last flow of a service or backend ends. */
#ifndef COMMANDS_DRAIN_WAIT_H
#define COMMANDS_DRAIN_WAIT_H

#include "commands/wait_until.h"

/*
 * Waits for the call's SERVICE or BACKEND, with progress on a terminal. Returns 0 when no flow is
 * left, EXIT_TIMEOUT, or another exit code.
 */
int drain_wait(struct call *call, __u64 timeout_ms);

#endif
