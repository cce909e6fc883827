/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A grace period: until every packet that is being processed has left the program.
 *
 * Putting a map into a map of maps returns only when no program can be using what
 * stood there before: that is what is waited for, on maps of no other use.
 */
#ifndef STORE_RCU_GRACE_H
#define STORE_RCU_GRACE_H

struct rcu_grace {
	int maps, map; /* file descriptors; -1 = none */
};

/* 0 or a negative errno; the caller releases it either way. */
int rcu_grace_prepare(struct rcu_grace *grace);

/* Waits; can be called again. */
int rcu_grace_wait(const struct rcu_grace *grace);

void rcu_grace_release(struct rcu_grace *grace);

#endif
