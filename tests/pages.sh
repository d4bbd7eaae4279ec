# Pages by `flowlight.fcgi -r` over a small site, against tests/expect.
# "sh tests/pages.sh -u" accepts what they are now.
update=$1
. tests/lib.sh
. tests/site/site.sh
site_start

# Navigation, paths and what depends on the machine or on the style sheet are left out.
plain() { sed -e '/^<nav/,/^<\/nav>/d' -e "s|$SITE|SITE|g; s|$PWD|TOP|g" -e 's/?v=[0-9a-f]*/?v=HASH/' -e '/^Content-Length: /d' -e '/"seconds": [0-9.]*,\{0,1\}$/d' -e 's/, [0-9.]* s\. /, SECONDS. /'; }

# golden NAME: standard input is as expected.
golden() {
	plain > "$T/golden"
	if [ "$update" = -u ]; then
		cp "$T/golden" "tests/expect/$1"
	fi
	ok "$1" diff -u "tests/expect/$1" "$T/golden"
}

body() { sed '1,/^$/d'; }
model() { page "$1" | body; }

# One line of the page's parameters, then the part of the model that matters.
w='from=2026-11-20T15:55&to=2026-11-20T16:05'
model /overview.json | json sources | golden overview-sources.json
model /overview.json | json metrics.graphs | golden overview-graphs.json
# Disks and the sizes of databases are the machine's, and what was checked is a matter of time.
model /status.json | sed '/^ "room": {/,/^ },/d; /"checked/d' | golden status.json
page /status | sed '/aria-labelledby="room"/,/<\/section>/d; /<dt>Checked/d' | golden status.html
has "the index's part of the collector files" "$(model /status.json | json room.stores.1.share)" '^[0-9.]* %$'
is "bytes of the collector files" "$(model /status.json | json room.stores.0.bytes.value)" "$(cat "$SITE"/flows/*/2026/11/20/nfcapd.2* | wc -c)"
is "free space" "$(model /status.json | json room.disks.0.all.value)" "$(df -B1 --output=size "$SITE/state" | tail -n 1 | tr -d ' ')"
model "/details.json?$w" | json statistics | golden details-statistics.json
model "/details.json?$w&figures=sum" | json statistics.total | golden details-sums.json
model "/details.json?$w" | json buttons | golden details-buttons.json
model "/details.json?$w&type=flows&range=6h" | json graph | golden details-graph.json
model "/details.json?$w&by=srcip&order=flows&top=3" | json result | golden details-top.json
model "/details.json?$w&by=port/bytes&top=2&source=upstream1" | json result.tables | golden details-port.json
model "/details.json?$w&keys=srcip4/24,proto&order=bytes&top=3" | json result.tables | golden details-group.json
model "/details.json?$w&list=1&limit=2&filter=proto+udp" | json result | golden details-list.json
model "/details.json?$w&by=srcip&filter=proto+udp+and+src+net+192.0.2.0/24&top=1" | json form | golden details-form.json
model "/details.csv?$w&by=srcip/flows&top=3" | golden details-top.csv
page '/details?by=srcip&nope=<b>' | golden error.html

# Answers in a word: the status, and what the error says.
status() { page "$1" | sed -n 's/^Status: \([0-9]*\).*/\1/p;q'; }
says() {
	is "$1: status $2" "$(status "$1")" "$2"
	has "$1 says $3" "$(model "$1")" "$3"
}
says '/details.json?nope=1' 400 'unknown parameter.*nope'
says '/details.json?range=1d&range=1w' 400 'range'
says '/details.json?range=5x' 400 'range: .*5x.* is none of 1h, 6h'
says '/details.json?from=teatime' 400 'from: '
says '/details.json?by=colour' 400 'by: unknown statistic .*colour'
says '/details.json?top=-1' 400 'top: '
says '/details.json?list=1&limit=99999' 400 'limit: a page lists at most 1000 flows'
says '/details.json?source=elsewhere' 400 'source: .*elsewhere'
says '/details.json?filter=prot+tcp' 400 'filter.*line 1, column 1'
says '/details.csv' 400 'nothing is asked for'
says '/nope.json' 404 'there is no page /nope'
says '/graph.json' 404 'there is no page'
says '/static/../flowlight.conf' 404 'there is no'
long=$(head -c 20000 /dev/zero | tr '\0' a)
is "a filter of 20 kB" "$(status "/details?filter=$long")" 400
is "a path of 20 kB" "$(status "/$long")" 414
says '/details.json?source=../../etc' 400 'source: '
says '/graph?end=-1y' 400 'end: '
says '/details.json?to=2026-11-20T15:00' 400 'to: needs a from'
says '/details.json?from=2026-11-20T15:00&to=2026-11-20T14:00' 400 'from: lies after to'
is "a wrong filter leaves the form as it was typed" \
    "$(model '/details.json?by=srcip&filter=prot+tcp' | json form.filter)" "prot tcp"
