// SPDX-License-Identifier: GPL-2.0-only
#include "view/prometheus.h"

#include <string.h>

#include "model/backend_flags.h"
#include "view/view.h"

/* service="NAME",backend="ADDRESS" */
#define LABEL_BYTES (LB_NAME_BYTES + ENDPOINT_TEXT_BYTES + 24)

/* The first and the last bound that response times are told by; a minute is the most that is timed. */
#define BUCKET_MIN_US 64U
#define BUCKET_MAX_US (1U << 25)

/* What is told of each service, and of each backend, under names of the same form. */
struct metric {
	const char *name; /* behind lbctl_service_ or lbctl_backend_ */
	const char *type;
	const char *help;
	double (*get)(const struct lb_traffic *traffic, __u64 flows);
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

static double slow_start(const struct view_backend *backend)
{
	return backend->config->slow_start_milli ? backend->config->slow_start_milli / 1000.0 : 1;
}

static double latency_factor(const struct view_backend *backend)
{
	return backend->config->latency_milli ? backend->config->latency_milli / 1000.0 : 1;
}

static double feedback_factor(const struct view_backend *backend)
{
	return backend->feedback_record->factor_milli
		       ? backend->feedback_record->factor_milli / 1000.0
		       : 1;
}

static double max_flows(const struct view_backend *backend)
{
	return backend->config->max_flows;
}

static double spilled_to(const struct view_backend *backend)
{
	return backend->spilled_flows;
}

static double checks(const struct view_backend *backend)
{
	return backend->health_record->probes;
}

static double check_failures(const struct view_backend *backend)
{
	return backend->health_record->failures;
}

static double check_seconds(const struct view_backend *backend)
{
	return backend->health_record->total_us / 1e6;
}

static double health_changed(const struct view_backend *backend)
{
	return backend->health_record->changed_ms / 1e3;
}

static double refused(const struct view_backend *backend)
{
	return backend->latency.refused;
}

static double broken(const struct view_backend *backend)
{
	return backend->latency.broken;
}

static const struct {
	const char *name;
	const char *type;
	const char *help;
	double (*get)(const struct view_backend *backend);
} backend_metrics[] = {
	{"weight", "gauge", "Weight as configured.", weight},
	{"effective_weight", "gauge", "Weight that new flows go by.", effective_weight},
	{"slow_start_factor", "gauge", "By which the weight is multiplied: slow start.",
	 slow_start},
	{"latency_factor", "gauge", "By which the weight is multiplied: latency feedback.",
	 latency_factor},
	{"feedback_factor", "gauge", "What latency feedback has come to, if only observed, too.",
	 feedback_factor},
	{"ready", "gauge", "Has the operator neither drained it nor taken it out?", ready},
	{"up", "gauge", "Is it not known to be down?", up},
	{"health_changed_timestamp_seconds", "gauge", "When checks last changed their mind.",
	 health_changed},
	{"checks_total", "counter", "Health checks made.", checks},
	{"check_failures_total", "counter", "Health checks that failed.", check_failures},
	{"check_duration_seconds", "gauge", "How long the last health check took.", check_seconds},
	{"max_flows", "gauge", "Flows that it may have; 0: as many as come.", max_flows},
	{"spilled_flows", "gauge", "Flows besides, spilled to it by other services.", spilled_to},
	{"refused_flows_total", "counter", "Timed flows that it reset instead of answering.",
	 refused},
	{"broken_requests_total", "counter", "Timed requests that it ended without an answer.",
	 broken},
};

static double fails_open(const struct view_service *service)
{
	return service->fails_open;
}

static double spilled_packets(const struct view_service *service)
{
	return service->spilled.packets;
}

static double spilled_bytes(const struct view_service *service)
{
	return service->spilled.bytes;
}

static double spilled_new_flows(const struct view_service *service)
{
	return service->spilled.new_flows;
}

static double spilled_flows(const struct view_service *service)
{
	return service->spilled_flows;
}

static const struct {
	const char *name;
	const char *type;
	const char *help;
	double (*get)(const struct view_service *service);
} service_metrics[] = {
	{"fail_open", "gauge", "Are all backends down, and get flows nevertheless?", fails_open},
	{"spilled_packets_total", "counter", "Of its packets, those to another service's backends.",
	 spilled_packets},
	{"spilled_bytes_total", "counter", "Bytes of such packets.", spilled_bytes},
	{"spilled_new_flows_total", "counter", "Of its flows, those to another service's backends.",
	 spilled_new_flows},
	{"spilled_flows", "gauge", "Of its flows, those alive at another service's backends.",
	 spilled_flows},
};

static void print_header(FILE *stream, const char *kind, const char *name, const char *type,
			 const char *help)
{
	fprintf(stream, "# HELP lbctl_%s%s %s\n# TYPE lbctl_%s%s %s\n", kind, name, help, kind,
		name, type);
}

/* Whom a value is of. Names and addresses have no characters that would need an escape. */
static void format_labels(const struct view_service *service, const struct view_backend *backend,
			  char text[LABEL_BYTES])
{
	char address[ENDPOINT_TEXT_BYTES];

	if (!backend) {
		snprintf(text, LABEL_BYTES, "service=\"%s\"", service->config->name);
		return;
	}
	endpoint_format(backend->config->address, backend->config->port, address, sizeof(address));
	snprintf(text, LABEL_BYTES, "service=\"%s\",backend=\"%s\"", service->config->name,
		 address);
}

static void print_value(FILE *stream, const char *name, const struct view_service *service,
			const struct view_backend *backend, double number)
{
	char labels[LABEL_BYTES];

	format_labels(service, backend, labels);
	fprintf(stream, "lbctl_%s_%s{%s} %.17g\n", backend ? "backend" : "service", name, labels,
		number);
}

static void print_traffic(FILE *stream, const struct view *view, const struct metric *metric)
{
	print_header(stream, "service_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++)
		print_value(stream, metric->name, &view->services[i], NULL,
			    metric->get(&view->services[i].traffic, view->services[i].flows));
	print_header(stream, "backend_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			print_value(stream, metric->name, service, &service->backends[j],
				    metric->get(&service->backends[j].traffic,
						service->backends[j].flows));
	}
}

static void print_service_metric(FILE *stream, const struct view *view, size_t metric)
{
	print_header(stream, "service_", service_metrics[metric].name, service_metrics[metric].type,
		     service_metrics[metric].help);
	for (size_t i = 0; i < view->service_count; i++)
		print_value(stream, service_metrics[metric].name, &view->services[i], NULL,
			    service_metrics[metric].get(&view->services[i]));
}

static void print_backend_metric(FILE *stream, const struct view *view, size_t metric)
{
	print_header(stream, "backend_", backend_metrics[metric].name, backend_metrics[metric].type,
		     backend_metrics[metric].help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			print_value(stream, backend_metrics[metric].name, service,
				    &service->backends[j],
				    backend_metrics[metric].get(&service->backends[j]));
	}
}

/*
 * The kernel's buckets are many and fine; told are those between powers of two, which
 * begin with one of its own, so that nothing is guessed.
 */
static void print_histogram(FILE *stream, const struct view_service *service,
			    const struct view_backend *backend)
{
	static const char *const name = "lbctl_backend_response_seconds";
	const struct lb_responses *responses = &backend->latency.responses;
	char labels[LABEL_BYTES];
	__u64 sum = 0;
	__u32 i = 0;

	format_labels(service, backend, labels);
	for (__u32 us = BUCKET_MIN_US; us <= BUCKET_MAX_US; us *= 2) {
		for (; i < lb_response_bucket(us); i++)
			sum += responses->count[i];
		fprintf(stream, "%s_bucket{%s,le=\"%u.%06u\"} %llu\n", name, labels, us / 1000000,
			us % 1000000, sum);
	}
	for (; i < LB_RESPONSE_BUCKETS; i++)
		sum += responses->count[i];
	fprintf(stream, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, labels, sum);
	fprintf(stream, "%s_sum{%s} %.17g\n", name, labels, backend->latency.sum_us / 1e6);
	fprintf(stream, "%s_count{%s} %llu\n", name, labels, sum);
}

/* Of those only whose answers are timed: there are many lines to each. */
static void print_histograms(FILE *stream, const struct view *view)
{
	print_header(stream, "backend_", "response_seconds", "histogram",
		     "Time from a request to the first byte of its answer.");
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			if (service->backends[j].latency.sum_us ||
			    backend_flags_compile(service->backends[j].config, service->config) &
				    LB_BACKEND_TIMED)
				print_histogram(stream, service, &service->backends[j]);
	}
}

