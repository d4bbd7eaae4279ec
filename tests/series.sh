# Series: every bucket against what nfdump's list of the same files adds up to,
# and against nfdump's own sums where it has such.
. tests/lib.sh
. tests/site/site.sh
export TZ=UTC
site_start
D=$SITE/flows
query() { "$O/flowlight" query --conf "$SITE/flowlight.conf" "$@"; }
oracle() { node tests/series/oracle.mjs "$@"; }

# flows SOURCE [FILTER]: nfdump's words on each flow of its files from 17:00 to 18:00.
flows() {
	nfdump -R "$D/$1/2026/11/20/nfcapd.202611201700:nfcapd.202611201755" -q -N -6 \
	    -o "fmt:%ts|%te|%pkt|%byt|%fl|%sa|%dp" "${2:-any}" 2> /dev/null | grep '|'
}
{ flows upstream1; flows upstream2; } > "$T/both"
flows upstream1 'proto tcp and not dst port 443' > "$T/tcp"
ok "there are flows to compare" test "$(wc -l < "$T/both")" -gt 500

hour="--from 2026-11-20T17:00 --to 2026-11-20T18:00"
compare() {
	name=$1 list=$2
	shift 2
	query -o csv "$@" > "$T/got" 2> "$T/err"
	ok "$name" oracle "$T/got" "$T/$list" "$@"
}
compare "flows spread over their duration" both $hour --series 10s
compare "seconds" both $hour --series 1s
compare "the last bucket may be shorter" both $hour --series 7m
compare "flows at their end" both $hour --series 30s --book end
compare "flows that are active" both $hour --series 30s --count active
compare "a window within a slot" both --from 2026-11-20T17:31:07 --to 2026-11-20T17:32:13 --series 3s
compare "a filter and one source" tcp $hour --source upstream1 --series 1m -- 'proto tcp and not dst port 443'

# The graphs' booking: each slot what nfdump has in its file, in its five minutes evenly.
query $hour --source upstream2 --series 5m --book slot -o csv | awk -F, 'NR > 1 { print $4, $5, $6 }' > "$T/slots"
for m in 00 05 10 15 20 25 30 35 40 45 50 55; do
	nfdump -r "$D/upstream2/2026/11/20/nfcapd.2026112017$m" -o null -N |
	    sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\).*/\1 \3 \2/p'
done > "$T/files"
is "booked by slot: nfdump's sums of each file" "$(cat "$T/slots")" "$(cat "$T/files")"
is "booked by slot in shorter buckets: evenly" \
    "$(query $hour --source upstream2 --series 1m --book slot -o csv | awk -F, 'NR > 1 { b += $6; f += $4; n++ } n == 5 { print f, b; n = b = f = 0 }')" \
    "$(awk '{ print $1, $3 }' "$T/files")"

# Flows wholly within a bucket: nfdump's -t, for random buckets of a minute.
for m in 03 17 26 41 58; do
	is "flows that lie in 17:$m: nfdump -t" \
	    "$(query --from 2026-11-20T17:00 --to 2026-11-20T18:00 -t "2026/11/20.17:$m:00-2026/11/20.17:$m:59" --series 1m -o csv |
		awk -F, -v t="17:$m:00" '$1 ~ t { print $4, $6, $5 }')" \
	    "$(nfdump -M "$D/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201700:2026/11/20/nfcapd.202611201755 -o null -N \
		-t "2026/11/20.17:$m:00-2026/11/20.17:$m:59" |
		sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\).*/\1 \2 \3/p')"
done

# Split: the first by bytes are nfdump's, and with the others they are the whole.
query $hour --series 5m -A srcip -n 4 -o csv -6 > "$T/split"
is "lines are of nfdump's top list" \
    "$(awk -F, 'NR > 1 && $4 != "others" { print $4 }' "$T/split" | sort -u)" \
    "$(awk -F'|' '{ gsub(/ /, ""); s[$6] += $4 } END { for (a in s) print s[a], a }' "$T/both" | sort -rn | sed -n '1,4s/.* //p' | sort)"
is "lines add up to the series" \
    "$(awk -F, 'NR > 1 { b[$2] += $7; f[$2] += $5 } END { for (t in b) print t, f[t], b[t] }' "$T/split" | sort)" \
    "$(query $hour --series 5m -o csv | awk -F, 'NR > 1 { print $2, $4, $6 }' | sort)"

# What is printed, and what is refused.
is "json and csv say the same" \
    "$(query $hour --series 10m -A proto -n 2 -o json | node -e '
	for (const o of JSON.parse(require("fs").readFileSync(0))) console.log([o.start, o.others ? "others" : o.proto, o.flows, o.bytes].join());')" \
    "$(query $hour --series 10m -A proto -n 2 -o csv | awk -F, 'NR > 1 { print $2 "," $4 "," $5 "," $7 }')"
has "text tells of the highest bucket" "$(query $hour --series 5m)" '^Bit/s: max [0-9.]* at 2026-11-20 17:..:00, 95th '
has "and of what lies outside" "$(query --from 2026-11-20T17:30:30 --to 2026-11-20T17:34 --series 30s)" "^Before this time: flows: [1-9]"
has "a format of flows prints no series" "$(query $hour --series 5m -o raw 2>&1)" 'a series is printed as line, csv, json or ndjson'
has "too many buckets" "$(query --from 2026-11-01 --to 2026-11-20 --series 1s 2>&1)" 'take longer buckets'
