// SPDX-License-Identifier: GPL-2.0-only
#include "config/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "cli/limits.h"
#include "datapath/attach.h"
#include "model/service_settings.h"
#include "store/lookup.h"
#include "store/store.h"
#include "view/view.h"

/* The document that is written. After an error, nothing more is added. */
struct writer {
	struct yaml *yaml;
	int error;
};

static void put(struct writer *writer, struct yaml_node *map, const char *key,
		struct yaml_node *value)
{
	if (!writer->error)
		writer->error = yaml_put(writer->yaml, map, key, value);
}

static void append(struct writer *writer, struct yaml_node *list, struct yaml_node *item)
{
	if (!writer->error)
		writer->error = yaml_append(list, item);
}

static void put_text(struct writer *writer, struct yaml_node *map, const char *key,
		     const char *text)
{
	put(writer, map, key, yaml_scalar(writer->yaml, text));
}

static void put_number(struct writer *writer, struct yaml_node *map, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.10g", value);
	put_text(writer, map, key, text);
}

/* Run-time overrides, if there are any. */
static void put_runtime(struct writer *writer, struct yaml_node *map,
			const struct lb_backend_config *config)
{
	struct yaml_node *runtime;

	if (config->state == config->configured_state && !config->reset &&
	    config->override_milli == LB_NO_OVERRIDE)
		return;
	runtime = yaml_map(writer->yaml);
	if (config->state != config->configured_state)
		put_text(writer, runtime, "state", state_name(config->state));
	if (config->reset)
		put_text(writer, runtime, "reset", "on");
	if (config->override_milli != LB_NO_OVERRIDE)
		put_number(writer, runtime, "weight", config->override_milli / 1000.0);
	put(writer, map, "runtime", runtime);
}

static struct yaml_node *backend_node(struct writer *writer, const struct lb_backend_config *config)
{
	struct yaml_node *map = yaml_map(writer->yaml);
	char address[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, address, sizeof(address));
	put_text(writer, map, "address", address);
	put_number(writer, map, "weight", config->weight);
	if (config->max_flows)
		put_number(writer, map, "max-flows", config->max_flows);
	if (config->configured_state != LB_STATE_READY)
		put_text(writer, map, "state", state_name(config->configured_state));
	put_runtime(writer, map, config);
	return map;
}

/* The map that gets the settings which differ from their defaults. */
struct settings_map {
	struct writer *writer;
	struct yaml_node *map;
};

static void put_setting(void *argument, const struct service_setting *setting,
			const char *default_value, const char *value)
{
	struct settings_map *settings = argument;

	(void)default_value;
	put_text(settings->writer, settings->map, setting->name, value);
}

/* The service without its backends. */
static struct yaml_node *service_node(struct writer *writer, const struct lb_service_config *config)
{
	struct yaml_node *map = yaml_map(writer->yaml);
	struct settings_map settings = {writer, map};
	char vip[ENDPOINT_TEXT_BYTES + 8];

	endpoint_format(config->address, config->port, vip, ENDPOINT_TEXT_BYTES);
	strcat(strcat(vip, "/"), protocol_name(config->protocol));
	put_text(writer, map, "name", config->name);
	put_text(writer, map, "vip", vip);
	service_settings_each_changed(config, put_setting, &settings);
	return map;
}

static struct yaml_node *service_with_backends_node(struct writer *writer,
						    const struct store *store, __u32 id)
{
	struct yaml_node *map = service_node(writer, &store->config.service[id]);
	struct yaml_node *backends = yaml_list(writer->yaml);

	for (__u32 i = 1; i < store->control->max_backends; i++)
		if (store_service_owns(store, id, i))
			append(writer, backends, backend_node(writer, &store->config.backend[i]));
	put(writer, map, "backends", backends);
	return map;
}

static struct yaml_node *services_node(struct writer *writer, const struct store *store)
{
	struct yaml_node *list = yaml_list(writer->yaml);

	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->config.service[id].name[0])
			append(writer, list, service_with_backends_node(writer, store, id));
	return list;
}

static struct yaml_node *interfaces_node(struct writer *writer,
					 const struct datapath_interface *interfaces, size_t count)
{
	struct yaml_node *list = yaml_list(writer->yaml);

	for (size_t i = 0; i < count; i++) {
		struct yaml_node *map = yaml_map(writer->yaml);

		put_text(writer, map, "name", interfaces[i].name);
		if (interfaces[i].mode != DATAPATH_DETACHED)
			put_text(writer, map, "mode", mode_name(interfaces[i].mode));
		append(writer, list, map);
	}
	return list;
}

static struct yaml_node *limits_node(struct writer *writer, const struct lb_control *control)
{
	struct datapath_limits limits = limits_of(control);
	struct yaml_node *map = yaml_map(writer->yaml);

	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		put_number(writer, map, flag_name(limit_flag(i)), limit_get(&limits, i));
	return map;
}

/* Frees the document, and returns its text. */
static char *finish(struct writer *writer, struct yaml_node *root, enum yaml_style style)
{
	char *text = NULL;

	if (!writer->error && !yaml_set_root(writer->yaml, root))
		text = yaml_emit(writer->yaml, style);
	yaml_free(writer->yaml);
	return text;
}

char *config_save(const struct store *store, const struct datapath_interface *interfaces,
		  size_t interface_count, enum yaml_style style)
{
	struct writer writer = {.yaml = yaml_new()};
	struct yaml_node *root;

	if (!writer.yaml)
		return NULL;
	root = yaml_map(writer.yaml);
	put_text(&writer, root, "version", "1");
	put(&writer, root, "interfaces", interfaces_node(&writer, interfaces, interface_count));
	put(&writer, root, "limits", limits_node(&writer, store->control));
	put(&writer, root, "services", services_node(&writer, store));
	return finish(&writer, root, style);
}

char *config_write(const struct config *config, enum yaml_style style)
{
	struct writer writer = {.yaml = yaml_new()};
	struct yaml_node *root, *services;

	if (!writer.yaml)
		return NULL;
	root = yaml_map(writer.yaml);
	services = yaml_list(writer.yaml);
	put_text(&writer, root, "version", "1");
	for (size_t i = 0; i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];
		struct yaml_node *map = service_node(&writer, &service->settings);
		struct yaml_node *backends = yaml_list(writer.yaml);

		for (size_t j = 0; j < service->backend_count; j++)
			append(&writer, backends,
			       backend_node(&writer, &service->backends[j].settings));
		put(&writer, map, "backends", backends);
		append(&writer, services, map);
	}
	put(&writer, root, "services", services);
	return finish(&writer, root, style);
}
