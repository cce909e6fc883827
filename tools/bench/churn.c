// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts packets lost while weights change and the program is upgraded: with lbctl's commands,
 * and with naive ones that delete the configuration and create it again.
 *
 * The exit code is 1 if lbctl lost any packet.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/instance.h"
#include "traffic.h"

#define RATE	       100000
#define PACKETS	       1000000 /* at least */
#define CHANGES	       400
#define CHANGES_QUICK  40
#define NAIVE_FRACTION 10

struct churn {
	struct veth_path veth_path;
	struct instance instance;
	struct traffic *traffic;
};

static void configure(const struct churn *churn, unsigned int weight)
{
	instance_must_run(&churn->instance, "service add web 192.0.2.10:80/udp");
	for (unsigned int i = 0; i < VETH_PATH_SERVERS; i++)
		instance_must_run(&churn->instance, "backend add web 10.2.0.%u:8080 --weight %u",
				  VETH_PATH_SERVER_FIRST + i, weight + i);
}

static void change_weight(const struct churn *churn, unsigned int i)
{
	instance_must_run(&churn->instance, "backend weight web 10.2.0.%u:8080 %u",
			  VETH_PATH_SERVER_FIRST + i % VETH_PATH_SERVERS, 1 + i % 7);
}

static void upgrade(const struct churn *churn, unsigned int i)
{
	(void)i;
	instance_must_run(&churn->instance, "upgrade");
}

static void change_weight_naively(const struct churn *churn, unsigned int i)
{
	instance_must_run(&churn->instance, "service del web --force");
	configure(churn, 1 + i % 7);
}

static void upgrade_naively(const struct churn *churn, unsigned int i)
{
	instance_must_run(&churn->instance, "detach --force");
	instance_must_run(&churn->instance, "attach front back");
	configure(churn, 1 + i % 7);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Repeats a change under traffic; returns the number of lost packets. */
static long lost_while(const struct churn *churn, const char *what, unsigned int times,
		       unsigned long at_least, void (*change)(const struct churn *, unsigned int))
{
	struct traffic_count count;
	double begin = seconds();

	traffic_set_rate(churn->traffic, RATE);
	for (unsigned int i = 0; i < times; i++)
		change(churn, i);
	while (traffic_sent(churn->traffic) < at_least)
		usleep(10000);
	count = traffic_stop(churn->traffic);
	printf("%-44s %5u times in %5.1f s  %9lu sent  %9lu received  %8ld lost\n", what, times,
	       seconds() - begin, count.sent, count.received, (long)(count.sent - count.received));
	fflush(stdout);
	return count.sent - count.received;
}

static void change_nothing(const struct churn *churn, unsigned int i)
{
	(void)churn;
	(void)i;
}

/* Resolves the neighbours, for which the first packets may be dropped. */
static void warm_up(const struct churn *churn)
{
	traffic_set_rate(churn->traffic, 1000);
	sleep(2);
	traffic_stop(churn->traffic);
}

static void prepare(struct churn *churn)
{
	veth_path_open(&churn->veth_path);
	instance_open(&churn->instance, "front back");
	configure(churn, 1);
	churn->traffic = traffic_open(&churn->veth_path);
	warm_up(churn);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"quick", no_argument, NULL, 'q'}, {0}};
	unsigned int changes = CHANGES;
	struct churn churn;
	long lost;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'q')
			return 2;
		changes = CHANGES_QUICK;
	}
	prepare(&churn);
	lost_while(&churn, "no change", 1, PACKETS / 4, change_nothing);
	lost = lost_while(&churn, "lbctl backend weight", changes, PACKETS / 2, change_weight);
	lost += lost_while(&churn, "lbctl upgrade", changes, PACKETS / 2, upgrade);
	lost_while(&churn, "naive: delete service, add with new weights", changes / NAIVE_FRACTION,
		   0, change_weight_naively);
	lost_while(&churn, "naive: detach, attach, configure", changes / NAIVE_FRACTION, 0,
		   upgrade_naively);
	instance_close(&churn.instance);
	printf("lost with lbctl: %ld packets\n", lost);
	return lost ? 1 : 0;
}
