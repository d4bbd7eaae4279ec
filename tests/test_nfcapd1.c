/* Reading nfcapd files of layout 1. */
#include "nfcheck.h"

static const struct expected expected[] = {
	{ 4, 0, F_INIF }, { 4, 1, F_OUTIF }, { 5, 0, F_INIF }, { 5, 1, F_OUTIF },
	{ 6, 0, F_SRCAS }, { 6, 1, F_DSTAS }, { 7, 0, F_SRCAS }, { 7, 1, F_DSTAS },
	{ 8, 0, F_DSTTOS }, { 8, 1, F_DIR }, { 8, 2, F_SRCMASK }, { 8, 3, F_DSTMASK },
	{ 9, 0, F_NEXTHOP }, { 10, 0, F_NEXTHOP }, { 11, 0, F_BGPNEXTHOP }, { 12, 0, F_BGPNEXTHOP },
	{ 13, 0, F_SRCVLAN }, { 13, 1, F_DSTVLAN },
	{ 14, 0, F_OUTPACKETS }, { 15, 0, F_OUTPACKETS }, { 16, 0, F_OUTBYTES }, { 17, 0, F_OUTBYTES },
	{ 18, 0, F_FLOWS }, { 19, 0, F_FLOWS },
	{ 20, 0, F_INSRCMAC }, { 20, 1, F_OUTDSTMAC }, { 21, 0, F_INDSTMAC }, { 21, 1, F_OUTSRCMAC },
	{ 22, 0, F_MPLS1 }, { 22, 4, F_MPLS5 }, { 22, 9, F_MPLS10 }, { 23, 0, F_ROUTER }, { 24, 0, F_ROUTER },
	{ 25, 1, F_ENGINETYPE }, { 25, 2, F_ENGINEID }, { 26, 0, F_NEXTAS }, { 26, 1, F_PREVAS },
	{ 27, 0, F_RECEIVED },
	{ 37, 0, F_EVENTTIME }, { 37, 1, F_CONNID }, { 37, 3, F_EVENT }, { 37, 5, F_XEVENT },
	{ 38, 0, F_XSRCPORT }, { 38, 1, F_XDSTPORT }, { 39, 0, F_XSRCIP }, { 39, 1, F_XDSTIP },
	{ 40, 0, F_XSRCIP }, { 40, 2, F_XDSTIP },
	{ 41, 0, F_IACL }, { 41, 1, F_IACE }, { 41, 2, F_IXACE },
	{ 41, 3, F_EACL }, { 41, 4, F_EACE }, { 41, 5, F_EXACE },
	{ 42, 0, F_USER }, { 43, 0, F_USER },
	{ 45, 0, F_CLIENTLATENCY }, { 45, 1, F_SERVERLATENCY }, { 45, 2, F_APPLATENCY },
	{ 46, 0, F_NATEVENT }, { 46, 3, F_EVRF }, { 46, 4, F_IVRF },
	{ 48, 0, F_PBSTART }, { 48, 1, F_PBEND }, { 48, 2, F_PBSTEP }, { 48, 3, F_PBSIZE },
};

static const struct { enum field field; unsigned base, width; } bases[] = {
	{ F_FIRST, BASE_FIRST, 8 }, { F_LAST, BASE_LAST, 8 }, { F_FWDSTAT, BASE_FWD, 1 }, { F_FLAGS, BASE_FLAGS, 1 },
	{ F_PROTO, BASE_PROTO, 1 }, { F_SRCTOS, BASE_TOS, 1 }, { F_SRCPORT, BASE_SRCPORT, 2 },
	{ F_DSTPORT, BASE_DSTPORT, 2 }, { F_PACKETS, BASE_PACKETS, 4 }, { F_BYTES, BASE_BYTES, 4 },
};

static unsigned nmaps = MAPS1;

static bool
has(const struct map1 *m, unsigned id)
{
	return id != 0 && memchr(m->ids, id, sizeof(m->ids)) != NULL;
}

