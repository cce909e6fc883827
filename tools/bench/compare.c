// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "core/process.h"
#include "measurement.h"
#include "report.h"

#define TOLERANCE 0.02 /* of a ratio: more counts as slower or faster */

/* One case in all runs of both builds. */
struct pair {
	char name[64], family[8];
	char other_name[64]; /* in the other build; "" = the same */
	struct samples own_ns, other_ns, ratio;
	unsigned int disturbed; /* runs of either build */
};

struct comparison {
	const struct compare_options *options;
	char own[PATH_MAX], other[PATH_MAX]; /* both bench programs */
	struct pair pairs[MEASUREMENTS_MAX];
	unsigned int count;
};

/* Runs a bench program; returns the cases of its report. The shell gets texts as variables. */
static json_t *run_build(const char *program, const struct compare_options *options)
{
	json_t *report, *cases;
	json_error_t error;
	char command[256];
	FILE *output;

	setenv("BENCH", program, 1);
	setenv("BENCH_ONLY", options->only ? options->only : "", 1);
	snprintf(command, sizeof(command), "exec env -u LBCTL \"$BENCH\" --json --rounds %u%s",
		 options->rounds, options->only ? " --only \"$BENCH_ONLY\"" : "");
	output = popen(command, "re");
	if (!output)
		process_bail("%s: %s", program, strerror(errno));
	report = json_loadf(output, 0, &error);
	if (pclose(output) || !report)
		process_bail("%s: no report: %s", program, error.text);
	cases = json_object_get(report, "measurements");
	if (!cases)
		cases = json_object_get(report, "subjects"); /* in older versions */
	json_incref(cases);
	json_decref(report);
	return cases;
}

static const char *text_of(const json_t *measured, const char *field)
{
	const char *text = json_string_value(json_object_get(measured, field));

	return text ? text : "";
}

static bool is_case(const json_t *measured, const char *name, const char *family)
{
	return !strcmp(text_of(measured, "name"), name) &&
	       !strcmp(text_of(measured, "family"), family);
}

static const json_t *find_case(const json_t *cases, const json_t *like)
{
	const char *name = text_of(like, "name"), *family = text_of(like, "family");

	for (size_t i = 0; i < json_array_size(cases); i++)
		if (is_case(json_array_get(cases, i), name, family))
			return json_array_get(cases, i);
	return NULL;
}

/*
 * The other build's case for number `i` of this build: the one with the same name, else the one
 * at the same place in the list, if neither name exists in both (a renamed case). NULL = none.
 */
static const json_t *find_counterpart(const json_t *own, const json_t *other, size_t i)
{
	const json_t *measured = json_array_get(own, i);
	const json_t *found = find_case(other, measured), *same_place = json_array_get(other, i);

	if (found || !same_place || find_case(own, same_place) ||
	    strcmp(text_of(measured, "family"), text_of(same_place, "family")) != 0)
		return found;
	return same_place;
}

static struct pair *find_or_add_pair(struct comparison *comparison, const json_t *own,
				     const json_t *other)
{
	const char *name = text_of(own, "name"), *family = text_of(own, "family");
	const char *other_name = text_of(other, "name");
	struct pair *pair;

	for (unsigned int i = 0; i < comparison->count; i++)
		if (!strcmp(comparison->pairs[i].name, name) &&
		    !strcmp(comparison->pairs[i].family, family))
			return &comparison->pairs[i];
	if (comparison->count == MEASUREMENTS_MAX)
		process_bail("more than %d cases", MEASUREMENTS_MAX);
	pair = &comparison->pairs[comparison->count++];
	snprintf(pair->name, sizeof(pair->name), "%s", name);
	snprintf(pair->family, sizeof(pair->family), "%s", family);
	if (strcmp(name, other_name) != 0)
		snprintf(pair->other_name, sizeof(pair->other_name), "%s", other_name);
	return pair;
}

static double median_ns(const json_t *measured)
{
	return json_number_value(json_object_get(measured, "median_ns"));
}

/* Adds the samples of one run of each build. */
static void add_runs(struct comparison *comparison, const json_t *own, const json_t *other)
{
	for (size_t i = 0; i < json_array_size(own); i++) {
		const json_t *measured = json_array_get(own, i);
		const json_t *counterpart = find_counterpart(own, other, i);
		double own_ns = median_ns(measured), other_ns = median_ns(counterpart);
		struct pair *pair;

		if (!counterpart)
			continue;
		pair = find_or_add_pair(comparison, measured, counterpart);
		samples_add(&pair->own_ns, own_ns);
		samples_add(&pair->other_ns, other_ns);
		if (own_ns > 0 && other_ns > 0)
			samples_add(&pair->ratio, own_ns / other_ns);
		pair->disturbed += json_is_true(json_object_get(measured, "disturbed"));
		pair->disturbed += json_is_true(json_object_get(counterpart, "disturbed"));
	}
}

