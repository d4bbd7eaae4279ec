# Outputs that count flows: what they are like (summary), who has to do with how many (fanout, fanin), against awk over
# nfdump's csv.
. tests/lib.sh
. tests/site/site.sh

# The steps in which flow-stat's overall summary prints its distributions.
steps='
	BEGIN {
		limits["packet_size"] = "32 64 96 128 160 192 224 256 288 320 352 384 416 448 480 512 544 576 1024 1536 2048 2560 3072 3584 4096 4608"
		limits["packets"] = "1 2 4 8 12 16 20 24 28 32 36 40 44 48 52 60 100 200 300 400 500 600 700 800 900"
		limits["bytes"] = "32 64 128 256 512 1280 2048 2816 3584 4352 5120 5888 6656 7424 8192 8960 9728 10496 11264 12032 12800 13568 14336 15104 15872"
		limits["duration"] = "10 50 100 200 500 1000 2000 3000 4000 5000 6000 7000 8000 9000 10000 12000 14000 16000 18000 20000 22000 24000 26000 28000 30000"
	}
	function put(spread, v,    n, limit, i) {
		n = split(limits[spread], limit, " ")
		for (i = 1; i <= n && v > limit[i]; i++);
		count[spread " " (i > 1 ? limit[i - 1] + 1 : spread == "packets" ? 1 : 0) "-" (i <= n ? limit[i] : "")]++
	}
'
# theirs FILTER NFDUMP-WORDS…: "packet_size 33-64 250" of each step that has flows, sorted.
theirs() {
	filter=$1
	shift
	nfdump -q -o csv "$@" "$filter" | awk -F, "$steps"'
		NF > 20 && $12 + $14 > 0 {
			p = $12 + $14; b = $13 + $15
			put("packet_size", int(b / p)); put("packets", p); put("bytes", b); put("duration", int($3 * 1000 + 0.5))
		}
		END { for (k in count) print k, count[k] }' | sort
}
# figures FILTER NFDUMP-WORDS…: flows packets bytes, bytes a packet, bytes, packets and seconds a flow.
figures() {
	filter=$1
	shift
	nfdump -q -o csv "$@" "$filter" | awk -F, '
		NF > 20 && $12 + $14 > 0 { n++; p += $12 + $14; b += $13 + $15; t += $3 }
		END { printf "%d %d %d %.3f %.3f %.3f %.3f\n", n, p, b, b / p, b / n, p / n, t / n }'
}
# The same of our text, and of the csv of a page.
ours() {
	awk '
		/^Bytes per packet .*flows/ { s = "packet_size" } /^Packets per flow .*flows/ { s = "packets" }
		/^Bytes per flow .*flows/ { s = "bytes" } /^Duration of flows/ { s = "duration" }
		/^ / { print s, $1 "-" ($2 == "-" ? $3 : $2 == "and" ? "" : $1), $(NF - 1) }' "$1" | sort
}
page_steps() { awk -F, '$4 > 0 && $1 != "spread" { print $1, $2 "-" $3, $4 }' | sort; }
head_figures() {
	sed -n -e '/^[^ ].*flows  *share$/q; s/^Flows  *\([0-9]*\)$/\1/p' -e 's/^Packets  *\([0-9]*\)$/\1/p' -e 's/^Bytes  *\([0-9]*\)$/\1/p' \
	    -e 's/^\(Bytes per packet\|Bytes per flow\|Packets per flow\|Seconds per flow\)  *\([0-9.]*\)$/\2/p' "$1" | grep -v without |
	    tr '\n' ' ' | sed 's/ $//'
}

# same FILTER NFDUMP-WORDS…
same() {
	filter=$1
	shift
	"$O/flowlight" query -q -o summary "$@" "$filter" > "$T/text"
	ours "$T/text" > "$T/ours"
	theirs "$filter" "$@" > "$T/theirs"
	ok "there are steps of $* $filter" test -s "$T/ours"
	ok "steps of $* $filter" diff -u "$T/theirs" "$T/ours"
}
# The same, of files whose records are a flow each.
same_figures() {
	same "$@"
	is "figures of $* $filter" "$(head_figures "$T/text")" "$(figures "$@")"
}
d=tests/data/nfcapd
same_figures any -r $d/v9_lz4.nfcapd
same_figures 'proto udp' -r $d/v5_none.nfcapd
"$O/nfrandom" "$T/random" 20000 11
same any -r "$T/random"
same 'src port < 1024 and bytes > 100' -r "$T/random"

is "nothing of nothing" "$("$O/flowlight" query -q -o summary -r "$T/random" 'proto 199 and bytes 1')" 'No matching flows'
has "of statistics there is none" "$("$O/flowlight" query -o summary -r "$T/random" -s ip 2>&1)" 'a summary is of flows'

