/* Reading nfcapd files of layout 3. */
#include "nfcheck.h"

static const struct expected expected[] = {
	{ 1, 0, F_FIRST }, { 1, 1, F_LAST }, { 1, 2, F_RECEIVED }, { 1, 3, F_PACKETS }, { 1, 4, F_BYTES },
	{ 1, 5, F_SRCPORT }, { 1, 6, F_DSTPORT }, { 1, 7, F_PROTO }, { 1, 8, F_FLAGS }, { 1, 9, F_FWDSTAT },
	{ 1, 10, F_SRCTOS },
	{ 2, 0, F_SRCIP }, { 2, 1, F_DSTIP }, { 3, 0, F_SRCIP }, { 3, 2, F_DSTIP },
	{ 4, 0, F_INIF }, { 4, 1, F_OUTIF },
	{ 5, 0, F_SRCMASK }, { 5, 1, F_DSTMASK }, { 5, 2, F_DIR }, { 5, 3, F_BIDIR }, { 5, 4, F_DSTTOS },
	{ 5, 5, F_ENDREASON },
	{ 6, 0, F_FLOWS }, { 6, 1, F_OUTPACKETS }, { 6, 2, F_OUTBYTES }, { 7, 0, F_SRCVLAN }, { 7, 1, F_DSTVLAN },
	{ 8, 0, F_SRCAS }, { 8, 1, F_DSTAS }, { 9, 0, F_NEXTHOP }, { 9, 1, F_BGPNEXTHOP },
	{ 10, 0, F_NEXTHOP }, { 10, 2, F_BGPNEXTHOP }, { 11, 0, F_ROUTER }, { 12, 0, F_ROUTER },
	{ 13, 0, F_MPLS1 }, { 13, 4, F_MPLS5 }, { 13, 9, F_MPLS10 },
	{ 14, 0, F_INSRCMAC }, { 14, 1, F_OUTDSTMAC }, { 15, 0, F_INDSTMAC }, { 15, 1, F_OUTSRCMAC },
	{ 16, 0, F_NEXTAS }, { 16, 1, F_PREVAS },
	{ 17, 0, F_CLIENTLATENCY }, { 17, 1, F_SERVERLATENCY }, { 17, 2, F_APPLATENCY },
	{ 18, 0, F_XSRCIP }, { 18, 1, F_XDSTIP }, { 19, 0, F_XSRCIP }, { 19, 2, F_XDSTIP },
	{ 20, 0, F_XSRCPORT }, { 20, 1, F_XDSTPORT },
	{ 21, 0, F_EVENTTIME }, { 21, 1, F_CONNID }, { 21, 2, F_XEVENT }, { 21, 3, F_EVENT }, { 21, 6, F_NATEVENT },
	{ 21, 7, F_NATPOOL },
	{ 22, 0, F_IACL }, { 22, 1, F_IACE }, { 22, 2, F_IXACE },
	{ 22, 3, F_EACL }, { 22, 4, F_EACE }, { 22, 5, F_EXACE },
	{ 23, 0, F_USER }, { 24, 0, F_PBSTART }, { 24, 1, F_PBEND }, { 24, 2, F_PBSTEP }, { 24, 3, F_PBSIZE },
	{ 28, 0, F_TUNSRCIP }, { 28, 1, F_TUNDSTIP }, { 28, 2, F_TUNPROTO },
	{ 29, 0, F_TUNSRCIP }, { 29, 2, F_TUNDSTIP }, { 29, 4, F_TUNPROTO },
	{ 30, 0, F_OBSPOINT }, { 30, 1, F_OBSDOMAIN }, { 33, 0, F_EVRF }, { 33, 1, F_IVRF },
	{ 34, 0, F_PFACTION }, { 34, 1, F_PFREASON }, { 34, 2, F_PFDIR }, { 34, 4, F_PFRULE }, { 34, 8, F_PFIF },
	{ 35, 0, F_LAYER2VLAN }, { 35, 1, F_CUSTVLAN }, { 35, 2, F_POSTVLAN }, { 35, 3, F_POSTCUSTVLAN },
	{ 35, 4, F_PHYSIN }, { 35, 5, F_PHYSOUT }, { 35, 6, F_VXLAN }, { 35, 7, F_ETHERTYPE },
	{ 36, 0, F_FLOWID }, { 37, 0, F_NATINSERVICE }, { 37, 1, F_NATOUTSERVICE },
	{ 39, 0, F_FRAGFLAGS }, { 39, 1, F_MINTTL }, { 39, 2, F_MAXTTL },
};

