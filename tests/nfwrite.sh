# What nfwrite.c writes, Debian's nfdump reads as it read the original: flows,
# elements and totals of files that the real nfcapd wrote.
. tests/lib.sh
export TZ=UTC
data=tests/data/nfcapd

# Flows as nfdump shows them, without what belongs to the file.
flows() { nfdump -q -r "$1" -o "$2" 2>&1; }
summary() { nfdump -I -r "$1" 2>&1 | grep -v "^Sequence"; }

for file in v5_none v9_none v10_none v5_sampled v9_sampled pflow10 pfflowd5 mix_none; do
	for pack in none lz4; do
		out=$T/$file.$pack
		ok "$file, $pack: written" $O/nfrecode $data/$file.nfcapd "$out" $pack
		is "$file, $pack: csv" "$(flows "$out" csv)" "$(flows $data/$file.nfcapd csv)"
		is "$file, $pack: raw" "$(flows "$out" raw)" "$(flows $data/$file.nfcapd raw)"
		is "$file, $pack: totals" "$(summary "$out")" "$(summary $data/$file.nfcapd)"
		has "$file, $pack: verified" "$(nfdump -v "$out" 2>&1)" '^Type 3 blocks'
	done
done

ok "no flows: written" $O/nfrecode $data/empty_none.nfcapd "$T/empty" none
is "no flows: csv" "$(flows "$T/empty" csv)" "$(flows $data/empty_none.nfcapd csv)"

# nfcapd 1.7.1 counts a two-way flow's other direction in the sum but not by protocol.
ok "two-way flows: written" $O/nfrecode $data/v10_bidir.nfcapd "$T/bidir" lz4
is "two-way flows: csv" "$(flows "$T/bidir" csv)" "$(flows $data/v10_bidir.nfcapd csv)"
is "two-way flows: totals" "$(summary "$T/bidir" | grep -E '^(Flows|Packets:|Bytes:)')" \
	"$(summary $data/v10_bidir.nfcapd | grep -E '^(Flows|Packets:|Bytes:)')"
is "nothing else in the folder" "$(ls -A "$T" | grep '^\.')" ""
