// SPDX-License-Identifier: GPL-2.0-only
#include "inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/ipv6.h>

#include "address.h"
#include "passage.h"
#include "scope.h"

#define PATIENCE_MS 500

#define DEVICE "probe"
#define MTU    1280 /* with all headers of a tunnel fits anywhere */

/* The keeper's only descriptor beyond the standard ones. */
#define KEEPERS_WAY 3

/* Of link-local and of local use, the latter drawn by lot (RFC 4193). */
#define IPV4_TEXT "169.254.196.31"
#define IPV6_TEXT "fd3e:9c41:d06b::1"

void inside_address(bool is_ipv4, __u64 address[2])
{
	address_parse(is_ipv4 ? IPV4_TEXT : IPV6_TEXT, address);
}

static int change(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) ? -errno : 0;
}

/* The descriptor, or negative errno. */
static int open_tun(void)
{
	struct ifreq request = {.ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int error = fd < 0 ? -errno : change(fd, TUNSETIFF, &request);

	if (!error)
		return fd;
	scope_close(&fd);
	return error;
}

/* Up, with an address and the way to everywhere. */
static int set_ipv4(int *ifindex)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = DEVICE};
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = (char[]){DEVICE}};
	int error;

	request.ifr_mtu = MTU;
	error = change(fd, SIOCSIFMTU, &request);
	memset(&request.ifr_ifru, 0, sizeof(request.ifr_ifru));
	address->sin_family = AF_INET;
	inet_pton(AF_INET, IPV4_TEXT, &address->sin_addr);
	if (!error)
		error = change(fd, SIOCSIFADDR, &request);
	request.ifr_flags = IFF_UP;
	if (!error)
		error = change(fd, SIOCSIFFLAGS, &request);
	route.rt_dst.sa_family = route.rt_genmask.sa_family = AF_INET;
	if (!error)
		error = change(fd, SIOCADDRT, &route);
	if (!error)
		error = change(fd, SIOCGIFINDEX, &request);
	*ifindex = request.ifr_ifindex;
	return error;
}

/* The kernel takes an IPv6 address into use a moment after it was given. */
static int await_ipv6(int fd, const struct in6_addr *address)
{
	struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_addr = *address};
	int error = -1;

	for (int i = 0; error && i < PATIENCE_MS; i++) {
		error = bind(fd, (struct sockaddr *)&own, sizeof(own));
		if (error)
			poll(NULL, 0, 1);
	}
	return error ? -EADDRNOTAVAIL : 0;
}

/* A kernel without IPv6 has no VIP of it. */
static int set_ipv6(int ifindex)
{
	_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_ifreq address = {.ifr6_prefixlen = 128, .ifr6_ifindex = ifindex};
	struct in6_rtmsg route = {
		.rtmsg_flags = RTF_UP, .rtmsg_metric = 1, .rtmsg_ifindex = ifindex};
	int error;

	if (fd < 0)
		return 0;
	inet_pton(AF_INET6, IPV6_TEXT, &address.ifr6_addr);
	error = change(fd, SIOCSIFADDR, &address);
	if (!error)
		error = change(fd, SIOCADDRT, &route);
	return error ? error : await_ipv6(fd, &address.ifr6_addr);
}

/* --- the keeper ------------------------------------------------------------- */

/* Where it may, it stays the user that it is. */
static int go_in(void)
{
	return unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET) ? -errno : 0;
}

/* The TUN device, or negative errno. */
static int furnish(void)
{
	int ifindex, error = go_in();
	int tun = error ? error : open_tun();

	if (tun < 0)
		return tun;
	error = set_ipv4(&ifindex);
	if (!error)
		error = set_ipv6(ifindex);
	if (!error)
		return tun;
	close(tun);
	return error;
}

/* Takes the descriptor along, and keeps nothing of it. */
static int hand_over(int way, int fd)
{
	int error = passage_send(way, fd < 0 ? fd : 0, fd);

	scope_close(&fd);
	return error;
}

/* Nothing of its parent's is left to it; what its parent's terminal is told is not for it. */
static void leave_parent(int way)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (dup2(way, KEEPERS_WAY) < 0)
		_exit(1);
	close_range(KEEPERS_WAY + 1, ~0U, 0);
}

/* Until its parent lets go of it, or is gone. */
static void keep(int way)
{
	int family, none, tun;

	leave_parent(way);
	tun = furnish();
	if (passage_send(KEEPERS_WAY, tun < 0 ? tun : 0, tun))
		_exit(1);
	while (!passage_receive(KEEPERS_WAY, &family, &none)) {
		int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (hand_over(KEEPERS_WAY, fd < 0 ? -errno : fd))
			break;
	}
	_exit(0);
}

/* --- and its parent --------------------------------------------------------- */

/* What the keeper hands over, or negative errno. */
static int take(const struct inside *inside)
{
	int number, fd, error = passage_receive(inside->keeper, &number, &fd);

	if (error)
		return error;
	return number < 0 ? number : fd;
}

int inside_create(struct inside *inside)
{
	struct inside made = {.keeper = -1, .tun = -1};
	int ways[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ways))
		return -errno;
	made.pid = fork();
	if (!made.pid)
		keep(ways[1]);
	close(ways[1]);
	made.keeper = ways[0];
	made.tun = made.pid < 0 ? -errno : take(&made);
	if (made.tun >= 0) {
		*inside = made;
		return 0;
	}
	inside_destroy(&made);
	return made.tun;
}

void inside_destroy(struct inside *inside)
{
	scope_close(&inside->tun);
	scope_close(&inside->keeper);
	if (inside->pid > 0)
		waitpid(inside->pid, NULL, 0);
}

/* Who has lost the keeper cannot say a true word about anybody's health any more. */
int inside_socket(const struct inside *inside, int family, __be16 port)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = port};
	int fd, error = 0;

	if (passage_send(inside->keeper, family, -1))
		abort();
	fd = take(inside);
	if (fd == -EPIPE)
		abort();
	if (fd < 0)
		return fd;
	if (family == AF_INET ? bind(fd, (struct sockaddr *)&ipv4, sizeof(ipv4))
			      : bind(fd, (struct sockaddr *)&ipv6, sizeof(ipv6)))
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}
