// SPDX-License-Identifier: GPL-2.0-only
/*
 * Import: files of ipvsadm and keepalived become equal configuration files, features without an
 * equivalent are warnings, errors have a position, and none of 10,000 mutated files crashes the
 * importer or becomes an invalid configuration file.
 */
#include "config/import/import.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/tap.h"
#include "garble.h"

#define MUTATED	   5000 /* of each format */
#define TEXT_BYTES 8192

typedef int (*import_format)(struct import *import);

/* The converted file, which the caller frees; NULL = the problem is set. */
static char *convert(import_format importer, const char *text, size_t bytes,
		     struct problem *problem)
{
	struct import import = {.problem = problem};
	char *saved = NULL;

	*problem = (struct problem){0};
	if (!import_add_file(&import, "lb.conf", strndup(text, bytes)) && !importer(&import))
		saved = import_save(&import, YAML_BLOCK);
	import_release(&import);
	return saved;
}

/* Is the file a valid configuration? */
static bool is_read(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct problem problem = {0};
	struct config config;
	int code = config_read(&config, file, "lb.yaml", &problem);

	fclose(file);
	config_release(&config);
	if (code)
		diag("%s", problem.message);
	return !code;
}

static const char ipvsadm[] =
	"# saved\n"
	"-A -t 192.0.2.10:80 -s wrr\n"
	"-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m -w 5 -x 100\n"
	"-a -t 192.0.2.10:80 -r 10.0.0.12:80 -m -w 0\n"
	"-A -t 192.0.2.10:443 -s sh -p 300 -M 255.255.255.0\n"
	"-a -t 192.0.2.10:443 -r 10.0.0.11:443 -g -w 1\n"
	"-A -u [2001:db8::10]:53 -s mh -b mh-fallback,mh-port -o\n"
	"-a -u [2001:db8::10]:53 -r 10.0.0.11:53 -i -w 2 --tun-type gue --tun-port 6080 "
	"--tun-nocsum\n"
	"-A -f 7 -s rr\n"
	"-a -f 7 -r 10.0.0.1:0 -g -w 1\n";

static const char ipvsadm_saved[] =
	"# lb.conf:9:4: warning: -f: firewall marks have no equivalent: service omitted\n"
	"version: 1\n"
	"services:\n"
	"- name: tcp-192-0-2-10-80\n"
	"  vip: 192.0.2.10:80/tcp\n"
	"  backends:\n"
	"  - address: 10.0.0.11:8080\n"
	"    weight: 5\n"
	"    max-flows: 100\n"
	"  - address: 10.0.0.12:80\n"
	"    weight: 0\n"
	"- name: tcp-192-0-2-10-443\n"
	"  vip: 192.0.2.10:443/tcp\n"
	"  scheduler: source\n"
	"  forward: dsr\n"
	"  persist: source=5m/24\n"
	"  backends:\n"
	"  - address: 10.0.0.11:443\n"
	"    weight: 1\n"
	"- name: udp-2001-db8--10-53\n"
	"  vip: \"[2001:db8::10]:53/udp\"\n"
	"  scheduler: maglev\n"
	"  forward: gue\n"
	"  persist: none\n"
	"  backends:\n"
	"  - address: 10.0.0.11:53\n"
	"    weight: 2\n";

