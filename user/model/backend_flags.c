// SPDX-License-Identifier: GPL-2.0-only
#include "model/backend_flags.h"

#include <stdbool.h>

#include "base/human.h"
#include "model/persistence.h"
#include "model/scheduler.h"

/* Returns whether TCP flows are reset on behalf of the backend, which cannot do it itself. */
static bool resets_flows(const struct lb_backend_config *backend,
			 const struct lb_service_config *service)
{
	if (backend->state == LB_STATE_MAINT)
		return backend->reset;
	return backend->health == LB_HEALTH_DOWN && service->reset_dead;
}

/*
 * Returns whether persistent clients leave the backend. A weight of 0 keeps them: it only rejects
 * other new flows.
 */
static bool refuses_clients(const struct lb_backend_config *backend,
			    const struct lb_service_config *service)
{
	if (backend->state == LB_STATE_DRAIN && !service->persist_through_drain)
		return true;
	return backend->state == LB_STATE_MAINT || backend->health == LB_HEALTH_DOWN;
}

__u32 backend_flags_compile(const struct lb_backend_config *backend,
			    const struct lb_service_config *service)
{
	__u32 flags = (__u32)service->forward << 8 | scheduler_flags(service);

	if (backend->max_flows || service->load_factor_milli)
		flags |= LB_BACKEND_COUNTED;
	if (service->feedback != LB_FEEDBACK_OFF)
		flags |= LB_BACKEND_TIMED;
	if (service->check[0])
		flags |= LB_BACKEND_PASSIVE_CHECK;
	if (backend->state == LB_STATE_MAINT)
		flags |= LB_BACKEND_MAINT;
	if (resets_flows(backend, service))
		flags |= LB_BACKEND_MAINT | LB_BACKEND_RESET;
	if (refuses_clients(backend, service))
		flags |= LB_BACKEND_NO_PERSIST;
	if (persist_needs_exclusive_backends(service))
		flags |= LB_BACKEND_PERSIST_NONE;
	return flags;
}

__u32 backend_flags_compile_alias(const struct lb_service_config *service,
				  const struct lb_backend_config *owner,
				  const struct lb_service_config *owner_service)
{
	const __u32 owner_flags = LB_BACKEND_COUNTED | LB_BACKEND_TIMED | LB_BACKEND_PASSIVE_CHECK;

	return LB_BACKEND_ALIAS | (backend_flags_compile(owner, service) & ~owner_flags) |
	       (backend_flags_compile(owner, owner_service) & owner_flags);
}

const char *state_name(__u8 state)
{
	static const char *const names[LB_STATE_COUNT] = {"ready", "drain", "maint"};

	return name_of(names, LB_STATE_COUNT, state);
}

const char *health_name(__u8 health)
{
	static const char *const names[LB_HEALTH_COUNT] = {"unknown", "up", "down"};

	return name_of(names, LB_HEALTH_COUNT, health);
}
