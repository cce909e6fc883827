// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/socket_filter.h"

#include <errno.h>
#include <sys/socket.h>

int socket_filter_attach(int fd, const struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {.len = length, .filter = (struct sock_filter *)code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

int socket_filter_drop_all(int fd)
{
	static const struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return socket_filter_attach(fd, code, 1);
}