/* Extensions of bytes, and extensions and elements that come and go together. */
static const struct { uint8_t extension, field; } bytes[] = {
	{ 25, F_NBAR }, { 26, F_INPAYLOAD }, { 27, F_OUTPAYLOAD },
};
static const struct { uint64_t extensions; uint8_t element; } elements[] = {
	{ 1 << 1, E_GENERIC }, { 1 << 2, E_IPV4 }, { 1 << 3, E_IPV6 }, { 1 << 4 | 1 << 5, E_MISC }, { 1 << 6, E_CNT },
	{ 1 << 9, E_NEXT4 }, { 1 << 10, E_BGPNEXT6 }, { 1 << 14 | 1 << 15, E_MAC }, { 1 << 24, E_PBLOCK },
	{ (uint64_t)1 << 33, E_VRF }, { (uint64_t)1 << 39, E_IPINFO },
};

static void
check_flow(const struct batch *b, size_t i, unsigned flow)
{
	uint64_t bits = bits3_of(flow);

	assert_int_equal(COL16(b, F_SYSID)[i], base_of(flow, BASE_SYSID, 2));
	assert_int_equal(COL8(b, F_ENGINETYPE)[i], base_of(flow, BASE_FWD, 1));
	assert_int_equal(COL8(b, F_ENGINEID)[i], base_of(flow, BASE_TOS, 1));
	assert_int_equal(COL8(b, F_NFVERSION)[i], base_of(flow, BASE_VERSION, 1));
	assert_int_equal(COL8(b, F_RECFLAGS)[i], 2);
	for (size_t k = 0; k < sizeof(expected) / sizeof(expected[0]); k++)
		if (bits >> expected[k].extension & 1)
			is_member(b, i, flow, members3[expected[k].extension], expected[k]);
	for (size_t k = 0; k < sizeof(bytes) / sizeof(bytes[0]); k++) {
		uint8_t want[32];

		if (!(bits >> bytes[k].extension & 1)) {
			is_text(b, bytes[k].field, i, "", 0);
			continue;
		}
		for (unsigned m = 0; m < sizeof(want); m++)
			want[m] = flow + bytes[k].extension + m;
		is_text(b, bytes[k].field, i, want, bytes_of(flow, bytes[k].extension));
	}
	for (size_t k = 0; k < sizeof(elements) / sizeof(elements[0]); k++)
		assert_int_equal(COL64(b, F_ELEMENTS)[i] >> elements[k].element & 1,
		    (bits & elements[k].extensions) != 0);
	if (!(bits & 1 << 6))
		assert_int_equal(COL64(b, F_FLOWS)[i], 1);
	if (!(bits & 1 << 4))
		assert_int_equal(COL32(b, F_INIF)[i], 0);
}

static void
test_all_extensions(void **state)
{
	(void)state;
	/* Each compression as the file's, and all in one file as the blocks'. */
	for (int pack = -1; pack < PACKINGS; pack++) {
		struct file3 f = { 0 };
		struct reading g;

		file3_sample(&f, 12000, 1700, pack);
		g = read_all(f.o.p, f.o.n, check_flow);
		assert_string_equal(g.said, "");
		assert_int_equal(g.flows, 12000);
		file3_free(&f);
	}
}

static void
test_info(void **state)
{
	struct file3 f = { 0 };
	struct reader *r;
	const struct file_info *info;
	struct err e;

	(void)state;
	file3_sample(&f, 100, 30, PACK_ZSTD);
	put_file(f.o.p, f.o.n);
	r = reader_open(scratch, &everything, &e);
	assert_non_null(r);
	info = reader_info(r);
	assert_string_equal(info->format, "nfcapd 3");
	assert_string_equal(info->compression, "zstd");
	assert_string_equal(info->ident, "sample3");
	assert_string_equal(info->writer, "nfcapd 1.8.0");
	assert_int_equal(info->created, 1700000000);
	assert_int_equal(info->blocks, 4);
	assert_int_equal(reader_blocks(r, &e), 4);
	assert_true(info->has_stat);
	assert_int_equal(info->stat.by[PROTO_ALL].packets, 1002);
	assert_int_equal(info->stat.by[PROTO_OTHER].packets, 1014);
	assert_int_equal(info->first_msec, 1700000000017);
	assert_int_equal(info->last_msec, 1700000300999);
	assert_int_equal(info->sequence_failures, 42);
	reader_close(r);
	file3_free(&f);
}

