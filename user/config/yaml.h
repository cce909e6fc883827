/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * YAML documents: read with the place of everything in them, so that whatever is
 * wrong can be pointed at; and written. JSON is read as the part of YAML that it is.
 * The only user of libfyaml.
 *
 * A document owns its nodes and their texts.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stdbool.h>
#include <stdio.h>

#include "base/problem.h"

struct yaml;
struct yaml_node;

enum yaml_style {
	YAML_BLOCK,
	YAML_JSON_LINE, /* all of it in one */
	YAML_JSON, /* indented */
};

/* One key of a map with its value, or one item of a list. */
struct yaml_entry {
	const char *key; /* NULL in a list */
	struct yaml_node *key_node;
	struct yaml_node *value;
	void *position; /* NULL starts from the beginning */
};

/* Reads it whole. NULL, and the problem, if it is none; yaml_free() by the caller. */
struct yaml *yaml_read(FILE *file, const char *name, struct problem *problem);
void yaml_free(struct yaml *yaml);

struct yaml_node *yaml_root(const struct yaml *yaml);

bool yaml_is_map(const struct yaml_node *node);
bool yaml_is_list(const struct yaml_node *node);

/* The text of what is neither map nor list; NULL for those. */
const char *yaml_text(struct yaml_node *node);

/* The next entry of a map or list; false at its end. */
bool yaml_next(struct yaml_node *node, struct yaml_entry *entry);

/* Points at a node: FILE:LINE:COL, what is wrong, the line and a caret. Returns the code. */
int yaml_problem(const struct yaml *yaml, struct yaml_node *node, struct problem *problem,
		 enum exit_code code, const char *id, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* An empty document to write to. NULL without memory, as with all that make nodes. */
struct yaml *yaml_new(void);
struct yaml_node *yaml_map(struct yaml *yaml);
struct yaml_node *yaml_list(struct yaml *yaml);
struct yaml_node *yaml_scalar(struct yaml *yaml, const char *text);

/* Hand a node over to a map, a list, or the document. -ENOMEM also for nodes that are NULL. */
int yaml_put(struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node *value);
int yaml_append(struct yaml_node *list, struct yaml_node *item);
int yaml_set_root(struct yaml *yaml, struct yaml_node *root);

/* The whole as text, which the caller frees; NULL without memory. */
char *yaml_emit(const struct yaml *yaml, enum yaml_style style);

#endif
