/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard sees to it that no instance outlives the process that made it:
 * whether it returns from main, bails out, crashes or is told to stop.
 */
#ifndef TEST_LIB_HARNESS_CLEANUP_GUARD_H
#define TEST_LIB_HARNESS_CLEANUP_GUARD_H

/*
 * Takes charge of an instance attached in the caller's network namespace, or, as
 * NAME_decap, of an instance's decapsulation.
 */
void guard_add(const char *name);

/* Detaches an instance that is guarded, and guards it no longer. */
void guard_release(const char *name);

/* The lbctl under test. */
const char *guard_lbctl_path(void);

#endif
