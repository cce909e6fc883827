// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/suggest.h"
#include "cli/answer.h"
#include "cli/session.h"
#include "datapath/instance.h"
#include "diagnose/commands.h"
#include "diagnose/trace/pcap.h"
#include "diagnose/trace/print_trace.h"
#include "diagnose/trace/session.h"

#define WAIT_MS	  200
#define NS_OF_SEC 1000000000LL

static volatile sig_atomic_t is_over;

/* One watching. */
struct tracer {
	struct call *call;
	struct store *store;
	struct sighting_filter filter;
	FILE *capture; /* NULL = none */
	__u64 real_ns; /* of CLOCK_REALTIME, ahead of CLOCK_MONOTONIC */
	__u64 left; /* records to show; 0 = no end */
	bool has_end;
};

static void end(int signal)
{
	(void)signal;
	is_over = 1;
}

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_OF_SEC + now.tv_nsec;
}

/* ADDR or ADDR/BITS. */
static int parse_client(struct call *call, struct sighting_filter *filter)
{
	const char *text = call_flag(call, FLAG_CLIENT), *slash = text ? strchr(text, '/') : NULL;
	char address[ADDRESS_TEXT_BYTES] = "", *rest = NULL;
	unsigned long bits = 0, most;

	if (!text)
		return 0;
	snprintf(address, sizeof(address), "%.*s",
		 (int)(slash ? (size_t)(slash - text) : strlen(text)), text);
	if (address_parse(address, filter->client))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "--client %s: expected ADDR or ADDR/BITS", text);
	most = address_is_ipv4(filter->client) ? 32 : 128;
	bits = slash ? strtoul(slash + 1, &rest, 10) : most;
	if (slash && (slash[1] < '0' || slash[1] > '9' || *rest || bits > most))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "--client %s: expected 0 to %lu bits", text, most);
	filter->client_bits = bits + 128 - most;
	return 0;
}

static int no_outcome(struct call *call, const char *text, size_t length)
{
	char word[SUGGESTION_BYTES] = "";
	struct suggestion meant = suggestion_of(word);

	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	for (int outcome = 0; outcome < LB_OUTCOME_COUNT; outcome++)
		suggestion_offer(&meant, outcome_name(outcome));
	problem_set(&call->problem, EXIT_INVALID, "invalid-outcome",
		    "--outcome %s: no such outcome%s", word, suggestion_text(&meant));
	problem_hint(&call->problem, "lbctl -p status");
	return call->problem.code;
}

/* NAME[,NAME...] */
static int parse_outcomes(struct call *call, struct sighting_filter *filter)
{
	const char *text = call_flag(call, FLAG_OUTCOME);

	while (text && *text) {
		size_t length = strcspn(text, ",");
		int outcome = 0;

		while (outcome < LB_OUTCOME_COUNT && (strlen(outcome_name(outcome)) != length ||
						      memcmp(outcome_name(outcome), text, length)))
			outcome++;
		if (outcome == LB_OUTCOME_COUNT)
			return no_outcome(call, text, length);
		filter->outcomes |= 1ULL << outcome;
		text += length + (text[length] == ',');
	}
	return 0;
}

static int parse_filter(struct call *call, const struct store *store,
			struct sighting_filter *filter)
{
	const char *service = call_flag(call, FLAG_SERVICE),
		   *backend = call_flag(call, FLAG_BACKEND);
	__u64 sample = 1;
	__u32 service_id = 0, backend_id = 0;
	int code = 0;

	if (service)
		code = session_service(call, store, service, &service_id);
	if (!code && backend && !service)
		code = problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--backend needs --service");
	if (!code && backend)
		code = session_backend(call, store, service_id, backend, &backend_id);
	if (!code)
		code = parse_client(call, filter);
	if (!code)
		code = parse_outcomes(call, filter);
	if (!code)
		code = call_number(call, FLAG_SAMPLE, "invalid-number", 1, UINT32_MAX, &sample);
	filter->service = service_id;
	filter->backend = backend_id;
	filter->sample = sample;
	return code;
}

