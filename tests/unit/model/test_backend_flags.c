// SPDX-License-Identifier: GPL-2.0-only
/* What packets are told of a backend: every combination of what it is made of, against the rules. */
#include "core/tap.h"
#include "model/backend_flags.h"

struct tally {
	unsigned int maint, reset, shut, public, counted, timed, checked, forward, deputy;
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
	wrong->shut += !(flags & LB_BACKEND_NO_PERSIST) == (maint || down || drained);
	wrong->public += !(flags & LB_BACKEND_PERSIST_NONE) == public;
	wrong->counted +=
		!(flags & LB_BACKEND_COUNTED) == (backend->max_flows || service->load_factor_milli);
	wrong->timed += !(flags & LB_BACKEND_TIMED) == (service->feedback != LB_FEEDBACK_OFF);
	wrong->checked += !(flags & LB_BACKEND_PASSIVE_CHECK) == (service->check[0] != '\0');
	wrong->forward += lb_backend_forward(flags) != service->forward;
}

/* A deputy is as its owner, but in the service's way, and counted as its owner is. */
static void check_alias_flags(const struct lb_backend_config *owner,
			      const struct lb_service_config *service, struct tally *wrong)
{
	const struct lb_service_config counts = {.scheduler = LB_SCHEDULER_LRT, .check = "tcp"},
				       plain = {0};
	const __u32 load = LB_BACKEND_COUNTED | LB_BACKEND_TIMED | LB_BACKEND_PASSIVE_CHECK;
	__u32 flags = backend_flags_compile_alias(service, owner, &plain);

	wrong->deputy +=
		(flags ^ backend_flags_compile(owner, service)) & ~load & ~LB_BACKEND_ALIAS;
	wrong->deputy += !(flags & LB_BACKEND_ALIAS);
	wrong->deputy += (flags & load) != (owner->max_flows ? LB_BACKEND_COUNTED : 0);
	wrong->deputy += (backend_flags_compile_alias(service, owner, &counts) & load) != load;
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
		check_alias_flags(&backend, &service, wrong);
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
	is_int(wrong.maint, 0, "flows are chosen anew in maintenance, and where they are reset");
	is_int(wrong.reset, 0,
	       "they are reset in maintenance if that was said, else when it is down if the "
	       "service says so");
	is_int(wrong.shut, 0,
	       "clients leave who is down, in maintenance, or drained, if not kept through that");
	is_int(wrong.public, 0, "replies are known without a flow where nothing is remembered");
	is_int(wrong.counted, 0, "flows are counted where there is a limit");
	is_int(wrong.timed, 0, "answers are timed where feedback observes, or is on");
	is_int(wrong.checked, 0, "it is counted how flows begin where there is a check");
	is_int(wrong.forward, 0, "and how it is reached stands beside it");
	is_int(wrong.deputy, 0, "a deputy stands as its owner, by the service's way");
	return tap_done();
}
