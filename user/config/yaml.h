/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads and writes YAML documents, and JSON, which is a subset. Nodes keep their positions for
 * error messages. The only user of libfyaml.
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
	YAML_JSON_LINE, /* JSON in one line */
	YAML_JSON, /* indented JSON */
};

/* One key of a map with its value, or one item of a list. */
struct yaml_entry {
	const char *key; /* NULL in a list */
	struct yaml_node *key_node;
	struct yaml_node *value;
	void *position; /* NULL = before the first entry */
};

/* Returns NULL, and sets the problem, if the file is not valid. The caller calls yaml_free(). */
struct yaml *yaml_read(FILE *file, const char *name, struct problem *problem);
void yaml_free(struct yaml *yaml);

struct yaml_node *yaml_root(const struct yaml *yaml);

bool yaml_is_map(const struct yaml_node *node);
bool yaml_is_list(const struct yaml_node *node);

/* The text of a scalar; NULL for a map, a list or an alias. */
const char *yaml_text(struct yaml_node *node);

/* Gets the next entry of a map or list. Returns false at its end. */
bool yaml_next(struct yaml_node *node, struct yaml_entry *entry);

/* A problem at the position of a node; see config/file_problem.h. Returns the exit code. */
int yaml_problem(const struct yaml *yaml, struct yaml_node *node, struct problem *problem,
		 enum exit_code code, const char *id, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Creates an empty document to write to, and nodes of it. NULL = no memory. */
struct yaml *yaml_new(void);
struct yaml_node *yaml_map(struct yaml *yaml);
struct yaml_node *yaml_list(struct yaml *yaml);
struct yaml_node *yaml_scalar(struct yaml *yaml, const char *text);

/* Add a node to a map, a list or the document. Return 0, or -ENOMEM, also if a node is NULL. */
int yaml_put(struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node *value);
int yaml_append(struct yaml_node *list, struct yaml_node *item);
int yaml_set_root(struct yaml *yaml, struct yaml_node *root);

/* The text of the document, which the caller frees; NULL = no memory. */
char *yaml_emit(const struct yaml *yaml, enum yaml_style style);

#endif
