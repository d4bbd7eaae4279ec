# Filters by country, from a database of libloc: what nfdump says of the same networks.
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
