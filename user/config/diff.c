// SPDX-License-Identifier: GPL-2.0-only
#include "config/diff.h"

#include <stdio.h>
#include <string.h>

#include "view/view.h"

/* Where they are told to. */
struct walk {
	const struct store *store;
	const struct lb_service_config *services; /* that hold, by id */
	const struct lb_backend_config *backends;
	difference_told told;
	void *owner;
	size_t count;
};

static void tell(struct walk *walk, const struct difference *difference)
{
	walk->count++;
	walk->told(walk->owner, difference);
}

static void vip_text(const struct lb_service_config *config, char *text)
{
	endpoint_format(config->address, config->port, text, ENDPOINT_TEXT_BYTES);
	strcat(strcat(text, "/"), protocol_name(config->protocol));
}

static void walk_settings(struct walk *walk, const struct lb_service_config *before,
			  const struct lb_service_config *now)
{
	struct difference difference = {.kind = DIFFERENCE_SET, .service = now->name};

	for (const struct setting *setting = service_settings; setting->name; setting++) {
		difference.setting = setting->name;
		setting->format(before, difference.from, sizeof(difference.from));
		setting->format(now, difference.to, sizeof(difference.to));
		if (strcmp(difference.from, difference.to))
			tell(walk, &difference);
	}
}

static void walk_service(struct walk *walk, __u32 id)
{
	const struct lb_service_config *before = &walk->services[id];
	const struct lb_service_config *now = &walk->store->service[id];
	bool was = before->name[0], is = now->name[0];
	struct difference difference = {.service = is ? now->name : before->name};

	if (was && is) {
		walk_settings(walk, before, now);
	} else if (was || is) {
		difference.kind = is ? DIFFERENCE_ADDED : DIFFERENCE_REMOVED;
		vip_text(is ? now : before, is ? difference.to : difference.from);
		tell(walk, &difference);
	}
}

static void weight_text(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%u", config->weight);
}

static void max_flows_text(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%u", config->max_flows);
}

static void state_text(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%s", state_name(config->configured_state));
}

static void runtime_state_text(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%s%s", state_name(config->state), config->reset ? " (reset)" : "");
}

static void runtime_weight_text(const struct lb_backend_config *config, char *text, size_t size)
{
	if (config->override_milli == LB_NO_OVERRIDE)
		snprintf(text, size, "none");
	else
		snprintf(text, size, "%g", config->override_milli / 1000.0);
}

static void walk_backend_settings(struct walk *walk, struct difference *difference,
				  const struct lb_backend_config *before,
				  const struct lb_backend_config *now)
{
	static const struct {
		const char *name;
		void (*format)(const struct lb_backend_config *config, char *text, size_t size);
	} settings[] = {
		{"weight", weight_text},
		{"max-flows", max_flows_text},
		{"state", state_text},
		{"runtime state", runtime_state_text},
		{"runtime weight", runtime_weight_text},
	};

	difference->kind = DIFFERENCE_SET;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		difference->setting = settings[i].name;
		settings[i].format(before, difference->from, sizeof(difference->from));
		settings[i].format(now, difference->to, sizeof(difference->to));
		if (strcmp(difference->from, difference->to))
			tell(walk, difference);
	}
}

static void walk_backend(struct walk *walk, __u32 id)
{
	const struct lb_backend_config *before = &walk->backends[id];
	const struct lb_backend_config *now = &walk->store->backend[id];
	const struct lb_backend_config *either = now->service ? now : before;
	const struct lb_service_config *services =
		now->service ? walk->store->service : walk->services;
	struct difference difference = {.service = services[either->service].name};

	if (!either->service || either->deputy_of || !memcmp(before, now, sizeof(*now)))
		return;
	endpoint_format(either->address, either->port, difference.backend,
			sizeof(difference.backend));
	if (before->service && now->service) {
		walk_backend_settings(walk, &difference, before, now);
		return;
	}
	difference.kind = now->service ? DIFFERENCE_ADDED : DIFFERENCE_REMOVED;
	tell(walk, &difference);
}

size_t difference_walk(const struct store *store, difference_told told, void *owner)
{
	const struct lb_control *control = store->control;
	__u64 holds = control->generation & 1;
	struct walk walk = {
		.store = store,
		.services = store->service_config + holds * control->max_services,
		.backends = store->backend_config + holds * control->max_backends,
		.told = told,
		.owner = owner,
	};

	for (__u32 id = 1; id < control->max_services; id++)
		walk_service(&walk, id);
	for (__u32 id = 1; id < control->max_backends; id++)
		walk_backend(&walk, id);
	return walk.count;
}
