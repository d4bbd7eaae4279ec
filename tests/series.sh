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

# Analysis: the same numbers as the command line, layer by layer.
body() { sed '1,/^.\{0,1\}$/d'; }
model() { page "$1" | body; }
header() { page "$2" | tr -d '\r' | sed -n "/^$/q; s/^$1: //p"; }
a='from=2026-11-20T17:00&to=2026-11-20T18:00'
model "/analysis.json?$a&top=3" > "$T/analysis"
command=$(json result.commands.flowlight < "$T/analysis")
is "its command line prints its lines" \
    "$(json series.lines < "$T/analysis" | node -e '
	for (const l of JSON.parse(require("fs").readFileSync(0))) console.log(l.others ? "others" : l.title, l.sum.value);')" \
    "$(sh -c "PATH=\"$PWD/$O:\$PATH\"; $command -o csv -6" | awk -F, 'NR > 1 { if (!($4 in s)) order[n++] = $4; s[$4] += $7 } END { for (i = 0; i < n; i++) print order[i], s[order[i]] }')"
is "the csv is that of the command line" "$(model "/analysis.csv?$a&top=3")" \
    "$(sh -c "PATH=\"$PWD/$O:\$PATH\"; $command -o csv")"
is "a bucket is as long as fits" "$(json series.bucket < "$T/analysis")" 10s
below=$(json series.lines.3.below < "$T/analysis")
model "/analysis.json$below" > "$T/below"
is "below is what the others were" "$(json result.kept.bytes.value < "$T/below")" "$(json series.lines.3.sum.value < "$T/analysis")"
is "a term more is one of the chips" "$(json form.terms.chips.0.term < "$T/below" | cut -c1-5)" "not ("
is "kept, a line is all there is" "$(model "/analysis.json$(json series.lines.0.keep < "$T/analysis")" | json result.kept.bytes.value)" \
    "$(json series.lines.0.sum.value < "$T/analysis")"
is "taken off, the rest" "$(model "/analysis.json$(json series.lines.0.peel < "$T/analysis")" | json result.kept.bytes.value)" \
    "$(($(json result.kept.bytes.value < "$T/analysis") - $(json series.lines.0.sum.value < "$T/analysis")))"
is "of several keys, too" "$(model "/analysis.json?$a&keys=srcip4/24,proto&top=3" | json series.lines.3.below | sed 's/.*filter=\([^&]*\).*/\1/; s/+/ /g; s/%28/(/g; s/%29/)/g' | cut -c1-40)" \
    "not ((src net 192.0.2.0/24 and proto TCP"
middle=$(($(json series.plots.1.graph_left < "$T/analysis") + $(json series.plots.1.graph_width < "$T/analysis") / 2 + 1))
is "a click looks closer" "$(header Location "/analysis?$a&pick=wide?$middle,20" | sed 's/&keys.*//')" \
    "/analysis?from=2026-11-20T17:22:30&to=2026-11-20T17:37:30"
is "a click on the narrow picture, too" "$(header Location "/analysis?$a&pick=narrow?200,20" | sed 's/:[^&]*&to=.*//')" "/analysis?from=2026-11-20T17"
is "a form is answered by the address to keep" "$(header Location "/analysis?$a&source=&filter=&keys=proto&top=3&rank=total&series=&book=spread&count=initiated&match=&go=run")" \
    "/analysis?$a&keys=proto&order=bytes&top=3"
is "a filter that is wrong" "$(header Status "/analysis?$a&filter=prot+tcp")" "400 Bad Request"
has "is said with its place" "$(model "/analysis.json?$a&filter=prot+tcp" | json form.error)" 'line 1, column 1'
is "a picture" "$(header Content-Type "/plot?$a&series=10s&keys=srcip&type=flows&theme=dark&size=narrow")" image/png
is "as svg" "$(header Content-Type "/plot?$a&series=10s&format=svg&style=line")" image/svg+xml
has "a picture of no series" "$(page "/plot?$a")" 'a picture needs series='
is "a picture without a time is of the newest hour" "$(header Content-Type "/plot?series=1m")" image/png
is "Details offers its picture to be kept" "$(model "/details.json?$a&series=1m&type=packets" | json keep.title | tr -d ' []\n')" '"Packets,1day","Packets"'
is "no window is the newest hour" "$(model /analysis.json | json selection.from)" 2026-11-20T18:00

# Details' graph of a filter.
d="from=2026-11-20T17:00&to=2026-11-20T17:30&filter=proto+tcp"
model "/details.json?$d&series=10s" > "$T/details"
is "Details: the buckets are those of the command line" "$(json result.series.lines.0.bytes < "$T/details" | tr -d '[] \n')" \
    "$(sh -c "PATH=\"$PWD/$O:\$PATH\"; $(json result.commands.flowlight < "$T/details" | sed 's/ query / query -o csv /')" | awk -F, 'NR > 1 { print $6 }' | paste -sd,)"
has "and nfdump's line is said to be of the sums" "$(json result.commands.nfdump_note < "$T/details")" 'nfdump has no series'
is "its sums are nfdump's" "$(json result.kept.bytes.value < "$T/details")" \
    "$(sh -c "$(json result.commands.nfdump < "$T/details" | sed 's/ -o null/ -N&/')" | sed -n 's/.*total bytes: \([0-9]*\),.*/\1/p')"
