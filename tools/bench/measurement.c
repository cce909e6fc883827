// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "measurement.h"

#define PACKETS	     262144 /* per run */
#define WARM_PACKETS 65536
#define NOISE	     1.1 /* overhead / minimum overhead: more means disturbed */
#define ATTEMPTS     4 /* to get an undisturbed sample */
#define QUIET_MIN    3 /* samples for a reliable median */

struct measurement *measurements_add(struct measurements *measurements, const char *family,
				     const char *format, ...)
{
	struct measurement *measurement = &measurements->list[measurements->count++];
	va_list arguments;

	if (measurements->count > MEASUREMENTS_MAX)
		process_bail("more than %d measurements", MEASUREMENTS_MAX);
	va_start(arguments, format);
	vsnprintf(measurement->name, sizeof(measurement->name), format, arguments);
	va_end(arguments);
	measurement->family = family;
	measurement->packets = PACKETS;
	return measurement;
}

/* Packets since `before` with outcomes that the case does not expect. */
static __u64 count_unexpected(const struct measurement *measurement,
			      const struct lb_outcomes *before)
{
	struct lb_outcomes after = instance_outcomes(measurement->instance);
	__u64 unexpected = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		if (!(measurement->expected >> i & 1))
			unexpected += after.count[i] - before->count[i];
	return unexpected;
}

static double run_once(struct measurement *measurement)
{
	struct packet packet = {.length = 64};
	struct lb_outcomes before = {0};
	double ns;

	if (!measurement->replay)
		return replay_time(measurement->program, 0, &packet,
				   measurement->packets / measurement->steps) /
		       measurement->steps;
	/* Refills the CPU caches that other cases have evicted: steady traffic finds them warm. */
	if (measurement->instance && measurement->packets == PACKETS)
		replay_run(measurement->replay, measurement->testnet->front, WARM_PACKETS);
	if (measurement->instance)
		before = instance_outcomes(measurement->instance);
	ns = replay_run(measurement->replay, measurement->testnet->front, measurement->packets);
	if (measurement->instance)
		measurement->unexpected += count_unexpected(measurement, &before);
	return ns;
}

/* True if the overhead took longer than usual: other work ran on the CPU. */
static bool is_disturbed(const struct measurement *measurement, double overhead_ns)
{
	return measurement->overhead && measurement->overhead->gross.count &&
	       overhead_ns > NOISE * samples_min(&measurement->overhead->gross);
}

static void run(struct measurement *measurement, bool warm_up)
{
	double overhead_ns = 0, ns = 0;

	if (measurement->testnet)
		testnet_enter(measurement->testnet);
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		if (measurement->overhead)
			overhead_ns = run_once(measurement->overhead);
		ns = run_once(measurement);
		if (measurement->overhead)
			overhead_ns = (overhead_ns + run_once(measurement->overhead)) / 2;
		if (warm_up || !is_disturbed(measurement, overhead_ns))
			break;
	}
	if (warm_up)
		return;
	samples_add(&measurement->gross, ns);
	samples_add(&measurement->overhead_ns, overhead_ns);
}

/* Baselines always run: limits and ratios refer to them. */
static bool is_wanted(const struct measurements *measurements,
		      const struct measurement *measurement)
{
	return !measurement->instance || !measurements->only ||
	       strstr(measurement->name, measurements->only);
}

void measurements_round(struct measurements *measurements, bool warm_up)
{
	unsigned int order[MEASUREMENTS_MAX];

	for (unsigned int i = 0; i < measurements->count; i++) {
		unsigned int other = random() % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (unsigned int i = 0; i < measurements->count; i++)
		if (is_wanted(measurements, &measurements->list[order[i]]))
			run(&measurements->list[order[i]], warm_up);
}

/* The part of the overhead that the gross time includes. */
static double overhead_share(const struct measurement *measurement, double overhead)
{
	return measurement->replay ? overhead : 0;
}

struct samples measurement_net(const struct measurement *measurement, bool *disturbed)
{
	struct samples net = {0}, all = {0};

	for (unsigned int i = 0; i < measurement->gross.count; i++) {
		double overhead_ns = measurement->overhead_ns.value[i];
		double value =
			measurement->gross.value[i] - overhead_share(measurement, overhead_ns);

		samples_add(&all, value);
		if (!is_disturbed(measurement, overhead_ns))
			samples_add(&net, value);
	}
	*disturbed = net.count < QUIET_MIN;
	return *disturbed ? all : net;
}

double measurement_median(const struct measurement *measurement)
{
	bool disturbed;
	struct samples net = measurement_net(measurement, &disturbed);

	return samples_median(&net);
}

double measurement_min(const struct measurement *measurement)
{
	double overhead = measurement->overhead ? samples_min(&measurement->overhead->gross) : 0;

	return samples_min(&measurement->gross) - overhead_share(measurement, overhead);
}

static double baseline_median(const struct measurements *measurements,
			      const struct measurement *measurement)
{
	return measurement_median(measurement->baseline ? measurement->baseline
							: measurements->parse_nat);
}

double measurement_ratio(const struct measurements *measurements,
			 const struct measurement *measurement)
{
	return measurement_median(measurement) / baseline_median(measurements, measurement);
}

double measurement_limit(const struct measurements *measurements,
			 const struct measurement *measurement)
{
	return measurement->limit.e * baseline_median(measurements, measurement) +
	       measurement->limit.c * measurement_median(measurements->cold_line);
}
