/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `lbctl explain` cannot read off the tables. It runs a twin of the attached program, the
 * same code on copies of the tables, and compares them before and after; which slots were
 * looked at, and what the kernel said of the next hop, leave no trace there and are noted here.
 *
 * In the program that is attached `explaining` is false, which the verifier knows: it
 * removes the notes. And what most packets do is not noted at all.
 */
#ifndef BPF_OBSERVE_EXPLAIN_H
#define BPF_OBSERVE_EXPLAIN_H

#include "core/maps.h"

struct lb_explain_notes notes SEC(".data.notes");

static __always_inline void explain_slot(__u32 slot, bool by_hash)
{
	if (!explaining)
		return;
	notes.slot[notes.slots++ & (LB_EXPLAIN_SLOTS - 1)] = slot;
	notes.by_hash = by_hash;
}

static __always_inline void explain_fib(long result, __u32 device, __u32 mtu)
{
	if (!explaining)
		return;
	notes.fib_called = true;
	notes.fib_result = result;
	notes.nexthop_device = device;
	notes.nexthop_mtu = mtu;
}

#endif
