# Countries from a database of libloc.  Filters: what nfdump says of the same networks.  Groups: its
# list of flows, whose addresses the same networks of below are told apart in by their text.
. tests/lib.sh
export TZ=UTC
data=tests/data/nfcapd/mix_none.nfcapd
printf 'state = "%s"\nsource "x" { dir = "%s" }\n' "$T" "$T" > "$T/flowlight.conf"
C=$T/flowlight.conf
ours() { $O/flowlight query --conf "$C" "$@" 2>&1; }
flows() { sed -n 's/^Total flows processed.*passed: \([0-9]*\),.*/\1/p'; }

none='expected a test that needs no database of countries, there is none, not "geo"'
has "without a database there are no countries" "$(ours -r $data 'src geo DE')" "line 1, column 5: $none"
has "nor in lines of nfdump" "$($O/flowlight parse --conf "$C" "nfdump -r $data 'geo DE'" 2>&1)" "line 1, column 1: $none"
none='srcgeo needs a database of countries, and there is none'
has "nor groups of them" "$(ours -r $data -s srcgeo)" "$none"
has "nor keys" "$(ours -r $data -A proto,srcgeo)" "$none"
is "they are .. in formats" "$(ours -r $data -q -c 1 -o 'fmt:%sc %dc %gsa')" '.. ..     192.168.0.10(..)'

if ! printf '%s\n' 192.168.0.0/16,DE, 192.168.0.11/32,AT, 192.168.0.12/32,,64500,Nobody 203.0.113.0/24,LT, \
    192.0.2.0/24,IN, 198.51.100.0/24,NL, 2001:db8::/32,CH, 2001:db8:ffff::/48,FR, | "$O/mklocations" "$T/locations"; then
	skip "countries of libloc" "built without it"
	exit
fi
printf '192.0.2.53/32,us,,\n' > "$T/networks"
printf 'locations = "%s"\nnetworks = "%s"\n' "$T/locations" "$T/networks" >> "$C"

# The same of one side, @, for nfdump.
DE='(@ net 192.168.0.0/16 and not @ ip 192.168.0.11 and not @ ip 192.168.0.12)'
AT='@ ip 192.168.0.11'
LT='@ net 203.0.113.0/24'
IN='(@ net 192.0.2.0/24 and not @ ip 192.0.2.53)'
NL='@ net 198.51.100.0/24'
US='@ ip 192.0.2.53'
CH='(@ net 2001:db8::/32 and not @ net 2001:db8:ffff::/48)'
FR='@ net 2001:db8:ffff::/48'
src() { echo "$1" | sed 's/@/src/g'; }
dst() { echo "$1" | sed 's/@/dst/g'; }
any() { echo "($(src "$1") or $(dst "$1"))"; }

# like FILTER NFDUMP: as many flows, packets and bytes, and there are some.
like() {
	want=$(nfdump -r $data -s proto -N "$2" | grep -e '^Summary' -e 'passed')
	is "$1" "$(ours -r $data -s proto -N "$1" | grep -e '^Summary' -e 'passed')" "$want"
	ok "$1: some flows" [ "$(echo "$want" | flows)" -gt 0 ]
}
like 'geo DE' "$(any "$DE")"
like 'src geo de' "$(src "$DE")"
like 'dst geo "DE"' "$(dst "$DE")"
like 'geo AT' "$(any "$AT")"
like 'geo in [CH, FR]' "($(any "$CH") or $(any "$FR"))"
like 'src geo FR or dst geo CH' "($(src "$FR") or $(dst "$CH"))"
like 'src and dst geo CH or src and dst geo in [CH FR]' "($(src "$CH") or $(src "$FR")) and ($(dst "$CH") or $(dst "$FR"))"
like 'not src geo DE and proto tcp' "(not $(src "$DE")) and proto tcp"
like 'geo US' "$(any "$US")"
# Countries that are words elsewhere.
like 'geo LT' "$(any "$LT")"
like 'dst geo = LT' "$(dst "$LT")"
like 'geo IN' "$(any "$IN")"
like 'geo in [IN LT]' "($(any "$IN") or $(any "$LT"))"
like 'dst geo in and dst port 53' "$(dst "$IN") and dst port 53"

# ---- groups ----

