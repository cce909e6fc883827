/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and letters of all flags. A command reads a flag by its id, so a misspelt id does not
 * compile.
 */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#define CLI_FLAGS(X) \
	X(ADDRESS, "address") \
	X(BACKEND, "backend") \
	X(CHECK, "check") \
	X(CLIENT, "client") \
	X(COLOR, "color") \
	X(CONFIRM_WITHIN, "confirm-within") \
	X(COUNT, "count") \
	X(DRY_RUN, "dry-run") \
	X(DST, "dst") \
	X(FEEDBACK, "feedback") \
	X(FILE, "file") \
	X(FOLLOW, "follow") \
	X(FOR, "for") \
	X(FORCE, "force") \
	X(FORWARD, "forward") \
	X(HASH_KEY, "hash-key") \
	X(HELP, "help") \
	X(IDLE_OVER, "idle-over") \
	X(IF_EXISTS, "if-exists") \
	X(IF_GENERATION, "if-generation") \
	X(INSTANCE, "instance") \
	X(INTERFACE, "interface") \
	X(INTERVAL, "interval") \
	X(JSON, "json") \
	X(LIMIT, "limit") \
	X(LISTEN, "listen") \
	X(LOAD_FACTOR, "load-factor") \
	X(LOCK_TIMEOUT, "lock-timeout") \
	X(MAX_BACKENDS, "max-backends") \
	X(MAX_CLIENTS, "max-clients") \
	X(MAX_FLOWS, "max-flows") \
	X(MAX_SERVICES, "max-services") \
	X(MAX_SOURCES, "max-sources") \
	X(MODE, "mode") \
	X(OFF, "off") \
	X(ONCE, "once") \
	X(OUTCOME, "outcome") \
	X(OUTPUT, "output") \
	X(PCAP, "pcap") \
	X(PERSIST, "persist") \
	X(PERSIST_THROUGH_DRAIN, "persist-through-drain") \
	X(PRETTY, "pretty") \
	X(PROTOCOL, "protocol") \
	X(PRUNE, "prune") \
	X(QUIET, "quiet") \
	X(REPLACE, "replace") \
	X(RESET, "reset") \
	X(RESET_DEAD, "reset-dead") \
	X(RESET_RUNTIME, "reset-runtime") \
	X(SAMPLE, "sample") \
	X(SCHEDULER, "scheduler") \
	X(SERVICE, "service") \
	X(SINCE, "since") \
	X(SORT, "sort") \
	X(SOURCE, "source") \
	X(SPILL, "spill") \
	X(SRC, "src") \
	X(STATE, "state") \
	X(STRICT, "strict") \
	X(SYN, "syn") \
	X(TEXTFILE, "textfile") \
	X(TIMEOUT, "timeout") \
	X(TIMEOUT_CLOSING, "timeout-closing") \
	X(TIMEOUT_ESTABLISHED, "timeout-established") \
	X(TIMEOUT_NEW, "timeout-new") \
	X(UPDATE, "update") \
	X(VERBOSE, "verbose") \
	X(VERSION, "version") \
	X(VIP, "vip") \
	X(WAIT, "wait") \
	X(WEIGHT, "weight")

enum flag_id {
	FLAG_NONE, /* ends lists of flags */
#define X(id, name) FLAG_##id,
	CLI_FLAGS(X)
#undef X
	FLAGS_END
};

/* The name without dashes. */
const char *flag_name(enum flag_id id);

/* The letter of the short form; '\0' if the flag has none. */
char flag_letter(enum flag_id id);

/* The flag with this name or letter; FLAG_NONE if there is none. */
enum flag_id flag_by_name(const char *name);
enum flag_id flag_by_letter(char letter);

#endif
