/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces store/rcu_grace.c in programs without packets on other CPUs: there is nothing to wait
 * for, and the real one needs privileges. Include it once per program.
 */
#ifndef CORE_RCU_GRACE_STUB_H
#define CORE_RCU_GRACE_STUB_H

#include "store/rcu_grace.h"

int rcu_grace_prepare(struct rcu_grace *grace)
{
	*grace = (struct rcu_grace){-1, -1};
	return 0;
}

int rcu_grace_wait(const struct rcu_grace *grace)
{
	(void)grace;
	return 0;
}

void rcu_grace_release(struct rcu_grace *grace)
{
	(void)grace;
}

#endif
