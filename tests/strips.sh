# The strips under graphs: who owned the flows, and slots that are missing, broken or late, at
# their place in the picture; a click leads to Explain of the slot.
. tests/lib.sh
. tests/site/site.sh
"$O/mksite" "$SITE" $UNTIL $HOURS "$PWD" || exit 1
day=$SITE/flows/upstream1/2026/11/20
rm "$day/nfcapd.202611201430"
head -c 400 "$day/nfcapd.202611201500" > "$T/cut" && cp "$T/cut" "$day/nfcapd.202611201500"
# As a collector writes them: each when its slot is over.  One came after the next.
for f in "$SITE"/flows/*/2026/11/20/nfcapd.2*; do
	name=${f##*nfcapd.}
	touch -d "@$(($(date -u -d "$(echo "$name" | sed 's/\(........\)\(..\)\(..\)/\1 \2:\3/')" +%s) + 301))" "$f"
done
touch -d 2026-11-20T15:45:00Z "$day/nfcapd.202611201530"
"$O/flowlightd" -f -c "$SITE/flowlight.conf" 2> "$T/daemon.log" &
started $!
read_all() { [ "$(page /status.json | grep -cE '"files": 7[12],')" = 2 ] && [ "$(page /status.json | grep -c '"backlog": 0,')" = 2 ]; }
ok "the daemon reads what there is" wait_for 30 read_all

body() { sed '1,/^$/d'; }
page '/details.json?range=6h&type=flows' | body > "$T/details"
left=$(json graph.plots.1.graph_left < "$T/details") width=$(json graph.plots.1.graph_width < "$T/details")
page '/strip?range=6h' | body > "$T/strip"
# piece FILL Y: where pieces of that colour and height begin, as the number of the slot in these six hours.
piece() { grep -o "<path fill=\"$1\"[^>]*>" "$T/strip" | grep -o "M[0-9.]* ${2}H[0-9.]*" | sed "s/M//; s/ .*//" |
	awk -v l="$left" -v w="$width" '{ printf "%s%d", (NR > 1 ? " " : ""), ($1 - l) * 72 / w + 0.01 }'; }
is "nothing but one slot is missing" "$(grep -o '<path fill="#ab2219" d="M[^"]*' "$T/strip" | grep -o 'M[0-9.]* 11H[0-9.]*v6' | wc -l)" 1
is "at its place, and the broken one" "$(piece '#ab2219' 11)" "24 18"
is "the late one" "$(piece '#566372' 15)" 30
# The scan of 16:00: 240 flows of one host, by nfdump its share of all flows.
share=$(nfdump -q -r "$day/nfcapd.202611201600" -o csv -s ip/flows -n 1 | awk -F, '/198.51.100.13/ { print int($7 * 7 / 100) }')
is "the owner's share" "$(grep -o '<path fill="#a35200" fill-opacity="[0-9.]*" d="[^"]*"' "$T/strip" | sed -n "${share}p" | grep -o 'M[0-9.]* 0H' | sed 's/M//; s/ .*//' |
	awk -v l="$left" -v w="$width" '{ print int(($1 - l) * 72 / w + 0.01) }' | grep -x 36)" 36
goes() { page "$1" | sed -n 's/^Location: //p'; }
is "a click explains that slot" "$(goes "/explain?range=6h&pick=wide?$((left + width * 73 / 144)),4")" "/explain?source=upstream1&at=2026-11-20T16:00"
is "also in the small one" "$(goes "/explain?range=6h&source=upstream2&pick=thumb?$(($(page '/strip?range=6h&size=thumb' | grep -o 'd="M[0-9]*' | sed -n '1s/.*M//p') + 1)),4")" \
    "/explain?source=upstream2&at=2026-11-20T13:00"
is "by keyboard: all of it" "$(goes "/explain?range=6h&pick=wide")" "/explain?from=2026-11-20T13:00&to=2026-11-20T19:00"
is "no such place" "$(page '/explain.json?pick=x' | sed -n 's/^Status: \([0-9]*\).*/\1/p')" 400
has "dark" "$(page '/strip?theme=dark')" 'fill="#252e38"'
has "a year" "$(page '/strip?range=1y&size=thumb')" '<svg'
cgi() { REQUEST_METHOD=GET GATEWAY_INTERFACE=CGI/1.1 FLOWLIGHT_CONF=$SITE/flowlight.conf PATH_INFO=/strip QUERY_STRING='range=6h' \
    HTTP_IF_NONE_MATCH="$1" "$O/flowlight.fcgi"; }
is "is not sent twice" "$(cgi "$(cgi '' | sed -n 's/^ETag: //p')" | sed -n 's/^Status: \([0-9]*\).*/\1/p')" 304
has "Overview has one under each graph" "$(page / | grep -c 'class="strip')" 12
has "and Details under the large one" "$(page /details | grep -c 'class="strip')" 2

# A year has a hundred thousand slots of each source, of which the index keeps ninety days: of many
# sources, those with the most flows are looked at.
conf=$SITE/flowlight.conf
year='/strip?range=1y&size=thumb'
page "$year" | body > "$T/two"
awk '/^source/ && !n++ { for (i = 0; i < 60; i++) printf "source \"empty%d\" { dir = \"/nonexistent/%d\" }\n", i, i } { print }' "$conf" > "$T/many"
cp "$T/many" "$conf"
is "many empty sources take no place" "$(page "$year" | body | cmp - "$T/two" && echo same)" same
has "and it is said of how many it is" "$(page /)" "alt=\"1 year, of the $((1500000 / (91 * 288))) largest of 62 sources: the largest host"
is "not of a shorter time" "$(page / | grep -c 'alt="1 month, of the')" 0
echo 'keep_slots = "all"' >> "$conf"
is "fewer of a year that is kept whole" "$(page "$year" | body | cmp - "$T/two" && echo same)" same
has "which is said, too" "$(page /)" "alt=\"1 year, of the $((1500000 / (365 * 288))) largest of 62 sources: the largest host"
