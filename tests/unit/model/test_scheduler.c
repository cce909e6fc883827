// SPDX-License-Identifier: GPL-2.0-only
/* What schedulers ask of the datapath, and who is listed where all are compared. */
#include "core/tap.h"
#include "model/scheduler.h"
#include "model/slot_order.h"

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
	is_int(flags_of(LB_SCHEDULER_LRT, LB_FORWARD_IPIP), LB_BACKEND_COUNTED | LB_BACKEND_TIMED,
	       "also who answers past us");
}

static bool members_match(const struct lb_slots *slots, __u32 members,
			  const __u16 wanted[LB_MEMBERS])
{
	bool same = slots->members == members;

	for (__u32 i = 0; i < LB_MEMBERS; i++)
		same &= slots->member[i] == wanted[i];
	return same;
}

static void test_members(void)
{
	static const __u16 all[] = {10, 12, 13, 14, 15, 16, 17, 18};
	static const __u16 three[] = {10, 12, 13, 10, 12, 13, 10, 12};
	struct slot_share shares[LB_MEMBERS + 2];
	struct lb_slots slots = {0};

	for (__u32 i = 0; i < LB_MEMBERS + 2; i++)
		shares[i] = (struct slot_share){.backend = 10 + i, .milli = i == 1 ? 0 : 1000};
	slot_order_list_members(&slots, shares, LB_MEMBERS + 1);
	ok(members_match(&slots, LB_MEMBERS, all),
	   "as many as fit are listed, but for a weight of 0");
	slot_order_list_members(&slots, shares, LB_MEMBERS + 2);
	is_int(slots.members, 0, "of more, nobody is");
	slot_order_list_members(&slots, shares, 4);
	ok(members_match(&slots, 3, three), "and fewer over and over");
	slot_order_list_members(&slots, shares + 1, 1);
	is_int(slots.members, 0, "nobody is nobody");
}

int main(void)
{
	test_flags();
	test_members();
	return tap_done();
}
