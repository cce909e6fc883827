/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A grace period: until every packet that is being processed has left the program.
 *
 * Putting a map into a map of maps returns only when no program can be using what
 * stood there before: that is what is waited for, on maps of no other use.
 */
#ifndef STORE_RCU_GRACE_H
#define STORE_RCU_GRACE_H

struct store_grace {
	int maps, map; /* file descriptors; -1 = none */
};

/* 0 or a negative errno; the caller releases it either way. */
int store_grace_prepare(struct store_grace *grace);

/* Waits; can be called again. */
int store_grace_wait(const struct store_grace *grace);

void store_grace_release(struct store_grace *grace);

#endif
