#include "query/ft_print.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "flow/names.h"
#include "query/ft_text.h"

/* How a cell is made. */
enum how {
	AS_TEXT,		/* what fmt says, no value */
	AS_NUMBER,		/* fmt takes an unsigned long long */
	AS_HEX,			/* fmt takes an unsigned int */
	AS_NAME,		/* fmt takes a string, as all others do: a number or, with names, what it is called */
	AS_ADDR, AS_PREFIX, AS_TIME, AS_DATE,
	AS_DURATION,		/* seconds.milliseconds */
	AS_BPP,			/* number: bytes per packet */
	AS_FLAGS,		/* number: FIN, SYN, RST alone */
};

struct cell { uint8_t how, field; const char *fmt; };

#define CELLS_MAX	26

struct format {
	uint32_t number;
	const char *heading;
	bool (*wants)(const struct batch *, size_t i);	/* NULL: all flows */
	struct cell cells[CELLS_MAX];	/* end with fmt NULL */
};

static bool
has_packets(const struct batch *b, size_t i)
{
	return COL64(b, F_PACKETS)[i] != 0;
}

/* Two SYNs of 40 bytes and nothing else: what scanners left when the format was made. */
static bool
is_probe(const struct batch *b, size_t i)
{
	return COL8(b, F_PROTO)[i] == 6 && COL8(b, F_FLAGS)[i] == 2 && COL64(b, F_PACKETS)[i] == 2 &&
	    COL64(b, F_BYTES)[i] == 80;
}

#define COUNTERS	{ AS_NUMBER, F_BYTES, "%-10llu  " }, { AS_NUMBER, F_PACKETS, "%-10llu\n" }
#define SHORT_LINE \
	{ AS_HEX, F_INIF, "%4.4x " }, { AS_ADDR, F_SRCIP, "%-15s  " }, { AS_HEX, F_OUTIF, "%4.4x " }, \
	{ AS_ADDR, F_DSTIP, "%-15s   " }, { AS_HEX, F_PROTO, "%2.2x " }, { AS_HEX, F_SRCPORT, "%-4x " }, \
	{ AS_HEX, F_DSTPORT, "%-4x  " }, { AS_NUMBER, F_PACKETS, "%-10llu " }, { AS_NUMBER, F_BYTES, "%-10llu\n" }
#define SECOND_LINE \
	{ AS_TIME, F_FIRST, " %s  " }, { AS_TIME, F_LAST, "%s  " }, { AS_DURATION, F_DURATION, "%s " }, \
	{ AS_BPP, F_BYTES, "%-3llu " }, { AS_HEX, F_SRCTOS, "%2.2x " }, { AS_HEX, F_FLAGS, "%2.2x\n\n" }
#define PREFIXES \
	{ AS_PREFIX, F_SRCIP, "%-18s  " }, { AS_PREFIX, F_DSTIP, "%-18s  " }
#define PROTO_PORTS \
	{ AS_NAME, F_PROTO, "%-5.5s  " }, { AS_NAME, F_SRCPORT, "%-14.14s  " }, { AS_NAME, F_DSTPORT, "%-14.14s  " }