# flows OPTION…: the list of flows: source, its country, destination, its country, protocol, packets, bytes.
cat > "$T/map.awk" << 'END'
function country(a) {
	if (a == "192.168.0.11" || a == "203.0.113.103") return "AT"
	if (a == "192.168.0.12") return ".."
	if (a == "192.0.2.53") return "US"
	if (a ~ /^192\.168\./) return "DE"
	if (a ~ /^203\.0\.113\./) return "LT"
	if (a ~ /^192\.0\.2\./) return "IN"
	if (a ~ /^198\.51\.100\./) return "NL"
	if (a ~ /^2001:db8:ffff:/) return "FR"
	if (a ~ /^2001:0?db8:/) return "CH"
	return ".."
}
$1 ~ /^2/ { print $4, country($4), $5, country($5), $8, $12 + $14, $13 + $15 }
END
flows_of() { nfdump -q -N "$@" -o csv | awk -F, -f "$T/map.awk"; }
# sums KEY…: groups of those flows, by awk's expressions, of each flow once for each.
only=1 before=
sums() {
	code=$before
	for key; do code="$code k = $key; n[k]++; p[k] += \$6; b[k] += \$7;"; done
	awk "$only { $code } END { for (k in n) printf \"%s %d %.0f %.0f\\n\", k, n[k], p[k], b[k] }" "$T/flows" | sort
}
# groups OPTION…: ours, all of them: country, flows, packets, bytes.
groups() { ours -q "$@" -n 0 -o csv 2>&1 | awk -F, '$1 ~ /^2/ { print $5, $6, $8, $10 }'; }
flows_of -r $data > "$T/flows"
ok "there are flows, and countries" [ "$(sums '$2' | grep -c .)" -gt 6 ]
is "srcgeo" "$(groups -r $data -s srcgeo | sort)" "$(sums '$2')"
is "dstgeo" "$(groups -r $data -s dstgeo | sort)" "$(sums '$4')"
is "geo counts a flow for each side" "$(groups -r $data -s geo | sort)" "$(sums '$2' '$4')"
is "by protocol" "$(ours -q -r $data -s geo:p -n 0 -o csv | awk -F, '$1 ~ /^2/ { print $4 "," $5, $6, $8, $10 }' | sort)" \
    "$(sums '$5 "," $2' '$5 "," $4')"
is "several threads, and other statistics beside" "$(groups -r $data -s srcgeo/bytes -s srcip -s dstgeo | grep -E '^[A-Z.]{2} ' | sort)" \
    "$({ sums '$2'; sums '$4'; } | sort)"
for order in flows:2 packets:3 bytes:4; do
	k=${order#*:}
	is "ordered by ${order%:*}" "$(groups -r $data -s geo/${order%:*} | cut -d' ' -f$k)" "$(sums '$2' '$4' | cut -d' ' -f$k | sort -rn)"
	is "and the other way round" "$(groups -r $data -s geo/${order%:*}:a | cut -d' ' -f$k)" "$(sums '$2' '$4' | cut -d' ' -f$k | sort -n)"
done
for order in bps pps bpp ipkg ibyte opkg; do
	is "all of them by $order" "$(groups -r $data -s srcgeo/$order | cut -d' ' -f1 | sort)" "$(sums '$2' | cut -d' ' -f1)"
done
is "keys" "$(ours -q -N -r $data -A srcgeo,dstgeo -o 'fmt:%sc %dc %fl %pkt %byt' | grep -v SC | awk '{ print $1 "," $2, $3, $4, $5 }' | sort)" \
    "$(sums '$2 "," $4')"
is "keys as CSV, behind nfdump's columns" "$(ours -q -r $data -A srcgeo,dstgeo -o csv | awk -F, '$1 ~ /^2/ { print $49 "," $50, $12 + $14, $13 + $15 }' | sort)" \
    "$(sums '$2 "," $4' | cut -d' ' -f1,3,4)"
is "which have a heading" "$(ours -r $data -A dstgeo -o csv | sed -n '1s/.*,//p')" dc
is "keys with others" "$(ours -q -6 -N -r $data -A dstgeo,srcip -o 'fmt:%dc %sa %fl %pkt %byt' | grep -v DC |
    awk '{ print $1 "," $2, $3, $4, $5 }' | sort)" "$(sums '$4 "," $1')"
is "a filter of them goes with it" "$(groups -r $data -s dstgeo 'src geo DE' | sort)" \
    "$(only='$2 == "DE"'; sums '$4')"
is "limits of rows" "$(groups -r $data -s geo -l +1000 | sort)" "$(sums '$2' '$4' | awk '$3 > 1000')"
is "as JSON" "$(ours -q -r $data -s srcgeo -n 0 -o json | grep -o '"srcgeo":"[^"]*"' | sort)" \
    "$(sums '$2' | sed 's/^\(..\).*/"srcgeo":"\1"/')"
is "as text" "$(ours -q -N -r $data -s dstgeo -n 0 | awk '$1 ~ /^2/ { print $5 }' | sort)" "$(sums '$4' | cut -d' ' -f1)"
is "in formats" "$(ours -q -6 -r $data -o 'fmt:%sc %sa(%sc) %gsa %gda' | grep -v SC | sed -E 's/ +/ /g' | sort)" \
    "$(awk '{ print $2 " " $1 "(" $2 ") " $1 "(" $2 ") " $3 "(" $4 ")" }' "$T/flows" | sort)"
has "a series by country" "$(ours -r $data --series 1h -A dstgeo 2>&1)" 'LT'
has "a line of nfdump is understood" "$($O/flowlight parse --conf "$C" "nfdump -r $data -s geo/bytes" 2>&1)" 'by=geo&order=bytes'

has "what is no country is told" "$(ours -r $data 'geo DEU')" "column 5: expected a country's code of two letters such as DE, not \"DEU\""
has "a database that is none is told" "$(sed 's,^locations.*,locations = "/dev/null",' "$C" > "$T/bad.conf"
    $O/flowlight query --conf "$T/bad.conf" -r $data any 2>&1)" 'locations: /dev/null: is no database of libloc'
