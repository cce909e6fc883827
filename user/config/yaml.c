// SPDX-License-Identifier: GPL-2.0-only
#include "config/yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "config/file_problem.h"

#define NAME_BYTES 256

struct yaml {
	struct fy_document *document;
	struct fy_diag *diag;
	char *text; /* the file; nodes point into it */
	char name[NAME_BYTES];
};

static struct fy_node *to_fy_node(const struct yaml_node *node)
{
	return (struct fy_node *)node;
}

static struct yaml_node *from_fy_node(struct fy_node *node)
{
	return (struct yaml_node *)node;
}

void yaml_free(struct yaml *yaml)
{
	if (!yaml)
		return;
	fy_document_destroy(yaml->document);
	fy_diag_destroy(yaml->diag);
	free(yaml->text);
	free(yaml);
}

static struct yaml *create(const char *name)
{
	struct fy_diag_cfg config;
	struct yaml *yaml = calloc(1, sizeof(*yaml));

	if (!yaml)
		return NULL;
	snprintf(yaml->name, sizeof(yaml->name), "%s", name);
	fy_diag_cfg_default(&config);
	config.fp = NULL;
	yaml->diag = fy_diag_create(&config);
	if (yaml->diag) {
		fy_diag_set_collect_errors(yaml->diag, true);
		return yaml;
	}
	yaml_free(yaml);
	return NULL;
}

/* Sets the first of the errors that libfyaml collected, or `fallback` if there is none. */
static int set_first_error(const struct yaml *yaml, const char *fallback, struct problem *problem)
{
	void *position = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(yaml->diag, &position);

	return file_problem_set(problem, yaml->name, yaml->text, error ? error->line : 1,
				error ? error->column : 1, error ? error->msg : fallback);
}

struct yaml *yaml_read(FILE *file, const char *name, struct problem *problem)
{
	struct yaml *yaml = create(name);
	struct fy_parse_cfg config = {0};
	const char *why;

	if (!yaml) {
		problem_system(problem, -ENOMEM, "%s", name);
		return NULL;
	}
	yaml->text = atomic_file_read(file, &why);
	if (!yaml->text) {
		problem_set(problem, EXIT_INVALID, "invalid-configuration", "%s: %s", name, why);
		yaml_free(yaml);
		return NULL;
	}
	config.diag = yaml->diag;
	yaml->document = fy_document_build_from_string(&config, yaml->text, FY_NT);
	if (yaml->document && fy_document_root(yaml->document))
		return yaml;
	set_first_error(yaml, "the file is empty", problem);
	yaml_free(yaml);
	return NULL;
}

struct yaml_node *yaml_root(const struct yaml *yaml)
{
	return from_fy_node(fy_document_root(yaml->document));
}

bool yaml_is_map(const struct yaml_node *node)
{
	return node && fy_node_is_mapping(to_fy_node(node));
}

bool yaml_is_list(const struct yaml_node *node)
{
	return node && fy_node_is_sequence(to_fy_node(node));
}

/* Aliases are not resolved. */
const char *yaml_text(struct yaml_node *node)
{
	if (!node || !fy_node_is_scalar(to_fy_node(node)) || fy_node_is_alias(to_fy_node(node)))
		return NULL;
	return fy_node_get_scalar0(to_fy_node(node));
}

bool yaml_next(struct yaml_node *node, struct yaml_entry *entry)
{
	struct fy_node_pair *pair;

	if (yaml_is_list(node)) {
		entry->key = NULL;
		entry->value =
			from_fy_node(fy_node_sequence_iterate(to_fy_node(node), &entry->position));
		return entry->value;
	}
	pair = yaml_is_map(node) ? fy_node_mapping_iterate(to_fy_node(node), &entry->position)
				 : NULL;
	if (!pair)
		return false;
	entry->key_node = from_fy_node(fy_node_pair_key(pair));
	entry->value = from_fy_node(fy_node_pair_value(pair));
	entry->key = yaml_text(entry->key_node);
	if (!entry->key)
		entry->key = "";
	return true;
}

int yaml_problem(const struct yaml *yaml, struct yaml_node *node, struct problem *problem,
		 enum exit_code code, const char *id, const char *format, ...)
{
	char what[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	if (node)
		fy_node_report(to_fy_node(node), FYET_ERROR, "%s", what);
	set_first_error(yaml, what, problem);
	problem->code = code;
	problem->id = id;
	return code;
}

struct yaml *yaml_new(void)
{
	struct yaml *yaml = create("");
	struct fy_parse_cfg config = {.diag = yaml ? yaml->diag : NULL};

	if (!yaml)
		return NULL;
	yaml->document = fy_document_create(&config);
	if (yaml->document)
		return yaml;
	yaml_free(yaml);
	return NULL;
}

struct yaml_node *yaml_map(struct yaml *yaml)
{
	return from_fy_node(fy_node_create_mapping(yaml->document));
}

struct yaml_node *yaml_list(struct yaml *yaml)
{
	return from_fy_node(fy_node_create_sequence(yaml->document));
}

struct yaml_node *yaml_scalar(struct yaml *yaml, const char *text)
{
	return from_fy_node(fy_node_create_scalar_copy(yaml->document, text, FY_NT));
}

int yaml_put(struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node *value)
{
	struct yaml_node *name = yaml_scalar(yaml, key);

	if (!map || !name || !value ||
	    fy_node_mapping_append(to_fy_node(map), to_fy_node(name), to_fy_node(value)))
		return -ENOMEM;
	return 0;
}

int yaml_append(struct yaml_node *list, struct yaml_node *item)
{
	if (!list || !item || fy_node_sequence_append(to_fy_node(list), to_fy_node(item)))
		return -ENOMEM;
	return 0;
}

int yaml_set_root(struct yaml *yaml, struct yaml_node *root)
{
	return root && !fy_document_set_root(yaml->document, to_fy_node(root)) ? 0 : -ENOMEM;
}

char *yaml_emit(const struct yaml *yaml, enum yaml_style style)
{
	static const enum fy_emitter_cfg_flags modes[] = {
		[YAML_BLOCK] = FYECF_MODE_BLOCK,
		[YAML_JSON_LINE] = FYECF_MODE_JSON_ONELINE,
		[YAML_JSON] = FYECF_MODE_JSON,
	};

	return fy_emit_document_to_string(yaml->document,
					  modes[style] | FYECF_INDENT_2 | FYECF_WIDTH_INF);
}
