// SPDX-License-Identifier: GPL-2.0-only
/* Health check specifications: accepted texts, their canonical form, refused texts. */
#include <errno.h>
#include <string.h>

#include "core/tap.h"
#include "model/check_parse.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define DEFAULTS     ",interval=2s,timeout=1s,rise=2,fall=3"

static const struct {
	const char *text, *canonical;
} good[] = {
	{"none", "none"},
	{"ping", "ping" DEFAULTS},
	{"tcp", "tcp" DEFAULTS},
	{"http", "http:/" DEFAULTS},
	{"http:/", "http:/" DEFAULTS},
	{"http:/healthz", "http:/healthz" DEFAULTS},
	{"http:/a?b=c&d=%20", "http:/a?b=c&d=%20" DEFAULTS},
	{"http:/a\\,b", "http:/a\\,b" DEFAULTS},
	{"https:/", "https:/" DEFAULTS},
	{"tcp,interval=5s", "tcp,interval=5s,timeout=1s,rise=2,fall=3"},
	{"tcp,interval=5000ms", "tcp,interval=5s,timeout=1s,rise=2,fall=3"},
	{"tcp,interval=100ms", "tcp,interval=100ms,timeout=100ms,rise=2,fall=3"},
	{"tcp,interval=1h,timeout=1m", "tcp,interval=1h,timeout=1m,rise=2,fall=3"},
	{"tcp,timeout=10ms", "tcp,interval=2s,timeout=10ms,rise=2,fall=3"},
	{"tcp,fall=1,rise=100", "tcp,interval=2s,timeout=1s,rise=100,fall=1"},
	{"tcp,fast=500ms", "tcp,interval=2s,timeout=1s,fast=500ms,rise=2,fall=3"},
	{"tcp,fast=2s", "tcp" DEFAULTS},
	{"tcp,port=8081", "tcp,port=8081" DEFAULTS},
	{"tcp,port=0080", "tcp,port=80" DEFAULTS},
	{"http:/,match=ok,host=example.org,expect=200",
	 "http:/,host=example.org,expect=200,match=ok" DEFAULTS},
	{"http:/,expect=200-399", "http:/" DEFAULTS},
	{"http:/,expect=404-404", "http:/,expect=404" DEFAULTS},
	{"http:/,expect=100-599", "http:/,expect=100-599" DEFAULTS},
	{"http:/,host=[2001:db8::1]:80", "http:/,host=[2001:db8::1]:80" DEFAULTS},
	{"http:/,match=a=b\\, \\\\c", "http:/,match=a=b\\, \\\\c" DEFAULTS},
	{"http:/,match=\\n", "http:/,match=\\\\n" DEFAULTS},
	{"https:/,insecure,sni=a.example", "https:/,sni=a.example,insecure" DEFAULTS},
	{"https:/,ca=/etc/ca.pem", "https:/,ca=/etc/ca.pem" DEFAULTS},
	{"exec:/bin/true", "exec:/bin/true" DEFAULTS},
	{"exec:/bin/test 'a b' = \"a b\",port=7", "exec:/bin/test 'a b' = \"a b\",port=7" DEFAULTS},
};

