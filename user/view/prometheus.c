// SPDX-License-Identifier: GPL-2.0-only
#include "view/prometheus.h"

#include <stddef.h>
#include <string.h>

#include "model/backend_flags.h"
#include "view/view.h"

/* service="NAME",backend="ADDRESS" */
#define LABEL_BYTES (LB_NAME_BYTES + ENDPOINT_TEXT_BYTES + 24)

/* First and last bound of the histogram. A response takes at most a minute. */
#define BUCKET_MIN_US 64U
#define BUCKET_MAX_US (1U << 25)

/* Metrics of both services and backends. All are __u64. */
#define OFFSETS(member) offsetof(struct view_service, member), offsetof(struct view_backend, member)

static const struct traffic_metric {
	const char *name; /* without lbctl_service_ or lbctl_backend_ */
	const char *type;
	const char *help;
	size_t in_service, in_backend;
} traffic_metrics[] = {
	{"packets_total", "counter", "Packets sent to backends.", OFFSETS(traffic.packets)},
	{"bytes_total", "counter", "Bytes of IP packets sent to backends.", OFFSETS(traffic.bytes)},
	{"reply_packets_total", "counter", "Reply packets through the balancer.",
	 OFFSETS(traffic.reply_packets)},
	{"reply_bytes_total", "counter", "Bytes of reply packets through the balancer.",
	 OFFSETS(traffic.reply_bytes)},
	{"new_flows_total", "counter", "Flows assigned to backends.", OFFSETS(traffic.new_flows)},
	{"flows", "gauge", "Active flows in the flow table.", OFFSETS(flows)},
};

/* Metrics of services. All are __u64. */
#define OFFSET(member) offsetof(struct view_service, member)

static const struct service_metric {
	const char *name;
	const char *type;
	const char *help;
	size_t offset;
} service_metrics[] = {
	{"spilled_packets_total", "counter", "Packets sent to backends of the spillover service.",
	 OFFSET(spilled.packets)},
	{"spilled_bytes_total", "counter", "Bytes sent to backends of the spillover service.",
	 OFFSET(spilled.bytes)},
	{"spilled_new_flows_total", "counter", "Flows assigned to the spillover service.",
	 OFFSET(spilled.new_flows)},
	{"spilled_flows", "gauge", "Active flows at backends of the spillover service.",
	 OFFSET(spilled_flows)},
};

/* Metrics of backends: a number in one of its records, or a function. */
enum record {
	RECORD_VIEW,
	RECORD_CONFIG,
	RECORD_HEALTH,
};

struct backend_metric {
	const char *name;
	const char *type;
	const char *help;
	enum record record;
	size_t offset, bytes;
	double scale; /* the number is in 1/scale of the unit */
	double (*get)(const struct view_backend *backend); /* NULL = the number in the record */
};

#define NUMBER(record, type, member, scale) \
	record, offsetof(struct type, member), sizeof(((struct type *)NULL)->member), scale, NULL
#define IN_VIEW(member)		 NUMBER(RECORD_VIEW, view_backend, member, 1)
#define IN_CONFIG(member)	 NUMBER(RECORD_CONFIG, lb_backend_config, member, 1)
#define IN_HEALTH(member, scale) NUMBER(RECORD_HEALTH, lb_health_record, member, scale)
#define BY_FUNCTION(get)	 RECORD_VIEW, 0, 0, 1, get

static double effective_weight(const struct view_backend *backend)
{
	return backend->effective_weight;
}

static double is_ready(const struct view_backend *backend)
{
	return backend->config->state == LB_STATE_READY;
}

/* An unknown health counts as up, as it does for new flows. */
static double is_up(const struct view_backend *backend)
{
	return backend->config->health != LB_HEALTH_DOWN;
}

/* A factor of the weight; 0 is stored for 1. */
static double factor(__u32 milli)
{
	return milli ? milli / 1000.0 : 1;
}

static double slow_start_factor(const struct view_backend *backend)
{
	return factor(backend->config->slow_start_milli);
}

static double latency_factor(const struct view_backend *backend)
{
	return factor(backend->config->latency_milli);
}

static double feedback_factor(const struct view_backend *backend)
{
	return factor(backend->feedback_record->factor_milli);
}

