# What the index answers alone is what nfdump says of the files; and what it cannot, the files do.
. tests/lib.sh
export TZ=UTC
ok "two hours are written" $O/flowlight demo "$T/d" --days 1 --flows-per-slot 2000 --until 2026-11-20T15:00
C=$T/d/flowlight.conf
# Two hours of it are enough.
find "$T/d/flows" -name 'nfcapd.2*' ! -name 'nfcapd.2026112013*' ! -name 'nfcapd.2026112014*' -exec rm {} +
# A slot of two files.
cp "$T/d/flows/office/2026/11/20/nfcapd.202611201310" "$T/d/flows/office/2026/11/20/nfcapd.20261120134030"
printf 'columns = off\n' >> "$C"
ok "and indexed" $O/flowlight rebuild index -c "$C"
day=2026/11/20
window="--conf $C --from 2026-11-20T13:00 --to 2026-11-20T15:00"
from_index='from the index, no file was read'

# ours OPTIONS…: over the window; theirs: over its files.
ours() { $O/flowlight query $window "$@" 2> "$T/err"; }
theirs() { nfdump -M "$T/d/flows/upstream1:upstream2:office" -R "$day/nfcapd.202611201300:$day/nfcapd.202611201455" "$@"; }
normal() { grep -v -e '^Sys:'; }
indexed() { grep -q "$from_index" "$T/err" && echo index || echo files; }

# same WHERE OPTIONS…: nfdump's text, from the index or from files.
same() {
	where=$1
	shift
	is "$*" "$(ours "$@" | normal)" "$(theirs "$@" | normal)"
	is "$*: from the $where" "$(indexed)" "$where"
}

same index -o null
same index -s proto/bytes -n 3
same index -s proto -o csv -n 4
same index -s inif/packets -n 2
same index -s outif/bytes -o csv -n 2
same index -s srcas/bytes -n 5
same index -s dstas/flows -n 5 -o csv
same index -s srcip/flows -n 3
same index -s ip/flows -n 3
same index -s if/bytes -n 3
same index -s as/flows -n 3 -o csv
same index -s srcip/flows -s proto/bytes -s inif -n 2
is "-I" "$(ours -I | sed 1d)" "$(theirs -I | sed 1d)"
is "-I: from the index" "$(indexed)" index
same files -s tos/bytes -n 3
same files -s proto -n 2 'proto tcp'
same files -s proto/bps -n 2

# Every dimension and order over a slot, an hour, and all: whoever answers, files agree.
all=0
agree() {
	w=$1 least=$2 n=0 few=0
	: > "$T/differ"
	for q in '-s srcip' '-s dstip' '-s ip' '-s srcport' '-s dstport' '-s proto' '-s srcas' '-s dstas' '-s inif' '-s outif' \
	    '-s port' '-s as' '-s if' \
	    '-A srcip,dstip -s record' '-A srcip,dstport -s record' '-A dstip6/64 -s record' '-A srcip4/24 -s record'; do
		for order in flows packets bytes; do
			$O/flowlight query --verify --conf "$C" --from 2026-11-20T$w $q/$order -n 5 > "$T/out" 2> "$T/err" || {
				echo "$w $q/$order" >> "$T/differ"
				cat "$T/out" "$T/err" >> "$T/differ"
			}
			n=$((n + $(grep -c "verified: from the index" "$T/err")))
			few=$((few + $(grep -c "verified: from the index; read [0-9]* of [0-9]* files for what it leaves open" "$T/err")))
		done
	done
	ok "$w: nothing differs" [ ! -s "$T/differ" ]
	[ ! -s "$T/differ" ] || cat "$T/differ"
	echo "# $n of 51 from the index, of them $few with a few files"
	ok "$w: the index answers" [ $n -ge $least ]
	all=$((all + few))
}
agree '13:05 --to 2026-11-20T13:10' 12
agree '13:00 --to 2026-11-20T14:00' 12
agree '13:00 --to 2026-11-20T15:00' 12
# Once more when hours and days have been summed up.
$O/flowlightd -f -c "$C" > "$T/log" 2>&1 &
pid=$!
started $pid
summed() { [ "$(sqlite3 -readonly "$T/d/state/index.db" 'SELECT (SELECT count(*) FROM pending) = 0 AND (SELECT count(*) FROM top WHERE level = 2) = 42' 2> /dev/null)" = 1 ]; }
ok "hours and days are summed up" wait_for 30 summed
kill $pid
wait $pid
agree '13:00 --to 2026-11-20T14:00' 12
agree '13:30 --to 2026-11-20T15:00' 12
agree '00:00 --to 2026-11-21T00:00' 12
ok "some by a few files" [ $all -ge 3 ]

