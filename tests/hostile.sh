# Broken collector files: each costs only what is broken in it, quickly, and the
# reason is told.  What their names say is what is wrong; good.nf is whole but
# for the file's own sum, which is zero in all of them.
. tests/lib.sh
data=tests/data/hostile

# told FILE: what `flowlight check` says, without the sums that do not agree.
told() {
	timeout 60 $O/flowlight check "$data/$1.nf" > "$T/out" 2> "$T/err"
	status=$?
	[ $status -le 1 ] || echo "ended with status $status"
	grep -v "own sum says" "$T/out" | sed "s|^$data/$1.nf: ||"
	cat "$T/err"
}

# costs FILE FLOWS REASON: the file opens, so many flows are kept, and a line holds the reason.
costs() {
	out=$(told "$1")
	has "$1: $2 flows" "$out" ", $2 flow"
	[ -z "$3" ] || has "$1: $3" "$out" "$3"
}

# refused FILE REASON: nothing can be read.
refused() {
	has "$1: $2" "$(told "$1")" "$2"
}

costs good 19
refused h00_empty 'empty file'
refused h01_short_header '20 bytes, the header alone has 40'
costs h02_header_only 0 'appendix at 1876 of 40 bytes'
costs h03_trunc_block 1 'block 1, offset 40: 1824 bytes claimed, 148 left'
costs h04_trunc_blockheader 0 'block 1, offset 40: 6 bytes left for a block header'
refused h05_bad_magic 'magic 34 12 02 00'
refused h06_bigendian_magic 'other byte order'
refused h07_version9 'unknown layout'
refused h08_version1_claim '.'
refused h09_compression9 'compression 9 is unknown'
costs h10_claims_lz4 0 'block 1, offset 40: lz4: broken data: 19 records lost'
costs h11_claims_lzo 0 'block 1, offset 40: lzo: .*: 19 records lost'
costs h12_claims_bz2 0 'block 1, offset 40: bz2: no bzip2 data: 19 records lost'
costs h13_claims_zstd 0 'block 1, offset 40: zstd: no zstd data: 19 records lost'
refused h14_encrypted 'encrypted'
costs h15_appendix_blocks_65535 19 '65535 appendix blocks claimed'
costs h16_appendix_off_eof 19 'appendix at 1099511627776 of 2045 bytes'
costs h17_appendix_off_neg 19 'appendix at -5 of 2045 bytes'
costs h18_appendix_off_0 19 'appendix at 0 of 2045 bytes'
costs h19_numblocks_huge 19 'header says 4294967295 blocks, 1 found'
costs h20_numblocks_0 19 'header says 0 blocks, 1 found'
costs h21_block_size_huge 0 'block size 4294967295 cannot be'
costs h22_block_size_0 0 'block size 0 cannot be'
costs h23_numrec_huge 19 '4294967295 records claimed, 19 found'
costs h24_numrec_0 0 '1824 bytes after the last of 0 records'
costs h25_block_type9 0 'block type 9 is unknown'
costs h26_block_type1 0 'block type 1 is unknown'
costs h27_block_type2 19
costs h28_block_type4 0
costs h29_block_flags_uncompressed 19
costs h30_rec_size0 0 'record 1: 0 bytes claimed'
costs h31_rec_size4 0 'record 1: a flow of 4 bytes'
costs h32_rec_size65535 0 'record 1: 65535 bytes claimed, 1824 left'
costs h33_rec_type0 18 'record 1: type 0 is unknown'
costs h34_rec_type99 18 'record 1: type 99 is unknown'
costs h35_numelem_65535 18 '65535 elements claimed'
costs h36_numelem_0 19 '0 elements take 12 of 96 bytes'
costs h37_elem_type200 19
costs h38_elem_len0 18 'element 1 of 3: 0 bytes claimed, 84 left'
costs h39_elem_len2 18 'element 1 of 3: 2 bytes claimed'
costs h40_elem_len65535 18 'element 1 of 3: 65535 bytes claimed'
costs h41_elem_generic_short 18 'element 2 of 3: 0 bytes claimed'
costs h42_dup_generic 19 'element 1 has 8 of 48 bytes'
costs h43_rec_type8_expstat 18
costs h44_rec_type7_expinfo 18
costs h45_rec_type15_sampler 18
costs h46_rec_type2_extmap 18 'type 2 is unknown'
costs h47_rec_type10_common 18 'type 10 is unknown'
costs h48_rec_type12_nbar 18
costs h49_ident_len_big 19 'no ident and no stat'
costs h50_ident_no_nul 19 'ident of 5 bytes without end'
costs h51_stat_size_bad 19 '77 bytes, 148 needed'