static const struct backend_metric backend_metrics[] = {
	{"weight", "gauge", "Configured weight.", IN_CONFIG(weight)},
	{"effective_weight", "gauge", "Effective weight for new flows.",
	 BY_FUNCTION(effective_weight)},
	{"slow_start_factor", "gauge", "Weight factor of slow start.",
	 BY_FUNCTION(slow_start_factor)},
	{"latency_factor", "gauge", "Weight factor of latency feedback.",
	 BY_FUNCTION(latency_factor)},
	{"feedback_factor", "gauge", "Weight factor computed by latency feedback, observed or on.",
	 BY_FUNCTION(feedback_factor)},
	{"ready", "gauge", "1 if the administrative state is ready.", BY_FUNCTION(is_ready)},
	{"up", "gauge", "1 unless the backend is down.", BY_FUNCTION(is_up)},
	{"health_changed_timestamp_seconds", "gauge", "Time of the last change of health.",
	 IN_HEALTH(changed_ms, 1e3)},
	{"checks_total", "counter", "Health checks.", IN_HEALTH(probes, 1)},
	{"check_failures_total", "counter", "Failed health checks.", IN_HEALTH(failures, 1)},
	{"check_duration_seconds", "gauge", "Duration of the last health check.",
	 IN_HEALTH(total_us, 1e6)},
	{"max_flows", "gauge", "Maximum number of flows; 0: no limit.", IN_CONFIG(max_flows)},
	{"spilled_flows", "gauge", "Active flows spilled from other services.",
	 IN_VIEW(spilled_flows)},
	{"refused_flows_total", "counter", "Sampled flows that the backend reset before a reply.",
	 IN_VIEW(latency.refused)},
	{"broken_requests_total", "counter", "Sampled requests that ended without a reply.",
	 IN_VIEW(latency.broken)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static double read_number(const void *record, size_t offset, size_t bytes)
{
	const char *at = (const char *)record + offset;

	switch (bytes) {
	case sizeof(__u8):
		return *(const __u8 *)at;
	case sizeof(__u16):
		return *(const __u16 *)at;
	case sizeof(__u32):
		return *(const __u32 *)at;
	default:
		return *(const __u64 *)at;
	}
}

static double backend_value(const struct backend_metric *metric, const struct view_backend *backend)
{
	const void *const records[] = {
		[RECORD_VIEW] = backend,
		[RECORD_CONFIG] = backend->config,
		[RECORD_HEALTH] = backend->health_record,
	};

	if (metric->get)
		return metric->get(backend);
	return read_number(records[metric->record], metric->offset, metric->bytes) / metric->scale;
}

static void print_header(FILE *stream, const char *kind, const char *name, const char *type,
			 const char *help)
{
	fprintf(stream, "# HELP lbctl_%s%s %s\n# TYPE lbctl_%s%s %s\n", kind, name, help, kind,
		name, type);
}

/* Labels of a service or, if `backend` is not NULL, of a backend. Names need no escapes. */
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

static void print_traffic_metric(FILE *stream, const struct view *view,
				 const struct traffic_metric *metric)
{
	print_header(stream, "service_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		print_value(stream, metric->name, service, NULL,
			    read_number(service, metric->in_service, sizeof(__u64)));
	}
	print_header(stream, "backend_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++) {
			const struct view_backend *backend = &service->backends[j];

			print_value(stream, metric->name, service, backend,
				    read_number(backend, metric->in_backend, sizeof(__u64)));
		}
	}
}

static void print_service_metric(FILE *stream, const struct view *view,
				 const struct service_metric *metric)
{
	print_header(stream, "service_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		print_value(stream, metric->name, service, NULL,
			    read_number(service, metric->offset, sizeof(__u64)));
	}
}

static void print_fail_open(FILE *stream, const struct view *view)
{
	print_header(stream, "service_", "fail_open", "gauge",
		     "1 if all backends are down and health is ignored.");
	for (size_t i = 0; i < view->service_count; i++)
		print_value(stream, "fail_open", &view->services[i], NULL,
			    view->services[i].fails_open);
}

static void print_backend_metric(FILE *stream, const struct view *view,
				 const struct backend_metric *metric)
{
	print_header(stream, "backend_", metric->name, metric->type, metric->help);
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			print_value(stream, metric->name, service, &service->backends[j],
				    backend_value(metric, &service->backends[j]));
	}
}

/*
 * The datapath has many fine buckets. Printed are those at powers of two, which begin with a bucket
 * of the datapath, so that all counts are exact.
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

/* Only for backends with sampled requests, because each has many lines. */
static void print_histograms(FILE *stream, const struct view *view)
{
	print_header(stream, "backend_", "response_seconds", "histogram",
		     "Time from a request to the first byte of its reply.");
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
	print_header(stream, "", "info", "gauge", "Version of lbctl, and the instance.");
	fprintf(stream, "lbctl_info{version=\"%s\",instance=\"%s\"} 1\n", LBCTL_VERSION, instance);
	print_header(stream, "", "generation", "gauge", "Number of changes by operators.");
	fprintf(stream, "lbctl_generation %llu\n", view->generation);
	print_header(stream, "", "events_total", "counter", "Events recorded, see lbctl events.");
	fprintf(stream, "lbctl_events_total %llu\n", view->events);
	print_header(stream, "", "controller_running", "gauge",
		     "1 if the instance has a controller.");
	fprintf(stream, "lbctl_controller_running %d\n", view->controller != 0);
	print_header(stream, "", "interface_attached", "gauge",
		     "1 if the program is attached to the interface.");
	for (size_t i = 0; i < view->interface_count; i++)
		fprintf(stream, "lbctl_interface_attached{interface=\"%s\",mode=\"%s\"} %d\n",
			view->interfaces[i].name, mode_name(view->interfaces[i].mode),
			view->interfaces[i].mode != DATAPATH_DETACHED);
	print_header(stream, "", "packets_total", "counter", "Packets by outcome.");
	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		fprintf(stream, "lbctl_packets_total{outcome=\"%s\"} %llu\n", outcome_name(i),
			view->outcomes.count[i]);
}

void prometheus_print(FILE *stream, const struct view *view, const char *instance)
{
	print_instance(stream, view, instance);
	for (size_t i = 0; i < COUNT(traffic_metrics); i++)
		print_traffic_metric(stream, view, &traffic_metrics[i]);
	print_fail_open(stream, view);
	for (size_t i = 0; i < COUNT(service_metrics); i++)
		print_service_metric(stream, view, &service_metrics[i]);
	for (size_t i = 0; i < COUNT(backend_metrics); i++)
		print_backend_metric(stream, view, &backend_metrics[i]);
	print_histograms(stream, view);
}
