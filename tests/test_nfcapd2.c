/*
 * Reading nfcapd files of layout 2.  The files are of the real nfcapd; numbers
 * are those of nfdump -I and -o raw.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#include <cmocka.h>

#include "format/element.h"
#include "format/nfcapd2.h"
#include "format/reader.h"

#define DATA	"tests/data/nfcapd/"

static struct fieldset
all_fields(void)
{
	struct fieldset set = { { 0, 0 } };

	for (int f = 0; f < F_COUNT; f++)
		fieldset_add(&set, f);
	return set;
}

static struct reader *
opened(const char *path, const struct fieldset *set)
{
	struct err e = { 0 };
	struct reader *r = reader_open(path, set, &e);

	if (r == NULL)
		fail_msg("%s", e.text);
	return r;
}

static struct traffic
counted(struct reader *r)
{
	struct traffic t = { 0 };
	struct err e = { 0 };
	uint64_t number = 1;
	struct batch *b;
	int rc;

	while ((rc = reader_next(r, &b, &e)) == 1) {
		assert_int_equal(b->first_number, number);
		number += b->n;
		traffic_add(&t, b, NULL);
	}
	assert_int_equal(rc, 0);
	return t;
}

static const struct {
	const char *name, *packing;
	uint64_t flows, packets, bytes, tcp_flows, udp_bytes, other_packets;
} files[] = {
	{ "v5_none", "none", 207, 1101, 553665, 160, 38421, 23 },
	{ "v9_none", "none", 211, 1116, 558680, 162, 38737, 23 },
	{ "v10_none", "none", 211, 1116, 558680, 162, 38737, 23 },
	{ "v5_lzo", "lzo", 207, 1101, 553665, 160, 38421, 23 },
	{ "v10_lzo", "lzo", 211, 1116, 558680, 162, 38737, 23 },
	{ "v5_bz2", "bz2", 207, 1101, 553665, 160, 38421, 23 },
	{ "v9_bz2", "bz2", 211, 1116, 558680, 162, 38737, 23 },
	{ "v9_lz4", "lz4", 211, 1116, 558680, 162, 38737, 23 },
	{ "v10_lz4", "lz4", 211, 1116, 558680, 162, 38737, 23 },
	{ "mix_none", "none", 629, 3333, 1671025, 0, 0, 0 },
	{ "pflow10", "none", 25, 11121415, 17378491558, 0, 0, 0 },
	{ "pfflowd5", "none", 19, 11121299, 10935963257, 0, 0, 0 },
	{ "v5_sampled", "none", 69, 1110, 446930, 0, 0, 0 },
	{ "v10_bidir", "none", 130, 1116, 558680, 101, 38737, 23 },
	{ "empty_none", "none", 0, 0, 0, 0, 0, 0 },
	{ "pflow10-late", "none", 0, 0, 0, 0, 0, 0 },
};

static void
test_totals(void **state)
{
	struct fieldset set = { { 0, 0 } };

	(void)state;
	traffic_fields(&set);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct file_info *info;
		struct traffic t;
		struct reader *r;
		char path[128];

		snprintf(path, sizeof(path), DATA "%s.nfcapd", files[i].name);
		r = opened(path, &set);
		info = reader_info(r);
		assert_string_equal(info->format, "nfcapd 2");
		assert_string_equal(info->compression, files[i].packing);
		assert_string_equal(info->ident, "ftcap");
		assert_string_equal(info->writer, "nfdump 1.7.1");
		assert_true(info->has_stat);
		t = counted(r);
		assert_int_equal(t.by[PROTO_ALL].flows, files[i].flows);
		assert_int_equal(t.by[PROTO_ALL].packets, files[i].packets);
		assert_int_equal(t.by[PROTO_ALL].bytes, files[i].bytes);
		assert_memory_equal(&t.by[PROTO_ALL], &info->stat.by[PROTO_ALL], sizeof(t.by[PROTO_ALL]));
		if (files[i].tcp_flows != 0) {
			assert_int_equal(t.by[PROTO_TCP].flows, files[i].tcp_flows);
			assert_int_equal(t.by[PROTO_UDP].bytes, files[i].udp_bytes);
			assert_int_equal(t.by[PROTO_OTHER].packets, files[i].other_packets);
		}
		assert_int_equal(reader_faults(r)->n, 0);
		reader_close(r);
	}
}

/* The first flow of v9_none, as `nfdump -o raw` shows it. */
static void
test_one_flow(void **state)
{
	struct fieldset set = all_fields();
	struct reader *r = opened(DATA "v9_none.nfcapd", &set);
	struct err e = { 0 };
	char text[ADDR_STRLEN];
	struct batch *b;

	(void)state;
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 211);
	assert_string_equal(b->ident, "ftcap");
	assert_int_equal(COL64(b, F_FIRST)[0], 1795197011370);
	assert_int_equal(COL64(b, F_LAST)[0], 1795197015339);
	assert_int_equal(COL64(b, F_RECEIVED)[0], 1795197636838);
	assert_int_equal(COL64(b, F_DURATION)[0], 3969);
	assert_int_equal(COL8(b, F_PROTO)[0], 6);
	assert_int_equal(COL8(b, F_FLAGS)[0], 0x1e);
	assert_int_equal(COL16(b, F_SRCPORT)[0], 12013);
	assert_int_equal(COL16(b, F_DSTPORT)[0], 80);
	assert_int_equal(COL64(b, F_PACKETS)[0], 8);
	assert_int_equal(COL64(b, F_BYTES)[0], 488);
	assert_int_equal(COL64(b, F_FLOWS)[0], 1);
	assert_int_equal(COL64(b, F_OUTBYTES)[0], 0);
	assert_int_equal(COL16(b, F_SYSID)[0], 1);
	assert_int_equal(COL8(b, F_NFVERSION)[0], 9);
	assert_int_equal(COL8(b, F_DIR)[0], 0);
	assert_int_equal(COL8(b, F_DIR)[1], 1);
	assert_int_equal(COL64(b, F_ELEMENTS)[0],
	    1 | ELEMENT(E_GENERIC) | ELEMENT(E_IPV4) | ELEMENT(E_MISC) | ELEMENT(E_ROUTER4));
	assert_int_equal(b->elements_all & ELEMENT(E_MISC), ELEMENT(E_MISC));
	assert_int_equal(b->elements_all & ELEMENT(E_IPV4), 0);
	addr_print(&COLADDR(b, F_SRCIP)[0], text);
	assert_string_equal(text, "192.168.0.10");
	addr_print(&COLADDR(b, F_DSTIP)[0], text);
	assert_string_equal(text, "203.0.113.25");
	addr_print(&COLADDR(b, F_ROUTER)[0], text);
	assert_string_equal(text, "127.0.0.1");
	addr_print(&COLADDR(b, F_NEXTHOP)[0], text);
	assert_string_equal(text, "0.0.0.0");
	assert_int_equal(COLSLICE(b, F_LABEL)[0].len, 0);
	assert_int_equal(reader_next(r, &b, &e), 0);
	assert_int_equal(reader_next(r, &b, &e), 0);
	reader_close(r);
}

