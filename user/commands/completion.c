// SPDX-License-Identifier: GPL-2.0-only
#include "commands/completion.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "cli/command.h"
#include "model/outcome.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "store/store.h"
#include "store/transaction.h"

#define LOCK_TIMEOUT_MS 500 /* completion must not delay the prompt */

const char *completion_script(const char *shell)
{
	if (!strcmp(shell, "bash"))
		return "_lbctl() {\n"
		       "\tlocal line=${COMP_LINE:0:COMP_POINT} words\n"
		       "\tread -ra words <<<\"$line\"\n"
		       "\t[[ $line == *' ' ]] && words+=('')\n"
		       "\tlocal last=${words[-1]}\n"
		       "\tmapfile -t COMPREPLY < <(lbctl completion words -- \"${words[@]:1}\" "
		       "2>/dev/null)\n"
		       "\t# bash splits words at = and :, so the part before is typed already.\n"
		       "\tlocal typed=${last%\"$2\"}\n"
		       "\tCOMPREPLY=(\"${COMPREPLY[@]#\"$typed\"}\")\n"
		       "}\n"
		       "complete -o default -F _lbctl lbctl\n";
	if (!strcmp(shell, "zsh"))
		return "#compdef lbctl\n"
		       "_lbctl() {\n"
		       "\tlocal -a found\n"
		       "\tfound=(${(f)\"$(lbctl completion words -- "
		       "\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)\"})\n"
		       "\tif (( $#found )); then compadd -a found; else _files; fi\n"
		       "}\n"
		       "# As a file of $fpath this is the body of the function, which is called.\n"
		       "if [[ $funcstack[1] == _lbctl ]]; then _lbctl; else compdef _lbctl lbctl; "
		       "fi\n";
	if (!strcmp(shell, "fish"))
		return "function __lbctl_words\n"
		       "\tset -l words (commandline -opc) "
		       "(commandline -ct | string unescape)\n"
		       "\tset -l found (lbctl completion words -- $words[2..-1] 2>/dev/null)\n"
		       "\tif set -q found[1]\n"
		       "\t\tprintf '%s\\n' $found\n"
		       "\telse\n"
		       "\t\t__fish_complete_path (commandline -ct)\n"
		       "\tend\n"
		       "end\n"
		       "complete -c lbctl -f -a '(__lbctl_words)'\n";
	return NULL;
}

/* The incomplete command line. */
struct cmdline {
	const struct command *commands; /* the table */
	const char *object;
	const struct command *command;
	const char *arguments[COMMAND_ARGUMENTS_MAX];
	size_t argument_count;
	const struct flag *pending_flag; /* the flag that needs its value */
	const char *instance;
	const char *service; /* value of --service */
	const char *word; /* the incomplete word */
	const char *prefix; /* the part of it to complete: a flag's value, the end of a list */
};

static void offer(const struct cmdline *cmdline, const char *word)
{
	if (!strncmp(word, cmdline->prefix, strlen(cmdline->prefix)))
		printf("%.*s%s\n", (int)(cmdline->prefix - cmdline->word), cmdline->word, word);
}

