// SPDX-License-Identifier: GPL-2.0-only
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validate.h"
#include "config/config_backend.h"
#include "config/reader.h"
#include "model/service_settings.h"

int config_set_position(const struct config *config, struct yaml_node *node,
			struct problem *problem)
{
	struct reader reader = {.yaml = config->yaml, .problem = problem};

	return reader_set_position(&reader, node, problem->code);
}

static int read_setting(const struct reader *reader, const struct service_setting *setting,
			struct yaml_node *value, struct lb_service_config *service)
{
	const char *text;
	char why[256];
	int code = reader_read_text(reader, value, &text);

	if (code || !service_setting_parse(setting, text, service))
		return code;
	service_setting_explain(setting, text, why, sizeof(why));
	return reader_error(reader, value, "invalid %s '%s': %s", setting->name, text, why);
}

/* Reads the settings in a map, which may also have `extra_keys` (ends with NULL). */
static int read_settings(const struct reader *reader, struct yaml_node *map,
			 const char *const *extra_keys, struct lb_service_config *service)
{
	const char *names[READER_KEYS_MAX + 1] = {NULL};
	struct yaml_entry entry = {0};
	size_t count = 0, extra_count;
	int code = 0;

	if (!yaml_is_map(map))
		return reader_error(reader, map, "expected a map of keys and values");
	for (; extra_keys[count]; count++)
		names[count] = extra_keys[count];
	extra_count = count;
	for (const struct service_setting *setting = service_settings; setting->name; setting++)
		names[count++] = setting->name;
	while (!code && yaml_next(map, &entry)) {
		const struct service_setting *setting = service_setting_find(entry.key);
		size_t extra = 0;

		while (extra < extra_count && strcmp(extra_keys[extra], entry.key))
			extra++;
		if (setting)
			code = read_setting(reader, setting, entry.value, service);
		else if (extra == extra_count)
			code = reader_unknown_key(reader, &entry, names);
	}
	return code;
}

/* Reads the name and the VIP, which are mandatory. */
static int read_identity(const struct reader *reader, struct yaml_node *map,
			 struct config_service *service)
{
	struct yaml_node *name = reader_find(map, "name"), *vip = reader_find(map, "vip");
	struct endpoint endpoint;
	int code;

	if (!yaml_is_map(map))
		return reader_error(reader, map, "expected a map of keys and values");
	if (!yaml_text(name))
		return reader_error(reader, name ? name : map, "missing name of the service");
	if (!yaml_text(vip))
		return reader_error(reader, vip ? vip : map,
				    "missing vip of the service: expected ADDR:PORT/PROTO");
	code = reader_set_position(reader, name, validate_name(reader->problem, yaml_text(name)));
	if (!code)
		code = reader_set_position(
			reader, vip, validate_vip(reader->problem, yaml_text(vip), &endpoint));
	if (!code)
		service->settings = service_defaults(yaml_text(name), &endpoint);
	return code;
}

static int read_service(const struct reader *reader, struct yaml_node *map,
			struct yaml_node *defaults, struct config_service *service)
{
	static const char *const none[] = {NULL};
	static const char *const extra_keys[] = {"name", "vip", "backends", NULL};
	struct yaml_node *backends = reader_find(map, "backends");
	int code = read_identity(reader, map, service);

	service->node = map;
	if (!code && defaults)
		code = read_settings(reader, defaults, none, &service->settings);
	if (!code)
		code = read_settings(reader, map, extra_keys, &service->settings);
	if (!code)
		code = reader_set_position(reader, map,
					   validate_settings(reader->problem, &service->settings));
	if (!code && backends)
		code = config_read_backends(reader, backends, service);
	return code;
}

bool config_has_vip(const struct lb_service_config *service, const __u64 address[2], __be16 port,
		    __u8 protocol)
{
	return service->port == port && service->protocol == protocol &&
	       !memcmp(service->address, address, sizeof(service->address));
}

/* Names and VIPs must be unique. */
static int check_services(const struct reader *reader, const struct config *config)
{
	for (size_t i = 0; i < config->service_count; i++) {
		const struct lb_service_config *a = &config->services[i].settings;

		for (size_t j = 0; j < i; j++) {
			const struct lb_service_config *b = &config->services[j].settings;
			struct yaml_node *node = config->services[i].node;

			if (!strcmp(a->name, b->name))
				return reader_error(reader, reader_find(node, "name"),
						    "duplicate service '%s'", a->name);
			if (config_has_vip(a, b->address, b->port, b->protocol))
				return reader_error(reader, reader_find(node, "vip"),
						    "VIP is in use by service '%s'", b->name);
		}
	}
	return 0;
}

/* Defaults of all services; they are checked even if there is no service. */
static int read_defaults(const struct reader *reader, struct yaml_node *map, void *target)
{
	static const char *const none[] = {NULL};
	struct lb_service_config unused = {0};

	(void)target;
	return read_settings(reader, map, none, &unused);
}

