// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "cli/command.h"
#include "commands/command_functions.h"
#include "commands/print_probe.h"
#include "model/check_parse.h"
#include "model/service_settings.h"
#include "probe/run.h"

/* A series of probes of one target, one after the other. */
struct series {
	struct call *call;
	struct check check;
	struct probe_job job;
	__u64 count;
	__u64 interval_ms;
	bool failed; /* at least one probe failed */
};

static int parse_type(struct call *call, struct check *check)
{
	const char *text = call->arguments[0], *why;

	if (check_parse(text, check, &why))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-check",
				   "invalid check '%s': %s", text, why);
	if (check->kind == CHECK_NONE)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-check",
				   "invalid check 'none': expected ping, tcp, http, https or exec");
	return 0;
}

static int parse_target(struct call *call, const struct check *check, struct probe_target *target)
{
	const char *text = call->arguments[1];
	struct endpoint endpoint = {0};
	bool has_port, needs_port = check->kind != CHECK_PING && check->kind != CHECK_EXEC;

	if (endpoint_parse(text, &endpoint, &has_port) || endpoint.protocol)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-target",
				   "invalid target '%s': expected ADDR:PORT or ADDR", text);
	if (needs_port && !endpoint.port && !check->port)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-target",
				   "missing port of target '%s': %s needs ADDR:PORT", text,
				   check_kind_name(check->kind));
	*target = (struct probe_target){.address = {endpoint.address[0], endpoint.address[1]},
					.port = endpoint.port};
	return 0;
}

/* Reads --vip and --forward, of which both or neither are given. */
static int parse_vip(struct call *call, struct probe_target *target)
{
	const char *vip = call_flag(call, FLAG_VIP), *forward = call_flag(call, FLAG_FORWARD);
	static const __u8 modes[] = {LB_FORWARD_DSR, LB_FORWARD_IPIP, LB_FORWARD_GUE};

	if (!vip != !forward)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--vip and --forward need each other");
	if (!vip)
		return 0;
	if (address_parse(vip, target->vip) || !address_is_routable(target->vip))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-flag",
				   "invalid --vip '%s': expected an address", vip);
	for (size_t i = 0; i < sizeof(modes); i++)
		if (!strcmp(forward_name(modes[i]), forward))
			target->forward = modes[i];
	if (!target->forward)
		return problem_choice(&call->problem, "invalid-flag", "--forward", forward,
				      "dsr, ipip or gue");
	return 0;
}

static int parse_repetition(struct call *call, struct series *series)
{
	int code;

	series->count = 1;
	series->interval_ms = 1000;
	code = call_number(call, FLAG_COUNT, "invalid-number", 1, UINT32_MAX, &series->count);
	return code ? code
		    : call_duration(call, FLAG_INTERVAL, "invalid-flag", &series->interval_ms);
}

static bool job_done(void *owner, const struct probe_job *job)
{
	struct series *series = owner;
	struct call *call = series->call;

	if (job->error)
		return false;
	series->failed |= !job->report.passed;
	print_probe(&call->output, &series->check, call->arguments[1], &job->report);
	return true;
}

int cmd_check_probe(struct call *call)
{
	struct series series = {.call = call, .job.check = &series.check};
	int error, code = parse_type(call, &series.check);

	if (!code)
		code = parse_target(call, &series.check, &series.job.target);
	if (!code)
		code = parse_vip(call, &series.job.target);
	if (!code)
		code = parse_repetition(call, &series);
	if (code)
		return code;
	error = probe_run_repeatedly(&series.job, series.count, series.interval_ms, job_done,
				     &series);
	if (!error)
		error = series.job.error;
	if (error)
		return problem_system(&call->problem, error, "starting a probe");
	return series.failed ? EXIT_NO : EXIT_DONE;
}