static const struct format formats[] = {
	{ 0, "Sif  SrcIPaddress     Dif  DstIPaddress      Pr SrcP DstP  Pkts       Octets\n", NULL, { SHORT_LINE } },
	{ 1, "Sif  SrcIPaddress     DIf  DstIPaddress      Pr SrcP DstP  Pkts  Octets\n"
	    " StartTime          EndTime             Active   B/Pk Ts Fl\n\n", has_packets, { SHORT_LINE, SECOND_LINE } },
	{ 2, "Sif SrcIPaddress     DIf DstIPaddress    Pr SrcP DstP Pkts       Octets\n"
	    " StartTime          EndTime             Active   B/Pk Ts Fl\n\n", is_probe,
	    { { AS_HEX, F_INIF, "%2.2x  " }, { AS_ADDR, F_SRCIP, "%-15s  " }, { AS_HEX, F_OUTIF, "%2.2x  " },
	    { AS_ADDR, F_DSTIP, "%-15s " }, { AS_HEX, F_PROTO, "%2.2x " }, { AS_HEX, F_SRCPORT, "%-4x " },
	    { AS_HEX, F_DSTPORT, "%-4x " }, { AS_NUMBER, F_PACKETS, "%-10llu " }, { AS_NUMBER, F_BYTES, "%-10llu\n" },
	    SECOND_LINE } },
	{ 3, "srcIP            dstIP            prot  srcPort  dstPort  octets      packets\n", NULL,
	    { { AS_ADDR, F_SRCIP, "%-15s  " }, { AS_ADDR, F_DSTIP, "%-15s  " }, { AS_NAME, F_PROTO, "%-4.4s  " },
	    { AS_NAME, F_SRCPORT, "%-7.7s  " }, { AS_NAME, F_DSTPORT, "%-7.7s  " }, COUNTERS } },
	{ 4, "srcIP              dstIP              prot  srcAS  dstAS  octets      packets\n", NULL,
	    { { AS_PREFIX, F_SRCIP, "%-18s " }, { AS_PREFIX, F_DSTIP, "%-18s " }, { AS_NAME, F_PROTO, "%-4.4s  " },
	    { AS_NAME, F_SRCAS, "%-5s  " }, { AS_NAME, F_DSTAS, "%-5s  " }, COUNTERS } },
	{ 5, "Start             End               Sif   SrcIPaddress    SrcP  DIf   DstIPaddress    DstP    P Fl "
	    "Pkts       Octets\n\n", NULL,
	    { { AS_TIME, F_FIRST, "%s " }, { AS_TIME, F_LAST, "%s " }, { AS_NUMBER, F_INIF, "%-5llu " },
	    { AS_ADDR, F_SRCIP, "%-15s " }, { AS_NUMBER, F_SRCPORT, "%-5llu " }, { AS_NUMBER, F_OUTIF, "%-5llu " },
	    { AS_ADDR, F_DSTIP, "%-15s " }, { AS_NUMBER, F_DSTPORT, "%-5llu " }, { AS_NUMBER, F_PROTO, "%-3llu " },
	    { AS_FLAGS, F_FLAGS, "%-2llu " }, { AS_NUMBER, F_PACKETS, "%-10llu " }, { AS_NUMBER, F_BYTES, "%-10llu\n" } } },
	{ 6, "   Source           Destination              Packets               Bytes\n", NULL,
	    { { AS_ADDR, F_SRCIP, " %-15s  " }, { AS_ADDR, F_DSTIP, "%-15s  " }, { AS_NUMBER, F_PACKETS, "%17llu  " },
	    { AS_NUMBER, F_BYTES, "%18llu\n" } } },
	{ 7, "srcIP               dstIP               router_sc        prot   srcPort         dstPort         octets"
	    "      packets\n", NULL, { PREFIXES, { AS_ADDR, F_SHORTCUT, "%-15s  " }, PROTO_PORTS, COUNTERS } },
	{ 8, "srcIP               dstIP               peer_nexthop     encap i/o  prot   srcPort         dstPort"
	    "         octets      packets\n", NULL,
	    { PREFIXES, { AS_ADDR, F_BGPNEXTHOP, "%-15s  " }, { AS_NUMBER, F_INENCAPS, "%-3llu  " },
	    { AS_NUMBER, F_OUTENCAPS, "%-3llu   " }, PROTO_PORTS, COUNTERS } },
	{ 9, "srcTag      dstTag      srcIP            dstIP            octets      packets\n", NULL,
	    { { AS_HEX, F_SRCTAG, "0x%8.8x  " }, { AS_HEX, F_DSTTAG, "0x%8.8x  " }, { AS_ADDR, F_SRCIP, "%-15s  " },
	    { AS_ADDR, F_DSTIP, "%-15s  " }, COUNTERS } },
	{ 24, "#Sif SrcIPaddress     DIf  DstIPaddress     Pr SrcP  DstP  Pkts       Octets       StartDate  StartTime     "
	    "EndDate    EndTime       ExporterAddr    RouterSrc          Active B/Pk  Ts Fl  SrcAS DstAS\n\n", has_packets,
	    { { AS_HEX, F_INIF, "%4.4x " }, { AS_ADDR, F_SRCIP, "%-15s  " }, { AS_HEX, F_OUTIF, "%4.4x " },
	    { AS_ADDR, F_DSTIP, "%-15s  " }, { AS_HEX, F_PROTO, "%2.2x " }, { AS_NUMBER, F_SRCPORT, "%-5llu " },
	    { AS_NUMBER, F_DSTPORT, "%-5llu " }, { AS_NUMBER, F_PACKETS, "%-10llu " }, { AS_NUMBER, F_BYTES, "%-10llu  " },
	    { AS_DATE, F_FIRST, " %s  " }, { AS_DATE, F_LAST, "%s  " }, { AS_ADDR, F_ROUTER, "%-15s " },
	    { AS_ADDR, F_SHORTCUT, "%-15s " }, { AS_DURATION, F_DURATION, "%s " }, { AS_BPP, F_BYTES, "%-4llu  " },
	    { AS_HEX, F_SRCTOS, "%2.2x " }, { AS_HEX, F_FLAGS, "%2.2x  " }, { AS_NAME, F_SRCAS, "%-5s " },
	    { AS_NAME, F_DSTAS, "%-5s\n" } } },
};

#define NFORMATS	(sizeof(formats) / sizeof(formats[0]))

struct printing {
	const struct format *format;
	uint32_t number;
	bool names;
	FILE *out;
	bool tagged;			/* flows of this file have tags */
};

static const struct format *
format_find(uint32_t number)
{
	for (size_t i = 0; i < NFORMATS; i++)
		if (formats[i].number == number)
			return &formats[i];
	return NULL;
}

bool
ft_print_known(uint32_t number)
{
	return format_find(number) != NULL;
}