is "a page without anything" "$(status /)" 200
is "the script is served" "$(status /static/flowlight.js)" 200

# Buttons and clicks end at an address that can be kept.
goes() { page "$1" | sed -n 's/^Location: //p'; }
is "the peak of flows is the scan" \
    "$(goes '/details?type=flows&go=peak')" \
    "/details?from=2026-11-20T16:00&to=2026-11-20T16:05&type=flows&end=2026-11-20T19:00"
is "the form's fields come down to the question" \
    "$(goes "/details?$w&mode=list&by=srcip&order=bytes&top=10&keys=proto&limit=50&filter=proto+tcp&go=run" | sed 's/&end=.*//')" \
    "/details?$w&limit=50&filter=proto+tcp&list=1"
group="$w&mode=group&by=srcip&order=bps&limit=20&top=10"
is "keys from menus" \
    "$(goes "/details?$group&key1=srcip4&bits1=20&key2=&bits2=&key3=dstip6&key4=dstport&bits4=7&sort=duration&go=run" | sed 's/&end=.*//')" \
    "/details?$w&keys=srcip4/20,dstip6/64,dstport&order=duration&top=10"
is "no key from menus" "$(goes "/details?$group&bits1=24&sort=tstart&go=run" | sed 's/&end=.*//')" \
    "/details?$w&aggregate=1&order=tstart&top=10"
is "a top list has its own order" "$(goes "/details?$w&mode=top&by=srcip&order=bps&sort=tstart&key1=proto&go=run" | sed 's/&end=.*//')" \
    "/details?$w&by=srcip&order=bps"
says "/details.json?$w&mode=group&key1=colour" 400 'keys: .*colour'
says "/details.json?$w&mode=group&key1=srcip4&bits1=40" 400 'expected 1 to 32 bits'

# Terms of the filter can be taken out, one by one and all.
f='src+ip+198.51.100.13+and+(proto+tcp+or+proto+udp)+and+not+dst+port+80'
model "/details.json?$w&by=srcip&filter=$f" | json form.terms | golden details-terms.json
first() { model "$1" | json result.tables.0.rows.0.cells.0; }
is "a cell's link adds its term once" "$(first "/details.json?$w&by=srcip&order=flows&filter=$f" | json narrow | sed 's/.*filter=\([^&]*\).*/\1/')" \
    "src+ip+198.51.100.13+and+%28proto+tcp+or+proto+udp%29+and+not+dst+port+80"
is "to a filter with or in parentheses" "$(first "/details.json?$w&by=srcip&order=flows&filter=proto+tcp+or+proto+udp" | json exclude | sed 's/.*filter=\([^&]*\).*/\1/')" \
    "%28proto+tcp+or+proto+udp%29+and+not+src+ip+198.51.100.13"

# A line from a shell becomes a page, and the page shows that line.
commands() { model "$1" | json "result.commands.$2"; }
pasted() { goes "/paste?line=$(node -p 'encodeURIComponent(process.argv[1])' "$1")"; }
for url in "/details?$w&by=srcip&order=bytes&top=3&filter=proto+tcp" "/details?$w&source=upstream2&keys=srcip4/20,dstport&order=packets&top=20" \
    "/details?$w&limit=50&filter=proto+tcp&list=1"; do
	for program in nfdump flowlight; do
		is "$url by its line of $program" "$(pasted "$(commands "$(echo "$url" | sed 's/?/.json?/')" $program)" |
		    sed -e 's/&source=upstream1,upstream2//' -e 's/&end=.*//' -e 's/&aggregate=0//')" "$url"
	done
done
says '/paste?line=ls+-l' 400 'line: expected a command line of nfdump'
says '/paste?line=nfdump+-r+/etc/passwd' 400 'line: its files are not those of a source'
says '/paste' 400 'line: paste'
says "/paste?line=nfdump+-s+srcip+|+sh" 400 'line: column 17'
has "a statistic of later nfdumps has a line and says so" "$(commands "/details.json?$w&by=flags" nfdump_note)" 'nfdump 1.7.5'
is "and is not said to have none" "$(commands "/details.json?$w&by=flags" why_not)" null

