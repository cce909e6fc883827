/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU grace period: waits until every packet that is being processed has left the program.
 *
 * An update of a map in a map returns only when no program uses the value that was there
 * before. The function updates two maps that have no other use.
 */
#ifndef STORE_RCU_GRACE_H
#define STORE_RCU_GRACE_H

struct rcu_grace {
	int maps, map; /* file descriptors; -1 = none */
};

/* Creates the maps. Returns 0 or a negative errno. The caller releases them in either case. */
int rcu_grace_prepare(struct rcu_grace *grace);

/* Waits for one grace period; may be called again. Returns 0 or a negative errno. */
int rcu_grace_wait(const struct rcu_grace *grace);

void rcu_grace_release(struct rcu_grace *grace);

#endif
