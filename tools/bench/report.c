// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "report.h"

static void processor(char name[128])
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	strcpy(name, "unknown processor");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "model name : %127[^\n]", name) == 1)
			break;
	if (file)
		fclose(file);
}

static void machine(char text[512])
{
	struct utsname system;
	char name[128];

	processor(name);
	uname(&system);
	snprintf(text, 512, "%s, %ld cores, %s %s", name, sysconf(_SC_NPROCESSORS_ONLN),
		 system.sysname, system.release);
}

/* "3.0 E", "1.0 E + 0.3 C", or nothing. */
static void limit_formula(const struct limit *limit, char text[32])
{
	text[0] = '\0';
	if (limit->e > 0 && limit->c > 0)
		snprintf(text, 32, "%.1f E + %.1f C", limit->e, limit->c);
	else if (limit->e > 0)
		snprintf(text, 32, "%.1f E", limit->e);
}

static void print_subject(const struct subjects *subjects, const struct subject *subject)
{
	double median = subject_median(subject), limit = subject_limit(subjects, subject);
	bool disturbed;
	struct samples net = subject_net(subject, &disturbed);
	char formula[32];

	printf("%-40s %-4s %4u %7.1f %7.1f %6.1f", subject->name, subject->family, net.count,
	       subject_min(subject), median, subject_ratio(subjects, subject));
	limit_formula(&subject->limit, formula);
	if (limit > 0)
		printf("  %-14s %6.1f  %s", formula, limit, median <= limit ? "met" : "MISSED");
	if (subject->flaws)
		printf("  (%llu packets left in another way)", subject->flaws);
	puts(disturbed ? "  (machine not quiet)" : "");
}

void report_text(const struct subjects *subjects)
{
	char text[512];

	machine(text);
	printf("%s\n", text);
	printf("Net CPU time of a packet, ns, in the undisturbed of %u runs\n\n",
	       subjects->parse_nat->gross.count);
	printf("%-40s %-4s %4s %7s %7s %6s  %-14s %6s\n", "", "", "runs", "min", "median", "/ E",
	       "must reach", "ns");
	for (unsigned int i = 0; i < subjects->count; i++)
		if (subjects->list[i].gross.count)
			print_subject(subjects, &subjects->list[i]);
}

static json_t *subject_json(const struct subjects *subjects, const struct subject *subject)
{
	double median = subject_median(subject), limit = subject_limit(subjects, subject);
	json_t *object = json_object();
	bool disturbed;
	struct samples net = subject_net(subject, &disturbed);

	json_object_set_new(object, "name", json_string(subject->name));
	json_object_set_new(object, "family", json_string(subject->family));
	json_object_set_new(object, "runs", json_integer(net.count));
	json_object_set_new(object, "disturbed", json_boolean(disturbed));
	json_object_set_new(object, "min_ns", json_real(subject_min(subject)));
	json_object_set_new(object, "median_ns", json_real(median));
	json_object_set_new(object, "ratio", json_real(subject_ratio(subjects, subject)));
	json_object_set_new(object, "flaws", json_integer(subject->flaws));
	if (limit > 0) {
		json_object_set_new(object, "limit_ns", json_real(limit));
		json_object_set_new(object, "met", json_boolean(median <= limit));
	}
	return object;
}

void report_json(const struct subjects *subjects)
{
	json_t *list = json_array(), *report;
	char text[512];

	machine(text);
	for (unsigned int i = 0; i < subjects->count; i++)
		if (subjects->list[i].gross.count)
			json_array_append_new(list, subject_json(subjects, &subjects->list[i]));
	report = json_pack("{s:s, s:i, s:f, s:f, s:f, s:o}", "machine", text, "runs",
			   subjects->parse_nat->gross.count, "parse_nat_ns",
			   subject_median(subjects->parse_nat), "parse_ipip_ns",
			   subject_median(subjects->parse_ipip), "cold_line_ns",
			   subject_median(subjects->cold_line), "subjects", list);
	json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(report);
}