# Bits or bytes; sources below the axis.
rate() { model "/details.json?$w&$1" | json "statistics.total.cells.10.value"; }
is "bits are bytes times eight" "$(rate unit=bits)" "$(awk -v b="$(model "/details.json?$w&figures=sum" | json statistics.total.cells.10.value)" 'BEGIN { printf "%.12g", int(b * 8 / 600 * 1000 + .5) / 1000 }')"
is "bytes" "$(rate unit=bytes)" "$(awk -v b="$(model "/details.json?$w&figures=sum" | json statistics.total.cells.10.value)" 'BEGIN { printf "%.12g", int(b / 600 * 1000 + .5) / 1000 }')"
most() { model "/details.json?$w&range=6h&$1" | json graph.legend.0.most.value; }
is "also in the graph" "$(awk -v a="$(most unit=bits)" -v b="$(most unit=bytes)" 'BEGIN { d = a - 8 * b; print (d < 0.01 && d > -0.01) }')" 1
# From where to where on the picture an area of this colour is, from above.
extent() {
	page '/graph?format=svg&range=6h' | node -e '
		const areas = require("fs").readFileSync(0, "utf8").match(/<path [^>]*>/g).filter((p) => p.includes("fill:rgb(" + process.argv[1]));
		const y = areas.flatMap((p) => [...p.match(/ d="([^"]*)"/)[1].matchAll(/[ML] [\d.]+ ([\d.]+)/g)].map((m) => +m[1]));
		console.log(Math.round(Math.min(...y)), Math.round(Math.max(...y)));' "$1"
}
blue=16.4 orange=87.8
is "sources are stacked" "$(echo $(extent $orange) $(extent $blue) | awk '{ print ($1 < $3), ($2 < $4) }')" "1 1"
sed -i.old 's|^source "upstream2" {|& direction = out|' "$SITE/flowlight.conf"
is "what goes out is below the axis" "$(echo $(extent $orange) $(extent $blue) | awk '{ print ($1 >= $4 - 1), ($2 > $4 + 20) }')" "1 1"
mv "$SITE/flowlight.conf.old" "$SITE/flowlight.conf"

# Several statistics, limits, directions, outputs: what the form sends, and what it keeps.
asks() { is "$1" "$(goes "/details?$w&$2&go=run" | sed 's/&end=.*//')" "/details?$w&$3"; }
asks "several statistics" 'mode=top&stat1=srcip&statorder1=flows&stat2=dstport&statorder2=bytes&statproto2=1&stat3=&statorder3=flows&top=20' \
    'by=srcip/flows,dstport:p/bytes&top=20'
asks "limits of rows" 'mode=top&stat1=srcip&statorder1=bytes&packets_than=more&packets=10k&bytes_than=less&bytes=5m&post=flows+%3E+3&top=10' \
    'by=srcip&order=bytes&top=10&packets=%2B10000&bytes=-5000000&post=flows+%3E+3'
asks "no limits of flows" 'mode=list&packets_than=more&packets=10k&post=flows+%3E+3&limit=20&listsort=' 'limit=20&list=1'
asks "flows in order" 'mode=list&limit=50&listsort=bytes' 'order=bytes&top=50&list=1'
asks "both directions as one" 'mode=group&bidirectional=guess&key1=srcip&key2=dstport&sort=bytes&top=10' \
    'bidirectional=guess&order=bytes&top=10'
asks "sampling and an output" 'mode=top&stat1=srcip&statorder1=flows&sampling=100&output=long&format=&ipv6=1' \
    'sampling=100&by=srcip&order=flows&output=long&ipv6=1'
asks "a format of one's own" 'mode=list&limit=20&output=format&format=fmt:%25ts+%25byt' 'limit=20&output=fmt:%25ts+%25byt&list=1'
asks "not a format that is left over" 'mode=list&limit=20&output=line&format=fmt:%25ts' 'limit=20&output=line&list=1'
is "other times run no query that has not run" "$(goes "/details?$w&mode=top&stat1=srcip&statorder1=flows&top=10&filter=proto+tcp&match=any&go=show" | sed 's/&end=.*//')" \
    "/details?$w&match=any&filter=proto+tcp"
is "and run one that has" "$(goes "/details?$w&mode=top&stat1=srcip&statorder1=flows&top=10&ran=1&go=show" | sed 's/&end=.*//')" \
    "/details?$w&by=srcip&order=flows&top=10"
table() { model "/details.json?$w&$1" | json "result.tables.$2"; }
is "several tables" "$(table 'by=srcip/flows,dstport:p/bytes&top=3' '*.statistic' | tr -d ' \n')" '["srcip/flows","dstport:p/bytes"]'
is "flows in order of bytes" "$(table 'list=1&order=bytes&top=1' 0.rows.0.cells.9.value)" \
    "$(TZ=UTC nfdump -q -N -M "$SITE/flows/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201555:2026/11/20/nfcapd.202611201600 -o 'fmt:%byt' | sort -n | tail -n 1 | tr -d ' ')"
