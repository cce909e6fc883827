/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Other programs: started without a shell, awaited, their words kept.
 */
#ifndef TEST_LIB_CORE_PROCESS_H
#define TEST_LIB_CORE_PROCESS_H

#include <stddef.h>

/*
 * Runs `command`, words separated by spaces, in the caller's network namespace
 * and returns its exit code (-1: it could not run, or was killed). `input`
 * (may be NULL) is fed to it; what it says on stdout and stderr goes to
 * `output` (may be NULL), NUL-terminated.
 */
int process_run(const char *command, const char *input, char *output, size_t size);

/* As above, and ends this program with a word on stderr if that fails. */
void process_must_run(const char *command, const char *input);

/* Says why on stderr and exits, so that what was registered with atexit runs. */
__attribute__((noreturn, format(printf, 1, 2))) void process_bail(const char *format, ...);

#endif
