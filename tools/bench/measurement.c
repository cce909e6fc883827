// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measurement.h"
#include "rig/process.h"

#define PACKETS	     262144 /* in one run */
#define WARM_PACKETS 65536
#define NOISE	     1.1 /* times the least: quiet enough */
#define ATTEMPTS     4 /* to get an undisturbed sample */
#define QUIET_MIN    3

struct subject *subjects_add(struct subjects *subjects, const char *family, const char *format, ...)
{
	struct subject *subject = &subjects->list[subjects->count++];
	va_list arguments;

	if (subjects->count > SUBJECTS_MAX)
		process_bail("more than %d subjects", SUBJECTS_MAX);
	va_start(arguments, format);
	vsnprintf(subject->name, sizeof(subject->name), format, arguments);
	va_end(arguments);
	subject->family = family;
	subject->packets = PACKETS;
	return subject;
}

/* Packets that left in another way than this subject is about. */
static __u64 count_flaws(const struct subject *subject, const struct lb_outcomes *before)
{
	struct lb_outcomes after = balancer_outcomes(subject->balancer);
	__u64 flaws = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		if (!(subject->expected >> i & 1))
			flaws += after.count[i] - before->count[i];
	return flaws;
}

static double run_once(struct subject *subject)
{
	struct packet packet = {.length = 64};
	struct lb_outcomes before = {0};
	double ns;

	if (!subject->replay)
		return replay_time(subject->program, 0, &packet,
				   subject->packets / subject->steps) /
		       subject->steps;
	/* Other subjects have taken the cache: not what a steady stream of packets meets. */
	if (subject->balancer && subject->packets == PACKETS)
		replay_run(subject->replay, subject->rig->front, WARM_PACKETS);
	if (subject->balancer)
		before = balancer_outcomes(subject->balancer);
	ns = replay_run(subject->replay, subject->rig->front, subject->packets);
	if (subject->balancer)
		subject->flaws += count_flaws(subject, &before);
	return ns;
}

/* The base took longer than it needs: the machine was not ours alone. */
static bool is_disturbed(const struct subject *subject, double around)
{
	return subject->base && subject->base->gross.count &&
	       around > NOISE * samples_min(&subject->base->gross);
}

static void run(struct subject *subject, bool warm_up)
{
	double around = 0, ns = 0;

	if (subject->rig)
		rig_enter(subject->rig);
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		if (subject->base)
			around = run_once(subject->base);
		ns = run_once(subject);
		if (subject->base)
			around = (around + run_once(subject->base)) / 2;
		if (warm_up || !is_disturbed(subject, around))
			break;
	}
	if (warm_up)
		return;
	samples_add(&subject->gross, ns);
	samples_add(&subject->around, around);
}

/* Floors are always wanted: others are held against them. */
static bool is_wanted(const struct subjects *subjects, const struct subject *subject)
{
	return !subject->balancer || !subjects->only || strstr(subject->name, subjects->only);
}

void subjects_round(struct subjects *subjects, bool warm_up)
{
	unsigned int order[SUBJECTS_MAX];

	for (unsigned int i = 0; i < subjects->count; i++) {
		unsigned int other = random() % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (unsigned int i = 0; i < subjects->count; i++)
		if (is_wanted(subjects, &subjects->list[order[i]]))
			run(&subjects->list[order[i]], warm_up);
}

/* What is to be subtracted from a gross time that was taken beside this time of the base. */
static double share(const struct subject *subject, double base)
{
	return subject->replay ? base : 0;
}

struct samples subject_net(const struct subject *subject, bool *disturbed)
{
	struct samples net = {0}, all = {0};

	for (unsigned int i = 0; i < subject->gross.count; i++) {
		double around = subject->around.value[i];
		double value = subject->gross.value[i] - share(subject, around);

		samples_add(&all, value);
		if (!is_disturbed(subject, around))
			samples_add(&net, value);
	}
	*disturbed = net.count < QUIET_MIN;
	return *disturbed ? all : net;
}

double subject_median(const struct subject *subject)
{
	bool disturbed;
	struct samples net = subject_net(subject, &disturbed);

	return samples_median(&net);
}

double subject_min(const struct subject *subject)
{
	double base = subject->base ? samples_min(&subject->base->gross) : 0;

	return samples_min(&subject->gross) - share(subject, base);
}

static double floor_of(const struct subjects *subjects, const struct subject *subject)
{
	return subject_median(subject->floor ? subject->floor : subjects->parse_nat);
}

double subject_ratio(const struct subjects *subjects, const struct subject *subject)
{
	return subject_median(subject) / floor_of(subjects, subject);
}

double subject_limit(const struct subjects *subjects, const struct subject *subject)
{
	return subject->limit.e * floor_of(subjects, subject) +
	       subject->limit.c * subject_median(subjects->cold_line);
}
