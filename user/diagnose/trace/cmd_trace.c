// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/suggest.h"
#include "cli/answer.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "datapath/instance.h"
#include "diagnose/commands.h"
#include "diagnose/trace/pcap.h"
#include "diagnose/trace/print_trace.h"
#include "diagnose/trace/session.h"

#define WAIT_MS	  200
#define NS_OF_SEC 1000000000LL

static volatile sig_atomic_t is_interrupted;

/* One run of the command. */
struct tracer {
	struct call *call;
	struct store *store;
	struct trace_filter filter;
	FILE *pcap_file; /* NULL = none */
	__u64 realtime_offset_ns; /* of CLOCK_REALTIME, ahead of CLOCK_MONOTONIC */
	__u64 remaining; /* records to print; UINT64_MAX without --count */
};

static void handle_signal(int signal)
{
	(void)signal;
	is_interrupted = 1;
}

/* ADDR or ADDR/BITS. */
static int parse_client(struct call *call, struct trace_filter *filter)
{
	const char *text = call_flag(call, FLAG_CLIENT), *slash = text ? strchr(text, '/') : NULL;
	char address[ADDRESS_TEXT_BYTES] = "";
	__u64 bits, bits_max;

	if (!text)
		return 0;
	snprintf(address, sizeof(address), "%.*s",
		 (int)(slash ? (size_t)(slash - text) : strlen(text)), text);
	if (address_parse(address, filter->client))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "--client %s: expected ADDR or ADDR/BITS", text);
	bits = bits_max = address_is_ipv4(filter->client) ? 32 : 128;
	if (slash && number_parse(slash + 1, 0, bits_max, &bits))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "--client %s: expected 0 to %llu bits", text, bits_max);
	filter->client_bits = bits + 128 - bits_max;
	return 0;
}

static int unknown_outcome(struct call *call, const char *text, size_t length)
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
static int parse_outcomes(struct call *call, struct trace_filter *filter)
{
	const char *text = call_flag(call, FLAG_OUTCOME);

	while (text && *text) {
		size_t length = strcspn(text, ",");
		int outcome = 0;

		while (outcome < LB_OUTCOME_COUNT && (strlen(outcome_name(outcome)) != length ||
						      memcmp(outcome_name(outcome), text, length)))
			outcome++;
		if (outcome == LB_OUTCOME_COUNT)
			return unknown_outcome(call, text, length);
		filter->outcomes |= 1ULL << outcome;
		text += length + (text[length] == ',');
	}
	return 0;
}

static int parse_filter(struct call *call, const struct store *store, struct trace_filter *filter)
{
	const char *service = call_flag(call, FLAG_SERVICE),
		   *backend = call_flag(call, FLAG_BACKEND);
	__u64 sample = 1;
	__u32 service_id = 0, backend_id = 0;
	int code = 0;

	if (service)
		code = session_find_service(call, store, service, &service_id);
	if (!code && backend && !service)
		code = problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--backend requires --service");
	if (!code && backend)
		code = session_find_backend(call, store, service_id, backend, &backend_id);
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

static void handle_record(const struct lb_trace *trace, void *argument)
{
	struct tracer *tracer = argument;
	struct trace_record trace_record;

	if (!tracer->remaining)
		return;
	trace_record_make(&trace_record, tracer->store, trace,
			  trace->time_ns + tracer->realtime_offset_ns);
	if (!trace_record_matches(&trace_record, &tracer->filter))
		return;
	tracer->remaining--;
	if (tracer->pcap_file)
		pcap_file_write(tracer->pcap_file, trace_record.time_ns, trace->packet,
				trace->captured, trace->bytes);
	print_trace_record(&tracer->call->output, &trace_record);
}

static int trace_problem(struct call *call, int error)
{
	if (error == TRACE_SESSION_BUSY)
		return problem_set(&call->problem, EXIT_CONFLICT, "trace-busy",
				   "another trace of instance '%s' is running",
				   call->globals.instance);
	if (error != TRACE_SESSION_UNSUPPORTED)
		return problem_system(&call->problem, error, "tracing");
	problem_set(&call->problem, EXIT_CONFLICT, "other-program",
		    "instance '%s' runs the program of an older lbctl, which cannot trace",
		    call->globals.instance);
	problem_hint(&call->problem, "lbctl upgrade");
	return call->problem.code;
}

/* Runs until --count, a signal, or the instance's end. */
static int run_session(struct tracer *tracer, struct trace_session *trace)
{
	struct call *call = tracer->call;
	__u64 renewed_ns = clock_monotonic_ns();
	char message[96];
	int error = 0;

	while (!error && !is_interrupted && tracer->remaining) {
		error = trace_session_wait(trace, WAIT_MS);
		fflush(stdout);
		if (ferror(stdout))
			break;
		if (clock_monotonic_ns() - renewed_ns < NS_OF_SEC)
			continue;
		if (!datapath_exists(call->globals.instance))
			return store_problem(call, STORE_ABSENT, "tracing");
		trace_session_renew(trace, tracer->store);
		renewed_ns = clock_monotonic_ns();
	}
	if (trace_session_lost(trace) && !call->output.quiet) {
		snprintf(message, sizeof(message),
			 "%llu packets were lost because the ring buffer was full",
			 trace_session_lost(trace));
		answer_warning(call, "packets-not-shown", message, NULL);
	}
	return error ? trace_problem(call, error) : EXIT_DONE;
}

static int trace_packets(struct tracer *tracer)
{
	struct trace_session trace = {
		.handle_record = handle_record, .argument = tracer, .filter = tracer->filter};
	struct sigaction action = {.sa_handler = handle_signal};
	int code, error = trace_session_open(&trace, tracer->store);

	if (error)
		return trace_problem(tracer->call, error);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	code = run_session(tracer, &trace);
	trace_session_close(&trace);
	return code;
}

static int trace(struct call *call, struct store *store)
{
	const char *path = call_flag(call, FLAG_PCAP);
	struct tracer tracer = {
		.call = call,
		.store = store,
		.realtime_offset_ns = clock_realtime_ns() - clock_monotonic_ns(),
		.remaining = UINT64_MAX,
	};
	int error = 0, code = parse_filter(call, store, &tracer.filter);

	if (!code)
		code = call_number(call, FLAG_COUNT, "invalid-number", 1, UINT32_MAX,
				   &tracer.remaining);
	if (code || call->globals.dry_run)
		return code;
	if (path)
		error = pcap_file_open(&tracer.pcap_file, path, LB_TRACE_BYTES);
	if (error)
		return problem_system(&call->problem, error, "--pcap %s", path);
	code = trace_packets(&tracer);
	if (path)
		error = pcap_file_close(tracer.pcap_file);
	return error && !code ? problem_system(&call->problem, error, "--pcap %s", path) : code;
}

int cmd_trace(struct call *call)
{
	return session_run(call, STORE_READ, trace);
}
