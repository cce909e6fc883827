// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "report.h"

static void cpu_model(char name[128])
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	strcpy(name, "unknown CPU");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "model name : %127[^\n]", name) == 1)
			break;
	if (file)
		fclose(file);
}

void report_machine(char text[REPORT_MACHINE_BYTES])
{
	struct utsname system;
	char name[128];

	cpu_model(name);
	uname(&system);
	snprintf(text, REPORT_MACHINE_BYTES, "%s, %ld cores, %s %s", name,
		 sysconf(_SC_NPROCESSORS_ONLN), system.sysname, system.release);
}

/* "3.0 E", "1.0 E + 0.3 C", or "". */
static void format_limit(const struct limit *limit, char text[32])
{
	text[0] = '\0';
	if (limit->e > 0 && limit->c > 0)
		snprintf(text, 32, "%.1f E + %.1f C", limit->e, limit->c);
	else if (limit->e > 0)
		snprintf(text, 32, "%.1f E", limit->e);
}

static void print_measurement(const struct measurements *measurements,
			      const struct measurement *measurement)
{
	double median = measurement_median(measurement),
	       limit = measurement_limit(measurements, measurement);
	bool disturbed;
	struct samples net = measurement_net(measurement, &disturbed);
	char formula[32];

	printf("%-40s %-4s %4u %7.1f %7.1f %6.1f", measurement->name, measurement->family,
	       net.count, measurement_min(measurement), median,
	       measurement_ratio(measurements, measurement));
	format_limit(&measurement->limit, formula);
	if (limit > 0)
		printf("  %-14s %6.1f  %s", formula, limit, median <= limit ? "met" : "MISSED");
	if (measurement->tracked != measurement->flows)
		printf("  (%lu flows tracked)", measurement->tracked);
	if (measurement->unexpected)
		printf("  (%llu packets with another outcome)", measurement->unexpected);
	puts(disturbed ? "  (machine not quiet)" : "");
}

void report_print_text(const struct measurements *measurements)
{
	char text[REPORT_MACHINE_BYTES];

	report_machine(text);
	printf("%s\n", text);
	printf("CPU time of the XDP program per packet, in ns: undisturbed samples of %u rounds\n"
	       "E: parse and rewrite for a single backend. C: read of one cold cache line.\n\n",
	       measurements->parse_nat->gross.count);
	printf("%-40s %-4s %4s %7s %7s %6s  %-14s %6s\n", "case", "IP", "n", "min", "median", "x E",
	       "limit", "in ns");
	for (unsigned int i = 0; i < measurements->count; i++)
		if (measurements->list[i].gross.count)
			print_measurement(measurements, &measurements->list[i]);
}

static json_t *measurement_json(const struct measurements *measurements,
				const struct measurement *measurement)
{
	double median = measurement_median(measurement),
	       limit = measurement_limit(measurements, measurement);
	json_t *object = json_object();
	bool disturbed;
	struct samples net = measurement_net(measurement, &disturbed);

	json_object_set_new(object, "name", json_string(measurement->name));
	json_object_set_new(object, "family", json_string(measurement->family));
	json_object_set_new(object, "runs", json_integer(net.count));
	json_object_set_new(object, "disturbed", json_boolean(disturbed));
	json_object_set_new(object, "min_ns", json_real(measurement_min(measurement)));
	json_object_set_new(object, "median_ns", json_real(median));
	json_object_set_new(object, "ratio",
			    json_real(measurement_ratio(measurements, measurement)));
	json_object_set_new(object, "unexpected", json_integer(measurement->unexpected));
	if (measurement->flows)
		json_object_set_new(object, "tracked", json_integer(measurement->tracked));
	if (limit > 0) {
		json_object_set_new(object, "limit_ns", json_real(limit));
		json_object_set_new(object, "met", json_boolean(median <= limit));
	}
	return object;
}

void report_print_json(const struct measurements *measurements)
{
	json_t *list = json_array(), *report;
	char text[REPORT_MACHINE_BYTES];

	report_machine(text);
	for (unsigned int i = 0; i < measurements->count; i++)
		if (measurements->list[i].gross.count)
			json_array_append_new(
				list, measurement_json(measurements, &measurements->list[i]));
	report = json_pack("{s:s, s:i, s:f, s:f, s:f, s:o}", "machine", text, "runs",
			   measurements->parse_nat->gross.count, "parse_nat_ns",
			   measurement_median(measurements->parse_nat), "parse_ipip_ns",
			   measurement_median(measurements->parse_ipip), "cold_line_ns",
			   measurement_median(measurements->cold_line), "measurements", list);
	json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(report);
}
