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

#include "base/cleanup.h"
#include "diagnose/doctor/examinations.h"
#include "probe/run.h"

#define TIMEOUT_MS   1000
#define PARALLEL_MAX 32

/* Outlives the store, so it has copies of the configuration. */
struct doctor_connection {
	struct lb_service_config service;
	struct lb_backend_config backend;
};

static const struct check connect_check = {
	.kind = CHECK_TCP,
	.interval_ms = TIMEOUT_MS,
	.fast_ms = TIMEOUT_MS,
	.timeout_ms = TIMEOUT_MS,
	.rise = 1,
	.fall = 1,
};

static void set_job(struct probe_job *job, const struct doctor_connection *connection)
{
	*job = (struct probe_job){.check = &connect_check,
				  .target = {.address = {connection->backend.address[0],
							 connection->backend.address[1]},
					     .port = connection->backend.port}};
	if (doctor_uses_nat(&connection->service))
		return;
	job->target.forward = connection->service.forward;
	memcpy(job->target.vip, connection->service.address, sizeof(job->target.vip));
}

static void examine_connection(struct doctor *doctor, const struct doctor_connection *connection,
			       const struct probe_job *job)
{
	const struct lb_service_config *service = &connection->service;
	char backend[ENDPOINT_TEXT_BYTES], vip[ADDRESS_TEXT_BYTES];
	struct finding *finding;

	if (job->error || job->report.passed || job->report.not_tried)
		return;
	endpoint_format(connection->backend.address, connection->backend.port, backend,
			sizeof(backend));
	address_format(service->address, vip, sizeof(vip));
	finding = finding_add(doctor, "backend-unreachable", DOCTOR_ERROR,
			      "connections of clients to this backend most likely fail as well",
			      "%s: a TCP connection from here to %s in %s mode fails: %s",
			      service->name, backend, forward_name(service->forward),
			      job->report.reason);
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
	size_t count = doctor->connection_count;
	_free_ struct probe_job *jobs = calloc(count + 1, sizeof(*jobs));
	int error;

	if (!jobs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		set_job(&jobs[i], &doctor->connections[i]);
	error = probe_run_all(jobs, count, PARALLEL_MAX, NULL, NULL);
	for (size_t i = 0; i < count && !error; i++)
		examine_connection(doctor, &doctor->connections[i], &jobs[i]);
	return error;
}
