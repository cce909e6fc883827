// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>

#include "diagnose/doctor/examinations.h"

static doctor_examination *const host_examinations[] = {
	doctor_kernel, doctor_capabilities, doctor_jit, doctor_bpffs, doctor_stale_instances,
};

/* doctor_paths() precedes those that use the next hops. */
static doctor_examination *const instance_examinations[] = {
	doctor_interfaces, doctor_forwarding, doctor_paths,
	doctor_rp_filters, doctor_addresses,  doctor_direct_return,
	doctor_services,   doctor_controller, doctor_flows,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void doctor_examine_host(struct doctor *doctor)
{
	for (size_t i = 0; i < COUNT(host_examinations); i++)
		host_examinations[i](doctor);
}

void doctor_examine_detached(struct doctor *doctor)
{
	static const struct view empty_view;

	doctor->view = &empty_view;
	doctor_not_attached(doctor);
	doctor_interfaces(doctor);
}

/* The paths to ready backends, which receive new flows. */
static int list_paths(struct doctor *doctor)
{
	const struct view *view = doctor->view;
	size_t count = 0;

	for (size_t i = 0; i < view->service_count; i++)
		count += view->services[i].backend_count;
	doctor->paths = calloc(count + 1, sizeof(*doctor->paths));
	if (!doctor->paths)
		return -ENOMEM;
	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];

		for (size_t j = 0; j < service->backend_count; j++)
			if (service->backends[j].config->state == LB_STATE_READY)
				doctor->paths[doctor->path_count++] = (struct doctor_path){
					service->config, &service->backends[j], {0}, 0};
	}
	return 0;
}

int doctor_examine_instance(struct doctor *doctor)
{
	int error = list_paths(doctor);

	if (error)
		return error;
	doctor->outcomes_before = doctor->view->outcomes;
	for (size_t i = 0; i < COUNT(instance_examinations); i++)
		instance_examinations[i](doctor);
	return doctor_list_connections(doctor);
}
