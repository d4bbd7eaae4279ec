# Flowlight.  GNU make and pkg-config; see README.md.
#
#	make		build build/flowlightd, build/flowlight.fcgi, build/flowlight
#	make demo	a site with data, on http://127.0.0.1:8080/
#	make check	all tests; SAN=1: under AddressSanitizer and UBSan, in build-san/
#	make screenshots	the pictures in doc/
#	make check-browser	those in a browser alone
#	make check-long	those that take minutes
#	make bench	speed and memory as ratios to nfdump's
#	make bench-web	milliseconds of pages and graphs behind nginx
#	make fuzz	each fuzz target for FUZZ_SECONDS
#	make install	DESTDIR= PREFIX=
#	make deps	what is missing of Debian's packages

VERSION	= 0.1
PREFIX	= /usr/local
SYSCONFDIR = $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
SHAREDIR = $(PREFIX)/share/flowlight

O	= $(if $(SAN),build-san,build)
# Not on every system is there one of that name.
CC	:= $(if $(shell command -v gcc),gcc,cc)
PKG_CONFIG = pkg-config

# V=1 shows the whole commands.
Q	= $(if $(V),,@echo "  $(notdir $@)";)

WARN	= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wpointer-arith -Wwrite-strings -Werror=implicit-function-declaration
comma	= ,
SANFLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
CFLAGS	= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(WARN) $(CFLAGS) $(SANFLAGS) -Ilib -MMD -MP \
	  $(if $(HAVE_CARES),-DHAVE_CARES) $(if $(HAVE_LIBLOC),-DHAVE_LIBLOC) -DFLOWLIGHT_VERSION='"$(VERSION)"' -DSHAREDIR='"$(SHAREDIR)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' \
	  $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PACKAGES = jansson libconfuse sqlite3 liblz4 lzo2 libzstd zlib librrd gdlib
# Countries and AS of addresses, where libloc is installed.
HAVE_LIBLOC := $(shell $(PKG_CONFIG) --exists libloc 2>/dev/null && echo yes)
LIBS	= $(shell $(PKG_CONFIG) --libs jansson libconfuse sqlite3 liblz4 lzo2 libzstd zlib $(if $(HAVE_LIBLOC),libloc)) \
	  -lbz2 -lpthread -lm
LIBS_RRD = $(shell $(PKG_CONFIG) --libs librrd)
# Names of addresses on pages, where c-ares is installed.
HAVE_CARES := $(shell $(PKG_CONFIG) --exists libcares 2>/dev/null && echo yes)
LIBS_CGI = -lfcgi $(LIBS_RRD) $(shell $(PKG_CONFIG) --libs gdlib $(if $(HAVE_CARES),libcares))

lib_src	= $(wildcard lib/*.c lib/*/*.c)
obj	= $(patsubst %.c,$(O)/obj/%.o,$(1))
programs = $(if $(wildcard daemon/main.c),$(O)/flowlightd) $(if $(wildcard cgi/main.c),$(O)/flowlight.fcgi) \
	  $(if $(wildcard cli/main.c),$(O)/flowlight)