static const struct {
	const char *text, *why;
} bad[] = {
	{"", "expected none"},
	{"TCP", "expected none"},
	{"udp", "expected none"},
	{" tcp", "expected none"},
	{"tcp ", "expected none"},
	{"tcp:", "colon"},
	{"tcp:80", "colon"},
	{"none:", "colon"},
	{"none,interval=2s", "not valid"},
	{"ping,port=80", "not valid"},
	{"tcp,host=a", "not valid"},
	{"http:/,insecure", "not valid"},
	{"http:", "path"},
	{"http:healthz", "path"},
	{"http://10.0.0.1/", "path"},
	{"http:/a b", "%20"},
	{"http:/a#b", "%20"},
	{"http:/a\nb", "ASCII"},
	{"http:/\xc3\xbc", "ASCII"},
	{"http:/,", "unknown option"},
	{"http:/,,match=a", "unknown option"},
	{"http:/,timeouts=1s", "unknown option"},
	{"tcp,interval", "interval:"},
	{"tcp,interval=", "interval:"},
	{"tcp,interval=2", "interval:"},
	{"tcp,interval=99ms", "interval:"},
	{"tcp,interval=61m", "interval:"},
	{"tcp,interval=-1s", "interval:"},
	{"tcp,timeout=9ms", "timeout:"},
	{"tcp,interval=5m,timeout=2m", "timeout:"},
	{"tcp,timeout=3s", "longer than the interval"},
	{"tcp,interval=1s,timeout=1001ms", "longer than the interval"},
	{"tcp,fast=3s", "fast: longer"},
	{"tcp,fast=1ms", "fast:"},
	{"tcp,rise=0", "rise:"},
	{"tcp,rise=101", "rise:"},
	{"tcp,fall=many", "fall:"},
	{"tcp,fall=+3", "fall:"},
	{"tcp,port=0", "port:"},
	{"tcp,port=65536", "port:"},
	{"tcp,rise=2,rise=2", "duplicate"},
	{"http:/,host=", "host:"},
	{"http:/,host=a b", "host:"},
	{"http:/,host=a/b", "host:"},
	{"http:/,expect=99", "expect:"},
	{"http:/,expect=600", "expect:"},
	{"http:/,expect=399-200", "expect:"},
	{"http:/,expect=200-", "expect:"},
	{"http:/,expect=-200", "expect:"},
	{"http:/,expect=200-300-400", "expect:"},
	{"http:/,match=", "match:"},
	{"https:/,insecure=yes", "insecure:"},
	{"https:/,ca=ca.pem", "ca:"},
	{"https:/,ca=/ca.pem,insecure", "exclude"},
	{"https:/,sni=[::1]", "sni:"},
	{"exec", "command"},
	{"exec:", "command"},
	{"exec:  ", "command"},
	{"exec:/bin/echo 'a", "command"},
	{"exec:true", "absolute"},
	{"exec:'' /bin/true", "absolute"},
};

static void test_good(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct check check, again;
		const char *why = "";
		char text[CHECK_TEXT_BYTES];

		ok(!check_parse(good[i].text, &check, &why), "'%s' is accepted", good[i].text);
		check_format(&check, text);
		is_str(text, good[i].canonical, "'%s' has a canonical text", good[i].text);
		ok(!check_parse(text, &again, &why) && !memcmp(&check, &again, sizeof(check)),
		   "'%s' is the same check", text);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct check check, before;
		const char *why = NULL;
		int error;

		memset(&check, 0xa5, sizeof(check));
		before = check;
		error = check_parse(bad[i].text, &check, &why);
		ok(error == -EINVAL && !memcmp(&check, &before, sizeof(check)), "'%s' is refused",
		   bad[i].text);
		ok(why && strstr(why, bad[i].why), "the reason is: %s", why ? why : "");
	}
}

static void test_fields(void)
{
	struct check check;
	const char *why;

	check_parse("https:/x,host=h,sni=s,ca=/c,expect=201-202,match=m,port=9,interval=3s,"
		    "timeout=2s,fast=1s,rise=4,fall=5",
		    &check, &why);
	ok(check.kind == CHECK_HTTPS && !strcmp(check.argument, "/x") && !strcmp(check.host, "h") &&
		   !strcmp(check.sni, "s") && !strcmp(check.ca, "/c") &&
		   !strcmp(check.match, "m") && !check.insecure,
	   "each text is stored");
	ok(check.expect_low == 201 && check.expect_high == 202 && check.port == 9 &&
		   check.interval_ms == 3000 && check.timeout_ms == 2000 && check.fast_ms == 1000 &&
		   check.rise == 4 && check.fall == 5,
	   "each number is stored");
	check_parse("tcp,interval=5s", &check, &why);
	is_int(check.fast_ms, 5000, "fast is the interval by default");
}

/* The canonical text, with all defaults, has to fit. */
static void test_length(void)
{
	char text[400];
	struct check check;
	const char *why;
	size_t longest = 0;

	for (size_t length = 1; length < 300; length++) {
		snprintf(text, sizeof(text), "http:/%0*d", (int)length - 1, 0);
		if (!check_parse(text, &check, &why)) {
			char canonical[CHECK_TEXT_BYTES];

			check_format(&check, canonical);
			longest = strlen(canonical);
		}
	}
	is_int(longest, CHECK_TEXT_BYTES - 1, "the longest text fills the buffer");
	snprintf(text, sizeof(text), "http:/,match=%0120d%s", 0,
		 "\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,"
		 "\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,\\,");
	ok(check_parse(text, &check, &why) == -EINVAL, "an escaped character counts twice");
}

int main(void)
{
	test_good();
	test_bad();
	test_fields();
	test_length();
	for (int kind = 0; kind < CHECK_KIND_COUNT; kind++)
		ok(check_kind_name(kind)[0] != '?', "a kind has a name: %s", check_kind_name(kind));
	return tap_done();
}
