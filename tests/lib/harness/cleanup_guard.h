/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detaches a test's instances when its process ends: on return from main(), on bail-out, on a crash
 * and on fatal signals except SIGKILL.
 */
#ifndef TEST_LIB_HARNESS_CLEANUP_GUARD_H
#define TEST_LIB_HARNESS_CLEANUP_GUARD_H

/*
 * Guards an instance that is attached in the caller's network namespace. NAME_decap guards the
 * decapsulation of instance NAME.
 */
void guard_add(const char *name);

/* Detaches a guarded instance and removes its guard. */
void guard_release(const char *name);

/*
 * Path of the lbctl under test: $LBCTL, or ../lbctl relative to the directory of the running
 * program.
 */
const char *guard_lbctl_path(void);

#endif
