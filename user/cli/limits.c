// SPDX-License-Identifier: GPL-2.0-only
#include "cli/limits.h"

#include <stddef.h>

#define MEMBER(name) offsetof(struct datapath_limits, name)

static const struct {
	enum flag_id flag;
	size_t member;
	__u32 default_value, max;
	__u32 bucket; /* entries of a bucket */
} table[LIMIT_COUNT] = {
	[LIMIT_SERVICES] = {FLAG_MAX_SERVICES, MEMBER(max_services), LB_SERVICES_DEFAULT,
			    LB_ID_MAX - 1, 1},
	[LIMIT_BACKENDS] = {FLAG_MAX_BACKENDS, MEMBER(max_backends), LB_BACKENDS_DEFAULT,
			    LB_ID_MAX - 1, 1},
	[LIMIT_FLOWS] = {FLAG_MAX_FLOWS, MEMBER(max_flows), LB_FLOWS_DEFAULT, LB_FLOWS_MAX,
			 LB_BUCKET_FLOWS},
	[LIMIT_SOURCES] = {FLAG_MAX_SOURCES, MEMBER(max_sources), LB_SNAT_SOURCES_DEFAULT,
			   LB_SNAT_SOURCES_MAX, 1},
	[LIMIT_CLIENTS] = {FLAG_MAX_CLIENTS, MEMBER(max_clients), LB_CLIENTS_DEFAULT, LB_FLOWS_MAX,
			   LB_BUCKET_CLIENTS},
};

enum flag_id limit_flag(enum limit limit)
{
	return table[limit].flag;
}

__u32 limit_max(enum limit limit)
{
	return table[limit].max;
}

__u32 limit_round_up(enum limit limit, __u32 value)
{
	__u32 bucket = table[limit].bucket;

	return (value + bucket - 1) / bucket * bucket;
}

__u32 limit_get(const struct datapath_limits *limits, enum limit limit)
{
	return *(const __u32 *)((const char *)limits + table[limit].member);
}

void limit_set(struct datapath_limits *limits, enum limit limit, __u32 value)
{
	*(__u32 *)((char *)limits + table[limit].member) = value;
}

struct datapath_limits limits_default(void)
{
	struct datapath_limits limits = {0};

	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		limit_set(&limits, i, table[i].default_value);
	return limits;
}

struct datapath_limits limits_of(const struct lb_control *control)
{
	return (struct datapath_limits){
		.max_services = control->max_services - 1,
		.max_backends = control->max_backends - 1,
		.max_flows = control->flow_buckets * LB_BUCKET_FLOWS,
		.max_sources = control->max_sources,
		.max_clients = control->client_buckets * LB_BUCKET_CLIENTS,
		.key = control->seed,
	};
}
