# Which flows an exact window means, and sampling rates told with a query, against nfdump's
# list of all flows.
. tests/lib.sh
. tests/site/site.sh
site_start
all=$SITE/flows
from='2026-11-20 15:58:07' to='2026-11-20 16:09:41'

# Flows, packets and bytes of nfdump's list whose times fit.
expected() {
	TZ=UTC nfdump -q -N -M "$all/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201500:2026/11/20/nfcapd.202611201655 \
	    -o 'fmt:%ts|%te|%pkt|%byt' "${2:-any}" |
	    awk -F'|' -v from="$from.000" -v to="$to.000" -v scale="${3:-1}" '
		{ sub(/^ */, "", $1); sub(/^ */, "", $2); sub(/ *$/, "", $1); sub(/ *$/, "", $2) }
		'"$1"' { flows++; packets += $3; bytes += $4 }
		END { printf "%d %.0f %.0f\n", flows, packets * scale, bytes * scale }'
}
# The same of our summary.
found() {
	"$O/flowlight" query --conf "$SITE/flowlight.conf" --from "$from" --to "$to" "$@" -N -s proto/flows -n 0 |
	    sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\),.*/\1 \3 \2/p'
}
is "flows active in the window" "$(found --match any)" "$(expected '$2 >= from && $1 < to')"
is "flows that start in it" "$(found --match start)" "$(expected '$1 >= from && $1 < to')"
is "flows that end in it" "$(found --match end)" "$(expected '$2 >= from && $2 < to')"
is "flows entirely in it" "$(found --match entire)" "$(expected '$1 >= from && $2 <= to')"
is "with a filter" "$(found --match any 'proto udp # not tcp')" "$(expected '$2 >= from && $1 < to' 'proto udp')"
is "packets and bytes times 100" "$(found --match any --sampling 100)" "$(expected '$2 >= from && $1 < to' any 100)"
is "the filter sees what is multiplied" "$(found --match any --sampling 100 'bytes > 5m')" \
    "$(expected '$2 >= from && $1 < to' 'bytes > 50000' 100)"

# The line that the page shows for nfdump counts the same.
page "/details.json?from=2026-11-20T15:58:07&to=2026-11-20T16:09:41&match=entire&by=proto&filter=bytes+%3E+1000" |
    sed '1,/^.\{0,1\}$/d' > "$T/page"
json result.commands.nfdump < "$T/page" > "$T/line"
is "the page's window is as it was asked for" "$(json selection.from < "$T/page") $(json selection.to < "$T/page")" \
    "2026-11-20T15:58:07 2026-11-20T16:09:41"
is "the nfdump line of flows entirely in the window" \
    "$(sh -c "$(sed "s/ -s / -N -s /" "$T/line")" 2>&1 | sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p')" "$(json result.kept.flows.value < "$T/page")"
is "of others there is none" "$(page "/details.json?from=2026-11-20T15:58&to=2026-11-20T16:09&match=any&by=proto" |
    sed '1,/^.\{0,1\}$/d' | json result.commands.nfdump)" null
