// SPDX-License-Identifier: GPL-2.0-only
#include "store/rcu_grace.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

int rcu_grace_prepare(struct rcu_grace *grace)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);

	*grace = (struct rcu_grace){-1, -1};
	grace->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "lbctl_grace", sizeof(__u32), sizeof(__u32),
				    1, NULL);
	if (grace->map < 0)
		return grace->map;
	options.inner_map_fd = grace->map;
	grace->maps = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "lbctl_grace", sizeof(__u32),
				     sizeof(__u32), 1, &options);
	return grace->maps < 0 ? grace->maps : 0;
}

int rcu_grace_wait(const struct rcu_grace *grace)
{
	const __u32 key = 0;

	if (!bpf_map_update_elem(grace->maps, &key, &grace->map, BPF_ANY))
		return 0;
	/* A switch of tables cannot be undone, so the wait must not fail: use the slower call. */
	return syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

void rcu_grace_release(struct rcu_grace *grace)
{
	if (grace->maps >= 0)
		close(grace->maps);
	if (grace->map >= 0)
		close(grace->map);
	*grace = (struct rcu_grace){-1, -1};
}
