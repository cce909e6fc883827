/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Child processes: started without a shell, waited for, with their output captured.
 */
#ifndef TEST_LIB_CORE_PROCESS_H
#define TEST_LIB_CORE_PROCESS_H

#include <stddef.h>

/*
 * Runs `command`, words separated by spaces, in the caller's network namespace. Returns its exit
 * code, or -1 if it could not run or was killed by a signal. Writes `input` (may be NULL) to its
 * stdin. Stores stdout and stderr in `output` (may be NULL), NUL-terminated and cut at `size`.
 */
int process_run(const char *command, const char *input, char *output, size_t size);

/*
 * As process_run(), without output. Ends this program with process_bail() if the exit code is not
 * 0.
 */
void process_must_run(const char *command, const char *input);

/*
 * Prints "Bail out!" with the reason and exits with status 1. Handlers registered with atexit()
 * run.
 */
__attribute__((noreturn, format(printf, 1, 2))) void process_bail(const char *format, ...);

#endif