printed() { model "/details.json?$w&$1" | json result.printed; }
nf() { TZ=UTC nfdump -M "$SITE/flows/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201555:2026/11/20/nfcapd.202611201600 "$@"; }
is "an output as nfdump prints it" "$(printed 'list=1&limit=5&output=long' | grep UDP)" "$(nf -c 5 -o long | grep UDP)"
is "with IPv6 addresses in full" "$(printed 'list=1&limit=5&output=long&ipv6=1&filter=ipv6' | sed 1d | head -n 3)" "$(nf -c 5 -6 -o long ipv6 | sed 1d | head -n 3)"
says "/details.json?$w&list=1&output=fmt:%25zz" 400 'output.*there is no .*%zz'
says "/details.json?$w&match=any&time=16:00" 400 'match: does not go together with time'

# Fields become terms of the filter.
filter_of() { goes "/details?$w&mode=top&stat1=srcip&statorder1=flows&top=10&$1&go=run" | sed -n 's/.*&filter=\([^&]*\).*/\1/p'; }
is "fields are added to the filter" "$(filter_of 'filter=bytes+%3E+1k&f_srcip=192.0.2.0/24,-192.0.2.1&f_dstport=443,8000:8099&f_inif=&f_proto=tcp')" \
    "bytes+%3E+1k+and+src+net+192.0.2.0/24+and+not+src+ip+192.0.2.1+and+%28dst+port+443+or+%28dst+port+%3E%3D+8000+and+dst+port+%3C%3D+8099%29%29+and+proto+tcp"
is "without a filter they are one" "$(filter_of 'f_flags=S/SA')" '%28flags+S+and+not+flags+A%29'
is "interfaces by name" "$(filter_of 'f_outif=dmz')" '%28ident+%27upstream2%27+and+out+if+2%29'
model "/details.json?$w&mode=top&stat1=srcip&statorder1=flows&filter=proto+udp&f_srcip=10.1&f_dstport=80&f_inif=down&go=run" > "$T/wrong"
is "fields that are wrong" "$(json form.errors.*.text < "$T/wrong" | grep -c 'there is no')" 2
is "stay, with those that are right" "$(json form.fields.*.value < "$T/wrong" | tr -d ' \n')" \
    '["10.1",null,null,"80",null,null,"down",null,null,null,null,null,null]'
is "and the filter" "$(json form.filter < "$T/wrong")" 'proto udp'
names() { model "/details.json?$w&$1" | json 'result.tables.0.rows.*.cells' | tr -d '\n' | grep -o '"name": "[^"]*"' | sort -u | tr '\n' ' '; }
# Groups as bands: the numbers of the table, and where each link goes there are those flows.
model "/details.json?$w&keys=srcip,dstport&order=bytes&top=9" > "$T/bands"
is "a band for each row, with its numbers" "$(node -e '
	const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).result, t = r.tables[0];
	const at = name => t.columns.findIndex(c => c.name == name);
	const rows = t.rows.map(({ cells }) => ["srcip", "dstport"].map(n => cells[at(n)].value).concat(
	    ["flows", "packets", "bytes"].map(n => cells[at(n)].value)).join(" ")).sort();
	const bands = r.sankey.bands.map(b => b.title.replace(/^(\S+) → (\d+)[^:]*: (\d+) flows, (\d+) packets, (\d+) bytes;.*/, "$1 $2 $3 $4 $5")).sort();
	const sum = x => r.sankey.nodes.filter(n => n.x == x).reduce((s, n) => s + n.amount, 0);
	const bytes = t.rows.reduce((s, { cells }) => s + cells[at("bytes")].value, 0);
	console.log(rows.join() == bands.join(), rows.length, sum("0%") == bytes, sum("100%") == bytes);