/* The order within a pair of runs alternates: neither build is always the first. */
static void run_both(struct comparison *comparison, unsigned int number)
{
	const char *programs[2] = {comparison->own, comparison->other};
	json_t *cases[2];

	for (unsigned int i = 0; i < 2; i++) {
		unsigned int which = (number + i) & 1;

		fprintf(stderr, "run %u of %u: %s\n", number + 1, comparison->options->runs,
			programs[which]);
		cases[which] = run_build(programs[which], comparison->options);
	}
	add_runs(comparison, cases[0], cases[1]);
	json_decref(cases[0]);
	json_decref(cases[1]);
}

/* "slower", "faster" or "", with a question mark if not all pairs of runs agree. */
static const char *judge(const struct pair *pair)
{
	double ratio = samples_median(&pair->ratio);

	if (ratio > 1 + TOLERANCE)
		return samples_min(&pair->ratio) > 1 ? "slower" : "slower?";
	if (pair->ratio.count && ratio < 1 - TOLERANCE)
		return samples_max(&pair->ratio) < 1 ? "faster" : "faster?";
	return "";
}

/* "0.987   0.970-1.005", or dashes without a ratio. */
static void print_ratio(const struct samples *ratio)
{
	if (ratio->count)
		printf(" %6.3f %7.3f-%-7.3f", samples_median(ratio), samples_min(ratio),
		       samples_max(ratio));
	else
		printf(" %6s %7s-%-7s", "-", "", "");
}

static void print_pair(const struct pair *pair, unsigned int runs)
{
	printf("%-40s %-4s %7.1f %7.1f", pair->name, pair->family, samples_median(&pair->other_ns),
	       samples_median(&pair->own_ns));
	print_ratio(&pair->ratio);
	printf(" %s", judge(pair));
	if (pair->disturbed)
		printf("  (machine not quiet in %u of %u runs)", pair->disturbed, 2 * runs);
	if (pair->other_name[0])
		printf("  (was: %s)", pair->other_name);
	putchar('\n');
}

/* How many cases have a judgement that begins with this word, and how many exactly this. */
static void print_count(const struct comparison *comparison, const char *word)
{
	unsigned int count = 0, certain = 0;

	for (unsigned int i = 0; i < comparison->count; i++) {
		const char *judgement = judge(&comparison->pairs[i]);

		count += !strncmp(judgement, word, strlen(word));
		certain += !strcmp(judgement, word);
	}
	printf("%s: %u of %u cases, %u of them in all pairs\n", word, count, comparison->count,
	       certain);
}

static void print_text(const struct comparison *comparison)
{
	const struct compare_options *options = comparison->options;
	char machine[REPORT_MACHINE_BYTES];

	report_machine(machine);
	printf("%s\n"
	       "CPU time of the XDP program per packet, in ns: medians of %u runs of each build, "
	       "in "
	       "alternation\n"
	       "before: %s\n"
	       "ratio: now / before, the median of the pairs of runs, lowest and highest; "
	       "slower, faster: by more than %.0f %%, ?: not in all pairs\n\n",
	       machine, options->runs, options->directory, 100 * TOLERANCE);
	printf("%-40s %-4s %7s %7s %6s %15s\n", "case", "IP", "before", "now", "ratio", "range");
	for (unsigned int i = 0; i < comparison->count; i++)
		print_pair(&comparison->pairs[i], options->runs);
	putchar('\n');
	print_count(comparison, "slower");
	print_count(comparison, "faster");
}

static void print_json(const struct comparison *comparison)
{
	json_t *list = json_array(), *report;
	char machine[REPORT_MACHINE_BYTES];

	report_machine(machine);
	for (unsigned int i = 0; i < comparison->count; i++) {
		const struct pair *pair = &comparison->pairs[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:i}",
						      "name", pair->name, "family", pair->family,
						      "before_ns", samples_median(&pair->other_ns),
						      "now_ns", samples_median(&pair->own_ns),
						      "ratio", samples_median(&pair->ratio),
						      "ratio_min", samples_min(&pair->ratio),
						      "ratio_max", samples_max(&pair->ratio),
						      "disturbed", pair->disturbed));
	}
	report = json_pack("{s:s, s:s, s:i, s:o}", "machine", machine, "before",
			   comparison->options->directory, "runs", comparison->options->runs,
			   "measurements", list);
	json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(report);
}

int compare_builds(const struct compare_options *options)
{
	static struct comparison comparison;
	ssize_t length = readlink("/proc/self/exe", comparison.own, sizeof(comparison.own) - 1);

	if (length < 0)
		process_bail("/proc/self/exe: %s", strerror(errno));
	comparison.options = options;
	snprintf(comparison.other, sizeof(comparison.other), "%s/build/bench/bench",
		 options->directory);
	if (access(comparison.other, X_OK))
		process_bail("%s: %s; build it there: make all tests", comparison.other,
			     strerror(errno));
	for (unsigned int i = 0; i < options->runs; i++)
		run_both(&comparison, i);
	if (!comparison.count)
		process_bail("no case exists in both builds");
	if (options->json)
		print_json(&comparison);
	else
		print_text(&comparison);
	return 0;
}
