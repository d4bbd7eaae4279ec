# The pages of an incident over the demo's days: what Explain says is proved by the lines that
# it shows, run as they are by the real nfdump.
. tests/lib.sh
. tests/site/site.sh
until=2026-11-20T18:00
FLOWLIGHT_NOW=$(date -d "${until}Z" +%s)
"$O/flowlight" demo "$SITE" --seed 3 --flows-per-slot 300 --days 8 --until $until || exit 1
"$O/flowlightd" -c "$SITE/flowlight.conf" -f 2> "$T/log" &
started $!
idle() { [ "$("$O/flowlight" status -c "$SITE/flowlight.conf" | grep -c ' 2304 known, 0 in error, 0 waiting')" = 3 ]; }
ok "the daemon reads all files" wait_for 120 idle
body() { sed '1,/^$/d'; }
model() { page "$1" | body; }
status() { page "$1" | sed -n 's/^Status: \([0-9]*\).*/\1/p;q'; }

# proofs: of a model on standard input, a line for each row of evidence: key's words, number, and the lines that prove it.
proofs() {
	node -e '
		const p = JSON.parse(require("fs").readFileSync(0, "utf8")).peaks[0];
		for (const ev of p.evidence) {
			const proof = p.proofs.concat(p.more_proofs).find((x) => x.by === ev.by && x.metric === ev.metric);
			const words = (ev.by === "proto" ? ev.filter.replace("proto ", "") : ev.key).replace(/\/\d+$/, "").split(/[^0-9A-Za-z.:]+/).filter((w) => w !== "port" && w !== "");
			console.log([words.join(" "), ev.now, proof.nfdump, proof.flowlight].join("\t"));
		}'
}
# named WORDS NUMBER: a line of standard input has all of them, the number as a word of its own.
named() { awk -v words="$1" -v number="$2" 'BEGIN { n = split(words " " number, want, " ") }
	{ line = " " $0 " "; gsub(/[(),|]/, " ", line); good = 1
	  for (i = 1; i <= n; i++) { at = index(line, " " want[i] " "); at2 = index(line, " " want[i] "/"); if (!at && !at2) good = 0 }
	  if (good) { found = 1 } } END { exit !found }'; }

while read -r source at kind; do
	model "/explain.json?source=$source&at=$at" > "$T/model"
	is "$kind at $at" "$(json peaks.0.kind < "$T/model")" "$kind"
	proofs < "$T/model" > "$T/proofs"
	ok "$kind: there is evidence" test -s "$T/proofs"
	while IFS='	' read -r words number nfdump flowlight; do
		sh -c "$nfdump" > "$T/nfdump.out" 2>&1
		ok "$kind: nfdump says $number of $words" named "$words" "$number" < "$T/nfdump.out"
		sh -c "$O/$flowlight" > "$T/flowlight.out" 2>&1
		ok "$kind: and so does flowlight" named "$words" "$number" < "$T/flowlight.out"
	done < "$T/proofs"
	sh -c "$(json peaks.0.proofs.1.nfdump < "$T/model")" > "$T/nfdump.out" 2>&1
	ok "$kind: the second line finds flows" awk '/^Summary: total flows: [1-9]/ { found = 1 } END { exit !found }' "$T/nfdump.out"
done <<END
office 2026-11-20T14:35 connection storm
upstream2 2026-11-17T19:45 reflection and amplification
upstream1 2026-11-15T21:15 flood at one host
upstream1 2026-11-14T04:20 port scan
office 2026-11-19T02:15 bulk copy
END

# Text to consider: of floods and amplification only, and what other programs take.
model "/explain.json?source=upstream2&at=2026-11-17T19:45" > "$T/amplification"
model "/explain.json?source=upstream1&at=2026-11-15T21:15" > "$T/flood"
is "amplification: pf" "$(json peaks.0.measures.0.text < "$T/amplification")" \
    "block in log quick inet proto udp from any port 53 to 203.0.113.25"
is "a flood: pf" "$(json peaks.0.measures.0.text < "$T/flood")" \
    "pass in quick inet proto tcp from any to 203.0.113.80 port 443 flags S/SA synproxy state"
has "amplification: nftables" "$(json peaks.0.measures.1.text < "$T/amplification")" 'ip daddr 203.0.113.25 udp sport 53 counter drop'
has "a flood: nftables" "$(json peaks.0.measures.1.text < "$T/flood")" \
    'ip daddr 203.0.113.80 tcp dport 443 tcp flags & (syn | ack) == syn limit rate over [0-9]*/second counter drop'
if command -v nft > /dev/null && [ "$(id -u)" = 0 ]; then
	for m in amplification flood; do
		json peaks.0.measures.1.text < "$T/$m" > "$T/nft"
		ok "nft takes it: $m" nft -c -f "$T/nft"
	done
fi
has "FlowSpec" "$(json peaks.0.measures.2.text < "$T/flood" | tr -s '\n\t ' ' ')" \
    'match { destination 203.0.113.80/32; protocol =6; destination-port =443; tcp-flags \[ syn \]; } then { rate-limit [0-9]*; }'
is "none against the office's own host" \
    "$(model '/explain.json?source=office&at=2026-11-20T14:35' | json peaks.0.measures)" "[]"

# The page.
html=$(page '/explain?source=office&at=2026-11-20T14:35')
has "the sentence" "$html" '<p class="sentence">flows ×[0-9.]*, bytes .* One host did it: 10.20.3.77'
has "a link to the host" "$html" 'href="/host/10.20.3.77"'
has "to its flows in this slot" "$html" 'from=2026-11-20T14:35&amp;to=2026-11-20T14:40&amp;source=office&amp;by=dstport&amp;order=flows&amp;top=10&amp;filter=ip+10.20.3.77'
has "when it happened before, with weekday and hour" "$html" 'href="/explain?source=office&amp;at=2026-11-19T14:35">Thu 2026-11-19 14:35 UTC'
for href in $(printf '%s\n' "$html" | grep -o 'href="/\(explain\|details\)[^"#]*' | sed 's/href="//; s/&amp;/\&/g' | sort -u); do
	[ "$(status "$href")" = 200 ] || echo "$href"
done > "$T/dead"
is "all links lead somewhere" "$(cat "$T/dead")" ""
has "a quiet slot" "$(page '/explain?source=office&at=2026-11-18T15:00')" 'Nothing unusual'
has "a slot that is not there" "$(page '/explain?at=2026-10-01T00:00')" 'There is no such slot'
is "the loudest source first" "$(model '/explain.json?at=2026-11-20T14:35' | json peaks.0.source)" office
has "without anything: the last day" "$(model /explain.json | json sentences.0.sentence)" '10.20.3.77'
has "a window" "$(model '/explain.json?from=2026-11-15T20:00&to=2026-11-15T22:00&source=upstream1' | json sentences.0.href)" 'at=2026-11-15T21:10'
is "CSV of the evidence" "$(page '/explain.csv?source=office&at=2026-11-20T14:35&table=evidence' | body | sed -n '1p;/,"src ip 10.20.3.77\|,src ip 10.20.3.77,/{s/,[0-9]*,[0-9]*,[0-9.]*,[0-9.]*$//;p;q;}')" \
    "slot,source,by,filter,metric,now,usual,explains_least,explains_most
2026-11-20T14:35,office,\"srcip\",src ip 10.20.3.77,flows"
is "CSV of owners" "$(page '/explain.csv?source=office&at=2026-11-20T14:35&table=owners' | body | cut -d, -f1-4 | sed -n 2p)" "2026-11-20T14:35,office,10.20.3.77,flows"
is "CSV of sentences" "$(page '/explain.csv?from=2026-11-15T21:10&to=2026-11-15T21:15&source=upstream1' | body | cut -d, -f1-3 | sed -n 2p)" \
    "2026-11-15T21:10,upstream1,flood at one host"
# A copy of an hour is one incident, in slots that follow each other.
all='from=2026-11-12T18:00&to=2026-11-20T18:00&source=office'
page "/explain.csv?$all" | body | grep ',bulk copy,' | cut -d, -f1 | sort > "$T/slots"
is "the copy stands out in several slots, in a row" "$(awk -F: 'NR > 1 && $2 - was != 5 { print }  { was = $2 }  END { print (NR > 1) }' "$T/slots")" 1
model "/explain.json?$all" | json sentences | node -e '
	for (const s of JSON.parse(require("fs").readFileSync(0, "utf8")).filter((s) => s.kind === "bulk copy"))
		console.log(s.from, s.to, s.span);' > "$T/copies"
is "and is one incident" "$(cat "$T/copies")" "$(sed -n 1p "$T/slots") $(TZ=UTC date -d "$(sed -n '$p' "$T/slots")Z +5 min" +%Y-%m-%dT%H:%M) $(($(wc -l < "$T/slots") * 5)) min"
for wrong in 'at=teatime' 'at=14:35&from=14:00' 'from=15:00&to=14:00' 'source=x' 'nope=1'; do
	is "$wrong: status 400" "$(status "/explain.json?$wrong")" 400
done
is "no such table" "$(status '/explain.csv?table=x')" 400

# The page of a host, against nfdump over all files of a day.
host="/host/10.20.3.77.json?source=office"
model "$host" > "$T/host"
sum() { nfdump -R "$SITE/flows/office/2026/11/19/nfcapd.202611191800:2026/11/20/nfcapd.202611201755" -N "$1" |
	sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\),.*/\1 \3 \2/p'; }
numbers() { echo "$(json $1.flows < "$T/host") $(json $1.packets < "$T/host") $(json $1.bytes < "$T/host")"; }
is "what came to it in the last day" "$(numbers in)" "$(sum 'dst ip 10.20.3.77')"
is "what it sent" "$(numbers out)" "$(sum 'src ip 10.20.3.77')"
fan() { nfdump -q -R "$SITE/flows/office/2026/11/19/nfcapd.202611191800:2026/11/20/nfcapd.202611201755" -o "fmt:$1" "$2" | sort -u | grep -c .; }
is "fan-out" "$(json fan_out.addresses < "$T/host") $(json fan_out.ports < "$T/host")" \
    "$(fan %da 'src ip 10.20.3.77') $(fan '%pr %dp' 'src ip 10.20.3.77')"
is "fan-in" "$(json fan_in.addresses < "$T/host") $(json fan_in.ports < "$T/host")" \
    "$(fan %sa 'dst ip 10.20.3.77') $(fan '%pr %dp' 'dst ip 10.20.3.77')"
is "it read the files of its slots only" "$(json reading.files < "$T/host") of $(json reading.of < "$T/host")" "1 of 288"
# Slots that nfdump finds it in: files of the days in which it finds it at all.
has_it() { nfdump "$@" -c 1 'ip 10.20.3.77' | grep -q '^Total.* passed: 1,'; }
for day in "$SITE"/flows/office/2026/11/*; do
	has_it -R "$day" || continue
	for f in "$day"/nfcapd.2*; do
		has_it -r "$f" && echo "$f"
	done
done | sed 's/.*nfcapd.\(....\)\(..\)\(..\)\(..\)\(..\)/\1-\2-\3T\4:\5/' | sort > "$T/slots"
is "slots of thirty days" "$(json seen.slots < "$T/host")" "$(wc -l < "$T/slots")"
is "first and last" "$(json seen.first < "$T/host") $(json seen.last < "$T/host")" "$(sed -n 1p "$T/slots") $(sed -n '$p' "$T/slots")"
is "the busiest slot" "$(json busy.0.slot < "$T/host")" 2026-11-20T14:35
is "a week" "$(model "$host&range=1w" | json out.flows)" \
    "$(nfdump -R "$SITE/flows/office/2026/11/13/nfcapd.202611131800:2026/11/20/nfcapd.202611201755" -N 'src ip 10.20.3.77' | sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p')"
goes() { page "$1" | sed -n 's/^Location: //p'; }
is "the field of every page leads there" "$(goes '/host?host=+10.20.3.77+')" /host/10.20.3.77
is "also for a network" "$(goes '/host?host=10.20.3.9/24')" /host/10.20.3.0/24
is "and IPv6" "$(goes '/host?host=%5B2001:DB8::1%5D')" /host/2001:db8::1
# The picture's cell of 14:35 is the 175th of its row; the newest day is the first row, the day before the second.
x=$((84 + 175 * 15 / 4 + 1))
is "a click opens that slot's flows" "$(goes "/host/10.20.3.77?pick=wide?$x,$((20 + 3))")" \
    "/details?from=2026-11-20T14:35&to=2026-11-20T14:40&list=1&filter=ip+10.20.3.77&type=flows#flows"
is "in the row of its day" "$(goes "/host/10.20.3.77?pick=wide?$x,$((20 + 14 + 3))" | cut -c1-51)" \
    "/details?from=2026-11-19T14:35&to=2026-11-19T14:40&"
is "a click beside the cells stays" "$(goes '/host/10.20.3.77?pick=wide?3,3')" /host/10.20.3.77
is "a click by keyboard stays" "$(goes '/host/10.20.3.77?range=1w&pick=narrow')" '/host/10.20.3.77?range=1w'
is "a narrow picture" "$(goes "/host/10.20.3.77?pick=narrow?$((40 + 175 * 95 / 100 + 1)),25" | cut -c1-51)" \
    "/details?from=2026-11-20T14:35&to=2026-11-20T14:40&"
picture=$(page '/presence?host=10.20.3.77&source=office')
has "the picture is SVG" "$picture" '^Content-Type: image/svg+xml'
is "it has a cell for each slot it was seen in" "$(printf '%s\n' "$picture" | grep -o '<path fill="#0a6a8a" d="[^"]*"' | grep -o 'h[0-9.]*v' | tr -d hv |
    awk '{ n += $1 / 3.75 } END { print n }')" "$(json seen.slots < "$T/host")"
tag=$(printf '%s\n' "$picture" | sed -n 's/^ETag: //p')
is "that is not sent twice" "$(REQUEST_METHOD=GET GATEWAY_INTERFACE=CGI/1.1 FLOWLIGHT_CONF=$SITE/flowlight.conf PATH_INFO=/presence \
    QUERY_STRING='host=10.20.3.77&source=office' HTTP_IF_NONE_MATCH="$tag" "$O/flowlight.fcgi" | sed -n 's/^Status: \([0-9]*\).*/\1/p')" 304
is "a host that nobody saw" "$(model /host/192.0.2.250.json | json seen.slots) $(model /host/192.0.2.250.json | json reading.files)" "0 0"
has "CSV of days" "$(page '/host/10.20.3.77.csv?source=office')" '^2026-11-20,office,1,0,0$'
has "CSV of slots" "$(page '/host/10.20.3.77.csv?source=office&table=slots')" '^2026-11-20T14:35,office,seen,yes,'
is "CSV of peers" "$(page '/host/10.20.3.77.csv?table=peers' | body | cut -d, -f1 | sort | paste -sd' ')" "10.10.3.20 10.10.3.21 10.10.3.22 address"
has "CSV of ports" "$(page '/host/10.20.3.77.csv?table=ports')" '^6,1433,other,0,0,0,'
model /host.json > "$T/start"
is "without a host: those with the most flows first" "$(json 'hosts.*.flows.value' < "$T/start" | tr -d '[], ' | grep . | head -n 1)" \
    "$(json 'hosts.*.flows.value' < "$T/start" | tr -d '[], ' | grep . | sort -rn | head -n 1)"
for wrong in /host/x.json /host/10.0.0.1/33.json '/host.json?host=<b>' '/host/10.0.0.1.json?range=5y' '/host/10.0.0.1.json?type=x' \
    '/host/10.0.0.1.json?end=teatime' '/host/10.0.0.1.json?source=x' '/host/10.0.0.1.json?nope=1' '/host/10.0.0.1.json?pick=x' '/presence'; do
	is "$wrong: status 400" "$(status "$wrong")" 400
done
html=$(page '/host/10.20.3.77?source=office&range=1w')
for href in $(printf '%s\n' "$html" | grep -o 'href="/\(explain\|details\|host\)[^"#]*' | sed 's/href="//; s/&amp;/\&/g' | grep -v pick= | sort -u); do
	[ "$(status "$href")" = 200 ] || echo "$href"
done > "$T/dead"
is "all links of a host lead somewhere" "$(cat "$T/dead")" ""