static void
test_units(void **state)
{
	struct file3 f = { 0 };

	(void)state;
	file3_sample(&f, 100, 30, PACK_LZ4);
	put_file(f.o.p, f.o.n);
	assert_int_equal(read_units(0, 1, NULL).flows, 30);
	assert_int_equal(read_units(1, 2, NULL).flows, 60);
	assert_int_equal(read_units(3, 9, NULL).flows, 10);
	assert_int_equal(read_units(4, 1, NULL).flows, 0);
	file3_free(&f);
}

/* Every third flow. */
static size_t
choose_third(void *ctx, const struct batch *b, uint8_t *sel)
{
	size_t n = 0;

	(void)ctx;
	for (size_t i = 0; i < b->n; i++) {
		assert_int_equal(COL64(b, F_BYTES)[i], value_of(b->first_number + i - 1, 1, 4, members3[1][4]));
		n += sel[i] = (b->first_number + i) % 3 == 0;
	}
	return n;
}

static void
test_selection(void **state)
{
	struct selection third = { .choose = choose_third };
	struct file3 f = { 0 };
	struct reader *r;
	struct batch *b;
	struct err e;
	unsigned n = 0;

	(void)state;
	fieldset_add(&third.fields, F_BYTES);
	for (unsigned i = 0; i < 2; i++) {
		struct block3 block;

		if (i == 0)
			file3_start(&f, 1, 0);
		block = file3_block(&f, 1, 0);
		for (unsigned k = 0; k < 1000; k++)
			out_flow3(&f.o, &block, i * 1000 + k, 1 << 1 | bits3_of(i * 1000 + k), false);
		file3_block_end(&f, &block, 1, PACK_NONE);
	}
	file3_end(&f);
	put_file(f.o.p, f.o.n);
	r = reader_open_selecting(scratch, &everything, &third, &e);
	assert_non_null(r);
	while (reader_next(r, &b, &e) == 1)
		for (size_t i = 0; i < b->n; i++) {
			assert_int_equal(b->number[i], ++n * 3);
			check_flow(b, i, b->number[i] - 1);
		}
	assert_int_equal(n, 666);
	assert_int_equal(reader_info(r)->flows, 2000);
	reader_close(r);
	file3_free(&f);
}

/* A file of one block, to be changed. */
static struct file3
one_block(unsigned nflows)
{
	struct file3 f = { 0 };
	struct block3 b;

	file3_start(&f, 1, 0);
	b = file3_block(&f, 1, 0);
	for (unsigned i = 0; i < nflows; i++)
		out_flow3(&f.o, &b, i, bits3_of(i), false);
	file3_block_end(&f, &b, 1, PACK_NONE);
	return f;
}

static struct reading
read_file3(struct file3 *f)
{
	struct reading g;

	file3_end(f);
	g = read_all(f->o.p, f->o.n, NULL);
	file3_free(f);
	return g;
}

static void
test_encrypted(void **state)
{
	struct file3 f = one_block(3);
	struct reading g;

	(void)state;
	out_set(&f.o, 20, 4, 1);
	g = read_file3(&f);
	assert_true(g.refused);
	assert_non_null(strstr(g.said, "nfcapd 3: the file is encrypted"));
	f = one_block(3);
	out_set(&f.o, 48 + 14, 2, 1);
	g = read_file3(&f);
	assert_int_equal(g.flows, 0);
	assert_string_equal(g.said, "the block is encrypted");
}

static void
test_unknown_block(void **state)
{
	struct file3 f = one_block(3);
	struct block3 b = file3_block(&f, 77, 1);
	struct reading g;

	(void)state;
	out_zeros(&f.o, 16);
	file3_block_end(&f, &b, 77, PACK_NONE);
	g = read_file3(&f);
	assert_int_equal(g.flows, 3);
	assert_int_equal(g.faults, 1);
	assert_string_equal(g.said, "block type 77 is unknown: left out");
}

/* Without a directory, with a wrong one, while the file is written: the blocks are found. */
static void
test_directory(void **state)
{
	struct file3 f = one_block(5);
	struct reading g;

	(void)state;
	put_file(f.o.p, f.o.n);			/* header says that there is none yet */
	g = read_units(0, 0, NULL);
	assert_int_equal(g.flows, 5);
	assert_string_equal(g.said, "");
	g = read_file3(&f);
	assert_string_equal(g.said, "");

	f = one_block(5);
	file3_end(&f);
	g = read_all(f.o.p, f.o.n - 56, NULL);
	assert_int_equal(g.flows, 5);
	assert_string_equal(g.said, "no footer: blocks are looked for one after another");
	out_set(&f.o, f.o.n - 48, 8, 49);
	g = read_all(f.o.p, f.o.n, NULL);
	assert_int_equal(g.flows, 5);
	assert_string_equal(g.said, "header and footer name different directories");
	file3_free(&f);

	f = one_block(5);
	out_bytes(&f.directory, f.directory.p, 16);	/* the same block again */
	f.nentries = 2;
	g = read_file3(&f);
	assert_int_equal(g.flows, 5);
	assert_non_null(strstr(g.said, "within the one before"));
}

