// SPDX-License-Identifier: GPL-2.0-only
#include "scenario.h"

#define DEFAULT(field, value) ((field) = (field) ? (field) : (value))

struct scenario scenario_complete(struct scenario scenario)
{
	DEFAULT(scenario.backends, 5);
	for (int i = 0; i < scenario.backends; i++) {
		DEFAULT(scenario.speed[i], 1);
		DEFAULT(scenario.rtt_ms[i], 0.2);
	}
	DEFAULT(scenario.workers, 4);
	DEFAULT(scenario.demand_ms, 10);
	DEFAULT(scenario.load, 0.7);
	DEFAULT(scenario.balancers, 1);
	DEFAULT(scenario.requests, 100);
	DEFAULT(scenario.sampled, 1);
	DEFAULT(scenario.seconds, 240);
	DEFAULT(scenario.warmup_s, 60);
	return scenario;
}
