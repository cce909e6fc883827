/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces libbpf's header of the same name in the native build of the BPF program. If the value of a
 * map is a whole table (bpf/core/maps.h), the map is the memory of that table: the address of its
 * symbol is the address of its value. Other maps are looked up. The helpers are in
 * tests/fuzz/kernel_mock.c.
 */
#ifndef NATIVE_BPF_HELPERS_H
#define NATIVE_BPF_HELPERS_H

#include <linux/bpf.h>
#include <stddef.h>

/* Maximum size of a table in the fixture, in whole pages. */
#define NATIVE_TABLE_BYTES (8 * 1024 * 1024)

/* No sections, and no alignment, which the sanitizers would not instrument. */
#define SEC(name)

#undef __always_inline
#define __always_inline	 inline __attribute__((always_inline))
#define __noinline	 __attribute__((noinline))
#define barrier_var(var) asm volatile("" : "+r"(var))

#define __uint(name, value) NATIVE_UINT_##name(value)
#define __type(name, type)  NATIVE_TYPE_##name(type)

#define NATIVE_UINT_type(value)
#define NATIVE_UINT_map_flags(value)
#define NATIVE_UINT_max_entries(value)
#define NATIVE_UINT_key_size(value)
#define NATIVE_UINT_value_size(least) \
	_Alignas(4096) unsigned char value[NATIVE_TABLE_BYTES]; \
	_Static_assert((least) <= NATIVE_TABLE_BYTES, "room")
#define NATIVE_TYPE_key(type)
#define NATIVE_TYPE_value(type) type *value

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_redirect_map(void *map, __u64 key, __u64 flags);
long bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int plen, __u32 flags);
long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta);
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta);
__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx);
__s64 bpf_csum_diff(const void *from, __u32 from_size, const void *to, __u32 to_size, __u32 seed);
long bpf_loop(__u32 count, void *callback, void *context, __u64 flags);
long bpf_timer_init(struct bpf_timer *timer, void *map, __u64 flags);
long bpf_timer_set_callback(struct bpf_timer *timer, void *callback);
long bpf_timer_start(struct bpf_timer *timer, __u64 ns, __u64 flags);
void *bpf_ringbuf_reserve(void *ring, __u64 bytes, __u64 flags);
void bpf_ringbuf_submit(void *record, __u64 flags);
long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 bytes);
__u64 bpf_jiffies64(void);
__u64 bpf_ktime_get_ns(void);
__u32 bpf_get_prandom_u32(void);
__u32 bpf_get_smp_processor_id(void);

#endif