is "Analysis of the same is offered" "$(json result.series.apart < "$T/details" | cut -c1-15)" "/analysis?from="
is "the form's button" "$(header Location "/details?$d&mode=series&series=30s&book=end&count=initiated&by=srcip&top=10&keys=&go=run")" \
    "/details?from=2026-11-20T17:00&to=2026-11-20T17:30&series=30s&book=end&filter=proto+tcp&end=2026-11-20T19:00"
is "too many buckets for a longer window become fewer" "$(model "/details.json?from=2026-11-20T13:00&to=2026-11-20T19:00&series=1s" | json result.series.bucket)" 1m
middle=$(($(json result.series.plots.1.graph_left < "$T/details") + $(json result.series.plots.1.graph_width < "$T/details") / 2))
is "a click is a slot" "$(header Location "/details?$d&series=10s&pick=series-wide?$((middle + 20)),30" | sed 's/&series.*//')" \
    "/details?from=2026-11-20T17:15&to=2026-11-20T17:20"

# Light table: each week's figures are those of the sources' RRDs, and of a filter those of its flows.
light="end=2026-11-20T19:00&weeks=1"
model "/light.json?$light&span=1d&type=packets&source=upstream1" > "$T/light"
is "a row for each week" "$(json table.weeks.title < "$T/light" | tr -d ' \n')" '["Thisweek","Aweekbefore"]'
is "a week without data has no figures" "$(for f in last average p95 most; do json table.weeks.1.$f.text < "$T/light"; done | tr -d '\n')" "––––"
is "this week's maximum is the RRD's" "$(json table.weeks.0.most.value < "$T/light" | awk '{ printf "%.3f\n", $1 }' | cut -c1-7)" \
    "$(rrdtool fetch "$SITE/state/profiles-stat/live/upstream1.rrd" AVERAGE -s 1795114800 -e 1795201200 |
	awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "packets") c = i + 1 } $1 ~ /:$/ && $c !~ /nan/ && $c > m { m = $c } END { printf "%.3f\n", m }' | cut -c1-7)"
is "of a week without data, nothing is said" "$(json table.weeks.1.most.text < "$T/light")" "–"
is "of a filter, the maximum is that of its series" "$(model "/light.json?$light&span=1d&filter=proto+udp" | json table.weeks.0.most.value | cut -c1-8)" \
    "$(query --from 2026-11-19T19:00 --to 2026-11-20T19:00 --series 5m -o csv -- 'proto udp' | awk -F, 'NR > 1 && $9 > m { m = $9 } END { printf "%.3f\n", m }' | cut -c1-8)"
has "the csv has a line for each" "$(model "/light.csv?$light&span=1d")" '^1,1794510000,1794596400,'
is "a picture" "$(header Content-Type "/weeks?$light&theme=dark&size=full&alpha=30")" image/png
is "a drag leads to the flows of then" "$(header Location "/light?$light&from=@1795200000&to=@1795200600&go=show")" \
    "/details?from=2026-11-20T18:40&to=2026-11-20T18:50"
is "a click, to those of its slot" "$(header Location "/light?$light&span=1d&pick=wide?800,30" | sed 's/=.*//')" "/details?from"
is "a filter that is wrong" "$(header Status "/light?filter=prot+tcp")" "400 Bad Request"
for wrong in weeks=13 alpha=5 span=3d band=2 weeks=x; do
	is "light: $wrong" "$(header Status "/light?$wrong")" "400 Bad Request"
done

# Heat map: a cell is the mean of its hours; here each is there once.
heat="end=2026-11-20T19:00&weeks=1"
model "/heat.json?$heat" > "$T/heat"
is "an hour of the index is nfdump's sum of its files" "$(json map.table.days.4.cells.17.mean.exact < "$T/heat")" \
    "$(for s in upstream1 upstream2; do
	nfdump -R "$D/$s/2026/11/20/nfcapd.202611201700:nfcapd.202611201755" -o null -N | sed -n 's/^Summary.*total bytes: \([0-9]*\),.*/\1/p'
done | awk '{ b += $1 } END { printf "%.3f\n", b * 8 / 3600 }')"
is "of a protocol, too" "$(model "/heat.json?$heat&proto=udp&type=packets&source=upstream1" | json map.table.days.4.cells.15.mean.exact)" \
    "$(nfdump -R "$D/upstream1/2026/11/20/nfcapd.202611201500:nfcapd.202611201555" -o null -N 'proto udp' |
	sed -n 's/^Summary.*total packets: \([0-9]*\),.*/\1/p' | awk '{ printf "%.3f\n", $1 / 3600 }')"
is "of a filter, that of its series" "$(model "/heat.json?$heat&filter=dst+port+443&type=flows" | json map.table.days.4.cells.16.mean.exact)" \
    "$(query --from 2026-11-20T16:00 --to 2026-11-20T17:00 --series 1h -o csv -- 'dst port 443' | awk -F, 'NR == 2 { print $7 }')"
