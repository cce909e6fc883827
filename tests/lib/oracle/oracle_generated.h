/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program says itself, in packets of its own making: answers to pings, and that
 * a packet is too big. Both go back whence the packet came.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_GENERATED_H
#define TEST_LIB_ORACLE_ORACLE_GENERATED_H

#include "oracle/oracle.h"

/* Both: NULL, or what is wrong. */
const char *oracle_check_echo_reply(const struct run *run);
const char *oracle_check_too_big(const struct run *run);
const char *oracle_check_tcp_reset(const struct run *run); /* of a connection */

#endif
