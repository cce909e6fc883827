// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_mock.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "rig/fixture_config.h"
#include "rig/process.h"

#include <native/bpf/bpf_helpers.h>

#define MAPS_MAX 8

#define PAGE	    4096U
#define ROOM	    (2 * PAGE) /* before the guard page */
#define LOW_ADDRESS ((void *)0x40000000)
#define FRAME_BYTES 40 /* the kernel keeps so many of the headroom for itself */
#define LENGTH_MAX  3520 /* that a packet may be extended to */
#define CANARY	    0xa5
#define GRANULE	    8 /* bytes that are poisoned at a time */

#define JIFFIES_BEGIN 0x100000000ULL

static struct map {
	const void *map;
	unsigned char *values;
	size_t bytes;
	__u32 entries;
} maps[MAPS_MAX];

static unsigned char *room; /* for the packet */
static unsigned char *room_end; /* where the guard page begins */
static unsigned char *hard_start; /* of the packet's headroom */
static struct xdp_md context;
static struct step now; /* the step that is being taken */
static __u64 jiffies;
static __u32 drawn;

void kernel_map(const void *map, void *values, size_t bytes, __u32 entries)
{
	for (unsigned int i = 0; i < MAPS_MAX; i++) {
		if (maps[i].map)
			continue;
		maps[i] = (struct map){map, values, bytes, entries};
		return;
	}
	process_bail("kernel: too many maps");
}

void kernel_reset(void)
{
	jiffies = JIFFIES_BEGIN;
}

static void make_room(void)
{
	room = mmap(LOW_ADDRESS, ROOM + PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (room != LOW_ADDRESS)
		process_bail("kernel: no memory below 4 GiB: %s", strerror(errno));
	room_end = room + ROOM;
	if (mprotect(room_end, PAGE, PROT_NONE))
		process_bail("kernel: guard page: %s", strerror(errno));
}

/*
 * The packet begins here, and ends at the guard page. Where it does not begin with what
 * is poisoned at a time, the bytes before it are watched for writing only.
 */
static void begin_at(unsigned char *data)
{
	__asan_unpoison_memory_region(room, ROOM);
	for (unsigned char *byte = data; (unsigned long)byte % GRANULE;)
		*--byte = CANARY;
	__asan_poison_memory_region(room, data - room);
	context.data = (unsigned long)data;
	context.data_meta = context.data;
	context.data_end = (unsigned long)room_end;
}

static unsigned char *data_of(void)
{
	return (unsigned char *)(unsigned long)context.data;
}

struct xdp_md *kernel_receive(const struct step *step, const struct packet *packet)
{
	if (!room)
		make_room();
	now = *step;
	drawn = 0;
	jiffies += step->time < 128 ? step->time : 1ULL << (step->time & 31);
	context.ingress_ifindex = step->flags & STEP_BEHIND ? KERNEL_BEHIND : KERNEL_FRONT;
	begin_at(room_end - packet->length);
	hard_start = data_of() - step->headroom - 1;
	memcpy(data_of(), packet->bytes, packet->length);
	return &context;
}

bool kernel_take(struct packet *packet)
{
	packet->length = context.data_end - context.data;
	memcpy(packet->bytes, data_of(), packet->length);
	__asan_unpoison_memory_region(room, ROOM);
	for (unsigned char *byte = data_of(); (unsigned long)byte % GRANULE;)
		if (*--byte != CANARY)
			return false;
	return true;
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
	__u32 index;

	memcpy(&index, key, sizeof(index));
	for (unsigned int i = 0; i < MAPS_MAX; i++)
		if (maps[i].map == map)
			return index < maps[i].entries ? maps[i].values + index * maps[i].bytes
						       : NULL;
	process_bail("kernel: a map that nobody knows");
}

/* Nobody traces. */
void *bpf_ringbuf_reserve(void *ring, __u64 bytes, __u64 flags)
{
	(void)ring, (void)bytes, (void)flags;
	process_bail("kernel: a record of a tracer");
}

void bpf_ringbuf_submit(void *record, __u64 flags)
{
	(void)record, (void)flags;
	process_bail("kernel: a record of a tracer");
}

long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 bytes)
{
	(void)ctx, (void)offset, (void)to, (void)bytes;
	process_bail("kernel: a record of a tracer");
}

/* There is one map of devices, and it has two. */
long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	(void)map;
	return key == KERNEL_FRONT || key == KERNEL_BEHIND ? XDP_REDIRECT : flags & 3;
}

