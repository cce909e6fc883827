// SPDX-License-Identifier: GPL-2.0-only
#include "metrics.h"

#include <string.h>

#include "view.h"

/* What is told of each service, and of each backend, under names of the same form. */
struct metric {
	const char *name; /* behind lbctl_service_ or lbctl_backend_ */
	const char *type;
	const char *help;
	double (*of)(const struct lb_traffic *traffic, __u64 flows);
};

static double packets(const struct lb_traffic *traffic, __u64 flows)
{
	(void)flows;
	return traffic->packets;
}

static double bytes(const struct lb_traffic *traffic, __u64 flows)
{
	(void)flows;
	return traffic->bytes;
}

static double reply_packets(const struct lb_traffic *traffic, __u64 flows)
{
	(void)flows;
	return traffic->reply_packets;
}

static double reply_bytes(const struct lb_traffic *traffic, __u64 flows)
{
	(void)flows;
	return traffic->reply_bytes;
}

static double new_flows(const struct lb_traffic *traffic, __u64 flows)
{
	(void)flows;
	return traffic->new_flows;
}

static double live_flows(const struct lb_traffic *traffic, __u64 flows)
{
	(void)traffic;
	return flows;
}

static const struct metric traffic_metrics[] = {
	{"packets_total", "counter", "Packets sent towards backends.", packets},
	{"bytes_total", "counter", "Bytes of IP packets sent towards backends.", bytes},
	{"reply_packets_total", "counter", "Replies that came back through the balancer.",
	 reply_packets},
	{"reply_bytes_total", "counter", "Bytes of such replies.", reply_bytes},
	{"new_flows_total", "counter", "Flows that were given to backends.", new_flows},
	{"flows", "gauge", "Flows that are remembered and alive.", live_flows},
};

static double weight(const struct view_backend *backend)
{
	return backend->config->weight;
}

static double effective_weight(const struct view_backend *backend)
{
	return backend->effective_weight;
}

static double ready(const struct view_backend *backend)
{
	return backend->config->state == LB_STATE_READY;
}

/* Not known to be down counts as up, as it does for new flows. */
static double up(const struct view_backend *backend)
{
	return backend->config->health != LB_HEALTH_DOWN;
}

static const struct {
	const char *name;
	const char *help;
	double (*of)(const struct view_backend *backend);
} backend_metrics[] = {
	{"weight", "Weight as configured.", weight},
	{"effective_weight", "Weight that new flows go by.", effective_weight},
	{"ready", "Has the operator neither drained it nor taken it out?", ready},
	{"up", "Is it not known to be down?", up},
};

static void head(FILE *stream, const char *kind, const char *name, const char *type,
		 const char *help)
{
	fprintf(stream, "# HELP lbctl_%s%s %s\n# TYPE lbctl_%s%s %s\n", kind, name, help, kind,
		name, type);
}

/* Names and addresses have no characters that would need an escape. */
static void value(FILE *stream, const char *name, const struct view_service *service,
		  const struct view_backend *backend, double number)
{
	char address[ENDPOINT_TEXT_BYTES];

	fprintf(stream, "lbctl_%s_%s{service=\"%s\"", backend ? "backend" : "service", name,
		service->config->name);
	if (backend) {
		endpoint_format(backend->config->address, backend->config->port, address,
				sizeof(address));
		fprintf(stream, ",backend=\"%s\"", address);
	}
	fprintf(stream, "} %.17g\n", number);
}

static void print_traffic(FILE *stream, const struct view *view, const struct metric *metric)
{
	head(stream, "service_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++)
		value(stream, metric->name, &view->services[i], NULL,
		      metric->of(&view->services[i].traffic, view->services[i].flows));
	head(stream, "backend_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			value(stream, metric->name, service, &service->backends[j],
			      metric->of(&service->backends[j].traffic,
					 service->backends[j].flows));
	}
}

static void print_backends(FILE *stream, const struct view *view, size_t metric)
{
	head(stream, "backend_", backend_metrics[metric].name, "gauge",
	     backend_metrics[metric].help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			value(stream, backend_metrics[metric].name, service, &service->backends[j],
			      backend_metrics[metric].of(&service->backends[j]));
	}
}

static void print_instance(FILE *stream, const struct view *view, const char *instance)
{
	head(stream, "", "info", "gauge", "The version that speaks, and the instance.");
	fprintf(stream, "lbctl_info{version=\"%s\",instance=\"%s\"} 1\n", LBCTL_VERSION, instance);
	head(stream, "", "generation", "gauge", "Changes that operators have made.");
	fprintf(stream, "lbctl_generation %llu\n", view->generation);
	head(stream, "", "interface_attached", "gauge", "Does the interface run the program?");
	for (size_t i = 0; i < view->interface_count; i++)
		fprintf(stream, "lbctl_interface_attached{interface=\"%s\",mode=\"%s\"} %d\n",
			view->interfaces[i].name, mode_name(view->interfaces[i].mode),
			view->interfaces[i].mode != DATAPATH_DETACHED);
	head(stream, "", "packets_total", "counter", "Packets by the way they left the program.");
	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		fprintf(stream, "lbctl_packets_total{outcome=\"%s\"} %llu\n", outcome_name(i),
			view->outcomes.count[i]);
}

void metrics_print(FILE *stream, const struct view *view, const char *instance)
{
	print_instance(stream, view, instance);
	for (size_t i = 0; i < sizeof(traffic_metrics) / sizeof(traffic_metrics[0]); i++)
		print_traffic(stream, view, &traffic_metrics[i]);
	for (size_t i = 0; i < sizeof(backend_metrics) / sizeof(backend_metrics[0]); i++)
		print_backends(stream, view, i);
}