# Fan-out and fan-in: different peers and ports by host.
# fans HOST PEER NFDUMP-WORDS…: the columns of the csv that they are in.
fans() {
	host=$1 peer=$2
	shift 2
	nfdump -q -6 -o csv "$@" | awk -F, -v host="$host" -v peer="$peer" '
		NF > 20 {
			h = $host
			if (!((h, $peer) in pair)) { pair[h, $peer]; peers[h]++ }
			if (($8 == "TCP" || $8 == "UDP" || $8 == "SCTP") && ($6 >= 1024 || $7 < 1024) && !((h, $8, $7) in port)) {
				port[h, $8, $7]; ports[h]++
			}
			flows[h]++; packets[h] += $12 + $14; bytes[h] += $13 + $15
		}
		END { for (h in flows) printf "%s %d %d %d %.0f %.0f\n", h, peers[h], ports[h], flows[h], packets[h], bytes[h] }' | sort
}
same_fans() {
	"$O/flowlight" query -q -n 0 -o fanout "$@" | sed 's/  */ /g' | sort > "$T/ours"
	fans 4 5 "$@" > "$T/theirs"
	ok "hosts have fan-out in $*" test -s "$T/theirs"
	ok "fan-out of $*" diff -u "$T/theirs" "$T/ours"
	"$O/flowlight" query -q -n 0 -o fanin "$@" | sed 's/  */ /g' | sort > "$T/ours"
	fans 5 4 "$@" > "$T/theirs"
	ok "fan-in of $*" diff -u "$T/theirs" "$T/ours"
}
same_fans -r $d/v9_lz4.nfcapd
same_fans -r $d/v10_none.nfcapd
"$O/flowlight" query -q -n 0 -o fanout -r $d/v9_lz4.nfcapd | awk '{ print ($2 > $3 ? $2 : $3) }' > "$T/order"
ok "by peers or ports, whichever are more" sort -c -n -r "$T/order"
is "so many" "$("$O/flowlight" query -q -n 3 -o fanout -r $d/v9_lz4.nfcapd | wc -l | tr -d ' ')" 3

# The page, and the line that it shows.
site_start
w='from=2026-11-20T14:30&to=2026-11-20T17:10'
files="-M $SITE/flows/upstream1:upstream2 -R 2026/11/20/nfcapd.202611201430:2026/11/20/nfcapd.202611201705"
page "/details.json?$w&list=1&output=summary&limit=20&filter=not+proto+icmp" | sed '1,/^$/d' > "$T/page"
line=$(json result.commands.flowlight < "$T/page")
sh -c "$O/$line" > "$T/text" 2> /dev/null
theirs 'not proto icmp' $files > "$T/theirs"
ours "$T/text" > "$T/ours"
ok "the line of the page has the steps" diff -u "$T/theirs" "$T/ours"
page "/details.csv?$w&list=1&output=summary&filter=not+proto+icmp" | sed '1,/^$/d' | page_steps > "$T/ours"
ok "so has its csv" diff -u "$T/theirs" "$T/ours"
is "and its figures are theirs" \
    "$(json result.digest.figures.value < "$T/page" | tr -d '[]\n' | awk -F, '{ printf "%d %d %d %.3f %.3f %.3f %.3f\n", $1, $2, $3, $7, $8, $9, $10 }')" \
    "$(figures 'not proto icmp' $files)"
is "shares are of all" "$(json result.digest.spreads.0.steps.percent < "$T/page" | tr -d '[]" \n' | tr , '\n' |
    awk '{ n += $1 } END { print (n > 99.5 && n < 100.5) }')" 1
has "nfdump has none" "$(json result.commands.why_not < "$T/page")" 'no such summary'
has "a result leads there" "$(page "/details?$w&by=srcip&filter=not+proto+icmp")" \
    'href="/details?from=[^"]*&amp;output=summary&amp;filter=not+proto+icmp&amp;list=1#flows">Sizes and durations'
page "/details.csv?$w&list=1&output=fanout&top=0" | sed '1,/^$/d' | sed -e 1d -e 's/,/ /g' | sort > "$T/ours"
fans 4 5 $files > "$T/theirs"
ok "the page's csv of fan-out" diff -u "$T/theirs" "$T/ours"
page "/details.json?$w&list=1&output=fanin&filter=proto+tcp" | sed '1,/^$/d' > "$T/page"
line=$(json result.commands.flowlight < "$T/page")
sh -c "$O/flowlight query -q ${line#flowlight query}" 2> /dev/null | awk '{ print $1, $2, $3 }' > "$T/theirs"
json result.fan.rows < "$T/page" | node -e '
	for (const r of JSON.parse(require("fs").readFileSync(0))) console.log(r.host, r.peers.value, r.ports.value)' > "$T/ours"
ok "its line gives the rows of fan-in" diff -u "$T/theirs" "$T/ours"
has "the list of hosts leads there" "$(page /host/)" 'href="/details?from=2026-11-20T18:00&amp;to=2026-11-20T19:00&amp;output=fanout&amp;list=1#flows">Fan-out'
has "nothing of nothing on the page" "$(page "/details?$w&list=1&output=summary&filter=proto+199")" '>No flow matches.<'
