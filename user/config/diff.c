// SPDX-License-Identifier: GPL-2.0-only
#include "config/diff.h"

#include <stdio.h>
#include <string.h>

#include "view/view.h"

struct walk {
	const struct config_diff *config_diff;
	diff_fn fn;
	void *owner;
};

static void emit(const struct walk *walk, const struct diff *diff)
{
	walk->fn(walk->owner, diff);
}

static void format_vip(const struct lb_service_config *config, char *text)
{
	endpoint_format(config->address, config->port, text, ENDPOINT_TEXT_BYTES);
	strcat(strcat(text, "/"), protocol_name(config->protocol));
}

struct service_walk {
	const struct walk *walk;
	struct diff diff;
};

static void emit_setting(void *argument, const struct service_setting *setting, const char *before,
			 const char *now)
{
	struct service_walk *service_walk = argument;
	struct diff *diff = &service_walk->diff;

	diff->setting = setting->name;
	snprintf(diff->from, sizeof(diff->from), "%s", before);
	snprintf(diff->to, sizeof(diff->to), "%s", now);
	emit(service_walk->walk, diff);
}

static void walk_settings(const struct walk *walk, const struct lb_service_config *before,
			  const struct lb_service_config *now)
{
	struct service_walk service_walk = {.walk = walk,
					    .diff = {.kind = DIFF_SET, .service = now->name}};

	service_settings_each_difference(before, now, emit_setting, &service_walk);
}

static void walk_service(const struct walk *walk, const struct service_change *change)
{
	const struct lb_service_config *before = change->old, *now = change->new;
	bool existed = before->name[0], exists = now->name[0];
	struct diff diff = {.service = exists ? now->name : before->name};

	if (existed && exists) {
		walk_settings(walk, before, now);
	} else if (existed || exists) {
		diff.kind = exists ? DIFF_ADDED : DIFF_REMOVED;
		format_vip(exists ? now : before, exists ? diff.to : diff.from);
		emit(walk, &diff);
	}
}

static void format_weight(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%u", config->weight);
}

static void format_max_flows(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%u", config->max_flows);
}

static void format_state(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%s", state_name(config->configured_state));
}

static void format_runtime_state(const struct lb_backend_config *config, char *text, size_t size)
{
	snprintf(text, size, "%s%s", state_name(config->state), config->reset ? " (reset)" : "");
}

static void format_runtime_weight(const struct lb_backend_config *config, char *text, size_t size)
{
	if (config->override_milli == LB_NO_OVERRIDE)
		snprintf(text, size, "none");
	else
		snprintf(text, size, "%g", config->override_milli / 1000.0);
}

static void walk_backend_settings(const struct walk *walk, struct diff *diff,
				  const struct lb_backend_config *before,
				  const struct lb_backend_config *now)
{
	static const struct {
		const char *name;
		void (*format)(const struct lb_backend_config *config, char *text, size_t size);
	} settings[] = {
		{"weight", format_weight},
		{"max-flows", format_max_flows},
		{"state", format_state},
		{"runtime state", format_runtime_state},
		{"runtime weight", format_runtime_weight},
	};

	diff->kind = DIFF_SET;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		diff->setting = settings[i].name;
		settings[i].format(before, diff->from, sizeof(diff->from));
		settings[i].format(now, diff->to, sizeof(diff->to));
		if (strcmp(diff->from, diff->to))
			emit(walk, diff);
	}
}

static void walk_backend(const struct walk *walk, const struct backend_change *change)
{
	const struct lb_backend_config *before = change->old, *now = change->new;
	const struct lb_backend_config *either = now->service ? now : before;
	const struct snapshot *snapshot =
		now->service ? &walk->config_diff->new : &walk->config_diff->old;
	struct diff diff = {.service = snapshot->service[either->service].name};

	if (either->alias_of)
		return;
	endpoint_format(either->address, either->port, diff.backend, sizeof(diff.backend));
	if (before->service && now->service) {
		walk_backend_settings(walk, &diff, before, now);
		return;
	}
	diff.kind = now->service ? DIFF_ADDED : DIFF_REMOVED;
	emit(walk, &diff);
}

void diff_walk(const struct config_diff *config_diff, diff_fn fn, void *owner)
{
	const struct walk walk = {config_diff, fn, owner};

	for (size_t i = 0; i < config_diff->service_count; i++)
		walk_service(&walk, &config_diff->services[i]);
	for (size_t i = 0; i < config_diff->backend_count; i++)
		walk_backend(&walk, &config_diff->backends[i]);
}