unit_tests = $(patsubst tests/%.c,$(O)/%,$(wildcard tests/test_*.c))
shims	= $(patsubst tests/%.c,$(O)/%.so,$(wildcard tests/fault*.c))
helpers	= $(patsubst tests/%.c,$(O)/%,$(filter-out $(wildcard tests/test_*.c tests/fault*.c),$(wildcard tests/*.c)))

all: $(programs)

$(O)/libflow.a: $(call obj,$(lib_src))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(O)/flowlightd: $(call obj,$(wildcard daemon/*.c)) $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_RRD)
$(O)/flowlight.fcgi: $(call obj,$(wildcard cgi/*.c)) $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_CGI)
# `flowlight rebuild` reads files as the daemon does.
$(O)/flowlight: $(call obj,$(wildcard cli/*.c) $(filter-out daemon/main.c,$(wildcard daemon/*.c))) $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_RRD)

# SQL is kept as SQL and compiled in as a string.
$(O)/gen/%.sql.h: lib/store/%.sql
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< > $@

$(O)/obj/lib/store/%.o: ALL_CFLAGS += -I$(O)/gen
$(call obj,$(wildcard lib/store/*.c)): $(patsubst lib/store/%,$(O)/gen/%.h,$(wildcard lib/store/*.sql))

# Compiled-in paths and flags: when they change, all is built anew.
flags	= $(CC) $(CFLAGS) $(SANFLAGS) $(VERSION) $(SHAREDIR) $(SYSCONFDIR) $(HAVE_CARES) $(HAVE_LIBLOC)
ifneq ($(flags),$(file <$(O)/flags))
$(shell mkdir -p $(O))
$(file >$(O)/flags,$(flags))
endif

$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(unit_tests): $(O)/test_%: $(O)/obj/tests/test_%.o $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_RRD) -lcmocka
$(O)/test_cache: $(O)/obj/cgi/cache.o
$(O)/test_sankey: $(O)/obj/cgi/sankey.o
$(helpers): $(O)/%: $(O)/obj/tests/%.o $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS) $(LIBS_RRD)

# Put before the C library by some tests; never under a sanitizer themselves.
$(shims): $(O)/%.so: tests/%.c $(O)/flags
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $< -ldl

tests: all $(unit_tests) $(helpers) $(if $(filter Linux,$(shell uname)),$(shims))

# T= names single tests: make check T='test_addr nfdump'
check: deps
	@$(MAKE) --no-print-directory tests
	@O=$(O) SAN=$(SAN) sh tests/run.sh $(T)

# Those in a browser alone.
check-browser: deps
	@$(MAKE) --no-print-directory tests
	@O=$(O) SAN=$(SAN) sh tests/run.sh browser look

# Tests that take minutes: tests/long/*.sh, or those that T= names.
check-long: deps
	@$(MAKE) --no-print-directory tests
	@O=$(O) SAN=$(SAN) DIR=tests/long LIMIT=1200 sh tests/run.sh $(T)

# What building and testing need: Debian's packages, with the command that is looked for.
# Elsewhere: see README.md.
DEPS	= gcc:gcc make pkg-config:pkg-config libjansson-dev libconfuse-dev libsqlite3-dev liblz4-dev liblzo2-dev \
	  libzstd-dev zlib1g-dev libbz2-dev librrd-dev libgd-dev libfcgi-dev libc-ares-dev libloc-dev libcmocka-dev fonts-dejavu-core \
	  nginx-light:nginx lighttpd:lighttpd apache2:apache2 spawn-fcgi:spawn-fcgi nfdump:nfcapd softflowd:softflowd sqlite3:sqlite3 \
	  rrdtool:rrdtool curl:curl mandoc:mandoc clang:clang chromium:chromium procps:ps tzdata ca-certificates \
	  nodejs:node npm:npm lynx:lynx strace:strace

deps:
	@DEPS="$(DEPS)" sh conf/deps.sh

# Ours and nfdump's time for the same questions.  FLOWS= per slot, RUNS=, PARTS=, INDEX='30 10 4000'.
bench: deps
	@$(MAKE) --no-print-directory all $(O)/measure $(O)/benchindex $(O)/nfrecode $(O)/mknfcapd1 $(O)/mkflowtools
	@O=$(O) sh tests/bench/run

# SITE= of a site with data, CLIENTS=, REQUESTS=.
bench-web: deps
	@$(MAKE) --no-print-directory all $(O)/mksite
	@O=$(O) sh tests/bench/web

# Every parser of outside bytes has a target in tests/fuzz, and a corpus in tests/fuzz/corpus/NAME.
FUZZ_SECONDS = 60
fuzzers	= $(patsubst tests/fuzz/%.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
$(fuzzers): $(O)/%: $(O)/obj/tests/fuzz/%.o $(O)/libflow.a
	$(Q)$(CC) $(SANFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)
fuzzers: $(fuzzers)
fuzz: deps
	@$(MAKE) --no-print-directory O=build-fuzz CC=clang CFLAGS='-O1 -g -DBATCH_MAX=64' \
	    SANFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' fuzzers
	@O=build-fuzz sh tests/fuzz/run $(FUZZ_SECONDS) $(T)

clean:
	rm -rf build build-san build-fuzz

# A site of three sources with two weeks of data, served on 127.0.0.1:8080 until Ctrl-C.
DEMO	= $(O)/demo
DEMO_PORT = 8080
demo: deps
	@$(MAKE) --no-print-directory -s all
	@O=$(O) sh conf/demo.sh $(DEMO) $(DEMO_PORT)

# The README's pictures, of the demo at a fixed time.
screenshots: deps
	@$(MAKE) --no-print-directory -s all
	@O=$(O) sh tests/site/screenshots.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/libexec \
	    $(DESTDIR)$(SHAREDIR)/templates $(DESTDIR)$(SHAREDIR)/static $(DESTDIR)$(SHAREDIR)/examples \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(SYSCONFDIR)
	install -m 755 $(O)/flowlight $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(O)/flowlightd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(O)/flowlight.fcgi $(DESTDIR)$(PREFIX)/libexec/
	install -m 644 templates/* $(DESTDIR)$(SHAREDIR)/templates/
	install -m 644 static/* $(DESTDIR)$(SHAREDIR)/static/
	install -m 644 $(filter-out conf/deps.sh conf/demo%,$(wildcard conf/*)) $(DESTDIR)$(SHAREDIR)/examples/
	for s in 1 5 7 8; do install -m 644 man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s/ || exit 1; done
	test -e $(DESTDIR)$(SYSCONFDIR)/flowlight.conf || \
	    install -m 644 conf/flowlight.conf $(DESTDIR)$(SYSCONFDIR)/flowlight.conf

.PHONY: all tests check check-browser check-long clean deps demo screenshots install bench bench-web fuzz fuzzers
.SECONDARY:

-include $(wildcard $(O)/obj/*.d $(O)/obj/*/*.d $(O)/obj/*/*/*.d)
