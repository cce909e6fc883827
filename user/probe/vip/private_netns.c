// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/private_netns.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/fd_passing.h"
#include "base/socket_address.h"
#include "probe/vip/netns_helper.h"

/* The helper's only descriptor besides the standard ones. */
#define HELPER_FD 3

void private_netns_address(bool is_ipv4, __u64 address[2])
{
	address_parse(is_ipv4 ? TUN_IPV4_TEXT : TUN_IPV6_TEXT, address);
}

/* Closes all other descriptors and ignores signals that the terminal sends to the group. */
static void detach_from_parent(int channel)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (dup2(channel, HELPER_FD) < 0)
		_exit(1);
	close_range(HELPER_FD + 1, ~0U, 0);
}

static void run_helper(int channel)
{
	detach_from_parent(channel);
	if (unshare(CLONE_NEWNET))
		fd_send(HELPER_FD, -errno, -1);
	else
		netns_helper_run(HELPER_FD);
	_exit(0);
}

/* Starts a helper as a child. Returns 0 or a negative errno. */
static int fork_helper(struct netns *netns)
{
	int channels[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels))
		return -errno;
	netns->pid = fork();
	if (!netns->pid)
		run_helper(channels[1]);
	netns->helper = channels[0];
	close(channels[1]);
	return netns->pid < 0 ? -EAGAIN : 0;
}

/* Connects to a helper's socket. Returns 0 or a negative errno. */
static int connect_helper(struct netns *netns, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	netns->helper = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (netns->helper < 0 ||
	    connect(netns->helper, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return 0;
}

/* Returns the descriptor that the helper sends, or a negative errno. */
static int receive_fd(const struct netns *netns)
{
	int number, fd, error = fd_receive(netns->helper, &number, &fd);

	if (error)
		return error;
	return number < 0 ? number : fd;
}

/*
 * Returns a socket, or a negative errno. Aborts if the helper is gone: every later probe would fail
 * and mark its backend down.
 */
static int request_socket(const struct netns *netns, int family)
{
	int number, none, fd;

	if (fd_send(netns->helper, family, -1))
		abort();
	fd = receive_fd(netns);
	if (fd == -EPIPE || fd_receive(netns->helper, &number, &none))
		abort();
	return fd;
}

int private_netns_create(struct netns *netns)
{
	struct netns made = {.helper = -1, .tun = -1};
	const char *path = getenv("LBCTL_NETNS_HELPER");
	int error = path ? connect_helper(&made, path) : fork_helper(&made);

	made.tun = error ? error : receive_fd(&made);
	if (made.tun >= 0) {
		*netns = made;
		return 0;
	}
	private_netns_destroy(&made);
	return made.tun;
}

void private_netns_destroy(struct netns *netns)
{
	cleanup_close(&netns->tun);
	cleanup_close(&netns->helper);
	if (netns->pid > 0)
		waitpid(netns->pid, NULL, 0);
}

int private_netns_socket(const struct netns *netns, int family, __be16 port)
{
	int fd = request_socket(netns, family), error;
	struct socket_address any;

	if (fd < 0)
		return fd;
	socket_address_set_any(&any, family, port);
	if (!bind(fd, &any.any, any.length))
		return fd;
	error = -errno;
	close(fd);
	return error;
}
