# Flowlight.  GNU make and pkg-config; see README.md.
#
#	make		build build/flowlightd, build/flowlight.fcgi, build/flowlight
#	make demo	a site with data, on http://127.0.0.1:8080/
#	make check	all tests; SAN=1: under AddressSanitizer and UBSan, in build-san/
#	make install	DESTDIR= PREFIX=
#	make deps	what is missing of Debian's packages

VERSION	= 0.1
PREFIX	= /usr/local
SYSCONFDIR = $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
SHAREDIR = $(PREFIX)/share/flowlight

O	= $(if $(SAN),build-san,build)
CC	= gcc
PKG_CONFIG = pkg-config

WARN	= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wpointer-arith -Wwrite-strings -Werror=implicit-function-declaration
comma	= ,
SANFLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
CFLAGS	= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(WARN) $(CFLAGS) $(SANFLAGS) -Ilib -MMD -MP \
	  -DFLOWLIGHT_VERSION='"$(VERSION)"' -DSHAREDIR='"$(SHAREDIR)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' \
	  $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PACKAGES = jansson libconfuse sqlite3 liblz4 lzo2 libzstd zlib librrd
LIBS	= $(shell $(PKG_CONFIG) --libs jansson libconfuse sqlite3 liblz4 lzo2 libzstd zlib) -lbz2 -lpthread -lm
LIBS_RRD = $(shell $(PKG_CONFIG) --libs librrd)
LIBS_CGI = -lfcgi $(LIBS_RRD)

lib_src	= $(wildcard lib/*.c lib/*/*.c)
obj	= $(patsubst %.c,$(O)/obj/%.o,$(1))
programs = $(if $(wildcard daemon/main.c),$(O)/flowlightd) $(if $(wildcard cgi/main.c),$(O)/flowlight.fcgi) \
	  $(if $(wildcard cli/main.c),$(O)/flowlight)
unit_tests = $(patsubst tests/%.c,$(O)/%,$(wildcard tests/test_*.c))
helpers	= $(patsubst tests/%.c,$(O)/%,$(filter-out $(wildcard tests/test_*.c),$(wildcard tests/*.c)))

all: $(programs)

$(O)/libflow.a: $(call obj,$(lib_src))
	@rm -f $@
	ar rcs $@ $^

$(O)/flowlightd: $(call obj,$(wildcard daemon/*.c)) $(O)/libflow.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_RRD)
$(O)/flowlight.fcgi: $(call obj,$(wildcard cgi/*.c)) $(O)/libflow.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_CGI)
$(O)/flowlight: $(call obj,$(wildcard cli/*.c)) $(O)/libflow.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# SQL is kept as SQL and compiled in as a string.
$(O)/gen/%.sql.h: lib/store/%.sql
	@mkdir -p $(@D)
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< > $@

$(O)/obj/lib/store/%.o: ALL_CFLAGS += -I$(O)/gen
$(call obj,$(wildcard lib/store/*.c)): $(patsubst lib/store/%,$(O)/gen/%.h,$(wildcard lib/store/*.sql))

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(unit_tests): $(O)/test_%: $(O)/obj/tests/test_%.o $(O)/libflow.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_RRD) -lcmocka
$(helpers): $(O)/%: $(O)/obj/tests/%.o $(O)/libflow.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

tests: all $(unit_tests) $(helpers)

# T= names single tests: make check T='test_addr nfdump'
check: deps
	@$(MAKE) --no-print-directory tests
	@O=$(O) SAN=$(SAN) sh tests/run.sh $(T)

clean:
	rm -rf build build-san build-fuzz

.PHONY: all tests check clean deps
.SECONDARY:

-include $(wildcard $(O)/obj/*.d $(O)/obj/*/*.d $(O)/obj/*/*/*.d)
