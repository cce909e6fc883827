# SPDX-License-Identifier: GPL-2.0-only
#
# make            build lbctl
# make check      install requirements, build, run all tests
# make demo       install requirements, build, demonstrate lbctl on real traffic
# make help       list all targets
#
# V=1 prints all commands. All output is in build/.

# The version of the last changelog entry.
VERSION := $(shell sed -nE '1s/^lbctl .([0-9.]+).*/\1/p' debian/changelog)

PREFIX     ?= /usr/local
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/lbctl
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/lbctl
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERDIR ?= $(PREFIX)/lib/sysusers.d
SYSCONFDIR ?= /etc

CC      ?= cc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
B       := build

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS += -D_GNU_SOURCE -DLBCTL_VERSION='"$(VERSION)"' -Iinclude -Iuser -I$(B)
CFLAGS   ?= -O2 -g
CFLAGS   += -std=c11 $(WARN)
PACKAGES := libbpf libnl-3.0 libnl-route-3.0 libuv libcurl jansson smartcols libfyaml ncursesw libmicrohttpd
CPPFLAGS += $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# lbctl loads libcurl on first use (user/probe/curl_lazy.h).
LDLIBS   += $(shell pkg-config --libs $(filter-out libcurl,$(PACKAGES)) 2>/dev/null) -lelf -lz -lm

ARCH_INCLUDE := /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null || uname -m)
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -std=gnu11 -Wall -Wextra -Werror -Wshadow \
              -Iinclude -Ibpf -isystem $(ARCH_INCLUDE)

