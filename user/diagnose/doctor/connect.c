// SPDX-License-Identifier: GPL-2.0-only
/*
 * Of the doctor: TCP connections to backends, from here and by the way that a service's packets
 * take; what they carry is never seen by the program.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "diagnose/doctor/doctor.h"
#include "probe/engine.h"

#define TIMEOUT_MS 1000
#define AT_ONCE	   32

struct round;

/* It outlives the store: what it is about is copied. */
struct doctor_trial {
	struct round *round;
	struct lb_service_config service;
	struct lb_backend_config backend;
	struct probe_report report;
};

struct round {
	struct doctor *doctor;
	struct loop *loop;
	struct probe_engine *engine;
	struct loop_timer *begin;
	size_t started, ended;
};

static const struct check connect_check = {
	.kind = CHECK_TCP,
	.interval_ms = TIMEOUT_MS,
	.fast_ms = TIMEOUT_MS,
	.timeout_ms = TIMEOUT_MS,
	.rise = 1,
	.fall = 1,
};

static void start_some(void *owner);

static void ended(void *owner, const struct probe_report *report)
{
	struct doctor_trial *trial = owner;
	struct round *round = trial->round;

	trial->report = *report;
	round->ended++;
	if (round->ended == round->doctor->trial_count)
		loop_stop(round->loop);
	else
		start_some(round);
}

static int start_one(struct round *round, struct doctor_trial *trial)
{
	struct probe_target target = {
		.address = {trial->backend.address[0], trial->backend.address[1]},
		.port = trial->backend.port,
	};
	struct probe *probe;

	if (!doctor_translates(&trial->service)) {
		target.forward = trial->service.forward;
		memcpy(target.vip, trial->service.address, sizeof(target.vip));
	}
	trial->round = round;
	return probe_start(round->engine, &connect_check, &target, ended, trial, &probe);
}

static void start_some(void *owner)
{
	struct round *round = owner;
	struct doctor *doctor = round->doctor;

	while (round->started < doctor->trial_count && round->started - round->ended < AT_ONCE) {
		struct doctor_trial *trial = &doctor->trials[round->started++];

		if (!start_one(round, trial))
			continue;
		trial->report.not_tried = true;
		round->ended++;
	}
	if (round->ended == doctor->trial_count)
		loop_stop(round->loop);
}

static int run(struct round *round)
{
	int error = loop_create(&round->loop);

	if (!error)
		error = loop_timer_create(round->loop, start_some, round, &round->begin);
	if (!error)
		error = probe_engine_create(round->loop, &round->engine);
	if (!error) {
		loop_timer_start(round->begin, 0);
		loop_run(round->loop);
	}
	probe_engine_free(round->engine);
	loop_timer_free(round->begin);
	loop_free(round->loop);
	return error;
}

static void judge(struct doctor *doctor, const struct doctor_trial *trial)
{
	const struct lb_service_config *service = &trial->service;
	char backend[ENDPOINT_TEXT_BYTES], vip[ADDRESS_TEXT_BYTES];
	struct finding *finding;

	if (trial->report.passed || trial->report.not_tried)
		return;
	endpoint_format(trial->backend.address, trial->backend.port, backend, sizeof(backend));
	address_format(service->address, vip, sizeof(vip));
	finding = doctor_find(doctor, "backend-unreachable", DOCTOR_ERROR,
			      "clients that are sent there will most likely fare no better",
			      "%s: a connection from here to %s by %s fails: %s", service->name,
			      backend, forward_name(service->forward), trial->report.reason);
	if (doctor_translates(service))
		doctor_remedy(finding, "lbctl check probe tcp %s", backend);
	else
		doctor_remedy(finding, "lbctl check probe tcp %s --vip %s --forward %s", backend,
			      vip, forward_name(service->forward));
	doctor_set_backend(finding, service, &trial->backend);
}

/* Those of TCP on one port, that there is a way to. */
int doctor_gather_trials(struct doctor *doctor)
{
	doctor->trials = calloc(doctor->way_count + 1, sizeof(*doctor->trials));
	if (!doctor->trials)
		return -ENOMEM;
	for (size_t i = 0; i < doctor->way_count; i++) {
		const struct doctor_way *way = &doctor->ways[i];

		if (way->service->protocol != IPPROTO_TCP || !way->backend->config->port ||
		    way->condition)
			continue;
		doctor->trials[doctor->trial_count++] = (struct doctor_trial){
			.service = *way->service, .backend = *way->backend->config};
	}
	return 0;
}

int doctor_try_backends(struct doctor *doctor)
{
	struct round round = {.doctor = doctor};
	int error = doctor->trial_count ? run(&round) : 0;

	for (size_t i = 0; i < doctor->trial_count && !error; i++)
		judge(doctor, &doctor->trials[i]);
	return error;
}
