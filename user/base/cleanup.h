/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cleanup attributes: release a local variable's memory or descriptor on every return.
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