static void see(const struct lb_trace *trace, void *argument)
{
	struct tracer *tracer = argument;
	struct sighting sighting;

	if (tracer->has_end && !tracer->left)
		return;
	sighting_make(&sighting, tracer->store, trace, trace->time_ns + tracer->real_ns);
	if (!sighting_passes(&sighting, &tracer->filter))
		return;
	tracer->left--;
	if (tracer->capture)
		capture_write(tracer->capture, sighting.time_ns, trace->packet, trace->captured,
			      trace->bytes);
	print_trace_record(&tracer->call->output, &sighting);
}

static int trace_problem(struct call *call, int error)
{
	if (error == STORE_TRACE_TAKEN)
		return problem_set(&call->problem, EXIT_CONFLICT, "traced-already",
				   "another lbctl traces instance '%s'", call->globals.instance);
	if (error != STORE_TRACE_OLD)
		return problem_system(&call->problem, error, "tracing");
	problem_set(&call->problem, EXIT_CONFLICT, "other-program",
		    "instance '%s' runs the program of an older lbctl, which shows nothing",
		    call->globals.instance);
	problem_hint(&call->problem, "lbctl upgrade");
	return call->problem.code;
}

/* Until it is over, or the instance is. */
static int watch_on(struct tracer *tracer, struct store_trace *trace)
{
	struct call *call = tracer->call;
	__u64 renewed_ns = clock_ns(CLOCK_MONOTONIC);
	char words[64];
	int error = 0;

	while (!error && !is_over && !(tracer->has_end && !tracer->left)) {
		error = store_trace_wait(trace, WAIT_MS);
		fflush(stdout);
		if (ferror(stdout))
			break;
		if (clock_ns(CLOCK_MONOTONIC) - renewed_ns < NS_OF_SEC)
			continue;
		if (!datapath_exists(call->globals.instance))
			return session_store_problem(call, STORE_ABSENT, "tracing");
		store_trace_renew(trace, tracer->store);
		renewed_ns = clock_ns(CLOCK_MONOTONIC);
	}
	if (store_trace_lost(trace) && !call->output.quiet) {
		snprintf(words, sizeof(words), "%llu packets came too fast to be shown",
			 store_trace_lost(trace));
		answer_warning(call, "packets-not-shown", words, NULL);
	}
	return error ? trace_problem(call, error) : EXIT_DONE;
}

static int trace_with(struct tracer *tracer)
{
	struct store_trace trace = {.see = see, .argument = tracer, .filter = tracer->filter};
	struct sigaction action = {.sa_handler = end};
	int code, error = store_trace_open(&trace, tracer->store);

	if (error)
		return trace_problem(tracer->call, error);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	code = watch_on(tracer, &trace);
	store_trace_close(&trace);
	return code;
}

static int trace(struct call *call, struct store *store)
{
	const char *path = call_flag(call, FLAG_PCAP);
	struct tracer tracer = {
		.call = call,
		.store = store,
		.real_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC),
		.has_end = call_flag(call, FLAG_COUNT),
	};
	int error = 0, code = parse_filter(call, store, &tracer.filter);

	if (!code)
		code = call_number(call, FLAG_COUNT, "invalid-number", 1, UINT32_MAX, &tracer.left);
	if (code || call->globals.dry_run)
		return code;
	if (path)
		error = capture_open(&tracer.capture, path, LB_TRACE_BYTES);
	if (error)
		return problem_system(&call->problem, error, "--pcap %s", path);
	code = trace_with(&tracer);
	if (path)
		error = capture_close(tracer.capture);
	return error && !code ? problem_system(&call->problem, error, "--pcap %s", path) : code;
}

int trace_run(struct call *call)
{
	return session_run(call, STORE_READ, trace);
}
