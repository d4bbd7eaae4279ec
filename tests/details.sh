# What Details has beyond its query: switches of the statistics, protocols, notes, time zones, what follows.
. tests/lib.sh
. tests/site/site.sh
site_start

ok "who only looks makes no state.db" test ! -e "$SITE/state/web/state.db"

body() { sed '1,/^$/d'; }
model() { page "$1" | body; }
status() { page "$1" | sed -n 's/^Status: \([0-9]*\).*/\1/p;q'; }
w='from=2026-11-20T15:55&to=2026-11-20T16:05'

# ---- the statistics' switches ----
table() { model "$1" | json "statistics.$2"; }
is "no source is off at first" "$(table "/details.json?$w" all)" null
none=$(table "/details.json?$w" none)
has "all can be left out at once" "$none" 'source=-'
is "then none is on" "$(table "/details.json$none" rows.on | tr -d '\n ')" '[false,false]'
is "the numbers of each are still there" "$(table "/details.json$none" rows.0.cells)" "$(table "/details.json?$w" rows.0.cells)"
is "their sum is not" "$(table "/details.json$none" total.cells.0.value)" null
one=$(table "/details.json$none" rows.1.switch)
has "one can be taken in" "$one" 'source=upstream2'
is "its sum is its own" "$(table "/details.json$one" total.cells)" "$(table "/details.json$one" rows.1.cells)"
is "the last can be left out" "$(table "/details.json$one" rows.1.switch)" "$none"
has "and all be taken in again" "$(table "/details.json$one" all | grep -c source=)" '^0$'
is "without any, nothing is found" "$(model "/details.json$none&by=srcip" | json result.tables.0.rows)" "[]"
is "and the newest slot is still known" "$(model '/details.json?source=-' | json selection.to)" 2026-11-20T19:00
has "the graph says so" "$(page "/graph?source=-")" '>no source is on<'
is "the strip is there" "$(status '/strip?source=-')" 200
fold=$(table "/details.json?$w" groups.1.href)
has "packets can be folded" "$fold" 'fold=packets'
is "to the sum of their protocols" "$(table "/details.json$fold" columns.title | tr -d '\n ')" '["All","TCP","UDP","ICMP","Other","All","All","TCP","UDP","ICMP","Other"]'
is "under one heading each" "$(table "/details.json$fold" groups.span | tr -d '\n ')" '[5,1,5]'
is "which is the same sum" "$(table "/details.json$fold" total.cells.5)" "$(table "/details.json?$w" total.cells.5)"
has "another on top of it" "$(table "/details.json$fold" groups.0.href)" 'fold=flows,packets'
is "unfolded it is as before" "$(table "/details.json$fold" groups.1.href)" "$(model "/details.json?$w" | json link | sed "s,^/details,,")"

# ---- protocols bring a filter along ----
picked() { model "/details.json?$1" | json "$2.$3.href" | sed -n 's/.*filter=\([^&]*\).*/\1/p'; }
is "a protocol's small graph fills in the filter" "$(picked "$w" minis 2)" proto+tcp
is "other is what is none of them" "$(picked "$w" minis 5)" 'not+%28proto+tcp+or+proto+udp+or+proto+icmp+or+proto+icmp6%29'
is "the next takes its place" "$(picked "$w&proto=tcp&filter=proto+tcp" protos 2)" proto+udp
is "all has none" "$(picked "$w&proto=tcp&filter=proto+tcp" protos 0)" ""
is "a filter of one's own stays" "$(picked "$w&filter=port+53" minis 2)" port+53
is "also one that only begins like that" "$(picked "$w&proto=tcp&filter=proto+tcp+and+port+53" protos 0)" proto+tcp+and+port+53
is "another metric leaves it alone" "$(picked "$w" minis 0)" ""
for p in 1 2 3 4; do
	filter=$(model "/details.json$(model "/details.json?$w" | json protos.$p.href)" | json form.filter)
	is "$filter is the column's flows, for nfdump too" \
	    "$(nfdump -M "$SITE/flows/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201555:2026/11/20/nfcapd.202611201600 -s proto "$filter" |
		sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p')" \
	    "$(table "/details.json?$w&figures=sum" total.cells.$p.value)"
done

# ---- another zone ----
k='zone=Asia/Kolkata&from=2026-11-20T21:25&to=2026-11-20T21:35'
is "typed times are of the zone" "$(model "/details.json?$k" | json selection | tr -d '\n ')" \
	'{"from":"2026-11-20T21:25+05:30","to":"2026-11-20T21:35+05:30","from_text":"2026-11-2021:25IST","to_text":"2026-11-2021:35IST","seconds":600,"slots":2,"single":false,"span":"10min"}'