is "an hour without data is not empty, but unknown" "$(json map.table.days.3.cells.17.mean.text < "$T/heat")" "–"
is "the mean of a day is of its known hours" "$(json map.table.days.4.mean.exact < "$T/heat")" \
    "$(json map.table.days.4.cells < "$T/heat" | node -e '
	const v = JSON.parse(require("fs").readFileSync(0)).map(c => c.mean.value).filter(x => x !== null);
	console.log((v.reduce((a, b) => a + b) / v.length).toFixed(3));')"
is "a cell leads to its hour" "$(json map.table.days.4.cells.17.href < "$T/heat")" "/details?from=2026-11-20T17:00&to=2026-11-20T18:00"
is "so does a click on the picture" "$(header Location "/heat?$heat&pick=wide?804,180")" "/details?from=2026-11-20T17:00&to=2026-11-20T18:00"
has "the csv has a line for each cell" "$(model "/heat.csv?$heat")" "^Fri,17,$(json map.table.days.4.cells.17.mean.exact < "$T/heat")$"
page "/hours?$heat&theme=dark&size=full&zoom=2" | sed '1,/^.\{0,1\}$/d' > "$T/heat.png"
is "the picture is of so many pixels" "$(od -An -j 16 -N 8 -t u1 "$T/heat.png" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')" "2580 720"
is "heat: weeks=0" "$(header Status "/heat?weeks=0")" "400 Bad Request"
is "heat: a filter that is wrong" "$(header Status "/heat?filter=prot")" "400 Bad Request"

# Compare: both sides against nfdump's own top lists.
two='from=2026-11-20T17:00&to=2026-11-20T18:00&from2=2026-11-20T15:00&to2=2026-11-20T16:00&source=upstream1'
sums() {
	nfdump -R "$D/upstream1/2026/11/20/nfcapd.20261120${1}00:nfcapd.20261120${1}55" -q -N -6 -o "fmt:%sa|%byt" 2> /dev/null |
	    awk -F'|' '/[|]/ { gsub(/ /, ""); s[$1] += $2 } END { for (a in s) print a, s[a] }' | sort
}
sums 17 > "$T/a"
sums 15 > "$T/b"
join -a 1 -a 2 -e 0 -o 0,1.2,2.2 "$T/a" "$T/b" | awk '{ print $1 "," $2 "," $3 "," $2 - $3 }' | sort > "$T/pairs"
is "Compare: each value of either side" "$(model "/compare.csv?$two&by=srcip&order=bytes" | sed 1d | sort)" "$(cat "$T/pairs")"
model "/compare.json?$two&by=srcip&order=bytes&top=5" > "$T/compare"
is "what differs most comes first" "$(json result.tables.0.rows < "$T/compare" | node -e '
	for (const r of JSON.parse(require("fs").readFileSync(0))) console.log((r.more ? 1 : -1) * r.difference.value);')" \
    "$(awk -F, '{ print ($4 < 0 ? -$4 : $4), $4 }' "$T/pairs" | sort -rn | sed -n '1,5s/.* //p')"
is "new is what only A has" "$(json result.tables.1.all < "$T/compare")" "$(awk -F, '$3 == 0' "$T/pairs" | wc -l | tr -d ' ')"
is "gone is what only B has" "$(json result.tables.2.all < "$T/compare")" "$(awk -F, '$2 == 0' "$T/pairs" | wc -l | tr -d ' ')"
has "each side has its command line" "$(json result.sides.1.commands.flowlight < "$T/compare")" '--to 2026-11-20T16:00 --source upstream1 -s srcip/bytes -n 5'
is "a value leads to its flows" "$(model "/details.json$(json result.tables.1.rows.0.a_href < "$T/compare" | sed 's/^[^?]*//')" | json result.kept.bytes.value)" \
    "$(json result.tables.1.rows.0.a.value < "$T/compare")"
is "two sources at the same time" "$(model "/compare.json?from=2026-11-20T17:00&to=2026-11-20T18:00&source=upstream1&source2=upstream2" | json result.sides.1.commands.flowlight | sed 's/.*--from/--from/; s/ -s.*//')" \
    "--from 2026-11-20T17:00 --to 2026-11-20T18:00 --source upstream2"
is "a longer time counts in proportion" "$(model "/compare.csv?from=2026-11-20T17:00&to=2026-11-20T17:30&from2=2026-11-20T17:00&to2=2026-11-20T18:00&by=proto" | awk -F, '$1 == "TCP" || $1 == "6" { print $3 }')" \
    "$(for s in upstream1 upstream2; do
	nfdump -R "$D/$s/2026/11/20/nfcapd.202611201700:nfcapd.202611201755" -o null -N 'proto tcp' | sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p'
done | awk '{ f += $1 } END { printf "%d\n", f / 2 + 0.5 }')"
for wrong in by=record by=srcip:p 'by=srcip/bps' top=0 from2=2026-11-20T15:00 source2=elsewhere; do
	is "compare: $wrong" "$(header Status "/compare?from=2026-11-20T17:00&to=2026-11-20T18:00&$wrong")" "400 Bad Request"
done