/* The flow is the one that out_sample1 made. */
static void
check_flow(const struct batch *b, size_t i, unsigned flow)
{
	const struct map1 *m = &maps1[flow % nmaps];
	bool v6 = flow / nmaps % 2 != 0, old = nmaps == MAPS1 && flow % 2 != 0;

	for (size_t k = 0; k < sizeof(bases) / sizeof(bases[0]); k++)
		assert_int_equal(batch_number(b, bases[k].field, i), base_of(flow, bases[k].base, bases[k].width));
	assert_int_equal(COL16(b, F_SYSID)[i], base_of(flow, BASE_SYSID, old ? 1 : 2));
	assert_int_equal(COL8(b, F_RECFLAGS)[i], (flow % 5 == 0 ? 2 : 0) | (flow % 7 == 0));
	is_addr(b, F_SRCIP, i, v6 ? addr_from_v6(base_of(flow, BASE_ADDR, 8), base_of(flow, BASE_ADDR + 1, 8)) :
	    addr_from_v4(base_of(flow, BASE_ADDR, 4)));
	is_addr(b, F_DSTIP, i, v6 ? addr_from_v6(base_of(flow, BASE_ADDR + 2, 8), base_of(flow, BASE_ADDR + 3, 8)) :
	    addr_from_v4(base_of(flow, BASE_ADDR + 1, 4)));
	for (size_t k = 0; k < sizeof(expected) / sizeof(expected[0]); k++)
		if (has(m, expected[k].extension))
			is_member(b, i, flow, members1[expected[k].extension], expected[k]);
	assert_int_equal(COL8(b, F_ENDREASON)[i], !old && (has(m, 4) || has(m, 5) || has(m, 8)) ?
	    base_of(flow, BASE_END, 1) : 0);
	assert_int_equal(COL8(b, F_NFVERSION)[i], old ? 0 : base_of(flow, BASE_VERSION, 1));
	if (!has(m, 18) && !has(m, 19))
		assert_int_equal(COL64(b, F_FLOWS)[i], 1);
	if (!has(m, 6) && !has(m, 7))
		assert_int_equal(COL32(b, F_DSTAS)[i], 0);
	assert_int_equal(COL64(b, F_ELEMENTS)[i] >> E_IPV4 & 3, v6 ? 2 : 1);
	assert_int_equal(COL64(b, F_ELEMENTS)[i] >> E_AS & 1, has(m, 6) || has(m, 7));
	assert_int_equal(COL64(b, F_ELEMENTS)[i] >> E_NSEL & 1, has(m, 37));
	assert_int_equal(COL64(b, F_ELEMENTS)[i] >> E_VRF & 1, has(m, 46));
}

static void
test_all_extensions(void **state)
{
	(void)state;
	for (int pack = PACK_NONE; pack <= PACK_LZ4; pack++) {
		struct out o = { 0 };
		struct reading g;

		out_sample1(&o, MAPS1, 9000, 0, pack);
		g = read_all(o.p, o.n, check_flow);
		assert_string_equal(g.said, "");
		assert_int_equal(g.flows, 9000);
		free(o.p);
	}
}

static void
test_info(void **state)
{
	struct out o = { 0 };
	struct reader *r;
	const struct file_info *info;
	const struct exporter *x;
	struct batch *b;
	struct err e;
	size_t n;

	(void)state;
	out_sample1(&o, MAPS1, 100, 10, PACK_LZO);
	put_file(o.p, o.n);
	r = reader_open(scratch, &everything, &e);
	assert_non_null(r);
	info = reader_info(r);
	assert_string_equal(info->format, "nfcapd 1");
	assert_string_equal(info->compression, "lzo");
	assert_string_equal(info->ident, "sample1");
	assert_int_equal(info->blocks, 2);
	assert_true(info->has_stat);
	/* The same as nfdump -I says. */
	assert_int_equal(info->stat.by[PROTO_ALL].flows, 1000);
	assert_int_equal(info->stat.by[PROTO_ALL].bytes, 1001);
	assert_int_equal(info->stat.by[PROTO_UDP].flows, 1004);
	assert_int_equal(info->stat.by[PROTO_TCP].bytes, 1007);
	assert_int_equal(info->stat.by[PROTO_OTHER].packets, 1014);
	assert_int_equal(info->first_msec, 1700000000017);
	assert_int_equal(info->last_msec, 1700000300999);
	assert_int_equal(info->sequence_failures, 42);
	while (reader_next(r, &b, &e) == 1)
		;
	x = reader_exporters(r, &n);
	assert_int_equal(n, 1);
	assert_int_equal(x->sysid, 3);
	assert_int_equal(x->version, 9);
	assert_int_equal(x->id, 77);
	assert_int_equal(x->sampling, 100);
	assert_int_equal(x->packets, 600);
	assert_int_equal(addr_v4(&x->addr), 0xc0000207);
	reader_close(r);
	free(o.p);
}