static void
test_exporters(void **state)
{
	static const struct exporter want[] = {
		{ .sysid = 1, .version = 5, .packets = 7, .flows = 207 },
		{ .sysid = 2, .version = 9, .packets = 7, .flows = 211 },
		{ .sysid = 3, .version = 10, .packets = 7, .flows = 211, .sequence_failures = 4 },
	};
	struct fieldset none = { { 0, 0 } };
	struct reader *r = opened(DATA "mix_none.nfcapd", &none);
	const struct exporter *x;
	size_t n;

	(void)state;
	while (reader_next(r, &(struct batch *){ NULL }, &(struct err){ 0 }) == 1)
		;
	x = reader_exporters(r, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < 3; i++) {
		char text[ADDR_STRLEN];

		addr_print(&x[i].addr, text);
		assert_string_equal(text, "127.0.0.1");
		assert_int_equal(x[i].sysid, want[i].sysid);
		assert_int_equal(x[i].version, want[i].version);
		assert_int_equal(x[i].packets, want[i].packets);
		assert_int_equal(x[i].flows, want[i].flows);
		assert_int_equal(x[i].sequence_failures, want[i].sequence_failures);
	}
	assert_int_equal(reader_info(r)->sequence_failures, 4);
	reader_close(r);
	r = opened(DATA "v5_sampled.nfcapd", &none);
	while (reader_next(r, &(struct batch *){ NULL }, &(struct err){ 0 }) == 1)
		;
	x = reader_exporters(r, &n);
	assert_int_equal(n, 1);
	assert_int_equal(x[0].sampling, 10);
	reader_close(r);
}