is "and stay as they were typed" "$(model "/details.json?$k" | json times.from)" 2026-11-20T21:25
is "they are the same flows" "$(model "/details.json?$k" | json statistics.total)" "$(model "/details.json?$w" | json statistics.total)"
is "the zone is told" "$(model "/details.json?$k" | json zone)" Asia/Kolkata
# New York's clocks go back at 06:00 UTC of 1 November: 01:30 is there twice, an hour apart.
is "an hour that comes twice there" "$(model '/details.json?zone=America/New_York&from=2026-11-01T01:30&to=2026-11-01T01:30-05:00' | json selection | tr -d '\n ' | cut -d, -f1-5)" \
	'{"from":"2026-11-01T01:30-04:00","to":"2026-11-01T01:30-05:00","from_text":"2026-11-0101:30EDT","to_text":"2026-11-0101:30EST","seconds":3600'
for page in /status /details.json /details.csv?list=1 /graph /nope; do
	is "S14: a zone that is none, $page" "$(page "$page$(expr "$page" : '.*?' > /dev/null && echo '&' || echo '?')zone=Mars/Phobos" | sed -n 's/^Status: \([0-9]*\).*/\1/p; /Mars.Phobos/s/.*/named/p' | head -n 2 | tr '\n' ' ')" \
	    "$(test $page = /nope && echo '404 named ' || echo '400 named ')"
