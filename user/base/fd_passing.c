// SPDX-License-Identifier: GPL-2.0-only
#include "base/fd_passing.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Buffer for one descriptor, aligned for the kernel. */
union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr alignment;
};

int fd_send(int socket, int number, int fd)
{
	union control control = {0};
	struct iovec iov = {.iov_base = &number, .iov_len = sizeof(number)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int fd_receive(int socket, int *number, int *fd)
{
	union control control = {0};
	struct iovec iov = {.iov_base = number, .iov_len = sizeof(*number)};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t length;

	do
		length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (length != sizeof(*number))
		return -EPIPE;
	cmsg = CMSG_FIRSTHDR(&message);
	*fd = -1;
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(cmsg), sizeof(*fd));
	return 0;
}
