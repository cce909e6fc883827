/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notes for `lbctl explain`. It runs a test packet through a private copy of the program and its
 * tables, and compares the tables before and after. The notes record what the tables do not show:
 * which slots were read, and the result of the FIB lookup.
 *
 * In the attached program `explaining` is the constant false, so the verifier removes the notes.
 * The fast path takes none.
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