/* One unit: nothing in a second one, all in the first. */
static void
test_units(void **state)
{
	struct out o = { 0 };
	struct reader *r;
	struct err e;

	(void)state;
	out_sample1(&o, MAPS1, 300, 10, PACK_LZ4);
	put_file(o.p, o.n);
	r = reader_open(scratch, &everything, &e);
	assert_non_null(r);
	assert_int_equal(reader_blocks(r, &e), 1);
	reader_close(r);
	assert_int_equal(read_units(0, 1, NULL).flows, 300);
	assert_int_equal(read_units(1, 5, NULL).flows, 0);
	free(o.p);
}

/* A file of one flow with these extensions; the extensions' bytes can be set by the caller. */
static struct out
one_flow(const struct map1 *m, size_t *extensions)
{
	struct out o = { 0 };
	struct block1 b;

	out_head1(&o, 0, 1, "one");
	b = out_block1(&o);
	out_map1(&o, &b, 5, m);
	*extensions = o.n + 32 + 8 + 8;
	out_flow1(&o, &b, 10, 1, 0, 5, m);
	out_block1_end(&o, &b, PACK_NONE);
	return o;
}

static void
check_port_block(const struct batch *b, size_t i, unsigned flow)
{
	(void)flow;
	assert_int_equal(COL16(b, F_PBSTART)[i], 1024);
	assert_int_equal(COL16(b, F_PBEND)[i], 1024 + 512 - 1);
}

/* A block of ports with a size alone has an end. */
static void
test_port_block(void **state)
{
	static const struct map1 m = { { 48 } };
	size_t at;
	struct out o = one_flow(&m, &at);

	(void)state;
	out_set(&o, at, 2, 1024);
	out_set(&o, at + 2, 2, 0);
	out_set(&o, at + 6, 2, 512);
	assert_int_equal(read_all(o.p, o.n, check_port_block).flows, 1);
	free(o.p);
}

static void
check_event(const struct batch *b, size_t i, unsigned flow)
{
	(void)flow;
	assert_int_equal(COL64(b, F_FIRST)[i], BASE_MSEC + 77);
	assert_int_equal(COL64(b, F_LAST)[i], base_of(1, BASE_LAST, 8));
	assert_int_equal(COL16(b, F_DSTPORT)[i], 0x0301);
	assert_int_equal(COL8(b, F_ICMPTYPE)[i], 3);
}

/* An event without times has that of the event; ICMP's type and code are the event's. */
static void
test_event(void **state)
{
	static const struct map1 m = { { 37 } };
	size_t at, flow;
	struct out o = one_flow(&m, &at);

	(void)state;
	flow = at - 48;
	out_set(&o, flow + 8, 2, 0);
	out_set(&o, flow + 12, 4, 0);
	out_set(&o, flow + 22, 1, 1);
	out_set(&o, at, 8, BASE_MSEC + 77);
	out_set(&o, at + 12, 2, 0x0301);
	assert_int_equal(read_all(o.p, o.n, check_event).flows, 1);
	free(o.p);
}

static void
check_as(const struct batch *b, size_t i, unsigned flow)
{
	is_member(b, i, flow, members1[flow == 0 ? 7 : 6], (struct expected){ flow == 0 ? 7 : 6, 1, F_DSTAS });
}

/* Another map takes the number of the first, in a later block. */
static void
test_map_replaced(void **state)
{
	static const struct map1 wide = { { 7 } }, narrow = { { 6, 4 } };
	struct out o = { 0 };
	struct block1 b;
	struct reading g;

	(void)state;
	out_head1(&o, 0, 2, "two");
	b = out_block1(&o);
	out_map1(&o, &b, 9, &wide);
	out_flow1(&o, &b, 10, 0, 0, 9, &wide);
	out_block1_end(&o, &b, PACK_NONE);
	b = out_block1(&o);
	out_map1(&o, &b, 9, &narrow);
	out_flow1(&o, &b, 10, 1, 0, 9, &narrow);
	out_block1_end(&o, &b, PACK_NONE);
	g = read_all(o.p, o.n, check_as);
	assert_int_equal(g.flows, 2);
	assert_string_equal(g.said, "");
	free(o.p);
}

