# flowlight query -w: the flows that a query lists, as a collector file that the real nfdump reads.
. tests/lib.sh
export TZ=UTC
data=tests/data/nfcapd
asa=tests/data/events/asa-nat.nfcapd
query() { "$O/flowlight" query "$@"; }
# raw FILE WORDS…: flows with all that nfdump shows of them, but the numbers of the flow and its exporter.
raw() { f=$1; shift; nfdump -q -r "$f" -o raw "$@" 2> "$T/nfdump.err" | grep -v 'export sysid\|RecordCount'; }
sums() { nfdump -I -r "$1" | grep -E '^(Flows|Packets|Bytes)'; }

for f in $data/v5_none $data/v9_lz4 $data/v10_lzo $data/v9_bz2 $data/pflow10 $data/mix_none ${asa%.nfcapd}; do
	stem=${f##*/} file=$f.nfcapd
	ok "$stem: written" query -q -r "$file" -w "$T/$stem"
	is "$stem: all of each flow" "$(raw "$T/$stem")" "$(raw "$file")"
	has "$stem: there are some" "$(raw "$T/$stem")" 'src addr'
done
is "nfdump finds no fault in it" "$(nfdump -v "$T/v9_lz4" | grep -ci 'error\|corrupt')" 0
ok "a filter" query -q -r $data/mix_none.nfcapd -w "$T/some" 'proto udp and dst port 53'
is "chooses flows" "$(raw "$T/some")" "$(raw $data/mix_none.nfcapd 'proto udp and dst port 53')"
nfdump -q -r $data/mix_none.nfcapd -w "$T/theirs" 'proto udp and dst port 53' > /dev/null
is "and the file says of itself what nfdump's does" "$(sums "$T/some")" "$(sums "$T/theirs")"
ok "three flows" query -q -r $data/mix_none.nfcapd -c 3 -w "$T/three"
is "are the first three" "$(raw "$T/three")" "$(raw $data/mix_none.nfcapd -c 3)"
ok "in order of time" query -q -r $data/mix_none.nfcapd -O tstart -w "$T/sorted"
is "they stand so in the file" "$(nfdump -q -r "$T/sorted" -o 'fmt:%tsr')" "$(nfdump -q -r $data/mix_none.nfcapd -o 'fmt:%tsr' | sort)"

# From the index and column files, of several sources.
"$O/flowlight" demo "$T/site" --days 1 --flows-per-slot 60 --until 2026-11-20T15:00
"$O/flowlight" rebuild -f -c "$T/site/flowlight.conf" index > "$T/rebuild" 2>&1
site() { query --conf "$T/site/flowlight.conf" --from 2026-11-20T14:00 --to 2026-11-20T15:00 "$@"; }
has "it says how many" "$(site -w "$T/hour" 'dst port 443' 2>&1)" "wrote $(for s in upstream1 upstream2 office; do
	nfdump -q -R "$T/site/flows/$s/2026/11/20/nfcapd.202611201400:nfcapd.202611201455" -o fmt:%pr 'dst port 443'; done | grep -c .) flows"
ok "of one source" site --source office -w "$T/office" 'dst port 443'
is "has its name" "$(nfdump -I -r "$T/office" | sed -n 's/^Ident: *//p')" office
is "and its flows" "$(raw "$T/office")" "$(nfdump -q -R "$T/site/flows/office/2026/11/20/nfcapd.202611201400:nfcapd.202611201455" -o raw 'dst port 443' | grep -v 'export sysid\|RecordCount')"

# What cannot be.
fails() { query -r $data/mix_none.nfcapd "$@" 2>&1 > /dev/null; }
for words in '-s srcip' '-A srcip' '-a' '-o csv' '-I'; do
	# shellcheck disable=SC2086
	has "$words: said" "$(fails $words -w "$T/no")" '-w writes flows'
done
has "a folder that is not there" "$(fails -w "$T/none/x")" "$T/none/.*No such file"
head -c 3000 $data/v9_none.nfcapd > "$T/torn"
query -q -r "$T/torn" -w "$T/part" 2> "$T/said"
is "of a torn file: status 1" $? 1
has "the reason" "$(cat "$T/said")" 'torn: appendix at 22156 of 3000 bytes'
is "nothing half-written" "$(ls -A "$T" | grep '^\.[a-z]')$([ -e "$T/no" ] && echo no)" ""
