// SPDX-License-Identifier: GPL-2.0-only
#include "view/stats.h"

#include <libsmartcols.h>
#include <stdio.h>

#include "view/table.h"

enum {
	STATS_NAME,
	STATS_TRAFFIC,
	STATS_P50 = STATS_TRAFFIC + TRAFFIC_COLUMNS,
};

static struct libscols_line *put_rates(struct libscols_table *table, struct libscols_line *parent,
				       const char *name, const struct traffic_rate *rate,
				       __u64 flows)
{
	struct libscols_line *line = scols_table_new_line(table, parent);

	table_set_cell(line, STATS_NAME, "%s", name);
	table_set_traffic(line, STATS_TRAFFIC, rate, flows);
	return line;
}

static void put_backend_rates(struct libscols_table *table, struct libscols_line *parent,
			      const struct view_backend *now, const struct view_backend *then,
			      double seconds)
{
	const struct lb_backend_config *config = now->config;
	struct traffic_rate rate =
		traffic_rate_since(&now->traffic, then ? &then->traffic : NULL, seconds);
	struct libscols_line *line;
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	line = put_rates(table, parent, endpoint, &rate, now->flows);
	table_set_latency(line, STATS_P50, view_latency(now, then));
	table_set_color(line, table_backend_color(config));
}

static void put_spilled_rates(struct libscols_table *table, struct libscols_line *parent,
			      const struct view_service *now, const struct view_service *then,
			      double seconds)
{
	struct traffic_rate rate =
		traffic_rate_since(&now->spilled, then ? &then->spilled : NULL, seconds);
	char name[LB_NAME_BYTES + 16];

	snprintf(name, sizeof(name), "spilled to %s", now->config->spill);
	put_rates(table, parent, name, &rate, now->spilled_flows);
}

static void put_service_rates(struct libscols_table *table, const struct view_service *now,
			      const struct view_service *then, double seconds)
{
	struct traffic_rate rate =
		traffic_rate_since(&now->traffic, then ? &then->traffic : NULL, seconds);
	struct libscols_line *line = put_rates(table, NULL, now->config->name, &rate, now->flows);

	for (size_t i = 0; i < now->backend_count; i++)
		put_backend_rates(table, line, &now->backends[i],
				  then ? view_find_backend(then, now->backends[i].id) : NULL,
				  seconds);
	if (now->config->spill[0])
		put_spilled_rates(table, line, now, then, seconds);
}

void print_stats_text(const struct output *out, const struct view *view, const struct view *before,
		      double seconds)
{
	static const struct column columns[] = {{"SERVICE / BACKEND", SCOLS_FL_TREE}, {NULL, 0}};
	struct libscols_table *table = table_create(out->color, columns);

	table_add_traffic_columns(table, before ? "/s" : "");
	table_add_latency_columns(table, view);
	for (size_t i = 0; i < view->service_count; i++)
		put_service_rates(table, &view->services[i],
				  before ? view_find_service(before, view->services[i].id) : NULL,
				  seconds);
	table_print(table);
	fflush(stdout);
}
