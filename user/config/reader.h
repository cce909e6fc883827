/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers: maps and lists of a configuration file by tables of their keys; whatever is
 * wrong is pointed at. Functions return 0, or the code of the problem that they record.
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

/* One key of a map: what it does with its value. */
struct reader_key {
	const char *name;
	int (*read)(const struct reader *reader, struct yaml_node *value, void *target);
};

/* More keys than any map has. */
#define READER_KEYS_MAX 32

#define reader_error(reader, node, ...) \
	yaml_problem((reader)->yaml, node, (reader)->problem, EXIT_INVALID, \
		     "invalid-configuration", __VA_ARGS__)

/* Adds the place of a node to a problem with this code, if there is one, and returns it. */
int reader_set_position(const struct reader *reader, struct yaml_node *node, int code);

int reader_read_text(const struct reader *reader, struct yaml_node *value, const char **text);
int reader_read_number(const struct reader *reader, struct yaml_node *value, __u32 min, __u32 max,
		       __u32 *number);

/* Nobody knows this key; says which of the names (ends with NULL) may be meant. */
int reader_unknown_key(const struct reader *reader, const struct yaml_entry *entry,
		       const char *const *names);

/* The value is none of "on or off". */
int reader_invalid_choice(const struct reader *reader, struct yaml_node *value,
			  const char *choices);

/* Every key of a map by the table, whose last entry has no name. */
int reader_read_map(const struct reader *reader, struct yaml_node *map,
		    const struct reader_key *keys, void *target);

/* The value of a key; NULL when it is not there. */
struct yaml_node *reader_find(struct yaml_node *map, const char *key);

/* For what has been read before the others of its map. */
int reader_skip(const struct reader *reader, struct yaml_node *value, void *target);

/* Makes room for the items of a list; NULL, and the problem, if it is none. */
void *reader_alloc_items(const struct reader *reader, struct yaml_node *list, size_t size,
			 size_t *count);

#endif
