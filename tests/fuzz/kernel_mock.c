// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_mock.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "core/process.h"
#include "random/fixture_config.h"

#include <native/bpf/bpf_helpers.h>

#define MAPS_MAX 8

#define PAGE	     4096U
#define BUFFER_BYTES (2 * PAGE) /* before the guard page */
#define LOW_ADDRESS  ((void *)0x40000000)
#define FRAME_BYTES  40 /* headroom that the kernel reserves */
#define LENGTH_MAX   3520 /* maximum length after bpf_xdp_adjust_tail() */
#define CANARY	     0xa5
#define GRANULE	     8 /* size of the sanitizer's poisoning unit */

#define JIFFIES_START 0x100000000ULL

static struct map {
	const void *map;
	unsigned char *values;
	size_t bytes;
	__u32 entries;
} maps[MAPS_MAX];

static unsigned char *buffer; /* holds the packet */
static unsigned char *buffer_end; /* start of the guard page */
static unsigned char *hard_start; /* start of the packet's headroom */
static struct xdp_md context;
static struct step current_step; /* the current step */
static __u64 jiffies;
static __u32 random_count;

void kernel_map(const void *map, void *values, size_t bytes, __u32 entries)
{
	for (unsigned int i = 0; i < MAPS_MAX; i++) {
		if (maps[i].map)
			continue;
		maps[i] = (struct map){map, values, bytes, entries};
		return;
	}
	process_bail("kernel_mock: too many maps");
}

void kernel_reset(void)
{
	jiffies = JIFFIES_START;
}

static void map_buffer(void)
{
	buffer = mmap(LOW_ADDRESS, BUFFER_BYTES + PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (buffer != LOW_ADDRESS)
		process_bail("kernel_mock: no memory below 4 GiB: %s", strerror(errno));
	buffer_end = buffer + BUFFER_BYTES;
	if (mprotect(buffer_end, PAGE, PROT_NONE))
		process_bail("kernel_mock: guard page: %s", strerror(errno));
}

/*
 * Sets the packet's start; its end is the guard page. If the start is not aligned to GRANULE, the
 * bytes before it cannot be poisoned. They hold a canary, which detects writes only.
 */
static void set_packet_start(unsigned char *data)
{
	__asan_unpoison_memory_region(buffer, BUFFER_BYTES);
	for (unsigned char *byte = data; (unsigned long)byte % GRANULE;)
		*--byte = CANARY;
	__asan_poison_memory_region(buffer, data - buffer);
	context.data = (unsigned long)data;
	context.data_meta = context.data;
	context.data_end = (unsigned long)buffer_end;
}

static unsigned char *packet_data(void)
{
	return (unsigned char *)(unsigned long)context.data;
}

struct xdp_md *kernel_receive(const struct step *step, const struct packet *packet)
{
	if (!buffer)
		map_buffer();
	current_step = *step;
	random_count = 0;
	jiffies += step->time < 128 ? step->time : 1ULL << (step->time & 31);
	context.ingress_ifindex = step->flags & STEP_BACK_DEVICE ? KERNEL_BACK : KERNEL_FRONT;
	set_packet_start(buffer_end - packet->length);
	hard_start = packet_data() - step->headroom - 1;
	memcpy(packet_data(), packet->bytes, packet->length);
	return &context;
}

bool kernel_get_packet(struct packet *packet)
{
	packet->length = context.data_end - context.data;
	memcpy(packet->bytes, packet_data(), packet->length);
	__asan_unpoison_memory_region(buffer, BUFFER_BYTES);
	for (unsigned char *byte = packet_data(); (unsigned long)byte % GRANULE;)
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
	process_bail("kernel_mock: unknown map");
}

/* No trace runs. */
void *bpf_ringbuf_reserve(void *ring, __u64 bytes, __u64 flags)
{
	(void)ring, (void)bytes, (void)flags;
	process_bail("kernel_mock: unexpected trace record");
}

void bpf_ringbuf_submit(void *record, __u64 flags)
{
	(void)record, (void)flags;
	process_bail("kernel_mock: unexpected trace record");
}

long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 bytes)
{
	(void)ctx, (void)offset, (void)to, (void)bytes;
	process_bail("kernel_mock: unexpected trace record");
}