static void print_instance(FILE *stream, const struct view *view, const char *instance)
{
	print_header(stream, "", "info", "gauge", "The version that speaks, and the instance.");
	fprintf(stream, "lbctl_info{version=\"%s\",instance=\"%s\"} 1\n", LBCTL_VERSION, instance);
	print_header(stream, "", "generation", "gauge", "Changes that operators have made.");
	fprintf(stream, "lbctl_generation %llu\n", view->generation);
	print_header(stream, "", "events_total", "counter",
		     "Events that were noted: see lbctl events.");
	fprintf(stream, "lbctl_events_total %llu\n", view->events);
	print_header(stream, "", "controller_running", "gauge",
		     "Does the instance have a controller?");
	fprintf(stream, "lbctl_controller_running %d\n", view->controller != 0);
	print_header(stream, "", "interface_attached", "gauge",
		     "Does the interface run the program?");
	for (size_t i = 0; i < view->interface_count; i++)
		fprintf(stream, "lbctl_interface_attached{interface=\"%s\",mode=\"%s\"} %d\n",
			view->interfaces[i].name, mode_name(view->interfaces[i].mode),
			view->interfaces[i].mode != DATAPATH_DETACHED);
	print_header(stream, "", "packets_total", "counter",
		     "Packets by the way they left the program.");
	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		fprintf(stream, "lbctl_packets_total{outcome=\"%s\"} %llu\n", outcome_name(i),
			view->outcomes.count[i]);
}

void prometheus_print(FILE *stream, const struct view *view, const char *instance)
{
	print_instance(stream, view, instance);
	for (size_t i = 0; i < sizeof(traffic_metrics) / sizeof(traffic_metrics[0]); i++)
		print_traffic(stream, view, &traffic_metrics[i]);
	for (size_t i = 0; i < sizeof(service_metrics) / sizeof(service_metrics[0]); i++)
		print_service_metric(stream, view, i);
	for (size_t i = 0; i < sizeof(backend_metrics) / sizeof(backend_metrics[0]); i++)
		print_backend_metric(stream, view, i);
	print_histograms(stream, view);
}