is "every file is named here" "$(ls $data | sed 's/\.nf$//' | while read -r f; do
	grep -q "^[a-z]* $f" tests/hostile.sh || echo "$f"; done)" ""

# within SECONDS COMMAND…: ended when it takes longer, of the processor's time.
within() (
	ulimit -t "$1"
	shift
	"$@"
)

# A small file of each format and packing, cut to every length, with every bit changed:
# see mutate.c for what has to hold.  Under the sanitizers some of the bytes have to do.
damaged() {
	what=$1
	shift
	# Memory that is not given back each time halves glibc's time.
	ok "cuts and changed bits: $what" within 300 env MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824 \
	    $O/mutate ${SAN:+-s 25} "$@"
}
mkdir "$T/made"
ok "files are made" $O/mkhostile "$T/made"
for pack in none lzo bz2 lz4; do
	damaged "nfcapd 1, $pack" "$T/made/small.nfcapd1.$pack"
done
ok "zstd" $O/nfrecode -z tests/data/nfcapd/pfflowd5.nfcapd "$T/made/small.nfcapd2.zstd"
damaged "nfcapd 2, none" tests/data/nfcapd/pfflowd5.nfcapd
for pack in lzo:z bz2:j lz4:y; do
	nfdump -r tests/data/nfcapd/pfflowd5.nfcapd -${pack#*:} -w "$T/made/small.nfcapd2.${pack%:*}" > /dev/null
	damaged "nfcapd 2, ${pack%:*}" "$T/made/small.nfcapd2.${pack%:*}"
done
damaged "nfcapd 2, zstd" "$T/made/small.nfcapd2.zstd"
third=$([ -n "$SAN" ] || echo -s 3)	# under the sanitizers, fewer
for pack in none lzo bz2 lz4 zstd; do
	# shellcheck disable=SC2086
	damaged "nfcapd 3, $pack" $third "$T/made/small.nfcapd3.$pack"
done
ft=tests/data/flowtools
damaged "flow-tools, raw" -e $ft/gen/gen-v5_le.ft
damaged "flow-tools, raw, counted" $ft/v1-stored-as-v5.ft
damaged "flow-tools, zlib, both byte orders" $ft/pflow-v5.ft $ft/v1-softflowd-be-z6.ft $ft/gen/gen-v8_6_be_z6.ft
damaged "flowd 2" -e "$T/made/small.flowd2.none"
damaged "flowd 3" -e tests/data/flowd/pfflowd-v1.flowd

# Blocks that unpack to 200 MB: told, nothing else lost, and memory as for any file.
for f in "$T"/made/bomb.*; do
	name=${f##*/bomb.}
	reason='unpacks to more than allowed'
	[ "${f##*.}" != lz4 ] || reason='lz4: broken data'	# its library does not tell
	out=$($O/mutate -n "$f")
	has "$name: $reason" "$out" "$reason"
	flows=1
	case $name in nfcapd2*) flows=0 ;; esac
	has "$name: the flows before it are kept" "$out" ": $flows flows:"
done
is "bombs of each packing" "$(ls "$T"/made/bomb.* | wc -l | tr -d ' ')" 11

# Things that are no collector files say what they seem to be.
seems() {
	printf "$2" > "$T/x"
	has "seems to be $1" "$($O/flowlight check "$T/x")" "seems to be .*$1"
}
seems gzip '\037\213\010\000abc'
seems pcap '\324\303\262\241\002\000\004\000'
seems pcapng '\012\015\015\012\034\000\000\000'
seems bzip2 'BZh91AY&SY'
seems xz '\3757zXZ\000\000\004'
seems zstd '\050\265\057\375\000\000'
seems zip 'PK\003\004\024\000'
seems zeros '\000\000\000\000\000\000\000\000'
seems 'nothing known' 'abc\000def'
seems text 'ts,te,td,sa,da\n2026-11-20\n'
seems SQLite 'SQLite format 3\000\020\000'
seems round-robin 'RRD\0000003\000'
mkfifo "$T/fifo"
has "a FIFO does not hang" "$(timeout 60 $O/flowlight check "$T/fifo" 2>&1; echo $?)" '^1$'
