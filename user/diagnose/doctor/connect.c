// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doctor examination: TCP connections from this host to backends in the service's forwarding
 * mode. The attached program does not process their packets.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "diagnose/doctor/examinations.h"
#include "probe/engine.h"

#define TIMEOUT_MS   1000
#define PARALLEL_MAX 32

struct batch;

/* Outlives the store, so it has copies of the configuration. */
struct doctor_connection {
	struct batch *batch;
	struct lb_service_config service;
	struct lb_backend_config backend;
	struct probe_report report;
};

struct batch {
	struct doctor *doctor;
	struct loop *loop;
	struct probe_engine *engine;
	struct loop_timer *start_timer;
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

static void start_next(void *owner);

static void ended(void *owner, const struct probe_report *report)
{
	struct doctor_connection *connection = owner;
	struct batch *batch = connection->batch;

	connection->report = *report;
	batch->ended++;
	if (batch->ended == batch->doctor->connection_count)
		loop_stop(batch->loop);
	else
		start_next(batch);
}

static int start_connection(struct batch *batch, struct doctor_connection *connection)
{
	struct probe_target target = {
		.address = {connection->backend.address[0], connection->backend.address[1]},
		.port = connection->backend.port,
	};
	struct probe *probe;

	if (!doctor_uses_nat(&connection->service)) {
		target.forward = connection->service.forward;
		memcpy(target.vip, connection->service.address, sizeof(target.vip));
	}
	connection->batch = batch;
	return probe_start(batch->engine, &connect_check, &target, ended, connection, &probe);
}

static void start_next(void *owner)
{
	struct batch *batch = owner;
	struct doctor *doctor = batch->doctor;

	while (batch->started < doctor->connection_count &&
	       batch->started - batch->ended < PARALLEL_MAX) {
		struct doctor_connection *connection = &doctor->connections[batch->started++];

		if (!start_connection(batch, connection))
			continue;
		connection->report.not_tried = true;
		batch->ended++;
	}
	if (batch->ended == doctor->connection_count)
		loop_stop(batch->loop);
}

static int run_batch(struct batch *batch)
{
	int error = loop_create(&batch->loop);

	if (!error)
		error = loop_timer_create(batch->loop, start_next, batch, &batch->start_timer);
	if (!error)
		error = probe_engine_create(batch->loop, &batch->engine);
	if (!error) {
		loop_timer_start(batch->start_timer, 0);
		loop_run(batch->loop);
	}
	probe_engine_free(batch->engine);
	loop_timer_free(batch->start_timer);
	loop_free(batch->loop);
	return error;
}

static void examine_connection(struct doctor *doctor, const struct doctor_connection *connection)
{
	const struct lb_service_config *service = &connection->service;
	char backend[ENDPOINT_TEXT_BYTES], vip[ADDRESS_TEXT_BYTES];
	struct finding *finding;

	if (connection->report.passed || connection->report.not_tried)
		return;
	endpoint_format(connection->backend.address, connection->backend.port, backend,
			sizeof(backend));
	address_format(service->address, vip, sizeof(vip));
	finding = finding_add(doctor, "backend-unreachable", DOCTOR_ERROR,
			      "connections of clients to this backend most likely fail as well",
			      "%s: a TCP connection from here to %s in %s mode fails: %s",
			      service->name, backend, forward_name(service->forward),
			      connection->report.reason);
	if (doctor_uses_nat(service))
		finding_set_remedy(finding, "lbctl check probe tcp %s", backend);
	else
		finding_set_remedy(finding, "lbctl check probe tcp %s --vip %s --forward %s",
				   backend, vip, forward_name(service->forward));
	finding_set_backend(finding, service, &connection->backend);
}

/* TCP services with backends on one port and a resolved next hop. */
int doctor_list_connections(struct doctor *doctor)
{
	doctor->connections = calloc(doctor->path_count + 1, sizeof(*doctor->connections));
	if (!doctor->connections)
		return -ENOMEM;
	for (size_t i = 0; i < doctor->path_count; i++) {
		const struct doctor_path *path = &doctor->paths[i];

		if (path->service->protocol != IPPROTO_TCP || !path->backend->config->port ||
		    path->condition)
			continue;
		doctor->connections[doctor->connection_count++] = (struct doctor_connection){
			.service = *path->service, .backend = *path->backend->config};
	}
	return 0;
}

int doctor_connect_backends(struct doctor *doctor)
{
	struct batch batch = {.doctor = doctor};
	int error = doctor->connection_count ? run_batch(&batch) : 0;

	for (size_t i = 0; i < doctor->connection_count && !error; i++)
		examine_connection(doctor, &doctor->connections[i]);
	return error;
}