done
is "S14: nor is a file" "$(status '/details?zone=/etc/localtime') $(status '/details?zone=../../../etc/passwd')" "400 400"
for page in / "/details?list=1&$w" /explain?source=upstream1\&at=2026-11-20T16:00 /analysis /host/198.51.100.13 /saved /status /help /light /heat /compare /notes; do
	page "$page$(expr "$page" : '.*?' > /dev/null && echo '&' || echo '?')zone=Asia/Kolkata" > "$T/zoned"
	is "$page keeps the zone in all links, and is whole" "$(grep -oE ' (href|src|srcset|action)="[^"]*"' "$T/zoned" | grep -v -e 'zone=Asia/Kolkata' -e '="#' -e /static/)$(tail -n 1 "$T/zoned")" "</html>"
	is "and in all its forms" "$(grep -o '<form [^>]*method="get"[^>]*>.\{0,60\}' "$T/zoned" | grep -v -e 'value="Asia/Kolkata"' -e 'class="zone"')" ""
done
# Paths of files are none, whatever they begin with.
unzoned() {
	page "$1$(expr "$1" : '.*?' > /dev/null && echo '&' || echo '?')zone=Asia/Kolkata" | body | node -e '
		let links = 0, bad = [];
		const walk = (o) => { for (const [k, v] of Object.entries(o ?? {}))
			if (typeof v === "object") walk(v);
			else if (typeof v === "string" && /^[\/?]/.test(v) && !v.startsWith(process.argv[1]))
				v.split("zone=Asia/Kolkata").length === 2 ? links++ : bad.push(k + "=" + v); };
		walk(JSON.parse(require("fs").readFileSync(0)));
		console.log(links > 0, bad.join(" "));' "$SITE"
}
for page in /overview.json "/details.json?list=1&limit=3&${k#*&}" "/details.json?by=srcip&top=3&${k#*&}" /explain.json?source=upstream1\&at=2026-11-20T21:30 \
    /analysis.json /host/198.51.100.13.json /host.json /light.json /heat.json /compare.json; do
	is "so do links in JSON, $page" "$(unzoned "$page")" "true "
done
is "a file's path is none" "$(model '/status.json?zone=Asia/Kolkata' | json settings.conf)" "$SITE/flowlight.conf"
goes() { page "$1" | sed -n 's/^Location: //p'; }
is "the choice leads back to its page" "$(goes '/zone?zone=Asia/Kolkata&of=/details?range%3d6h%26zone%3dUTC%26filter%3dport%2b53')" '/details?zone=Asia/Kolkata&range=6h&filter=port+53'
is "or to that in the site's zone" "$(goes '/zone?zone=UTC&of=/status?zone%3dAsia/Kolkata') $(goes '/zone?zone=&of=/')" "/status /"
is "S14: and to none of elsewhere" "$(status '/zone?zone=UTC&of=//evil.example.org') $(status '/zone?zone=UTC') $(status '/zone?zone=Mars/Phobos&of=/')" "400 400 400"
is "pictures have their links once" "$(grep -c 'zone=Asia/Kolkata&amp;zone' "$T/zoned")" 0
is "a graph's axis is in the zone" "$(page '/graph?range=6h&end=@1795201200&zone=Asia/Kolkata&format=svg' | body | cksum | grep -c -F "$(page '/graph?range=6h&end=@1795201200&format=svg' | body | cksum)")" 0
has "its numbers say when" "$(page '/graph.csv?range=6h&end=@1795201200&zone=Asia/Kolkata' | body | sed -n 2p)" '^2026-11-20T18:30+05:30,'
is "a click goes to the slot" "$(page '/details?zone=Asia/Kolkata&range=6h&end=@1795201200&pick=wide?500,100' | sed -n 's/^Location: //p')" \
	"$(page '/details?range=6h&end=@1795201200&pick=wide?500,100' | sed -n 's/^Location: //p' | node -e '
		const at = (s) => new Date(Date.parse(s + "Z") + 19800000).toISOString().slice(0, 16) + "%2B05:30";
		console.log(require("fs").readFileSync(0, "utf8").trim().replace("?", "?zone=Asia/Kolkata&").replace(/2026-11-\d\dT\d\d:\d\d/g, at));')"

# The lines for a shell print the same times, and can be pasted.
model "/details.json?$k&list=1&limit=3" > "$T/zoned"
times=$(json result.tables.0.rows < "$T/zoned" | node -e 'for (const r of JSON.parse(require("fs").readFileSync(0))) console.log(r.cells[0].text)')
lines() { json "result.commands.$1" < "$T/zoned" | sed "s|^flowlight |$O/flowlight |"; }
is "nfdump's line" "$(eval "$(lines nfdump)" 2>&1 | grep -o '^2026-11-2[01] [0-9:.]*')" "$times"
is "our own" "$(eval "$(lines flowlight)" 2>&1 | grep -o '^2026-11-2[01] [0-9:.]*')" "$times"
for line in nfdump flowlight; do
	is "$line's is the page again" "$(page "/paste?zone=Asia/Kolkata&line=$(json "result.commands.$line" < "$T/zoned" | node -p 'encodeURIComponent(require("fs").readFileSync(0, "utf8").trim())')" | sed -n 's/^Location: //p' | sed 's/&source=upstream1,upstream2//; s/&end=.*//')" \
	    "/details?$(echo "$k" | sed 's/T21:\(.5\)/T21:\1%2B05:30/g')&limit=3&list=1"
done

# ---- workers serve one after another ----
nginx_start
zone_of() { curl -s "$URL/details.json?$1" | json "selection.from_text"; }
for i in 1 2 3; do zone_of zone=Asia/Kolkata > /dev/null; zone_of zone=Mars/Phobos > /dev/null; done
is "who asks next has the site's zone" "$(for i in 1 2 3 4; do zone_of; done | sort -u)" "2026-11-20 18:55 UTC"

# ---- an answer that was kept has what was saved since ----
kept() { curl -s "$URL/details.json?$w&list=1&limit=3"; }
kept > /dev/null
page /saved.json > /dev/null
sqlite3 "$SITE/state/web/state.db" "INSERT INTO saved (kind, name, value, owner, shared, made) VALUES ('format', 'short', 'fmt:%sa', '', 0, 0)"
kept > "$T/kept"
is "a format" "$(json form.formats.title < "$T/kept" | tr -d '\n ') $(json from_cache < "$T/kept")" '["short"] 2026-11-20 19:05 UTC'

# ---- what follows ----
is "a page without times follows" "$(model '/details.json?range=6h' | json live.on) $(model '/details.json?from=-2h' | json live.on) $(model '/details.json?from=-2h&to=now' | json live.on)" "true true true"
is "one with times does not, nor one with an answer" "$(model "/details.json?$w" | json live.on) $(model '/details.json?by=srcip' | json live.on) $(model '/details.json?end=2026-11-20T19:00' | json follow)" "false false undefined"
is "its choices go on following" "$(model '/details.json?from=-2h' | json types.0.href)" "?from=-2h&type=flows"
is "its buttons lead to times" "$(model '/details.json' | json buttons.1.href)" "?from=2026-11-20T18:50&to=2026-11-20T18:55&end=2026-11-20T19:00"
is "to another page it gives times" "$(model '/details.json' | json link)" "/details?from=2026-11-20T18:55&to=2026-11-20T19:00&end=2026-11-20T19:00"
is "one that does not has one like it" "$(model "/details.json?$w&type=flows" | json live.href)" "?from=-10m&type=flows"
is "without a script it can be loaded anew" "$(page '/details?refresh=1' | grep -c 'http-equiv="refresh" content="300"') $(page '/details' | grep -c 'http-equiv="refresh"') $(page "/details?refresh=1&$w" | grep -c 'http-equiv="refresh"')" "1 0 0"
curl -sD "$T/newest" "$URL/newest.json?source=upstream1" > "$T/newest.json"
etag=$(sed -n 's/^ETag: //p' "$T/newest" | tr -d '\r')
again() { : > "$T/again"; curl -s -o "$T/again" -w '%{http_code}' -H "If-None-Match: $etag" "$URL/newest.json?source=upstream1"; }
is "while nothing is new there is nothing to be told" "$(again) $(wc -c < "$T/again" | tr -d ' ')" "304 0"
is "S14: a source that is none" "$(status '/newest.json?source=elsewhere')" 400
browser_modules
node tests/site/follow.mjs "$URL" cp "$SITE/flows/upstream1/2026/11/20/nfcapd.202611201855" "$SITE/flows/upstream1/2026/11/20/nfcapd.202611201900"
is "then it is told" "$(again)" 200
