/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cleanup by scope: what a function holds is let go on every way out of it.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _free_	__attribute__((cleanup(cleanup_free)))
#define _close_ __attribute__((cleanup(cleanup_close)))

#endif
