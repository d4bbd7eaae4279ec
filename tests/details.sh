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
is "to the sum of their protocols" "$(table "/details.json$fold" columns.title | tr -d '\n ')" '["all","tcp","udp","icmp","other","all","all","tcp","udp","icmp","other"]'
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