/* The program has one device map, with two entries. */
long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	(void)map;
	return key == KERNEL_FRONT || key == KERNEL_BACK ? XDP_REDIRECT : flags & 3;
}

/*
 * Fills in the next hop. For a route via a gateway, the kernel replaces the destination with the
 * gateway's address.
 */
static void fill_route(struct bpf_fib_lookup *params)
{
	if (current_step.route & 0x80)
		memset(params->ipv6_dst, current_step.random_seed, sizeof(params->ipv6_dst));
	memset(params->dmac, current_step.random_seed, sizeof(params->dmac));
	memset(params->smac, ~current_step.random_seed, sizeof(params->smac));
	params->mtu_result = current_step.route & 0x40 ? FIXTURE_MTU_BACK : FIXTURE_MTU_FRONT;
	params->ifindex = current_step.route & 0x20   ? 77
			  : current_step.route & 0x10 ? KERNEL_BACK
						      : KERNEL_FRONT;
}

long bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int plen, __u32 flags)
{
	static const signed char answers[16] = {
		[9] = BPF_FIB_LKUP_RET_NO_NEIGH,      [10] = BPF_FIB_LKUP_RET_BLACKHOLE,
		[11] = BPF_FIB_LKUP_RET_PROHIBIT,     [12] = BPF_FIB_LKUP_RET_UNREACHABLE,
		[13] = BPF_FIB_LKUP_RET_NOT_FWDED,    [14] = BPF_FIB_LKUP_RET_FRAG_NEEDED,
		[15] = BPF_FIB_LKUP_RET_FWD_DISABLED,
	};
	long answer = answers[current_step.route & 15];

	(void)flags;
	if (ctx != &context || plen != sizeof(*params) ||
	    (params->family != AF_INET && params->family != AF_INET6))
		return -EINVAL;
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		params->mtu_result = FIXTURE_MTU_BACK;
	if (answer == BPF_FIB_LKUP_RET_SUCCESS)
		fill_route(params);
	return answer;
}

long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta)
{
	unsigned char *old = packet_data(), *data = old + delta;

	if (ctx != &context || data < hard_start + FRAME_BYTES || data + ETH_HLEN > buffer_end)
		return -EINVAL;
	set_packet_start(data);
	if (data < old)
		memset(data, CANARY, old - data);
	return 0;
}

/* Moves the packet, because it must end at the guard page. */
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	unsigned char *old = packet_data();
	int length = buffer_end - old, kept = delta < 0 ? length + delta : length;

	if (ctx != &context || length + delta < ETH_HLEN || length + delta > LENGTH_MAX)
		return -EINVAL;
	__asan_unpoison_memory_region(buffer, BUFFER_BYTES);
	memmove(old - delta, old, kept);
	hard_start -= delta;
	set_packet_start(old - delta);
	memset(packet_data() + kept, 0, length + delta - kept);
	return 0;
}

__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx)
{
	return ctx == &context ? buffer_end - packet_data() : 0;
}

/* A partial sum as the kernel returns it, for whole 32-bit words only. */
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
	long (*body)(__u32 i, void *argument) = callback;
	__u32 i = 0;

	(void)flags;
	while (i < count && !body(i, argument))
		i++;
	return i;
}

/* Time passes only between packets, and timers never fire. */
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
	return (current_step.random_seed + random_count++ * 256) * 0x9e3779b1U;
}

__u32 bpf_get_smp_processor_id(void)
{
	return current_step.flags & STEP_OTHER_CPU ? 1 : 0;
}