/*
 * A file of our own making, for what the samples lack: each element with a
 * payload of known bytes, several blocks, samplers, addresses of both families.
 */
static char made[] = "/tmp/flowlight-test-nfcapd2.XXXXXX";

struct maker { uint8_t bytes[200000]; size_t n, block, records; unsigned blocks; };

static void
put(struct maker *m, const void *p, size_t n)
{
	memcpy(m->bytes + m->n, p, n);
	m->n += n;
}

static void
put16(struct maker *m, uint16_t v)
{
	put(m, &v, sizeof(v));
}

static void
make_start(struct maker *m)
{
	memset(m, 0, sizeof(*m));
	m->n = FILE_HEAD;
}

static void
block_start(struct maker *m)
{
	m->block = m->n;
	m->n += BLOCK_HEAD;
	m->records = 0;
	m->blocks++;
}

static void
block_end(struct maker *m)
{
	uint32_t head[3] = { m->records, m->n - m->block - BLOCK_HEAD, BLOCK_RECORDS };

	memcpy(m->bytes + m->block, head, BLOCK_HEAD);
}

/* A flow with these elements, whose payloads of 64 bytes (or len) count up from id. */
static void
put_flow(struct maker *m, const uint8_t *ids, size_t n, size_t len)
{
	uint8_t head[RECORD_HEAD] = { 0 };
	size_t at = m->n, size;

	m->n += RECORD_HEAD;
	for (size_t i = 0; i < n; i++) {
		put16(m, ids[i]);
		put16(m, ELEMENT_HEAD + len);
		for (size_t k = 0; k < len; k++)
			m->bytes[m->n++] = ids[i] + k;
	}
	size = m->n - at;
	memcpy(head, &(uint16_t){ RECORD_FLOW }, 2);
	memcpy(head + 2, &(uint16_t){ size }, 2);
	memcpy(head + 4, &(uint16_t){ n }, 2);
	memcpy(m->bytes + at, head, RECORD_HEAD);
	m->records++;
}

static void
make_end(struct maker *m)
{
	int fd = open(made, O_WRONLY | O_TRUNC);
	uint64_t end = m->n;
	uint32_t blocks = m->blocks;

	memcpy(m->bytes, &(uint32_t){ NFCAPD_MAGIC | 2 << 16 }, 4);
	memcpy(m->bytes + 4, &(uint32_t){ 0x01070500 }, 4);
	memcpy(m->bytes + 20, &(uint32_t){ 1 }, 4);
	memcpy(m->bytes + 24, &end, 8);
	memcpy(m->bytes + 36, &blocks, 4);
	memcpy(m->bytes + 18, &(uint16_t){ 1 }, 2);
	/* The appendix: just an ident. */
	m->blocks--;
	block_start(m);
	put16(m, RECORD_IDENT);
	put16(m, 8);
	put(m, "abc", 4);
	m->records = 1;
	block_end(m);
	assert_true(fd != -1 && write(fd, m->bytes, m->n) == (ssize_t)m->n);
	close(fd);
}

static struct maker maker;

static uint64_t
payload(unsigned id, unsigned offset, unsigned width)
{
	uint8_t bytes[8] = { 0 };
	uint64_t v;

	for (unsigned i = 0; i < width; i++)
		bytes[i] = id + offset + i;
	memcpy(&v, bytes, sizeof(v));
	return v;
}

