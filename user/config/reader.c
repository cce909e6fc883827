// SPDX-License-Identifier: GPL-2.0-only
#include "config/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/suggest.h"

int reader_set_position(const struct reader *reader, struct yaml_node *node, int code)
{
	struct problem original = *reader->problem;

	if (!code)
		return 0;
	return yaml_problem(reader->yaml, node, reader->problem, original.code, original.id, "%s",
			    original.message);
}

int reader_read_text(const struct reader *reader, struct yaml_node *value, const char **text)
{
	*text = yaml_text(value);
	return *text ? 0 : reader_error(reader, value, "expected text or a number");
}

int reader_read_number(const struct reader *reader, struct yaml_node *value, __u32 min, __u32 max,
		       __u32 *number)
{
	const char *text = yaml_text(value);
	__u64 parsed;

	if (!text || number_parse(text, min, max, &parsed))
		return reader_error(reader, value, "expected a whole number from %u to %u", min,
				    max);
	*number = parsed;
	return 0;
}

int reader_unknown_key(const struct reader *reader, const struct yaml_entry *entry,
		       const char *const *names)
{
	struct suggestion suggested = suggestion_of(entry->key);

	for (; *names; names++)
		suggestion_offer(&suggested, *names);
	return reader_error(reader, entry->key_node, "unknown key '%s'%s", entry->key,
			    suggestion_text(&suggested));
}

int reader_invalid_choice(const struct reader *reader, struct yaml_node *value, const char *choices)
{
	const char *text = yaml_text(value);
	struct suggestion suggested = suggestion_of(text ? text : "");

	suggestion_offer_all(&suggested, choices);
	return reader_error(reader, value, "expected %s%s", choices, suggestion_text(&suggested));
}

int reader_read_map(const struct reader *reader, struct yaml_node *map,
		    const struct reader_key *keys, void *target)
{
	const char *names[READER_KEYS_MAX + 1] = {NULL};
	struct yaml_entry entry = {0};
	int code = 0;

	for (size_t i = 0; keys[i].name; i++)
		names[i] = keys[i].name;
	if (!yaml_is_map(map))
		return reader_error(reader, map, "expected a map of keys and values");
	while (!code && yaml_next(map, &entry)) {
		const struct reader_key *key = keys;

		while (key->name && strcmp(key->name, entry.key))
			key++;
		code = key->name ? key->read(reader, entry.value, target)
				 : reader_unknown_key(reader, &entry, names);
	}
	return code;
}

struct yaml_node *reader_find(struct yaml_node *map, const char *key)
{
	struct yaml_entry entry = {0};

	while (yaml_is_map(map) && yaml_next(map, &entry))
		if (!strcmp(entry.key, key))
			return entry.value;
	return NULL;
}

int reader_skip(const struct reader *reader, struct yaml_node *value, void *target)
{
	(void)reader;
	(void)value;
	(void)target;
	return 0;
}

void *reader_alloc_items(const struct reader *reader, struct yaml_node *list, size_t size,
			 size_t *count)
{
	struct yaml_entry entry = {0};
	void *items;

	*count = 0;
	if (!yaml_is_list(list)) {
		reader_error(reader, list, "expected a list");
		return NULL;
	}
	while (yaml_next(list, &entry))
		++*count;
	items = calloc(*count + 1, size);
	if (!items)
		problem_system(reader->problem, -ENOMEM, "reading the configuration");
	return items;
}