# What a page says that a query will read is what it reads, also where those are few files for what is open.
cost_files() {
	"$O/flowlight.fcgi" -c "$C" -r "/cost.json?from=2026-11-20T13:00&to=2026-11-20T15:00&by=$1&order=$2&top=5" < /dev/null |
	    sed -n 's/.*"files": \([0-9]*\).*/\1/p'
}
few=0
for s in srcip dstip ip srcport port srcas as; do
	for order in flows bytes; do
		ours -s $s/$order -n 5 > "$T/out"
		n=$(sed -n 's/.*read \([0-9]*\) of [0-9]* files for what it leaves open.*/\1/p' "$T/err")
		[ -n "$n" ] || continue
		is "$s/$order: reads as many files as its page says" "$(cost_files $s $order)" "$n"
		few=$((few + 1))
	done
done
ok "few files are read in some" [ $few -gt 0 ]

# Bounds: the least that a row has, what more it may have, and the truth between.  Of more rows than are certain.
bounds() {
	$O/flowlight query --quick $window -s "$1" -n "$2" -o csv > "$T/quick" 2> "$T/err"
	is "--quick, $1: from the index" "$(indexed)" index
	theirs -q -s "$1" -n 0 -o csv > "$T/truth"
	is "--quick, $1: the truth is within the bounds" "$(awk -F, 'NR == FNR { if (FNR > 1 && NF) { fl[$5] = $6; pk[$5] = $8; by[$5] = $10 } next }
		FNR > 1 && NF == 17 { n++; if (fl[$5] < $6 || fl[$5] > $6 + $15 || pk[$5] < $8 || pk[$5] > $8 + $16 || by[$5] < $10 || by[$5] > $10 + $17) print
			if ($17 > 0) open = 1 } END { print n, open }' "$T/truth" "$T/quick")" "$2 1"
}
bounds srcport/bytes 150
bounds port/bytes 100
has "--quick: says so" "$(ours --quick -s srcport/bytes -n 150)" 'at least and + how much more it may be; the order of the first [0-9]* is certain'
has "--quick: a row" "$(ours --quick -s srcport/bytes -n 150)" ' + [0-9.]*[ MG]* *flows, .* packets, .* bytes$'

page() { "$O/flowlight.fcgi" -c "$C" -r "/details$1?from=2026-11-20T13:00&to=2026-11-20T15:00&$2" < /dev/null; }
has "--quick: a page" "$(page '' 'by=srcport&order=bytes&top=150&quick=1')" '≥ [0-9]'
has "--quick: a page's model" "$(page .json 'by=srcport&order=bytes&top=150&quick=1')" '"over": [1-9]'
hasnt() { ok "$1" sh -c '! grep -q -e "$1"' sh "$3" << EOT
$2
EOT
}
hasnt "a page without it" "$(page '' 'by=srcport&order=bytes&top=150')" '≥ [0-9]'
has "groups on a page" "$(page .json 'keys=srcip&order=flows&top=3')" '"note": "from the index, no file was read"'

# A table that tells a lie is found out.
ok "verified" $O/flowlight query --verify $window -s proto -n 3
sqlite3 "$T/d/state/index.db" "UPDATE file SET bytes = bytes + 1 WHERE start = unixepoch('2026-11-20 13:30')"
$O/flowlight query --verify $window -s proto -n 3 > "$T/out" 2> "$T/err"
is "a difference: exit status" $? 1
has "a difference is printed" "$(cat "$T/out")" '^verify: bytes: '
has "a difference is counted" "$(cat "$T/err")" 'difference'
sqlite3 "$T/d/state/index.db" "UPDATE file SET bytes = bytes - 1 WHERE start = unixepoch('2026-11-20 13:30');
	UPDATE top SET blob = (SELECT blob FROM top t WHERE t.dim = top.dim AND t.source = top.source AND t.start <> top.start LIMIT 1)
	WHERE start = unixepoch('2026-11-20 13:30')"
$O/flowlight query --verify --conf "$C" --from 2026-11-20T13:30 --to 2026-11-20T13:35 -s proto -n 3 > "$T/out" 2> "$T/err"
is "another table: exit status" $? 1
has "rows that differ are printed" "$(grep -c '^verify: answer: ' "$T/out")" '[1-9]'
has "as the files have them" "$(grep -c '^verify: files : ' "$T/out")" '[1-9]'

# Files chosen by presence are verified, too.
ok "a host" $O/flowlight query --verify $window -o line -q ip 10.20.3.77
has "read few files" "$(ours -o line ip 10.20.3.77; cat "$T/err")" 'read [0-9]* of 73 files'
has "--verify and files" "$($O/flowlight query --verify -r x 2>&1)" '--verify is for answers of the index'