static int read_services(const struct reader *reader, struct yaml_node *list, void *target)
{
	struct yaml_node *defaults = reader_find(yaml_root(reader->yaml), "defaults");
	struct yaml_entry entry = {0};
	struct config *config = target;
	int code = 0;

	config->services = reader_alloc_items(reader, list, sizeof(struct config_service),
					      &config->service_count);
	if (!config->services)
		return reader->problem->code;
	for (size_t i = 0; !code && yaml_next(list, &entry); i++)
		code = read_service(reader, entry.value, defaults, &config->services[i]);
	return code ? code : check_services(reader, config);
}

static int read_interface_name(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_interface *interface = target;
	const char *text = yaml_text(value);

	if (!text || !text[0] || strlen(text) >= sizeof(interface->name))
		return reader_error(reader, value, "expected an interface name");
	strcpy(interface->name, text);
	return 0;
}

static int read_interface_mode(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_interface *interface = target;
	const char *text = yaml_text(value);

	if (!text || (strcmp(text, "auto") && strcmp(text, "native") && strcmp(text, "generic")))
		return reader_invalid_choice(reader, value, "auto, native or generic");
	strcpy(interface->mode, text);
	return 0;
}

static int read_interface(const struct reader *reader, struct yaml_node *map,
			  struct config_interface *interface)
{
	static const struct reader_key keys[] = {
		{"name", read_interface_name},
		{"mode", read_interface_mode},
		{NULL, NULL},
	};
	int code;

	interface->node = map;
	strcpy(interface->mode, "auto");
	code = reader_read_map(reader, map, keys, interface);
	if (!code && !interface->name[0])
		code = reader_error(reader, map, "missing name of the interface");
	return code;
}

/* Names must be unique, and at most CONFIG_INTERFACES_MAX can be attached. */
static int check_interfaces(const struct reader *reader, struct yaml_node *list,
			    const struct config *config)
{
	if (config->interface_count > CONFIG_INTERFACES_MAX)
		return reader_error(reader, list, "too many interfaces: expected at most %d",
				    CONFIG_INTERFACES_MAX);
	for (size_t i = 0; i < config->interface_count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(config->interfaces[i].name, config->interfaces[j].name))
				return reader_error(reader, config->interfaces[i].node,
						    "duplicate interface '%s'",
						    config->interfaces[i].name);
	return 0;
}

static int read_interfaces(const struct reader *reader, struct yaml_node *list, void *target)
{
	struct yaml_entry entry = {0};
	struct config *config = target;
	int code = 0;

	config->interfaces = reader_alloc_items(reader, list, sizeof(struct config_interface),
						&config->interface_count);
	if (!config->interfaces)
		return reader->problem->code;
	for (size_t i = 0; !code && yaml_next(list, &entry); i++)
		code = read_interface(reader, entry.value, &config->interfaces[i]);
	return code ? code : check_interfaces(reader, list, config);
}

static int read_limits(const struct reader *reader, struct yaml_node *map, void *target)
{
	const char *names[LIMIT_COUNT + 1] = {NULL};
	struct yaml_entry entry = {0};
	struct config *config = target;
	int code = 0;

	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		names[i] = flag_name(limit_flag(i));
	if (!yaml_is_map(map))
		return reader_error(reader, map, "expected a map of keys and values");
	while (!code && yaml_next(map, &entry)) {
		enum limit i = 0;

		while (i < LIMIT_COUNT && strcmp(names[i], entry.key))
			i++;
		if (i == LIMIT_COUNT)
			return reader_unknown_key(reader, &entry, names);
		code = reader_read_number(reader, entry.value, 1, limit_max(i), &config->limits[i]);
	}
	return code;
}

static int read_hash_key(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config *config = target;

	return reader_read_text(reader, value, &config->hash_key);
}

static int read_version(const struct reader *reader, struct yaml_node *value, void *target)
{
	const char *text = yaml_text(value);

	(void)target;
	return text && !strcmp(text, "1")
		       ? 0
		       : reader_error(reader, value, "unsupported version: expected 1");
}

int config_read(struct config *config, FILE *file, const char *name, struct problem *problem)
{
	static const struct reader_key keys[] = {
		{"version", read_version},
		{"interfaces", read_interfaces},
		{"limits", read_limits},
		{"hash-key", read_hash_key},
		{"defaults", read_defaults},
		{"services", read_services},
		{NULL, NULL},
	};
	struct reader reader = {.problem = problem};
	struct yaml_node *root;

	*config = (struct config){.yaml = yaml_read(file, name, problem)};
	if (!config->yaml)
		return problem->code;
	reader.yaml = config->yaml;
	root = yaml_root(config->yaml);
	if (yaml_is_map(root) && !reader_find(root, "version"))
		return reader_error(&reader, root, "missing version: expected 'version: 1'");
	return reader_read_map(&reader, root, keys, config);
}

void config_release(struct config *config)
{
	for (size_t i = 0; i < config->service_count; i++)
		free(config->services[i].backends);
	free(config->services);
	free(config->interfaces);
	yaml_free(config->yaml);
	*config = (struct config){0};
}