' "$T/bands")" 'true 9 true true'
href=$(json result.sankey.bands.4.href < "$T/bands")
is "a band's link" "$(model "/details.json$(echo "$href" | sed 's/&keys=[^&]*/\&by=proto/')" | json result.kept.bytes.value)" \
    "$(json result.sankey.bands.4.title < "$T/bands" | sed 's/.* \([0-9]*\) bytes;.*/\1/')"
is "as high as the order says" "$(model "/details.json?$w&keys=srcip,dstport&order=pps&top=9" | json result.sankey.unit)" packets
is "of five keys those that tell most" "$(model "/details.json?$w&aggregate=1&top=9" | json result.sankey.columns.title | tr -d ' \n')" \
    '["SourceIP","DestinationIP","Destinationport"]'
for q in by=srcip keys=dstport 'keys=srcip,proto&top=1' 'keys=srcip,dstip&output=csv' 'keys=srcip,proto&series=1m'; do
	is "no bands of $q" "$(model "/details.json?$w&$q" | json result.sankey)" undefined
done
has "they are in the page" "$(page "/details?$w&keys=srcip,dstport&order=bytes&top=9")" '<path class="band c0" d="M0 0.00C'

is "interfaces have names" "$(names 'keys=inif,outif&top=5')" '"name": "lan, dmz" "name": "uplink" '
is "of the sources that are asked" "$(names 'keys=outif&top=5&source=upstream2')" '"name": "dmz" '
has "ports have names" "$(names 'keys=dstport&top=9&filter=dst+port+443')" '"https"'
is "by their protocol" "$(names 'keys=proto,dstport&top=9&filter=dst+port+25+and+proto+udp')" ''

