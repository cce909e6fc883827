/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads maps and lists of a configuration file by tables of keys. Functions return 0, or the exit
 * code of the problem that they record, which has a position.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include <linux/types.h>
#include <stddef.h>

#include "base/problem.h"
#include "config/yaml.h"

struct reader {
	struct yaml *yaml;
	struct problem *problem;
};

/* A key of a map, and the function that reads its value. */
struct reader_key {
	const char *name;
	int (*read)(const struct reader *reader, struct yaml_node *value, void *target);
};

/* More keys than any map has. */
#define READER_KEYS_MAX 32

#define reader_error(reader, node, ...) \
	yaml_problem((reader)->yaml, node, (reader)->problem, EXIT_INVALID, \
		     "invalid-configuration", __VA_ARGS__)

/* Adds the position of a node to the problem, unless `code` is 0. Returns `code`. */
int reader_set_position(const struct reader *reader, struct yaml_node *node, int code);

int reader_read_text(const struct reader *reader, struct yaml_node *value, const char **text);
int reader_read_number(const struct reader *reader, struct yaml_node *value, __u32 min, __u32 max,
		       __u32 *number);

/* An unknown key; suggests one of the names, which end with NULL. */
int reader_unknown_key(const struct reader *reader, const struct yaml_entry *entry,
		       const char *const *names);

/* A value that is not among the choices: "on or off". */
int reader_invalid_choice(const struct reader *reader, struct yaml_node *value,
			  const char *choices);

/* Reads all keys of a map by the table. Its last entry has no name. */
int reader_read_map(const struct reader *reader, struct yaml_node *map,
		    const struct reader_key *keys, void *target);

/* The value of a key; NULL if the map does not have it. */
struct yaml_node *reader_find(struct yaml_node *map, const char *key);

/* For a key that is read separately. */
int reader_skip(const struct reader *reader, struct yaml_node *value, void *target);

/*
 * Allocates an array for the items of a list, which the caller frees. Returns NULL, and records
 * the problem, if it is not a list or there is no memory.
 */
void *reader_alloc_items(const struct reader *reader, struct yaml_node *list, size_t size,
			 size_t *count);

#endif