static const char keepalived[] = "! keepalived\n"
				 "vrrp_instance one {\n"
				 "    virtual_ipaddress { 192.0.2.10 }\n"
				 "}\n"
				 "virtual_server_group web {\n"
				 "    192.0.2.20-21 80 # two\n"
				 "    fwmark 3\n"
				 "}\n"
				 "virtual_server 192.0.2.10 443 {\n"
				 "    delay_loop 6\n"
				 "    lb_algo wlc\n"
				 "    lb_kind NAT\n"
				 "    persistence_timeout 50\n"
				 "    virtualhost www.example.org\n"
				 "    real_server 10.0.0.11 8443 {\n"
				 "        weight 3\n"
				 "        inhibit_on_failure\n"
				 "        SSL_GET {\n"
				 "            url { path /healthz\n"
				 "                  status_code 200-204 }\n"
				 "            connect_timeout 2\n"
				 "            retry 3\n"
				 "            delay_before_retry 1.5\n"
				 "        }\n"
				 "    }\n"
				 "}\n"
				 "virtual_server group web\n"
				 "{\n"
				 "    lvs_sched sed\n"
				 "    lvs_method TUN type gue\n"
				 "    protocol UDP\n"
				 "    sorry_server 192.0.2.20 80\n"
				 "    real_server 10.0.0.12 8080 {\n"
				 "        MISC_CHECK { misc_path \"/usr/bin/check 'a b'\"\n"
				 "        misc_timeout 5 }\n"
				 "    }\n"
				 "}\n";

static const char keepalived_saved[] =
	"# lb.conf:2:1: warning: vrrp_instance has no equivalent: omitted\n"
	"# lb.conf:32:5: warning: sorry_server has no equivalent unless it is an earlier virtual "
	"server (see --spill): omitted\n"
	"# lb.conf:33:17: warning: gue does not translate ports: using port 80\n"
	"# lb.conf:29:15: warning: scheduler sed has no equivalent: using lc\n"
	"# lb.conf:7:5: warning: firewall marks have no equivalent: omitted\n"
	"version: 1\n"
	"services:\n"
	"- name: tcp-192-0-2-10-443\n"
	"  vip: 192.0.2.10:443/tcp\n"
	"  scheduler: lc\n"
	"  persist: source=50s\n"
	"  check: \"https:/healthz,host=www.example.org,insecure,expect=200-204,interval=6s,"
	"timeout=2s,fast=1500ms,rise=1,fall=4\"\n"
	"  backends:\n"
	"  - address: 10.0.0.11:8443\n"
	"    weight: 3\n"
	"- name: udp-192-0-2-20-80\n"
	"  vip: 192.0.2.20:80/udp\n"
	"  scheduler: lc\n"
	"  forward: gue\n"
	"  check: \"exec:/usr/bin/check 'a b',interval=1m,timeout=5s,fast=1s,rise=1,fall=2\"\n"
	"  backends:\n"
	"  - address: 10.0.0.12:80\n"
	"    weight: 1\n"
	"- name: udp-192-0-2-21-80\n"
	"  vip: 192.0.2.21:80/udp\n"
	"  scheduler: lc\n"
	"  forward: gue\n"
	"  check: \"exec:/usr/bin/check 'a b',interval=1m,timeout=5s,fast=1s,rise=1,fall=2\"\n"
	"  spill: udp-192-0-2-20-80\n"
	"  backends:\n"
	"  - address: 10.0.0.12:80\n"
	"    weight: 1\n";

static void test_complete_file(import_format importer, const char *text, const char *wanted,
			       const char *what)
{
	struct problem problem;
	char *saved = convert(importer, text, strlen(text), &problem);

	is_str(saved ? saved : problem.message, wanted, "%s file is converted", what);
	ok(saved && is_read(saved), "to a valid file");
	free(saved);
}

