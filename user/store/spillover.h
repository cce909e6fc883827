/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spilling: what a service's own backends cannot take goes to those of another one. In
 * the service stands a deputy for each backend of the other, a record that packets use
 * as any other (bpf/select/spillover.h). Deputies are made and removed here, with each change; nobody
 * names them, and whether they are in service is what their backends are.
 */
#ifndef STORE_SPILLOVER_H
#define STORE_SPILLOVER_H

#include "base/problem.h"
#include "store/store.h"

/*
 * Makes the writer's copy have the deputies that it is to have; returns the exit code.
 * Those with living flows are taken away by `force` only.
 */
int spillover_update(struct problem *problem, struct store *store, bool force);

/* Refuses what would take away the service that others spill to. */
int spillover_check_delete(struct problem *problem, const struct store *store, __u32 service);

#endif