# Help for scripts of the page: what may stand in a filter, what a query would read.
advice() { model "/filter.json?$1" | json "$2" | tr -d ' \n'; }
is "what may stand after src" "$(advice 'filter=src+po' words.*.word)" '["port","portinnatpblock"]'
is "in the middle, by characters" "$(advice 'filter=ident+%27%C3%A4%27+and+pro+port+53&at=17' words.*.word)" '["proto"]'
is "a wrong filter" "$(advice 'filter=prot+tcp' error | grep -c expected),$(advice 'filter=prot+tcp' column)" 1,1
is "an unfinished one" "$(advice 'filter=src+port' unfinished),$(advice 'filter=src+port' expects)" true,null
is "is for scripts alone" "$(status '/filter?filter=any')" 404
cost() { model "/cost.json?$1" | json "$2"; }
bytes=$(cat "$SITE"/flows/upstream?/2026/11/20/nfcapd.20261120155[5] "$SITE"/flows/upstream?/2026/11/20/nfcapd.202611201600 | wc -c)
flows=$(TZ=UTC nfdump -N -M "$SITE/flows/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201555:2026/11/20/nfcapd.202611201600 -o fmt:%pr | sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p')
is "what a query would read" "$(cost "$w&by=srcip&filter=proto+tcp" cost.files) $(cost "$w" cost.bytes) $(cost "$w" cost.flows)" "4 $bytes $flows"
is "without files that have no such address" "$(cost "$w&filter=ip+198.51.100.13" cost.files) $(cost "$w&filter=ip+198.51.100.13" cost.files_spared)" "1 3"
is "what is in the form" "$(cost "from=2026-11-20T15:00&to=2026-11-20T16:00&mode=top&stat1=srcip&statorder1=flows&filter=proto+tcp" cost.files)" 24
is "nothing where the index answers" "$(cost "$w&by=srcip" cost.index) $(cost "$w&by=srcip" cost.files)" "true 0"
is "while it is wrong" "$(cost "$w&filter=prot" cost),$(status "/cost.json?$w&filter=prot")" null,200
has "the page says it" "$(page "/details?$w")" 'id="cost".*Reads 4 files, '
is "a filter keeps its lines" "$(model "/details.json?$w&list=1&filter=proto+tcp+%23+no+udp%0D%0Aand+dst+port+53" | json result.tables.0.rows.*.cells.*.term | grep -c 'dst port')" \
    "$(model "/details.json?$w&list=1&filter=proto+tcp+and+dst+port+53" | json result.tables.0.rows.*.cells.*.term | grep -c 'dst port 53')"

# What is typed wrong stays, with all else that was typed.
model "/details.json?from=teatime&to=-1h&match=any&filter=prot+tcp&post=flowz+3&packets=many&sampling=-2&by=srcip" > "$T/wrong"
is "all that is wrong is told" "$(json form.wrong < "$T/wrong" | sed -n 's/^ *"\([a-z]*\)": "\([a-z]*\)[:,] .*/\1 \2/p' | sort | tr '\n' ',')" \
    'filter filter,from from,packets packets,post post,sampling sampling,'
for v in 'times.from teatime' 'times.to -1h' 'form.filter prot tcp' 'form.post flowz 3' 'form.packets many' 'form.sampling -2'; do
	is "${v%% *} is as it was typed" "$(json "${v%% *}" < "$T/wrong")" "${v#* }"
done
is "nothing runs" "$(json result < "$T/wrong")" null
says "/details.json?$w&by=srcip&post=dst+port+53" 400 'post: the rows of srcip have no dstport'

# Menus: all statistics and keys, each of which can be asked for.
model "/details.json?$w&keys=srcnet,next4/20" > "$T/menus"
json form.keys < "$T/menus" | golden details-keys.json
wrong=
for by in $(json 'form.statistic_menu.*.options.*.value' < "$T/menus" | tr -d '[]",'); do
	[ "$(status "/details?$w&by=$by&top=1")" = 200 ] || wrong="$wrong $by"
done
is "statistics that cannot be asked for" "$wrong" ""
wrong=
for key in $(json 'form.key_menu.*.options.*.value' < "$T/menus" | tr -d '[]",'); do
	[ "$(goes "/details?$w&mode=group&key1=$key&go=run")" != "" ] || wrong="$wrong $key"
done
is "keys that cannot be asked for" "$wrong" ""
is "orders of statistics, of groups" "$(json 'form.order_menu.*.options.*.value' < "$T/menus" | grep -c '"') $(json 'form.sort_menu.*.options.*.value' < "$T/menus" | grep -c '"')" "16 19"
is "typed times" "$(goes '/details?from=yesterday+18:03&to=-20h&go=show' | sed 's/&end=.*//')" \
    "/details?from=2026-11-19T18:00&to=2026-11-19T23:05"
left=$(model "/details.json?$w" | json graph.plots.1.graph_left)
width=$(model "/details.json?$w" | json graph.plots.1.graph_width)
is "a click in the middle of the graph" \
    "$(goes "/details?pick=wide?$((left + (width + 1) / 2)),100" | sed 's/&end=.*//')" \
    "/details?from=2026-11-20T07:00&to=2026-11-20T07:05"
is "a click on its left edge" "$(goes "/details?pick=wide?$left,100" | sed 's/&end=.*//')" \
    "/details?from=2026-11-19T19:00&to=2026-11-19T19:05"

# Pictures.
png() { [ "$(page "$1" | sed '1,/^.\{0,1\}$/d' | head -c 4 | od -An -c | tr -d ' \n')" = '211PNG' ]; }
for p in 'size=wide' 'size=narrow&theme=dark' 'size=thumb&range=1y&zoom=2' 'size=mini&type=flows&proto=udp' \
    'scale=log' 'style=line&source=upstream2'; do
	ok "/graph?$p is a PNG" png "/graph?$p"
done
has "a picture as SVG" "$(page '/graph?format=svg')" '<svg'
mv "$SITE/state/profiles-stat" "$SITE/state/away"
has "without an RRD the picture says so" "$(page '/graph')" 'no data yet'
has "and the status page why" "$(model /status.json)" "The graphs' file .*upstream1.rrd: No such file"
mv "$SITE/state/away" "$SITE/state/profiles-stat"

# Countries and AS by a file of the site.
printf '%s\n' '198.51.100.0/24,NL,64511,Scans & Sons' '192.0.2.0/24,DE,64500,' '0.0.0.0/0,,64502,Elsewhere' > "$T/networks"
cp "$SITE/flowlight.conf" "$T/flowlight.conf"
printf 'networks = "%s"\n' "$T/networks" >> "$SITE/flowlight.conf"
has "a network has a country and a name" "$(names 'by=srcip&order=flows&top=3')" '"NL Scans & Sons"'
has "or a number of its AS" "$(names 'by=srcip&order=flows&top=3')" '"DE AS64500"'
has "an AS has a name" "$(names 'by=srcas&order=flows&top=9')" '"Elsewhere"'
has "escaped" "$(page "/details?$w&by=srcip&order=flows&top=3")" 'NL Scans &amp; Sons<'
if printf '%s\n' '198.51.100.0/24,BE,64512,World' '192.0.2.0/24,AT,64500,The <World> Net' | "$O/mklocations" "$T/locations"; then
	printf 'locations = "%s"\n' "$T/locations" >> "$SITE/flowlight.conf"
	has "a database of libloc says what the file leaves open" "$(names 'by=srcip&order=flows&top=3')" '"DE The <World> Net"'
	has "and not what it says" "$(names 'by=srcip&order=flows&top=3')" '"NL Scans & Sons"'
	is "a host's page tells whose it is" "$(model '/host/192.0.2.10.json' | json owner | tr -d '\n')" \
	    '{ "country": "DE", "name": "The <World> Net", "as": 64500}'
	has "escaped, too" "$(page '/host/192.0.2.10')" 'DE The &lt;World&gt; Net AS64500'
	summed() { model "/details.json?$w&by=proto&filter=$1" | json result.kept.flows.exact; }
	is "a filter by country is one by its networks" "$(summed 'src+geo+NL')" "$(summed 'src+net+198.51.100.0/24')"
	has "which has flows" "$(summed 'src+geo+NL')" '^[1-9]'
	has "and no line for nfdump" "$(page "/details?$w&by=proto&filter=src+geo+NL")" 'nfdump tests countries only with a geo database'
else
	skip "a database of libloc" "built without it"
fi
echo 'nowhere,DE' >> "$T/networks"
has "a wrong line is told" "$(page /status 2>&1)" 'networks:4: expected a network'
mv "$T/flowlight.conf" "$SITE/flowlight.conf"

# Names of addresses: asked for only where the site has it so.
says '/name.json?ip=198.51.100.13' 404 'names are not looked up'
if ldd "$O/flowlight.fcgi" | grep -q cares; then
	dns=$(free_port)
	node tests/site/dns.mjs "$dns" > "$T/dns" &
	started $!
	wait_for 10 grep -q ready "$T/dns"
	cp "$SITE/flowlight.conf" "$T/flowlight.conf"
	printf 'host_names = true\ndns = "127.0.0.1:%s"\n' "$dns" >> "$SITE/flowlight.conf"
	named() { model "/name.json?ip=$1" | json name; }
	is_named() { [ "$(named 198.51.100.13)" = scan.example ]; }
	ok "the name of an address" wait_for 10 is_named
	is "of one without" "$(named 198.51.100.15)" null
	is "of one that is not answered" "$(named 198.51.100.14)" null
	is "what no host is called is no name" "$(named 198.51.100.99)" null
	says '/name.json?ip=host.example' 400 'ip: expected an address'
	has "the page's script knows where to ask" "$(page "/details?$w&by=srcip")" 'data-names="/name.json"'
	has "and for what" "$(page "/details?$w&by=srcip")" 'data-ip="198.51.100.13"'
	mv "$T/flowlight.conf" "$SITE/flowlight.conf"
else
	skip "names of addresses" "built without c-ares"
fi

# Whois: a line for the shell, unless the site names a server to ask.
has "without a server a host's page has the line" "$(page '/host/192.0.2.10')" '<code title="[^"]*">whois 192.0.2.10</code>'
is "and nobody is asked" "$(model '/whois.json?ip=192.0.2.10' | json configured)$(model '/whois.json?ip=192.0.2.10' | json command)" 'nullwhois 192.0.2.10'
says '/whois.json?ip=192.0.2.0/24' 400 'ip: expected an address'
whois=$(free_port)
node tests/site/whois.mjs "$whois" > "$T/whois" &
started $!
wait_for 10 grep -q 'ready 127.0.0.2' "$T/whois"
wait_for 10 grep -q 'ready 127.0.0.1' "$T/whois"
cp "$SITE/flowlight.conf" "$T/flowlight.conf"
printf 'whois = "127.0.0.1:%s"\n' "$whois" >> "$SITE/flowlight.conf"
answer() { model "/whois.json?ip=$1" | json "answers.$2"; }
answer 192.0.2.12 0 > "$T/silent" &		# waits its six seconds meanwhile
silent=$!
has "with one it has a link" "$(page '/host/192.0.2.10')" '<a href="/whois?ip=192.0.2.10">whois</a>'
is "the one referred to is asked" "$(answer 192.0.2.10 '*.server' | tr -d '\n" ')" "[127.0.0.1:$whois,127.0.0.2:$whois]"
is "what it says is plain text" "$(answer 192.0.2.10 1.text)" 'netname: <script>alert(1)</script> & [31mMüller
refer: 127.0.0.1'
is "a second referral is not followed" "$(grep -c '^127.0.0.1 192.0.2.10' "$T/whois")" "$(grep -c '^127.0.0.2 192.0.2.10' "$T/whois")"
has "the page has it escaped" "$(page '/whois?ip=192.0.2.10')" 'netname: &lt;script&gt;alert(1)&lt;/script&gt; &amp; \[31mM'
is "what is too long is cut" "$(answer 192.0.2.11 0.cut)$(answer 192.0.2.11 0.text | wc -c)" true65537
has "another port is not asked" "$(answer 192.0.2.13 1.trouble)" 'its port is another'
wait $silent
is "half of an answer is shown" "$(json text < "$T/silent")" 'inetnum: half of it'
has "with what is wrong" "$(cat "$T/silent")" '"trouble": "did not answer in time"'
printf 'whois = "127.0.0.1:%s"\n' "$(free_port)" | cat "$T/flowlight.conf" - > "$SITE/flowlight.conf"
has "a server that is not there is told" "$(answer 192.0.2.10 0.trouble)" 'Connection refused'
mv "$T/flowlight.conf" "$SITE/flowlight.conf"

# Why there is nothing: sources of other directories under the same state.
why() {
	mkdir -p "$T/why"
	sed -e "s|^state = .*|state = \"$T/why/state\"|" -e "s|\"$SITE/flows/upstream1\"|\"$1\"|" \
	    "$SITE/flowlight.conf" > "$T/why/flowlight.conf"
	"$O/flowlight.fcgi" -c "$T/why/flowlight.conf" -r /status.json | body | json sources.0.trouble
}
mkdir -p "$T/empty" "$T/other" "$T/flat" "$T/first"
touch "$T/other/capture.pcap" "$T/flat/nfcapd.202611201430" "$T/first/nfcapd.current.123"
has "a directory that is not there" "$(why "$T/none")" 'The directory .*/none: No such file'
has "an empty directory" "$(why "$T/empty")" 'There are no files in .*/empty'
has "files of another kind" "$(why "$T/other")" 'none with a collector.s name: there is "capture.pcap"'
has "another layout" "$(why "$T/flat")" 'not of the configured layout 1: there is nfcapd.202611201430, expected 2026/11/20/nfcapd.202611201430'
has "a first file" "$(why "$T/first")" 'still writing its first file'
has "a daemon that never looked" "$(why "$SITE/flows/upstream1")" 'have not been read yet'

# A file that broke after it was read: the result is there as far as it goes, and says so.
kill $daemon
wait $daemon 2> /dev/null
file=$SITE/flows/upstream1/2026/11/20/nfcapd.202611201600
cp "$file" "$T/whole"
head -c 6000 "$T/whole" > "$file"
part="/details.json?from=2026-11-20T16:00&to=2026-11-20T16:05&by=srcip&filter=proto+tcp+or+not+proto+tcp"
is "a broken file makes the result partial" "$(model "$part" | json result.partial)" true
has "with the file and what is wrong with it" "$(model "$part" | json result.faults)" 'nfcapd.202611201600'
has "and the page says so" "$(page "${part%.json*}?${part#*\?}")" 'Partial result'
rm "$file"
is "also when it is gone" "$(model "$part" | json result.partial)" true
has "without a daemon Status says so" "$(model /status.json)" 'flowlightd is not running'

# ---- a graph's numbers ----
page "/graph.csv?range=1h&type=traffic" | body > "$T/values"
is "a graph's numbers are those of the index" "$(sed 1d "$T/values" | awk -F, '{ printf "%s %.2f %.2f\n", $1, $2, $3 }')" \
	"$(sqlite3 "$SITE/state/index.db" "SELECT strftime('%Y-%m-%dT%H:%M', start, 'unixepoch'), max(CASE source WHEN 1 THEN bytes END) * 8.0 / 300,
	max(CASE source WHEN 2 THEN bytes END) * 8.0 / 300 FROM slot GROUP BY start ORDER BY start DESC LIMIT 12" |
	awk -F'|' '{ printf "%s %.2f %.2f\n", $1, $2, $3 }' | sort)"
is "with the sources above" "$(head -n 1 "$T/values" | tr -d '\r')" 'bit/s from,upstream1,upstream2'
is "what is not known is empty" "$(page "/graph.csv?range=1y" | body | sed -n 2p)" 2025-11-20T00:00,,