/* A next hop; of a router, the address takes the place of what was asked, as in the kernel. */
static void fill_route(struct bpf_fib_lookup *params)
{
	if (now.route & 0x80)
		memset(params->ipv6_dst, now.luck, sizeof(params->ipv6_dst));
	memset(params->dmac, now.luck, sizeof(params->dmac));
	memset(params->smac, ~now.luck, sizeof(params->smac));
	params->mtu_result = now.route & 0x40 ? CAST_MTU_BEHIND : CAST_MTU_FRONT;
	params->ifindex = now.route & 0x20 ? 77 : now.route & 0x10 ? KERNEL_BEHIND : KERNEL_FRONT;
}

long bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int plen, __u32 flags)
{
	static const signed char answers[16] = {
		[9] = BPF_FIB_LKUP_RET_NO_NEIGH,      [10] = BPF_FIB_LKUP_RET_BLACKHOLE,
		[11] = BPF_FIB_LKUP_RET_PROHIBIT,     [12] = BPF_FIB_LKUP_RET_UNREACHABLE,
		[13] = BPF_FIB_LKUP_RET_NOT_FWDED,    [14] = BPF_FIB_LKUP_RET_FRAG_NEEDED,
		[15] = BPF_FIB_LKUP_RET_FWD_DISABLED,
	};
	long answer = answers[now.route & 15];

	(void)flags;
	if (ctx != &context || plen != sizeof(*params) ||
	    (params->family != AF_INET && params->family != AF_INET6))
		return -EINVAL;
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		params->mtu_result = CAST_MTU_BEHIND;
	if (answer == BPF_FIB_LKUP_RET_SUCCESS)
		fill_route(params);
	return answer;
}

long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta)
{
	unsigned char *old = data_of(), *data = old + delta;

	if (ctx != &context || data < hard_start + FRAME_BYTES || data + ETH_HLEN > room_end)
		return -EINVAL;
	begin_at(data);
	if (data < old)
		memset(data, CANARY, old - data);
	return 0;
}

/* The packet is moved, for it goes on ending where it must. */
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	unsigned char *old = data_of();
	int length = room_end - old, kept = delta < 0 ? length + delta : length;

	if (ctx != &context || length + delta < ETH_HLEN || length + delta > LENGTH_MAX)
		return -EINVAL;
	__asan_unpoison_memory_region(room, ROOM);
	memmove(old - delta, old, kept);
	hard_start -= delta;
	begin_at(old - delta);
	memset(data_of() + kept, 0, length + delta - kept);
	return 0;
}

__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx)
{
	return ctx == &context ? room_end - data_of() : 0;
}

/* A sum that may be added to, as the kernel's: here of whole words, as it is used. */
__s64 bpf_csum_diff(const void *from, __u32 from_size, const void *to, __u32 to_size, __u32 seed)
{
	const unsigned char *bytes = to;
	__u64 sum = seed;

	if (from || from_size || to_size % 4)
		return -EINVAL;
	for (__u32 i = 0; i < to_size; i += 4) {
		__u32 word;

		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (sum & 0xffffffff) + (sum >> 32);
}

long bpf_loop(__u32 count, void *callback, void *argument, __u64 flags)
{
	long (*turn)(__u32 i, void *argument) = callback;
	__u32 i = 0;

	(void)flags;
	while (i < count && !turn(i, argument))
		i++;
	return i;
}

/* Time passes between packets only, and nothing is done then. */
long bpf_timer_init(struct bpf_timer *timer, void *map, __u64 flags)
{
	(void)timer, (void)map, (void)flags;
	return 0;
}

long bpf_timer_set_callback(struct bpf_timer *timer, void *callback)
{
	(void)timer, (void)callback;
	return 0;
}

long bpf_timer_start(struct bpf_timer *timer, __u64 ns, __u64 flags)
{
	(void)timer, (void)ns, (void)flags;
	return 0;
}

__u64 bpf_jiffies64(void)
{
	return jiffies;
}

__u64 bpf_ktime_get_ns(void)
{
	return jiffies * 4000000;
}

__u32 bpf_get_prandom_u32(void)
{
	return (now.luck + drawn++ * 256) * 0x9e3779b1U;
}

__u32 bpf_get_smp_processor_id(void)
{
	return now.flags & STEP_OTHER_CPU ? 1 : 0;
}
