// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/netns_helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/ipv6.h>

#include "base/cleanup.h"
#include "base/fd_passing.h"

#define IPV6_WAIT_MS 500

#define DEVICE "probe"
#define MTU    1280 /* IPv6's minimum; with tunnel headers still below 1500 */

static int do_ioctl(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) ? -errno : 0;
}

/* Returns the descriptor, or a negative errno. */
static int open_tun(void)
{
	struct ifreq request = {.ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int error = fd < 0 ? -errno : do_ioctl(fd, TUNSETIFF, &request);

	if (!error)
		return fd;
	cleanup_close(&fd);
	return error;
}

/* Brings the device up with an IPv4 address and a default route. Returns 0 or a negative errno. */
static int set_ipv4(int *ifindex)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = DEVICE};
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = (char[]){DEVICE}};
	int error;

	request.ifr_mtu = MTU;
	error = do_ioctl(fd, SIOCSIFMTU, &request);
	memset(&request.ifr_ifru, 0, sizeof(request.ifr_ifru));
	address->sin_family = AF_INET;
	inet_pton(AF_INET, TUN_IPV4_TEXT, &address->sin_addr);
	if (!error)
		error = do_ioctl(fd, SIOCSIFADDR, &request);
	request.ifr_flags = IFF_UP;
	if (!error)
		error = do_ioctl(fd, SIOCSIFFLAGS, &request);
	route.rt_dst.sa_family = route.rt_genmask.sa_family = AF_INET;
	if (!error)
		error = do_ioctl(fd, SIOCADDRT, &route);
	if (!error)
		error = do_ioctl(fd, SIOCGIFINDEX, &request);
	*ifindex = request.ifr_ifindex;
	return error;
}

/* Waits until the kernel accepts the new IPv6 address. Returns 0 or -EADDRNOTAVAIL. */
static int wait_ipv6(int fd, const struct in6_addr *address)
{
	struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_addr = *address};
	int error = -1;

	for (int i = 0; error && i < IPV6_WAIT_MS; i++) {
		error = bind(fd, (struct sockaddr *)&local, sizeof(local));
		if (error)
			poll(NULL, 0, 1);
	}
	return error ? -EADDRNOTAVAIL : 0;
}

/*
 * Adds an IPv6 address and a default route. Returns 0 or a negative errno; 0 if the kernel has no
 * IPv6.
 */
static int set_ipv6(int ifindex)
{
	_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_ifreq address = {.ifr6_prefixlen = 128, .ifr6_ifindex = ifindex};
	struct in6_rtmsg route = {
		.rtmsg_flags = RTF_UP, .rtmsg_metric = 1, .rtmsg_ifindex = ifindex};
	int error;

	if (fd < 0)
		return 0;
	inet_pton(AF_INET6, TUN_IPV6_TEXT, &address.ifr6_addr);
	error = do_ioctl(fd, SIOCSIFADDR, &address);
	if (!error)
		error = do_ioctl(fd, SIOCADDRT, &route);
	return error ? error : wait_ipv6(fd, &address.ifr6_addr);
}

/* Returns the descriptor of the configured TUN device, or a negative errno. */
static int setup_device(void)
{
	int ifindex, tun = open_tun(), error;

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

/*
 * Sends and closes a descriptor, then confirms that: a connection ends only when its last
 * descriptor is closed. Returns 0 or a negative errno.
 */
static int send_fd(int channel, int fd)
{
	int error = fd_send(channel, fd < 0 ? fd : 0, fd);

	cleanup_close(&fd);
	return error ? error : fd_send(channel, 0, -1);
}

int netns_helper_run(int channel)
{
	int family, none, tun = setup_device(), error;

	/* The open descriptor keeps the device until this process ends. */
	error = fd_send(channel, tun < 0 ? tun : 0, tun);
	while (!error && !fd_receive(channel, &family, &none)) {
		int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		error = send_fd(channel, fd < 0 ? -errno : fd);
	}
	cleanup_close(&tun);
	return error;
}