/* Local time, without the year or with it. */
static void
print_time(char *text, size_t size, const char *fmt, uint64_t msec)
{
	char seconds[48];
	struct tm tm;

	when_local((int64_t)(msec / 1000), &tm);
	strftime(seconds, sizeof(seconds), fmt, &tm);
	snprintf(text, size, "%s.%03u", seconds, (unsigned)(msec % 1000));
}

/* The value as text. */
static const char *
cell_text(const struct printing *p, const struct cell *c, const struct batch *b, size_t i, char text[static 80])
{
	uint64_t v = fields[c->field].kind != KIND_ADDR ? batch_number(b, c->field, i) : 0;

	switch (c->how) {
	case AS_ADDR:
		addr_print(&COLADDR(b, c->field)[i], text);
		break;
	case AS_PREFIX:
		ft_prefix_text(text, 80, &COLADDR(b, c->field)[i], COL8(b, c->field == F_SRCIP ? F_SRCMASK : F_DSTMASK)[i]);
		break;
	case AS_TIME:
		print_time(text, 80, "%m%d.%H:%M:%S", v);
		break;
	case AS_DATE:
		print_time(text, 80, "%Y-%m-%d %H:%M:%S", v);
		break;
	case AS_DURATION:
		snprintf(text, 80, "%5" PRIu64 ".%-3.3u", v / 1000, (unsigned)(v % 1000));
		break;
	default:
		ft_name_text(text, 80, p->names ? c->field : F_COUNT, v);
		break;
	}
	return text;
}

static void
print_cell(const struct printing *p, const struct cell *c, const struct batch *b, size_t i)
{
	uint64_t packets = COL64(b, F_PACKETS)[i];
	char text[80];

	switch (c->how) {
	case AS_NUMBER:
		fprintf(p->out, c->fmt, (unsigned long long)batch_number(b, c->field, i));
		break;
	case AS_FLAGS:
		fprintf(p->out, c->fmt, (unsigned long long)(COL8(b, F_FLAGS)[i] & 7));
		break;
	case AS_BPP:
		fprintf(p->out, c->fmt, (unsigned long long)(packets != 0 ? COL64(b, F_BYTES)[i] / packets : 0));
		break;
	case AS_HEX:
		fprintf(p->out, c->fmt, (unsigned)batch_number(b, c->field, i));
		break;
	default:
		fprintf(p->out, c->fmt, cell_text(p, c, b, i, text));
		break;
	}
}

static void
begin_file(void *ctx, const struct file_info *info)
{
	struct printing *p = ctx;

	p->tagged = strncmp(info->format, "flow-tools", 10) == 0 && !fieldset_has(&info->lacks, F_SRCTAG);
}

/* flow-print's default by the version of the first flows. */
static uint32_t
default_format(const struct printing *p, const struct batch *b)
{
	unsigned version = b->n > 0 ? COL8(b, F_NFVERSION)[0] : 0;

	return p->tagged ? 9 : version == 7 ? 7 : version == 6 ? 8 : 3;
}

static void
print_flows(void *ctx, const struct batch *b, const uint8_t *sel)
{
	struct printing *p = ctx;

	if (p->format == NULL) {
		p->format = format_find(p->number != FT_PRINT_DEFAULT ? p->number : default_format(p, b));
		fputs(p->format->heading, p->out);
	}
	for (size_t i = 0; i < b->n; i++)
		if (sel[i] != 0 && (p->format->wants == NULL || p->format->wants(b, i)))
			for (const struct cell *c = p->format->cells; c->fmt != NULL; c++)
				print_cell(p, c, b, i);
}

/* The columns of a format, or of all, as which it will be is not known yet. */
static void
format_fields(uint32_t number, struct fieldset *set)
{
	fieldset_add(set, F_NFVERSION);
	fieldset_add(set, F_PACKETS);
	fieldset_add(set, F_BYTES);
	fieldset_add(set, F_PROTO);
	fieldset_add(set, F_FLAGS);
	for (size_t i = 0; i < NFORMATS; i++)
		for (const struct cell *c = formats[i].cells; c->fmt != NULL; c++)
			if (number == FT_PRINT_DEFAULT || number == formats[i].number) {
				fieldset_add(set, c->field);
				if (c->how == AS_PREFIX)
					fieldset_add(set, c->field == F_SRCIP ? F_SRCMASK : F_DSTMASK);
			}
}

int
ft_print_run(uint32_t number, bool names, const struct ft_definition *filter, const struct file_list *files,
    FILE *out, ft_fault *fault, struct err *e)
{
	struct printing p = { NULL, number, names, out, false };
	struct ft_flows flows = { .take = print_flows, .begin = begin_file, .ctx = &p, .filter = filter, .fault = fault };

	format_fields(number, &flows.want);
	if (ft_flows_read(&flows, files, e) == -1)
		return -1;
	/* No flows at all: the heading says that these are all. */
	if (p.format == NULL)
		fputs(format_find(number != FT_PRINT_DEFAULT ? number : 3)->heading, out);
	return 0;
}
