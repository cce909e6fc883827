/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors on their way from one process to another, by a socket between the two: each
 * goes with a number, and what went wrong goes as a negative one, without a descriptor.
 */
#ifndef BASE_FD_PASSING_H
#define BASE_FD_PASSING_H

/* `fd` < 0: none goes along. 0, or negative errno. */
int fd_send(int socket, int number, int fd);

/*
 * What the other side sent: its number, and the descriptor, or -1. Waits. 0, or negative errno:
 * -EPIPE when there is no other side any more.
 */
int fd_receive(int socket, int *number, int *fd);

#endif