/* Records of metadata lead a block, counted or not. */
static void
test_meta(void **state)
{
	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		struct file3 f = { 0 };
		struct block3 b;
		struct reading g;

		file3_start(&f, 1, 0);
		b = file3_block(&f, 1, 0);
		out_number(&f.o, 2, 18);
		out_number(&f.o, 2, 40);
		out_zeros(&f.o, 36);
		b.records += counted;
		for (unsigned i = 0; i < 4; i++)
			out_flow3(&f.o, &b, i, bits3_of(i), false);
		file3_block_end(&f, &b, 1, PACK_LZO);
		out_set(&f.o, 18, 2, 2);
		g = read_file3(&f);
		assert_int_equal(g.flows, 4);
		assert_string_equal(g.said, "");
	}
}

static void
check_family(const struct batch *b, size_t i, unsigned flow)
{
	(void)flow;
	is_addr(b, F_SRCIP, i, addr_from_v4(value_of(0, 2, 0, members3[2][0])));
	assert_int_equal(COL64(b, F_ELEMENTS)[i] & (ELEMENT(E_IPV4) | ELEMENT(E_IPV6)), ELEMENT(E_IPV4));
}

/* Addresses of both families: the version in the layer 2 element says which counts. */
static void
test_both_families(void **state)
{
	struct file3 f = { 0 };
	struct block3 b;
	struct reading g;

	(void)state;
	file3_start(&f, 1, 0);
	b = file3_block(&f, 1, 0);
	out_flow3(&f.o, &b, 0, 1 << 1 | 1 << 2 | 1 << 3 | (uint64_t)1 << 35, false);
	out_set(&f.o, f.o.n - 6, 1, 4);
	file3_block_end(&f, &b, 1, PACK_NONE);
	file3_end(&f);
	g = read_all(f.o.p, f.o.n, check_family);
	assert_int_equal(g.flows, 1);
	assert_string_equal(g.said, "");
	file3_free(&f);
}

/* Offsets of extensions where they cannot be. */
static void
test_offsets(void **state)
{
	static const struct { unsigned offset; const char *said; long flows; } cases[] = {
		{ 8, "record 1: extension 2 has 0 of 8 bytes: left out", 1 },
		{ 4000, "record 1: extension 2 has 0 of 8 bytes: left out", 1 },
		{ 32, "record 1: extension 2 has 0 of 8 bytes: left out", 1 },	/* where another one is */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file3 f = { 0 };
		struct block3 b;
		struct reading g;

		file3_start(&f, 1, 0);
		b = file3_block(&f, 1, 0);
		out_flow3(&f.o, &b, 0, 1 << 1 | 1 << 2, false);
		out_set(&f.o, 48 + 56 + 26, 2, cases[i].offset);
		file3_block_end(&f, &b, 1, PACK_NONE);
		g = read_file3(&f);
		assert_string_equal(g.said, cases[i].said);
		assert_int_equal(g.flows, cases[i].flows);
	}
}

static void
test_damage(void **state)
{
	struct file3 f = { 0 }, packed = { 0 };
	size_t ends[16];
	uint8_t *types;
	long n = 0;

	(void)state;
	file3_start(&f, 1, 0);
	for (unsigned block = 0; block < 2; block++) {
		struct block3 b = file3_block(&f, 1, 0);

		for (unsigned i = 0; i < 3; i++) {
			out_flow3(&f.o, &b, n, i == 0 ? BITS3_ALL & ~8 : bits3_of(n), i == 1);
			ends[n++] = f.o.n;
		}
		file3_block_end(&f, &b, 1, PACK_NONE);
	}
	file3_end(&f);
	types = calloc(1, f.o.n);
	for (size_t at = 0; at + 1 < f.o.n; at++)	/* a flow's type may become that of metadata */
		if (f.o.p[at] == 16 && f.o.p[at + 1] == 0)
			types[at] = 1;
	cut_everywhere(&f.o, ends, n);
	flip_everywhere(&f.o, n, types);
	scribble(&f.o, TIMES);
	file3_sample(&packed, 30, 7, -1);
	scribble(&packed.o, TIMES);
	file3_free(&packed);
	file3_free(&f);
	free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_extensions),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_unknown_block),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_both_families),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_damage),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(scratch);
	return rc;
}