has "a line of nfdump is understood" "$($O/flowlight parse --conf "$C" "nfdump -r $data 'geo DE'" 2>&1)" 'geo DE'

# Over files with columns, of which whole blocks are left out by their ranges.
ok "an hour is written" $O/flowlight demo "$T/d" --days 1 --flows-per-slot 500 --until 2026-11-20T15:00
find "$T/d/flows" -name 'nfcapd.2*' ! -name 'nfcapd.2026112014*' -exec rm {} +
ok "and indexed" $O/flowlight rebuild index -c "$T/d/flowlight.conf"
grep -e locations -e networks "$C" >> "$T/d/flowlight.conf"
for side in src dst; do
	want=$(nfdump -M "$T/d/flows/upstream1:upstream2:office" -R 2026/11/20/nfcapd.202611201400:2026/11/20/nfcapd.202611201455 \
	    -s proto -N "$($side "$NL")" | grep '^Summary')
	is "over an hour, $side" "$($O/flowlight query --conf "$T/d/flowlight.conf" --from 2026-11-20T14:00 --to 2026-11-20T15:00 \
	    -s proto -N "$side geo NL" 2> /dev/null | grep '^Summary')" "$want"
	has "over an hour, $side: some flows" "$want" 'total flows: [1-9]'
done

# The same of column files, which count by their dictionaries of addresses, and of the files themselves.
hour="-M $T/d/flows/upstream1:upstream2:office -R 2026/11/20/nfcapd.202611201400:2026/11/20/nfcapd.202611201455"
printf '%s\n' 203.0.113.0/24,LT, 203.0.113.103/32,AT, 198.51.100.0/24,NL, 2001:db8::/32,CH, 2001:db8:ffff::/48,FR, | "$O/mklocations" "$T/locations"
C=$T/d/flowlight.conf
window='--from 2026-11-20T14:00 --to 2026-11-20T15:00'
flows_of $hour > "$T/flows"
ok "flows of a host with a country of its own" grep -q ' AT ' "$T/flows"
for stat in "srcgeo \$2" "dstgeo \$4" 'geo $2 $4'; do
	set -- $stat
	stat=$1
	shift
	want=$(sums "$@")
	is "over an hour of column files, $stat" "$(groups $window -s $stat | sort)" "$want"
	is "over an hour of files, $stat" "$(groups $hour -s $stat | sort)" "$want"
	is "over an hour, $stat, some flows" "$(groups $window -s $stat 'proto tcp' | sort)" \
	    "$(only='$5 == "TCP"'; sums "$@")"
done
has "column files were read" "$($O/flowlight query --conf "$C" $window -s geo 2>&1)" 'as column files'

# Who sees no whole addresses sees the countries of networks: no host is told apart by its own.
sed 's/^access = open/access = closed/' "$C" > "$T/closed.conf"
printf 'role "viewers" { users = "vera" }\nrole "admins" { may = admin users = "root" }\n' >> "$T/closed.conf"
page() { "$O/flowlight.fcgi" -c "$T/closed.conf" -u "$1" -r "$2" | sed '1,/^\r*$/d'; }
w='from=2026-11-20T14:00&to=2026-11-20T15:00'
masked='if ($1 == "203.0.113.103") $2 = "LT"; if ($3 == "203.0.113.103") $4 = "LT";'
is "a viewer" "$(page vera "/details.csv?$w&by=geo&top=50" | awk -F, '$1 ~ /^2/ { print $5, $6, $8, $10 }' | sort)" \
    "$(before=$masked; sums '$2' '$4')"
has "nor by a filter" "$(page vera "/details.json?$w&by=srcip&filter=geo+AT" | tr -d ' \n')" '"kept":{"flows":{"value":0,'
is "nor by a format" "$(page vera "/details.json?$w&list=1&limit=500&output=fmt:%25gsa+%25gda" | grep -c '(AT)')" 0
ok "an admin sees it" eval 'page root "/details.json?$w&list=1&limit=500&filter=src+geo+AT&output=fmt:%25gsa+%25gda" | grep -q "203.0.113.103(AT)"'

# ---- pages ----
page root "/details.json?$w&by=geo&top=5" > "$T/page"
has "a cell's link" "$(cat "$T/page")" '"term": "geo NL"'
has "the menu" "$(cat "$T/page")" 'Country, source or destination'
has "nfdump's line is none" "$(cat "$T/page")" 'nfdump groups by country only with a geo database of its own'
has "of groups, the side's" "$(page root "/details.json?$w&keys=srcgeo,dstip")" '"term": "src geo'
has "nothing to add for those without" "$(page root "/details.json?$w&by=srcgeo&top=50")" '"text": "\.\."'
sed '/^locations/d' "$T/closed.conf" > "$T/none.conf"
page() { "$O/flowlight.fcgi" -c "$T/none.conf" -u root -r "$1"; }
is "no menu without a database" "$(page "/details?$w&by=srcip" | grep -c -i 'country, source')" 0
has "and an error" "$(page "/details?$w&by=srcgeo")" 'srcgeo needs a database of countries, and there is none'