# Sources by folder. The programs in user/systemd have a main() of their own.
find_c        = $(sort $(shell find $(1) -name '*.c' ! -name '*.bpf.c'))
LBCTL_SOURCES := $(filter-out user/systemd/%,$(call find_c,user))
LBCTL_OBJECTS := $(LBCTL_SOURCES:%.c=$(B)/%.o)
UNIT_SOURCES  := $(call find_c,tests/unit)
UNIT_TESTS    := $(UNIT_SOURCES:tests/%.c=$(B)/%)
BPF_TESTS     := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/bpf/test_*.c))
LIB_OBJECTS   := $(patsubst tests/%.c,$(B)/%.o,$(call find_c,tests/lib))
SIM_MAINS     := $(B)/sim/test_law $(B)/sim/grid
SIM_OBJECTS   := $(filter-out $(SIM_MAINS:=.o),$(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/sim/*.c)))
BENCH_MAINS   := $(patsubst %,$(B)/bench/%,bench churn feedback slow_server open_loop_client)
BENCH_OBJECTS := $(filter-out $(BENCH_MAINS:=.o),$(patsubst tools/%.c,$(B)/%.o,$(call find_c,tools/bench)))

.PHONY: all
all: $(B)/lbctl

$(B)/lbctl: $(LBCTL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/user/%.o: user/%.c $(B)/balancer.skel.h $(B)/decap.skel.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Archives: the linker takes the objects that a program uses.
$(B)/%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# The status page as one HTML file.
PAGE_PARTS := $(patsubst %,user/web/assets/%,page.html page.css page_tools.js page_plot.js page_service.js page.js)
$(B)/page.html $(B)/page_policy.h &: $(PAGE_PARTS) tools/page
	$(call say,PAGE,$(B)/page.html)
	$(Q)mkdir -p $(B)
	$(Q)tools/page $(B)/page.html $(B)/page_policy.h $(PAGE_PARTS)

PAGE_OBJECTS := $(patsubst %,$(B)/%/web/status_page.o,user unit)
$(PAGE_OBJECTS): CPPFLAGS += -DPAGE_FILE='"$(B)/page.html"'
$(PAGE_OBJECTS): $(B)/page.html $(B)/page_policy.h

# The JSON schema as a C string.
$(B)/schema.inc: user/config/lbctl.schema.json
	$(call say,TEXT,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< > $@.tmp
	$(Q)mv $@.tmp $@

$(B)/user/config/schema.o $(B)/unit/config/schema.o: $(B)/schema.inc

$(B)/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$(notdir $*)) > $@.tmp
	$(Q)mv $@.tmp $@

.SECONDARY:

# Unit tests: lbctl's own objects, under address and undefined-behaviour sanitizers.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

$(B)/unit/%.o: user/%.c $(B)/balancer.skel.h $(B)/decap.skel.h
	$(call say,CC,'$< (sanitized)')
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

$(B)/unit/lbctl.a: $(filter-out $(B)/unit/main.o,$(LBCTL_SOURCES:user/%.c=$(B)/unit/%.o))

$(UNIT_TESTS): $(B)/unit/%: tests/unit/%.c $(B)/unit/lbctl.a
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit -Itests/lib $(CFLAGS) $(SANITIZE) -MMD -MP -o $@ $< $(B)/unit/lbctl.a $(LDLIBS)

# Simulations: the control law of latency feedback with simulated backends.
$(B)/sim/%.o: tests/sim/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itests/sim -Itests/lib $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(SIM_MAINS): %: %.o $(SIM_OBJECTS) $(filter $(B)/user/feedback/% $(B)/user/model/histogram.o,$(LBCTL_OBJECTS))
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lm

# BPF tests and the benchmark run the attached program with BPF_PROG_TEST_RUN.
$(B)/lib/%.bpf.o: tests/lib/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/%.o: tests/lib/%.c $(B)/lib/harness/feed.skel.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itests/lib $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bpf/test_%: tests/bpf/test_%.c $(LIB_OBJECTS) | $(B)/lbctl
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itests/lib $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(LIB_OBJECTS) $(LDLIBS)

# The fuzzer: the datapath as native code, with the store that publishes its tables. Packet
# accesses are unaligned (an Ethernet header has 14 bytes), which BPF allows.
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=all
FUZZ_FLAGS    := -O2 -g -Wall -Wextra -Werror -Wshadow -D_GNU_SOURCE -Iinclude $(FUZZ_SANITIZE)
FUZZ_INCLUDE  := -Itests/fuzz -Itests/fuzz/native -Itests/lib -Iuser -I$(B)
FUZZ_MAINS    := $(B)/fuzz/seeds.o $(B)/fuzz/target.o $(B)/fuzz/mutator.o
FUZZ_OBJECTS  := $(filter-out $(FUZZ_MAINS),$(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/fuzz/*.c))) \
		 $(LIB_OBJECTS:$(B)/%=$(B)/fuzz/%) \
		 $(patsubst user/%.c,$(B)/fuzz/%.o,$(wildcard user/base/*.c user/model/*.c user/store/*.c))

$(B)/fuzz/balancer.o: bpf/balancer.bpf.c
	$(call say,CC,'$< (native)')
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -std=gnu11 -fsanitize=fuzzer-no-link -Itests/fuzz/native -Ibpf -MMD -MP -c -o $@ $<

$(B)/fuzz/%.o: user/%.c
	$(call say,CC,'$< (native)')
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -std=c11 -Iuser -MMD -MP -c -o $@ $<

$(B)/fuzz/%.o: tests/fuzz/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -std=gnu11 $(FUZZ_INCLUDE) -MMD -MP -c -o $@ $<

$(B)/fuzz/lib/%.o: tests/lib/%.c $(B)/lib/harness/feed.skel.h
	$(call say,CC,'$< (native)')
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -std=gnu11 $(FUZZ_INCLUDE) -MMD -MP -c -o $@ $<

$(B)/fuzz/parts.a: $(FUZZ_OBJECTS)

$(B)/fuzz/fuzzer: $(B)/fuzz/target.o $(B)/fuzz/mutator.o $(B)/fuzz/balancer.o $(B)/fuzz/parts.a
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_SANITIZE) -fsanitize=fuzzer -o $@ $^

$(B)/fuzz/seeds: $(B)/fuzz/seeds.o $(B)/fuzz/parts.a
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_SANITIZE) -o $@ $^

$(B)/bench/%.bpf.o: tools/bench/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bench/%.o: tools/bench/%.c $(B)/bench/baseline.skel.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itests/lib $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bench/parts.a: $(BENCH_OBJECTS) $(LIB_OBJECTS)

$(BENCH_MAINS): %: %.o $(B)/bench/parts.a | $(B)/lbctl
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: deps check check-lint check-unit check-sim check-bpf check-fuzz check-e2e check-fast check-busy check-kernels record-size record-messages record-transcripts demo \
        bench bench-before bench-churn bench-checks bench-feedback soak-controller soak-changes soak-faults screenshot sim fuzz-packets fuzz-native
deps: ## install the Debian packages required to build and test
	$(Q)tools/deps

check: deps ## install requirements, build, and run all tests
	$(Q)$(MAKE) --no-print-directory -j2 all tests
	$(Q)tests/run lint unit sim bpf fuzz e2e

check-lint check-unit check-sim check-bpf check-fuzz check-e2e: check-%: all tests ## run one kind: lint, unit, sim, bpf, fuzz, e2e
	$(Q)tests/run $*

FAST_E2E := attach-keeps-foreign-programs weights-set-the-share draining-loses-no-request apply-save-roundtrip \
            explain-predicts-forwarding client-address-is-preserved killed-backend-goes-down active-flows-need-force \
            weight-change-keeps-connections upgrade-loses-no-packet

check-fast: all fast-tests ## run lint, unit, BPF and ten end-to-end tests: 90 s
	$(Q)tests/run lint unit bpf && tests/run e2e $(FAST_E2E)

check-busy: ## run all tests on a busy machine: 1 h (ARGS="ROUNDS PATTERN")
	$(Q)tools/deps busy
	$(Q)$(MAKE) --no-print-directory -j2 all tests
	$(Q)tests/busy $(ARGS)

# Tests skip what cannot be installed, except the requirements of the build.
check-kernels: ## install requirements, build, and test on other kernels
	$(Q)tools/deps kernels || tools/deps
	$(Q)$(MAKE) --no-print-directory -j2 all tests
	$(Q)tests/run kernels

record-size: all tests ## record the program's size (tests/bpf/size.txt)
	$(Q)tools/kernels record

.PHONY: tests fast-tests
fast-tests: $(UNIT_TESTS) $(BPF_TESTS)

tests: $(UNIT_TESTS) $(SIM_MAINS) $(BPF_TESTS) $(B)/fuzz/fuzzer $(B)/fuzz/seeds $(BENCH_MAINS)

record-messages: all ## record error messages (tests/e2e/cli/messages.txt)
	$(Q)RECORD=1 tests/run e2e error-messages-are-stable || tools/lint.d/messages

record-transcripts: all ## record the output of the commands in docs/
	$(Q)RECORD=1 tests/run e2e documented-commands

demo: deps ## install requirements, build, and balance traffic in a lab
	$(Q)$(MAKE) --no-print-directory -j2 all
	$(Q)tools/demo

bench: all $(B)/bench/bench ## measure CPU time per packet (ARGS="--against DIR")
	$(Q)$(B)/bench/bench $(ARGS)

bench-before: all $(B)/bench/bench ## compare to commit REV (default: last tag, or HEAD~1)
	$(Q)tools/bench/bench-before $(ARGS)

bench-churn: all $(B)/bench/churn ## count packets lost during weight changes and upgrades
	$(Q)$(B)/bench/churn $(ARGS)

bench-checks: all ## measure CPU time of health checks (ARGS=SECONDS)
	$(Q)tools/bench/bench-checks $(ARGS)

bench-feedback: all $(BENCH_MAINS) ## compare latency feedback to schedulers: 4 h (ARGS=--quick)
	$(Q)tools/bench/bench-feedback $(ARGS)

soak-controller: all ## kill the controller 1000 times under load (ARGS=KILLS)
	$(Q)TEST_TIMEOUT=36000 KILLS=$(or $(ARGS),1000) tests/run e2e killed-controller

soak-changes: all ## run 64 lbctl at once, 100 changes each (ARGS=CHANGES)
	$(Q)V=1 TEST_TIMEOUT=3600 CHANGES=$(or $(ARGS),100) tests/run e2e parallel-changes

soak-faults: all ## fail every system call of every kind of change: 1 h
	$(Q)ALL=1 TEST_TIMEOUT=36000 tests/run e2e failed-syscall

screenshot: all $(BENCH_MAINS) ## make docs/images/status-page.png: 3 min
	$(Q)tools/screenshot $(ARGS)

sim: $(B)/sim/grid ## simulate latency feedback for a grid of services: 10 min
	$(Q)$(B)/sim/grid $(ARGS)

fuzz-packets: all $(B)/bpf/test_mutated_packets ## run 10^8 mutated packets (ARGS="PACKETS SEED")
	$(Q)$(B)/bpf/test_mutated_packets $(or $(ARGS),100000000)

fuzz-native: $(B)/fuzz/fuzzer $(B)/fuzz/seeds ## fuzz with libFuzzer (ARGS=-max_total_time=60)
	$(Q)$(B)/fuzz/seeds $(B)/fuzz/corpus 400
	$(Q)$(B)/fuzz/fuzzer -artifact_prefix=$(B)/fuzz/ $(or $(ARGS),-max_total_time=60) $(B)/fuzz/corpus

# Values for the generated tables of the documents (tools/docs).
$(B)/docs/facts: tools/docs.d/facts.c $(filter-out $(B)/user/main.o,$(LBCTL_OBJECTS))
	$(call say,FACTS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $^ $(LDLIBS)

docs: all $(B)/docs/facts ## generate tables of the documents and the folder graph
	$(Q)tools/docs
	$(Q)tools/folder-graph

# The compile command of each source, for clangd and other tools. make -B prints all of them,
# whether or not they are up to date.
compile_commands.json: FORCE ## write a compilation database: user, sanitized and BPF
	$(call say,JSON,$@)
	$(Q)$(MAKE) --no-print-directory -Bnk V=1 all tests 2>/dev/null | tools/compile-commands >$@.tmp
	$(Q)mv $@.tmp $@

# Generated for installation: units with paths, and shell completions.
UNITS       := lbctl.service lbctl-apply.service lbctl-attach@.service lbctl-netns-helper.socket lbctl-netns-helper@.service
COMPLETIONS := $(patsubst %,$(B)/systemd/lbctl.%,bash zsh fish)

$(UNITS:%=$(B)/systemd/%): $(B)/systemd/%: user/systemd/%.in FORCE
	$(call say,UNIT,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@SBINDIR@|$(SBINDIR)|; s|@LIBEXECDIR@|$(LIBEXECDIR)|; s|@SYSCONFDIR@|$(SYSCONFDIR)|' $< > $@

$(COMPLETIONS): $(B)/systemd/lbctl.%: $(B)/lbctl
	$(call say,SHELL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$< completion $* > $@

$(B)/systemd/netns-helper: user/systemd/netns_helper_main.c $(B)/user/probe/vip/netns_helper.o $(B)/user/base/fd_passing.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^

.PHONY: FORCE
FORCE:

# Builds in a copy of the sources, where dpkg-buildpackage leaves other files.
PACKAGED := bpf debian docs include tools user Makefile README.md LICENSE

deb: $(B)/lbctl_$(VERSION).changes ## build Debian packages into build/

$(B)/lbctl_$(VERSION).changes: $(shell find $(PACKAGED) -type f)
	$(call say,DEB,$@)
	$(Q)rm -rf $(B)/deb
	$(Q)mkdir -p $(B)/deb/lbctl-$(VERSION)
	$(Q)cp -a $(PACKAGED) $(B)/deb/lbctl-$(VERSION)
	$(Q)cd $(B)/deb/lbctl-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL -u DESTDIR -u PREFIX \
		dpkg-buildpackage -b -us -uc -j2 >../log 2>&1 || { tail -n 40 ../log; exit 1; }
	$(Q)cp $(B)/deb/*.deb $(B)/
	$(Q)cp $(B)/deb/lbctl_$(VERSION)_*.changes $@

.PHONY: deb docs install uninstall clean help format
INSTALLED := $(SBINDIR)/lbctl $(LIBEXECDIR)/grant $(LIBEXECDIR)/netns-helper $(MANDIR)/man8/lbctl.8 $(MANDIR)/man5/lbctl.yaml.5 $(DATADIR)/lbctl.schema.json \
             $(BASHDIR)/lbctl $(ZSHDIR)/_lbctl $(FISHDIR)/lbctl.fish $(SYSUSERDIR)/lbctl.conf \
             $(addprefix $(UNITDIR)/,$(UNITS))

# Keeps existing configuration files.
install: all $(B)/systemd/netns-helper $(UNITS:%=$(B)/systemd/%) $(COMPLETIONS) ## install to $(DESTDIR)$(PREFIX)
	install -D -m 0755 $(B)/lbctl $(DESTDIR)$(SBINDIR)/lbctl
	install -D -m 0755 $(B)/systemd/netns-helper $(DESTDIR)$(LIBEXECDIR)/netns-helper
	install -D -m 0755 user/systemd/grant $(DESTDIR)$(LIBEXECDIR)/grant
	install -D -m 0644 docs/man/lbctl.8 $(DESTDIR)$(MANDIR)/man8/lbctl.8
	install -D -m 0644 docs/man/lbctl.yaml.5 $(DESTDIR)$(MANDIR)/man5/lbctl.yaml.5
	install -D -m 0644 user/config/lbctl.schema.json $(DESTDIR)$(DATADIR)/lbctl.schema.json
	install -D -m 0644 $(B)/systemd/lbctl.bash $(DESTDIR)$(BASHDIR)/lbctl
	install -D -m 0644 $(B)/systemd/lbctl.zsh $(DESTDIR)$(ZSHDIR)/_lbctl
	install -D -m 0644 $(B)/systemd/lbctl.fish $(DESTDIR)$(FISHDIR)/lbctl.fish
	install -D -m 0644 -t $(DESTDIR)$(UNITDIR) $(UNITS:%=$(B)/systemd/%)
	install -D -m 0644 user/systemd/sysusers.conf $(DESTDIR)$(SYSUSERDIR)/lbctl.conf
	install -d $(DESTDIR)$(SYSCONFDIR)/lbctl $(DESTDIR)$(SYSCONFDIR)/default
	cp -n user/systemd/example.yaml $(DESTDIR)$(SYSCONFDIR)/lbctl/example.yaml
	cp -n user/systemd/default $(DESTDIR)$(SYSCONFDIR)/default/lbctl

uninstall: ## remove installed files, except configuration
	rm -f $(INSTALLED:%=$(DESTDIR)%)

clean: ## remove build/
	rm -rf $(B)

format: ## format all C sources
	clang-format -i $$(git ls-files '*.c' '*.h')

help: ## list all targets
	@awk -F':.*## ' '/^[a-z][a-z-]*.*## / { sub(/lint .*/, "KIND", $$1); printf "  make %-15s %s\n", $$1, $$2 }' Makefile

-include $(shell find $(B) \( -path $(B)/deb -o -path $(B)/before \) -prune -o -name '*.d' -print 2>/dev/null)