/* Every place of every element gives its bytes, and nothing else does. */
static void
test_every_element(void **state)
{
	static const uint8_t width_of[LOADS] = {
		[LOAD_8] = 1, [LOAD_16] = 2, [LOAD_32] = 4, [LOAD_64] = 8, [LOAD_32TO8] = 1, [LOAD_FLOWS] = 8,
	};
	struct fieldset set = all_fields();
	struct batch *b;
	struct err e = { 0 };

	(void)state;
	for (uint8_t id = 1; id <= 42; id++) {
		size_t len = id == E_NAT ? 16 : 48;
		struct reader *r;

		make_start(&maker);
		block_start(&maker);
		put_flow(&maker, &id, 1, len);
		block_end(&maker);
		make_end(&maker);
		r = opened(made, &set);
		assert_string_equal(reader_info(r)->writer, "nfcapd 1.7.5");
		assert_int_equal(reader_next(r, &b, &e), 1);
		assert_int_equal(b->n, 1);
		assert_int_equal(reader_faults(r)->n, 0);
		assert_int_equal(COL64(b, F_ELEMENTS)[0], 1 | ELEMENT(id));
		for (const struct place *p = places; p->field != F_COUNT; p++) {
			if (p->element == E_HEADER)
				continue;
			if (p->element == id && p->load == LOAD_V4)
				assert_int_equal(addr_v4(&COLADDR(b, p->field)[0]), payload(id, p->offset, 4));
			else if (p->element == id && p->load == LOAD_V6) {
				struct addr want = addr_from_v6(payload(id, p->offset, 8), payload(id, p->offset + 8, 8));

				assert_memory_equal(&COLADDR(b, p->field)[0], &want, sizeof(want));
			} else if (p->element == id && (p->load == LOAD_TEXT || p->load == LOAD_BYTES)) {
				assert_int_equal(COLSLICE(b, p->field)[0].len, len - p->offset);
				assert_int_equal(COLSLICE(b, p->field)[0].p[0], id + p->offset);
			} else if (p->element == id && p->load == LOAD_NET32)
				assert_int_equal(batch_number(b, p->field, 0), ntohl(payload(id, p->offset, 4)));
			else if (p->element == id)
				assert_int_equal(batch_number(b, p->field, 0), payload(id, p->offset, width_of[p->load]));
			else if ((fields[p->field].elements & ELEMENT(id)) == 0 && fields[p->field].width <= 8)
				assert_int_equal(batch_number(b, p->field, 0), p->field == F_FLOWS && id != E_CNT);
		}
		reader_close(r);
	}
}

/* With both families nfdump 1.7.1 takes the later one; layer 2's version decides when it is there. */
static void
test_both_families(void **state)
{
	static const struct { uint8_t ids[3]; size_t n; uint8_t version; bool v6; } cases[] = {
		{ { E_IPV4, E_IPV6 }, 2, 0, true },
		{ { E_IPV6, E_IPV4 }, 2, 0, false },
		{ { E_IPV4, E_IPV6, E_LAYER2 }, 3, 4, false },
		{ { E_IPV6, E_IPV4, E_LAYER2 }, 3, 6, true },
		{ { E_LAYER2, E_IPV6, E_IPV4 }, 3, 6, true },
		{ { E_IPV4, E_IPV6, E_LAYER2 }, 3, 0, true },
	};
	struct fieldset set = all_fields();
	struct err e = { 0 };
	struct batch *b;
	struct reader *r;

	(void)state;
	make_start(&maker);
	block_start(&maker);
	for (size_t i = 0; i < 6; i++) {
		size_t at = maker.n;

		put_flow(&maker, cases[i].ids, cases[i].n, 48);
		for (size_t k = 0; k < cases[i].n; k++)
			if (cases[i].ids[k] == E_LAYER2)
				maker.bytes[at + RECORD_HEAD + k * 52 + ELEMENT_HEAD + 26] = cases[i].version;
	}
	block_end(&maker);
	make_end(&maker);
	r = opened(made, &set);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 6);
	for (size_t i = 0; i < 6; i++) {
		struct addr v6 = addr_from_v6(payload(E_IPV6, 0, 8), payload(E_IPV6, 8, 8));
		struct addr v4 = addr_from_v4(payload(E_IPV4, 0, 4));

		assert_memory_equal(&COLADDR(b, F_SRCIP)[i], cases[i].v6 ? &v6 : &v4, sizeof(v4));
		assert_int_equal(COL64(b, F_ELEMENTS)[i] & (ELEMENT(E_IPV4) | ELEMENT(E_IPV6)),
		    ELEMENT(cases[i].v6 ? E_IPV6 : E_IPV4));
	}
	reader_close(r);
}

/* Records of more layouts than are kept, and batches of several parts. */
static void
test_many_layouts(void **state)
{
	static const uint8_t ids[] = { E_GENERIC, E_INPAYLOAD };
	struct fieldset set = { { 0, 0 } };
	struct err e = { 0 };
	struct batch *b;
	struct reader *r;

	(void)state;
	fieldset_add(&set, F_INPAYLOAD);
	fieldset_add(&set, F_FIRST);
	make_start(&maker);
	block_start(&maker);
	for (size_t i = 0; i < 600; i++)
		put_flow(&maker, ids, 2, 48 + i % 200);
	block_end(&maker);
	make_end(&maker);
	r = opened(made, &set);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 600);
	for (size_t i = 0; i < 600; i++) {
		assert_int_equal(COLSLICE(b, F_INPAYLOAD)[i].len, 48 + i % 200);
		assert_int_equal(COL64(b, F_FIRST)[i], payload(E_GENERIC, 0, 8));
	}
	reader_close(r);
}

