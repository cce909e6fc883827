// SPDX-License-Identifier: GPL-2.0-only
/* What schedulers ask of the datapath, and who is listed where all are compared. */
#include "scheduler.h"
#include "slots.h"
#include "tap.h"

static __u32 flags_of(enum lb_scheduler scheduler, enum lb_forward forward)
{
	struct lb_service_config service = {.scheduler = scheduler, .forward = forward};

	return scheduler_flags(&service);
}

static void test_flags(void)
{
	bool none = true;

	for (int scheduler = LB_SCHEDULER_RR; scheduler <= LB_SCHEDULER_SOURCE; scheduler++)
		none &= !flags_of(scheduler, LB_FORWARD_NAT);
	ok(none, "who goes by weights alone has nothing counted");
	is_int(flags_of(LB_SCHEDULER_P2C, LB_FORWARD_NAT), LB_BACKEND_COUNTED, "p2c counts");
	is_int(flags_of(LB_SCHEDULER_LC, LB_FORWARD_GUE), LB_BACKEND_COUNTED, "lc counts");
	is_int(flags_of(LB_SCHEDULER_LRT, LB_FORWARD_NAT), LB_BACKEND_COUNTED | LB_BACKEND_TIMED,
	       "lrt counts and times");
	is_int(flags_of(LB_SCHEDULER_LRT, LB_FORWARD_IPIP), LB_BACKEND_COUNTED,
	       "and times nobody who answers past us");
}

static void test_members(void)
{
	struct slots_share shares[LB_MEMBERS_MAX + 2];
	struct lb_slots slots = {0};
	bool listed = true;

	for (__u32 i = 0; i < LB_MEMBERS_MAX + 2; i++)
		shares[i] = (struct slots_share){.backend = 10 + i, .milli = i == 1 ? 0 : 1000};
	slots_list(&slots, shares, LB_MEMBERS_MAX + 1);
	is_int(slots.members, LB_MEMBERS_MAX, "as many as fit are listed, but for a weight of 0");
	for (__u32 i = 0; i < LB_MEMBERS_MAX; i++)
		listed &= slots.member[i] == (i ? 11 + i : 10);
	ok(listed, "in their order");
	slots_list(&slots, shares, LB_MEMBERS_MAX + 2);
	is_int(slots.members, 0, "of more, nobody is");
	slots_list(&slots, shares, 1);
	ok(slots.members == 1 && slots.member[0] == 10 && !slots.member[1], "and one is one");
}

int main(void)
{
	test_flags();
	test_members();
	return tap_done();
}
