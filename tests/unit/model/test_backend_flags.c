// SPDX-License-Identifier: GPL-2.0-only
/* Backend flags: every combination of their inputs, compared with the rules. */
#include "core/tap.h"
#include "model/backend_flags.h"

struct tally {
	unsigned int maint, reset, unpersist, public, counted, timed, checked, forward, alias;
};

static void check_flags(const struct lb_backend_config *backend,
			const struct lb_service_config *service, struct tally *wrong)
{
	__u32 flags = backend_flags_compile(backend, service);
	bool maint = backend->state == LB_STATE_MAINT, down = backend->health == LB_HEALTH_DOWN;
	bool reset = maint ? backend->reset : down && service->reset_dead;
	bool drained = backend->state == LB_STATE_DRAIN && !service->persist_through_drain;
	bool public = service->persist == LB_PERSIST_NONE && service->forward == LB_FORWARD_NAT;

	wrong->maint += !(flags & LB_BACKEND_MAINT) == (maint || reset);
	wrong->reset += !(flags & LB_BACKEND_RESET) == reset;
	wrong->unpersist += !(flags & LB_BACKEND_NO_PERSIST) == (maint || down || drained);
	wrong->public += !(flags & LB_BACKEND_PERSIST_NONE) == public;
	wrong->counted +=
		!(flags & LB_BACKEND_COUNTED) == (backend->max_flows || service->load_factor_milli);
	wrong->timed += !(flags & LB_BACKEND_TIMED) == (service->feedback != LB_FEEDBACK_OFF);
	wrong->checked += !(flags & LB_BACKEND_PASSIVE_CHECK) == (service->check[0] != '\0');
	wrong->forward += lb_backend_forward(flags) != service->forward;
}

/* An alias has its owner's flags, except for the forwarding mode of the service. */
static void check_alias(const struct lb_backend_config *owner,
			const struct lb_service_config *service, struct tally *wrong)
{
	const struct lb_service_config counts = {.scheduler = LB_SCHEDULER_LRT, .check = "tcp"},
				       plain = {0};
	const __u32 load = LB_BACKEND_COUNTED | LB_BACKEND_TIMED | LB_BACKEND_PASSIVE_CHECK;
	__u32 flags = backend_flags_compile_alias(service, owner, &plain);

	wrong->alias += (flags ^ backend_flags_compile(owner, service)) & ~load & ~LB_BACKEND_ALIAS;
	wrong->alias += !(flags & LB_BACKEND_ALIAS);
	wrong->alias += (flags & load) != (owner->max_flows ? LB_BACKEND_COUNTED : 0);
	wrong->alias += (backend_flags_compile_alias(service, owner, &counts) & load) != load;
}

static void combine(__u8 state, __u8 health, __u8 persist, __u8 forward, struct tally *wrong)
{
	for (int bits = 0; bits < 64 * LB_FEEDBACK_COUNT; bits++) {
		struct lb_backend_config backend = {
			.state = state, .health = health, .reset = bits & 1, .max_flows = bits & 8};
		struct lb_service_config service = {.persist = persist,
						    .forward = forward,
						    .reset_dead = bits >> 1 & 1,
						    .feedback = bits / 64,
						    .check = {bits & 32 ? 't' : 0},
						    .persist_through_drain = bits >> 2 & 1,
						    .load_factor_milli = bits & 16 ? 1250 : 0};

		check_flags(&backend, &service, wrong);
		check_alias(&backend, &service, wrong);
	}
}

int main(void)
{
	struct tally wrong = {0};

	for (int state = 0; state < LB_STATE_COUNT; state++)
		for (int health = 0; health < LB_HEALTH_COUNT; health++)
			for (int persist = 0; persist < LB_PERSIST_COUNT; persist++)
				for (int forward = 0; forward < LB_FORWARD_COUNT; forward++)
					combine(state, health, persist, forward, &wrong);
	is_int(wrong.maint, 0, "maintenance and resets move flows");
	is_int(wrong.reset, 0, "flows are reset in maintenance or when down, if set");
	is_int(wrong.unpersist, 0, "clients leave a backend out of service");
	is_int(wrong.public, 0, "replies without persistence need no flow entry");
	is_int(wrong.counted, 0, "flows are counted if there is a limit");
	is_int(wrong.timed, 0, "requests are sampled for feedback");
	is_int(wrong.checked, 0, "passive checks need a health check");
	is_int(wrong.forward, 0, "the forwarding mode is in the flags");
	is_int(wrong.alias, 0, "an alias has the flags of its owner");
	return tap_done();
}