/* Nine blocks read by three readers are the file, and each has the faults of its own blocks. */
static void
test_parts(void **state)
{
	static const uint8_t ids[] = { E_GENERIC };
	struct fieldset set = all_fields();
	struct err e = { 0 };
	size_t total = 0, blocks;
	struct batch *b;
	struct reader *r;

	(void)state;
	make_start(&maker);
	for (size_t k = 0; k < 9; k++) {
		block_start(&maker);
		for (size_t i = 0; i <= k; i++)
			put_flow(&maker, ids, 1, 48);
		block_end(&maker);
		if (k == 4)	/* one record more than there is */
			maker.bytes[maker.block]++;
	}
	make_end(&maker);
	r = opened(made, &set);
	blocks = reader_blocks(r, &e);
	assert_int_equal(blocks, 9);
	reader_close(r);
	for (size_t part = 0; part < 3; part++) {
		size_t n = 0;

		r = opened(made, &set);
		reader_only(r, part * 3, 3);
		while (reader_next(r, &b, &e) == 1)
			n += b->n;
		assert_int_equal(n, part * 9 + 6);
		assert_int_equal(reader_faults(r)->n, part == 1);
		if (part == 1) {
			assert_int_equal(reader_faults(r)->fault[0].block, 5);
			assert_string_equal(reader_faults(r)->fault[0].reason, "6 records claimed, 5 found");
		}
		total += n;
		reader_close(r);
	}
	assert_int_equal(total, 45);
}

/* 4096 flows at a time, though the block has more. */
static void
test_batches(void **state)
{
	static const uint8_t ids[] = { E_FLOWID };
	struct fieldset set = { { 0, 0 } };
	size_t sizes[3] = { 0 }, n = 0;
	struct err e = { 0 };
	struct batch *b;
	struct reader *r;

	(void)state;
	fieldset_add(&set, F_FLOWID);
	make_start(&maker);
	block_start(&maker);
	for (size_t i = 0; i < 5000; i++)
		put_flow(&maker, ids, 1, 8);
	block_end(&maker);
	make_end(&maker);
	r = opened(made, &set);
	while (n < 3 && reader_next(r, &b, &e) == 1) {
		sizes[n++] = b->n;
		assert_int_equal(b->first_number, n == 1 ? 1 : 4097);
	}
	assert_int_equal(n, 2);
	assert_int_equal(sizes[0], BATCH_MAX);
	assert_int_equal(sizes[1], 5000 - BATCH_MAX);
	assert_int_equal(reader_info(r)->raw_bytes, 5000 * 24);
	reader_close(r);
}

/* A file that a collector still writes: no number of blocks, no appendix, the last block cut. */
static void
test_live(void **state)
{
	static const uint8_t ids[] = { E_GENERIC };
	struct fieldset set = all_fields();
	struct err e = { 0 };
	struct batch *b;
	struct reader *r;

	(void)state;
	make_start(&maker);
	for (size_t k = 0; k < 2; k++) {
		block_start(&maker);
		for (size_t i = 0; i < 10; i++)
			put_flow(&maker, ids, 1, 48);
		block_end(&maker);
	}
	memcpy(maker.bytes, &(uint32_t){ NFCAPD_MAGIC | 2 << 16 }, 4);
	{
		int fd = open(made, O_WRONLY | O_TRUNC);

		assert_true(fd != -1 && write(fd, maker.bytes, maker.n - 70) == (ssize_t)maker.n - 70);
		close(fd);
	}
	r = opened(made, &set);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 10);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 8);
	assert_int_equal(reader_next(r, &b, &e), 0);
	assert_int_equal(reader_faults(r)->n, 0);
	reader_close(r);
}

static int
setup(void **state)
{
	int fd = mkstemp(made);

	(void)state;
	return fd != -1 ? close(fd) : -1;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_one_flow),
		cmocka_unit_test(test_exporters),
		cmocka_unit_test(test_every_element),
		cmocka_unit_test(test_both_families),
		cmocka_unit_test(test_many_layouts),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_live),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