/* What is wrong is said, and the rest is read. */
static void
test_faults(void **state)
{
	static const struct map1 none = { { 0 } }, as = { { 7 } };
	struct out o = { 0 };
	struct block1 b;
	struct reading g;

	(void)state;
	out_head1(&o, 0, 1, "faults");
	b = out_block1(&o);
	out_map1(&o, &b, 1, &as);
	out_map1(&o, &b, 2, &none);
	out_set(&o, o.n - 4, 2, 44);		/* of which nobody knows the size */
	out_flow1(&o, &b, 10, 0, 0, 7, &as);	/* a map that is not there */
	out_flow1(&o, &b, 10, 1, 0, 1, &none);	/* too small for its map */
	out_flow1(&o, &b, 10, 2, 0, 2, &none);
	out_flow1(&o, &b, 10, 3, 0, 1, &as);
	out_block1_end(&o, &b, PACK_NONE);
	g = read_all(o.p, o.n, NULL);
	assert_int_equal(g.flows, 2);
	assert_int_equal(g.faults, 3);
	assert_string_equal(g.said, "record 3: extension map 7 was not given");
	out_set(&o, 4, 4, 0x11);
	g = read_all(o.p, o.n, NULL);
	assert_true(g.refused);
	assert_non_null(strstr(g.said, "flags 0x11 name more than one compression"));
	free(o.p);
}

/* A file that is being written: no numbers yet, and no fault that it ends anywhere. */
static void
test_live(void **state)
{
	struct out o = { 0 };
	struct reading g;

	(void)state;
	out_sample1(&o, MAPS1, 100, 10, PACK_NONE);
	out_set(&o, 8, 4, 0);
	g = read_all(o.p, o.n - 20, NULL);
	assert_int_equal(g.flows, 99);
	assert_string_equal(g.said, "");
	free(o.p);
}

/* A small file with both kinds of flows; where flows end, and the bytes of record types. */
static struct out
small_file(size_t ends[static 16], long *n, uint8_t **types)
{
	static const struct map1 m[] = { { { 4, 6, 8 } }, { { 37, 43 } } };
	struct out o = { 0 };
	struct block1 b;
	size_t at[16];

	out_head1(&o, 0, 2, "small");
	*n = 0;
	for (unsigned block = 0; block < 2; block++) {
		b = out_block1(&o);
		if (block == 0) {
			out_map1(&o, &b, 0, &m[0]);
			out_map1(&o, &b, 3, &m[1]);
			out_exporters1(&o, &b);
		}
		for (unsigned i = 0; i < 3; i++) {
			at[*n] = o.n;
			out_flow1(&o, &b, i == 1 ? 1 : 10, i, i, i % 2 * 3, &m[i % 2]);
			ends[(*n)++] = o.n;
		}
		out_block1_end(&o, &b, PACK_NONE);
	}
	*types = calloc(1, o.n);
	for (long i = 0; i < *n; i++)
		(*types)[at[i]] = (*types)[at[i] + 1] = 1;
	return o;
}

static void
test_damage(void **state)
{
	size_t ends[16];
	uint8_t *types;
	long n;
	struct out o = small_file(ends, &n, &types), packed = { 0 };

	(void)state;
	cut_everywhere(&o, ends, n);
	flip_everywhere(&o, n, types);
	scribble(&o, TIMES);
	out_sample1(&packed, 3, 12, 10, PACK_LZ4);
	scribble(&packed, TIMES);
	free(packed.p);
	free(o.p);
	free(types);
}

static void
test_nfdump_sample(void **state)
{
	struct out o = { 0 };

	(void)state;
	nmaps = MAPS1_NFDUMP;
	out_sample1(&o, nmaps, 1000, 10, PACK_BZ2);
	assert_int_equal(read_all(o.p, o.n, check_flow).flows, 1000);
	nmaps = MAPS1;
	free(o.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_extensions),
		cmocka_unit_test(test_nfdump_sample),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_port_block),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_map_replaced),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_damage),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(scratch);
	return rc;
}
