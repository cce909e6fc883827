/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules for packets that the datapath generates: ICMP echo replies, ICMP too-big errors and TCP
 * resets. Each is sent back to where the packet came from.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_GENERATED_H
#define TEST_LIB_ORACLE_ORACLE_GENERATED_H

#include "oracle/oracle.h"

/* Return NULL, or what is wrong. */
const char *oracle_check_echo_reply(const struct run *run);
const char *oracle_check_too_big(const struct run *run);
const char *oracle_check_tcp_reset(const struct run *run);

#endif