/* Short files, and the beginning of the result. */
static const struct {
	import_format importer;
	const char *text;
	const char *wanted;
} lines[] = {
	{import_ipvsadm, "", "version: 1\nservices: []\n"},
	{import_ipvsadm, "-C\nipvsadm --add-service --tcp-service=192.0.2.1:80 -s rr\n",
	 "version: 1\nservices:\n- name: tcp-192-0-2-1-80\n  vip: 192.0.2.1:80/tcp\n"
	 "  scheduler: rr\n"},
	{import_ipvsadm, "-A -t 192.0.2.1:0 -p\n",
	 "version: 1\nservices:\n- name: tcp-192-0-2-1-0\n  vip: 192.0.2.1:0/tcp\n"
	 "  scheduler: lc\n  persist: source=5m\n"},
	{import_ipvsadm, "-A -t 192.0.2.1:80 -s dh\n",
	 "# lb.conf:1:23: warning: scheduler dh has no equivalent: "},
	{import_ipvsadm, "-A -t 192.0.2.1:80 -o\n",
	 "# lb.conf:1:1: warning: --persist none is only possible for UDP"},
	{import_ipvsadm, "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 192.0.2.1:80 -m\n",
	 "# lb.conf:2:23: warning: the director as its own real server"},
	{import_ipvsadm,
	 "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m\n"
	 "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g\n",
	 "# lb.conf:3:1: warning: a service has one forwarding mode"},
	{import_ipvsadm,
	 "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i --tun-type gre\n",
	 "# lb.conf:2:49: warning: GRE tunnels have no equivalent"},
	{import_ipvsadm, "frob\n", "lb.conf:1:1: error: expected a flag, found 'frob'\nfrob\n^"},
	{import_ipvsadm, "-A -t\n", "lb.conf:1:4: error: missing value of -t\n-A -t\n   ^"},
	{import_ipvsadm, "-A -t =\n",
	 "lb.conf:1:7: error: invalid address '=': expected a numeric ADDR:PORT"},
	{import_ipvsadm, "\n-A -t web:http\n",
	 "lb.conf:2:7: error: invalid address 'web:http': expected a numeric ADDR:PORT, as "
	 "printed by ipvsadm -Sn\n-A -t web:http\n      ^"},
	{import_ipvsadm, "-A -s rr\n", "lb.conf:1:1: error: missing service"},
	{import_ipvsadm, "-t 192.0.2.1:80\n",
	 "lb.conf:1:1: error: missing command: expected -A or -a"},
	{import_ipvsadm, "-A -t 192.0.2.1:80 -s wlcc\n",
	 "lb.conf:1:23: error: unknown scheduler 'wlcc'; did you mean 'wlc'?"},
	{import_ipvsadm, "-a -t 192.0.2.1:80 -r 10.0.0.1:80\n",
	 "lb.conf:1:7: error: unknown virtual service"},
	{import_ipvsadm, "-A -t 192.0.2.1:80\n-A -t 192.0.2.1:80\n",
	 "lb.conf:2:7: error: duplicate virtual service"},
	{import_ipvsadm, "-A -t 127.0.0.1:80\n", "lb.conf:1:7: error: invalid VIP"},
	{import_ipvsadm, "-A -t 192.0.2.1:80 -p 1 -M 255.0.255.0\n",
	 "lb.conf:1:28: error: invalid mask '255.0.255.0': expected a netmask"},
	{import_ipvsadm, "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r [2001:db8::1]:80 -m\n",
	 "lb.conf:2:23: error: backend '[2001:db8::1]:80': address family mismatch"},
	{import_keepalived, "virtual_server 192.0.2.1 80 {\n",
	 "lb.conf:1:29: error: unclosed brace"},
	{import_keepalived, "}\n", "lb.conf:1:1: error: unmatched brace"},
	{import_keepalived, "{\n", "lb.conf:1:1: error: expected a word before this brace"},
	{import_keepalived, "a \"b\n", "lb.conf:1:3: error: unclosed quote"},
	{import_keepalived, "include x\n", "lb.conf:1:1: error: include is not supported here"},
	{import_keepalived, "virtual_server www 80 {\n}\n",
	 "lb.conf:1:16: error: invalid address 'www': expected a numeric address"},
	{import_keepalived, "virtual_server 192.0.2.1 80 {\n lb_kind SNAT\n}\n",
	 "lb.conf:2:10: error: invalid lb_kind 'SNAT': expected NAT, DR or TUN"},
	{import_keepalived, "virtual_server 192.0.2.1 80 {\n lb_algo\n}\n",
	 "lb.conf:2:2: error: unknown scheduler ''"},
	{import_keepalived, "virtual_server 192.0.2.1 80 {\n delay_loop soon\n}\n",
	 "lb.conf:2:13: error: invalid time 'soon': expected seconds"},
	{import_keepalived, "virtual_server group none {\n}\n",
	 "lb.conf:1:22: error: unknown virtual_server_group 'none'"},
	{import_keepalived, "virtual_server fwmark 1 {\n}\n",
	 "# lb.conf:1:1: warning: firewall marks have no equivalent"},
	{import_keepalived, "virtual_server 192.0.2.1 80 {\nprotocol SCTP\n}\n",
	 "# lb.conf:1:1: warning: SCTP has no equivalent"},
	{import_keepalived,
	 "virtual_server 192.0.2.1 80 {\nreal_server 10.0.0.1 80 {\nHTTP_GET {\nurl {\npath "
	 "/\ndigest ab\n}\n}\n}\n}\n",
	 "# lb.conf:6:1: warning: digest has no equivalent"},
};

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct problem problem;
		char *saved =
			convert(lines[i].importer, lines[i].text, strlen(lines[i].text), &problem);
		const char *got = saved ? saved : problem.message;

		ok(!strncmp(got, lines[i].wanted, strlen(lines[i].wanted)), "%s", lines[i].wanted);
		if (strncmp(got, lines[i].wanted, strlen(lines[i].wanted)))
			diag("got %s", got);
		ok(saved ? is_read(saved) : problem.has_position && problem.code == EXIT_INVALID,
		   saved ? "and the rest is converted" : "at the position");
		free(saved);
	}
}

