// SPDX-License-Identifier: GPL-2.0-only
#include "base/owner_word.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The index of the lower half, which is the 32-bit futex word that the kernel writes. */
#define LOWER (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The kernel walks this list at process exit: one entry, and the word's offset from it. */
static struct robust_list entry;
static struct robust_list_head head = {.list = {&head.list}};

void owner_word_register(__u64 *word)
{
	__u32 *lower = (__u32 *)word + LOWER;

	__atomic_store_n(word, getpid(), __ATOMIC_RELAXED);
	head.list.next = &head.list;
	head.futex_offset = (char *)lower - (char *)&entry;
	entry.next = &head.list;
	head.list.next = &entry;
	syscall(SYS_set_robust_list, &head, sizeof(head));
}

void owner_word_unregister(void)
{
	head.list.next = &head.list;
}

__u32 owner_word_pid(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) & FUTEX_TID_MASK;
}