/* Offers the words of "word|word|word", except placeholders, which are in capitals. */
static void offer_choices(const struct cmdline *cmdline, const char *choices)
{
	char word[64];

	while (*choices) {
		size_t length = strcspn(choices, "|");

		snprintf(word, sizeof(word), "%.*s", (int)length, choices);
		if (!strpbrk(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[ "))
			offer(cmdline, word);
		choices += length + (choices[length] == '|');
	}
}

static void offer_interfaces(const struct cmdline *cmdline)
{
	struct if_nameindex *names = if_nameindex();

	for (size_t i = 0; names && names[i].if_index; i++)
		offer(cmdline, names[i].if_name);
	if_freenameindex(names);
}

static void offer_services(const struct cmdline *cmdline, const struct store *store)
{
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->config.service[id].name[0])
			offer(cmdline, store->config.service[id].name);
}

static void offer_backends(const struct cmdline *cmdline, const struct store *store)
{
	const char *name = cmdline->argument_count ? cmdline->arguments[0] : cmdline->service;
	__u32 service = name ? store_service_by_name(store, name) : 0;
	char text[ENDPOINT_TEXT_BYTES];

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->config.backend[id];

		if (!service || !store_service_owns(store, service, id))
			continue;
		endpoint_format(backend->address, backend->port, text, sizeof(text));
		offer(cmdline, text);
	}
}

static void offer_from_store(const struct cmdline *cmdline,
			     void (*offer_all)(const struct cmdline *cmdline,
					       const struct store *store))
{
	struct store store;

	if (store_open(&store, cmdline->instance, STORE_READ, LOCK_TIMEOUT_MS))
		return;
	offer_all(cmdline, &store);
	store_close(&store);
}

/* Offers words of a list that is separated by commas. */
static void offer_list(struct cmdline cmdline, const char *(*name)(size_t number))
{
	const char *comma = strrchr(cmdline.prefix, ',');

	if (comma)
		cmdline.prefix = comma + 1;
	for (size_t i = 0; name(i); i++)
		offer(&cmdline, name(i));
}

/* Some states share a name: only the first of them counts. Returns NULL beyond the last name. */
static const char *nth_flow_state(size_t number)
{
	for (__u8 state = 0; state < LB_FLOW_STATE_COUNT; state++) {
		__u8 first = 0;

		while (strcmp(flow_state_name(first), flow_state_name(state)))
			first++;
		if (first == state && !number--)
			return flow_state_name(state);
	}
	return NULL;
}

static const char *nth_outcome(size_t number)
{
	return number < LB_OUTCOME_COUNT ? outcome_name(number) : NULL;
}

/* Offers what the placeholder in help stands for. */
static void offer_values(const struct cmdline *cmdline, const char *placeholder)
{
	if (strstr(placeholder, "SERVICE"))
		offer_from_store(cmdline, offer_services);
	else if (strstr(placeholder, "BACKEND"))
		offer_from_store(cmdline, offer_backends);
	else if (strstr(placeholder, "IFACE"))
		offer_interfaces(cmdline);
	else if (!strncmp(placeholder, "STATE[", 6))
		offer_list(*cmdline, nth_flow_state);
	else if (!strncmp(placeholder, "NAME[", 5))
		offer_list(*cmdline, nth_outcome);
	offer_choices(cmdline, placeholder);
}

static void offer_flag(const struct cmdline *cmdline, const struct flag *flag)
{
	char word[64];

	snprintf(word, sizeof(word), "--%s", flag_name(flag->id));
	offer(cmdline, word);
}

static void offer_flags(const struct cmdline *cmdline)
{
	const struct flag *flag;

	for (size_t i = 0; cmdline->command && (flag = command_flag_at(cmdline->command, i)); i++)
		offer_flag(cmdline, flag);
	for (flag = global_flags; flag->id; flag++)
		offer_flag(cmdline, flag);
}

static void offer_commands(const struct cmdline *cmdline)
{
	const char *previous_object = NULL;

	for (const struct command *command = cmdline->commands; command->name; command++) {
		if (cmdline->object &&
		    command_find(cmdline->commands, cmdline->object, command->name) == command)
			offer(cmdline, command->name);
		if (cmdline->object)
			continue;
		if (!command->object)
			offer(cmdline, command->name);
		else if (!previous_object || strcmp(previous_object, command->object))
			offer(cmdline, previous_object = command->object);
	}
}

static void offer_subcommands(const struct cmdline *cmdline, const char *object)
{
	offer_commands(&(struct cmdline){.commands = cmdline->commands,
					 .object = object,
					 .word = cmdline->word,
					 .prefix = cmdline->prefix});
}

/* Offers the next of the arguments that help shows: "SERVICE BACKEND N", "IFACE...". */
static void offer_argument(const struct cmdline *cmdline)
{
	const char *rest = cmdline->command->arguments;
	char placeholder[64];

	if (!cmdline->command->object && !cmdline->argument_count &&
	    command_is_object(cmdline->commands, cmdline->command->name))
		offer_subcommands(cmdline, cmdline->command->name);
	for (size_t i = 0; i < cmdline->argument_count && !strstr(rest, "..."); i++) {
		rest += strcspn(rest, " ");
		rest += strspn(rest, " ");
	}
	snprintf(placeholder, sizeof(placeholder), "%.*s", (int)strcspn(rest, " "), rest);
	if (!strcmp(cmdline->command->arguments, "[COMMAND]") && cmdline->argument_count < 2)
		offer_subcommands(cmdline, cmdline->argument_count ? cmdline->arguments[0] : NULL);
	else
		offer_values(cmdline, placeholder);
}

static void parse_value(struct cmdline *cmdline, const char *value)
{
	if (cmdline->pending_flag->id == FLAG_INSTANCE)
		cmdline->instance = value;
	else if (cmdline->pending_flag->id == FLAG_SERVICE)
		cmdline->service = value;
	cmdline->pending_flag = NULL;
}

/* Parses "--flag" or "--flag=value". Returns the value, which may be incomplete; NULL without. */
static const char *parse_flag(struct cmdline *cmdline, const char *word)
{
	size_t length = strcspn(word, "=") - 2;
	const struct flag *flag = command_find_flag(cmdline->command, word + 2, length);

	if (!flag)
		flag = command_find_global_flag(word + 2, length);
	cmdline->pending_flag = flag && flag->value ? flag : NULL;
	return cmdline->pending_flag && word[2 + length] ? word + 2 + length + 1 : NULL;
}

static void parse_word(struct cmdline *cmdline, const char *word)
{
	const char *value;

	if (cmdline->pending_flag) {
		parse_value(cmdline, word);
	} else if (!strncmp(word, "--", 2)) {
		value = parse_flag(cmdline, word);
		if (value)
			parse_value(cmdline, value);
	} else if (cmdline->command) {
		const struct command *subcommand =
			cmdline->argument_count
				? NULL
				: command_find(cmdline->commands, cmdline->command->name, word);

		if (subcommand && !cmdline->command->object)
			cmdline->command = subcommand;
		else if (word[0] != '-' && cmdline->argument_count < COMMAND_ARGUMENTS_MAX)
			cmdline->arguments[cmdline->argument_count++] = word;
	} else if (word[0] != '-') {
		cmdline->command = command_find(cmdline->commands, cmdline->object, word);
		if (!cmdline->command && command_is_object(cmdline->commands, word))
			cmdline->object = word;
	}
}

void completion_list_commands(const struct command *commands)
{
	char name[COMMAND_NAME_BYTES];

	for (const struct command *command = commands; command->name; command++)
		puts(command_format_name(command, name));
}

void completion_print(const struct command *commands, const char *const *words, size_t count)
{
	struct cmdline cmdline = {
		.commands = commands,
		.instance = "default",
		.word = count ? words[count - 1] : "",
	};
	const char *value = NULL;

	for (size_t i = 0; i + 1 < count; i++)
		parse_word(&cmdline, words[i]);
	if (!cmdline.pending_flag && !strncmp(cmdline.word, "--", 2))
		value = parse_flag(&cmdline, cmdline.word);
	else if (cmdline.pending_flag)
		value = cmdline.word;
	if (!value)
		cmdline.pending_flag = NULL;
	cmdline.prefix = value ? value : cmdline.word;
	if (cmdline.pending_flag) {
		offer_values(&cmdline, cmdline.pending_flag->value);
		return;
	}
	if (!cmdline.command)
		offer_commands(&cmdline);
	else
		offer_argument(&cmdline);
	if (cmdline.prefix[0] == '-')
		offer_flags(&cmdline);
}
