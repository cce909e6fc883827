/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes file descriptors to another process over a Unix socket (SCM_RIGHTS). Each message has
 * a number; a negative number reports an error and has no descriptor.
 */
#ifndef BASE_FD_PASSING_H
#define BASE_FD_PASSING_H

/* `fd` < 0: without a descriptor. Returns 0 or a negative errno. */
int fd_send(int socket, int number, int fd);

/*
 * Waits for a message: its number, and its descriptor or -1. Returns 0 or a negative errno;
 * -EPIPE if the other side has closed the socket.
 */
int fd_receive(int socket, int *number, int *fd);

#endif
