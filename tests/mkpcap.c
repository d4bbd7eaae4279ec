/*
 * mkpcap FILE FLOWS SEED: a capture of so many flows for softflowd, always
 * the same for the same numbers: TCP, UDP, ICMP, IPv6 and ESP, each of 1-4 packets.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START	1763640000	/* 2025-11-20 12:00 UTC */

enum { ICMP = 1, TCP = 6, UDP = 17, ESP = 50, ICMP6 = 58 };

/* IPv4 or IPv6, protocol and how many of ten flows. */
static const struct { unsigned family, proto, share; } kinds[] = {
	{ 4, TCP, 4 }, { 4, UDP, 2 }, { 4, ICMP, 1 }, { 6, TCP, 1 }, { 6, UDP, 1 }, { 4, ESP, 1 },
};

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Pcap headers are in the writer's byte order. */
static void
write_record(FILE *fp, const uint8_t *p, uint32_t len, unsigned flow, unsigned packet)
{
	uint32_t head[4] = { START + flow / 100, (flow % 100) * 10000 + packet * 10, len, len };

	fwrite(head, sizeof(head), 1, fp);
	fwrite(p, len, 1, fp);
}

static size_t
ip_header(uint8_t *p, unsigned family, unsigned proto, unsigned flow, size_t payload)
{
	if (family == 4) {
		p[0] = 0x45;
		put16(p + 2, (unsigned)(20 + payload));
		p[8] = 64;
		p[9] = (uint8_t)proto;
		memcpy(p + 12, (uint8_t[]){ 10, 0, (uint8_t)(flow >> 8), (uint8_t)flow }, 4);
		memcpy(p + 16, (uint8_t[]){ 192, 0, 2, (uint8_t)(flow % 7 + 1) }, 4);
		return 20;
	}
	p[0] = 0x60;
	put16(p + 4, (unsigned)payload);
	p[6] = (uint8_t)proto;
	p[7] = 64;
	memcpy(p + 8, (uint8_t[]){ 0x20, 1, 0xd, 0xb8 }, 4);
	put16(p + 22, flow);
	memcpy(p + 24, (uint8_t[]){ 0x20, 1, 0xd, 0xb8 }, 4);
	p[39] = (uint8_t)(flow % 7 + 1);
	return 40;
}

static void
transport(uint8_t *p, unsigned proto, unsigned flow, size_t payload)
{
	if (proto == TCP || proto == UDP) {
		put16(p, 1024 + flow);
		put16(p + 2, proto == TCP ? 443 : 53);
	}
	if (proto == TCP) {
		p[12] = 0x50;
		p[13] = 0x10;
	} else if (proto == UDP)
		put16(p + 4, (unsigned)payload);
	else if (proto == ICMP)
		p[0] = 8;
}

static void
write_flow(FILE *fp, unsigned flow)
{
	unsigned part = flow % 10, k = 0, packet;
	size_t payload = 40 + flow % 30 * 40, len;
	uint8_t p[2048];

	while (part >= kinds[k].share)
		part -= kinds[k++].share;
	for (packet = 0; packet < 1 + flow % 4; packet++) {
		memset(p, 0, sizeof(p));
		put16(p + 12, kinds[k].family == 4 ? 0x0800 : 0x86dd);
		len = 14 + ip_header(p + 14, kinds[k].family, kinds[k].proto, flow, payload);
		transport(p + len, kinds[k].proto, flow, payload);
		write_record(fp, p, (uint32_t)(len + payload), flow, packet);
	}
}

int
main(int argc, char **argv)
{
	const uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };
	unsigned n, seed;
	FILE *fp;

	if (argc != 4 || (fp = fopen(argv[1], "w")) == NULL) {
		fprintf(stderr, "usage: mkpcap file flows seed\n");
		return 2;
	}
	seed = (unsigned)atoi(argv[3]);
	fwrite(head, sizeof(head), 1, fp);
	for (n = 0; n < (unsigned)atoi(argv[2]); n++)
		write_flow(fp, seed + n);
	return fclose(fp) == 0 ? 0 : 1;
}
