/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinned objects of an instance under /sys/fs/bpf/lbctl: its maps and, by its links, the attached
 * program. Each function ends the test on an error.
 */
#ifndef TEST_LIB_HARNESS_PINS_H
#define TEST_LIB_HARNESS_PINS_H

#define PINS_ROOT "/sys/fs/bpf/lbctl"

/* Returns the descriptor of a pinned map. */
int pins_open_map(const char *instance, const char *map);

/* Maps a pinned array read-only, for the life of the process. */
const void *pins_mmap(const char *instance, const char *map);

/* Maps it writable, for changes that only a controller or elapsed time would make. */
void *pins_mmap_writable(const char *instance, const char *map);

/* Returns the descriptor of the program attached to an interface. */
int pins_open_program(const char *instance, const char *interface);

#endif
