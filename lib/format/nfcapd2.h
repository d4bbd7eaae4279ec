/*
 * The frame of an nfcapd file of layout 2, for reader and writer.
 *
 *	header 40 bytes | data blocks | appendix blocks (ident, stat) at the header's offset
 *	header	0 u16 0xa50c  2 u16 2  4 u32 nfdump's version  8 i64 created  16 u8 compression
 *		17 u8 encryption  18 u16 appendix blocks  20 u32 creator  24 i64 appendix offset
 *		32 u32 0  36 u32 data blocks
 *	block	0 u32 records  4 u32 bytes on disk that follow  8 u16 type  10 u16 flags
 *	stat	15 u64: flows, bytes, packets; flows, bytes, packets of tcp, udp, icmp, other each;
 *		u64 first, last in milliseconds, u64 sequence failures
 */
#ifndef FORMAT_NFCAPD2_H
#define FORMAT_NFCAPD2_H

#define NFCAPD_MAGIC	0xa50c
#define FILE_HEAD	40
#define BLOCK_HEAD	12
#define BLOCK_MAX	(5 * 1024 * 1024)	/* nfdump's reader takes no larger ones, packed or not */
#define BLOCK_OLD	2	/* types: records as nfdump 1.6 had them; its 1.7 reads them as the next */
#define BLOCK_RECORDS	3
#define BLOCK_ARRAY	4	/* of a geo database */

#define RECORD_EXPORTER	7
#define RECORD_EXPORTER_STAT 8
#define RECORD_OLD_SAMPLER 9
#define RECORD_NBAR	12
#define RECORD_IFNAME	13
#define RECORD_VRFNAME	14
#define RECORD_SAMPLER	15
#define RECORD_SLACK	256
#define RECORD_IDENT	0x8001
#define RECORD_STAT	0x8002
#define STAT_BYTES	144

#endif
