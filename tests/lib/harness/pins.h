/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instance has pinned below /sys/fs/bpf/lbctl: its maps and, through
 * its links, the program that is attached. Each of these ends the test if it
 * fails.
 */
#ifndef TEST_LIB_HARNESS_PINS_H
#define TEST_LIB_HARNESS_PINS_H

#define PINS_ROOT "/sys/fs/bpf/lbctl"

/* Descriptor of a pinned map. */
int pins_open_map(const char *instance, const char *map);

/* A pinned array, mapped to be read; stays so for the life of the process. */
const void *pins_mmap(const char *instance, const char *map);

/* The same, to be written as well: for what only a controller or time would do. */
void *pins_mmap_writable(const char *instance, const char *map);

/* Descriptor of the program that is attached to an interface. */
int pins_open_program(const char *instance, const char *interface);

#endif