/* Replaces a word by another one of the file, or by one of these. */
static size_t change_word(char *text, size_t bytes)
{
	static const char *const words[] = {"0",
					    "65536",
					    "-1",
					    "1e9",
					    "99999999999999999999",
					    "-A",
					    "-a",
					    "-t",
					    "-f",
					    "-p",
					    "-m",
					    "10.0.0.14:80",
					    "{",
					    "}",
					    "::1",
					    "\"",
					    "rr",
					    "TUN",
					    "virtual_server",
					    "ops",
					    "url",
					    "path",
					    "a,b\\",
					    "exec",
					    "255.0.0.0",
					    "real_server 10.0.0.15 80",
					    "/x y",
					    "HTTP_GET",
					    "PING_CHECK",
					    "SMTP_CHECK",
					    "connect_port 5",
					    "192.0.2.0-255"};
	const char *word = words[random_below(sizeof(words) / sizeof(words[0]))];

	return garble_word(text, bytes, word, " \n", " \n");
}

static void test_mutated(import_format importer, const char *complete_file, const char *what)
{
	static const char marks[] = "{}\"'#!=-.:[]/ \t\n\\,0123456789abcxyz\xff\x01";
	size_t accepted = 0, refused = 0, unread = 0, silent = 0;

	for (int i = 0; i < MUTATED; i++) {
		char text[TEXT_BYTES];
		size_t bytes = strlen(complete_file);
		struct problem problem;
		char *saved;

		strcpy(text, complete_file);
		for (__u32 changes = 1 + random_below(3); bytes && changes; changes--)
			bytes = random_below(3) ? change_word(text, bytes)
						: garble_bytes(text, bytes, marks);
		saved = convert(importer, text, bytes, &problem);
		accepted += saved != NULL;
		refused += !saved;
		silent += !saved && !problem.message[0];
		if (saved && !is_read(saved)) {
			unread++;
			diag("from: %.*s\ncomes: %s", (int)bytes, text, saved);
		}
		free(saved);
	}
	ok(accepted > MUTATED / 20 && refused > MUTATED / 20,
	   "some mutated files of %s are valid (%zu), some are not (%zu)", what, accepted, refused);
	is_int(silent, 0, "every error has a message");
	is_int(unread, 0, "and every result is a valid file");
}

int main(void)
{
	test_complete_file(import_ipvsadm, ipvsadm, ipvsadm_saved, "an ipvsadm");
	test_complete_file(import_keepalived, keepalived, keepalived_saved, "a keepalived");
	test_lines();
	test_mutated(import_ipvsadm, ipvsadm, "ipvsadm");
	test_mutated(import_keepalived, keepalived, "keepalived");
	return tap_done();
}
