/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for a condition of the store. */
#ifndef COMMANDS_WAIT_UNTIL_H
#define COMMANDS_WAIT_UNTIL_H

#include "cli/session.h"

#define WAIT_NO_TIMEOUT (~0ULL)

/*
 * Polls the store every 100 ms, and does not hold its lock in between. `poll_fn` returns EXIT_NO,
 * and sets the problem of a timeout, if the condition does not hold yet. Returns the code of
 * `poll_fn`, or EXIT_TIMEOUT.
 */
int wait_until(struct call *call, session_fn poll_fn, __u64 timeout_ms);

#endif
