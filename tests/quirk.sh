# Settings for what exporters tell wrongly: daemon, command line and pages count
# the same; files that are named are shown as they are.
. tests/lib.sh
. tests/site/site.sh
export TZ=UTC FLOWLIGHT_NOW=1795201500
data=tests/data/nfcapd
state=$T/state
slot=202611201800
w='from=2026-11-20T18:00&to=2026-11-20T18:05'

mkdir -p "$T/flows/a" "$T/flows/b" "$state"
cp $data/mix_none.nfcapd "$T/flows/a/nfcapd.$slot"
cp $data/pflow10.nfcapd "$T/flows/b/nfcapd.$slot"

# conf A B: what the two sources have beside their directories.
conf() {
	cat > "$T/conf" <<-END
		state = "$state"
		share = "$PWD"
		zone = "UTC"
		source "a" { dir = "$T/flows/a" $1 }
		source "b" { dir = "$T/flows/b" $2 }
	END
}

# "flows packets bytes" by several ways of asking.
by_index() {
	sqlite3 -readonly -separator ' ' "$state/index.db" "SELECT flows, packets, bytes FROM slot
	    WHERE source = (SELECT id FROM source WHERE name = '$1')"
}
summary() { sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\),.*/\1 \3 \2/p'; }
query() { "$O/flowlight" query --conf "$T/conf" --from 2026-11-20T18:00 --to 2026-11-20T18:05 "$@"; }
by_query() { query --source "$1" -s proto -N | summary; }
by_list() { query --source "$1" -N -o line | summary; }
details() { "$O/flowlight.fcgi" -c "$T/conf" -r "/details.json?$w&$1" | sed '1,/^$/d'; }
by_nfdump() {
	nfdump -r "$T/flows/$1/nfcapd.$slot" -s proto -N "$2" | summary |
	    awk -v by="$3" '{ printf "%d %.0f %.0f\n", $1, $2 * by, $3 * by }'
}
index_is() { [ "$(by_index "$1")" = "$2" ]; }

# all_are SOURCE TOTALS
all_are() {
	ok "$1: the index has $2" wait_for 10 index_is "$1" "$2"
	is "$1: so has a statistic" "$(by_query "$1")" "$2"
	is "$1: so has a list" "$(by_list "$1")" "$2"
}

conf '' ''
"$O/flowlightd" -f -c "$T/conf" 2> "$T/log" &
pid=$!
started $pid
all_are a "$(by_nfdump a any 1)"
all_are b "$(by_nfdump b any 1)"
has "a line for nfdump" "$(details 'by=ip&source=a' | json result.commands.nfdump)" '^nfdump -r'

again() {
	conf "$1" "$2"
	kill -HUP $pid
}

# mix_none is of the exporter 127.0.0.1.
again 'scale = 10' 'scale = 2 exporter 127.0.0.1 { scale = 3 }'
all_are a "$(by_nfdump a any 10)"
all_are b "$(by_nfdump b any 3)"
is "a page has them" "$(details 'by=ip&source=a' | json result.kept.bytes.value)" \
	"$(by_nfdump a any 10 | cut -d ' ' -f 3)"
is "a filter, too" "$(query --source a -s proto -N 'proto udp' | summary)" "$(by_nfdump a 'proto udp' 10)"
is "a filter sees scaled numbers" "$(query --source a -s proto -N 'bytes > 10000' | summary)" \
	"$(by_nfdump a 'bytes > 1000' 10)"
is "and rates of them" "$(query --source a -s proto -N 'bps > 100000 and duration > 0' | summary | cut -d ' ' -f 1)" \
	"$(nfdump -r "$T/flows/a/nfcapd.$slot" -s proto -N 'bps > 10000 and duration > 0' | summary | cut -d ' ' -f 1)"
is "a file that is named is as it is" \
	"$("$O/flowlight" query --conf "$T/conf" -r "$T/flows/a/nfcapd.$slot" -s proto -N | summary)" "$(by_nfdump a any 1)"
is "no line for nfdump" "$(details 'by=ip&source=a' | json result.commands.nfdump)" null
has "but a reason" "$(details 'by=ip&source=a' | json result.commands.why_not)" '"scale" multiplies'

# pflow10 tells interface 1 and 2 of most flows; 0 and 2 of tunnels.
again '' 'count = in outside = 2'
all_are a "$(by_nfdump a any 1)"
all_are b "$(by_nfdump b 'not (in if 0 and out if 2) and not (in if 2 and out if 0)' 1)"
again '' 'count = out outside = "2,7"'
all_are b "$(by_nfdump b any 1)"

# Times.
conf 'fix_times = true' ''
cp $data/v10_none.nfcapd "$T/flows/a/nfcapd.$slot"
kill -HUP $pid
all_are a "$(by_nfdump a any 1)"
is "times are swapped back" "$(query --source a -q -o 'fmt:%ts %te %sap %dap' | head -n 20)" \
	"$(nfdump -r $data/v10_none.nfcapd -q -o 'fmt:%te %ts %sap %dap' | head -n 20)"
is "durations are those of the same packets told in milliseconds" \
	"$(query --source a -q -o 'fmt:%td %sap %dap' | sort)" \
	"$(nfdump -r $data/v10milli_none.nfcapd -q -o 'fmt:%td %sap %dap' | sort)"

sed 's/fix_times = true/scale = 0/' "$T/conf" > "$T/bad"
has "a scale of 0" "$("$O/flowlightd" -n -c "$T/bad" 2>&1)" 'bad:4: source "a": scale: 0 is out of range'
sed 's/fix_times = true/count = sideways/' "$T/conf" > "$T/bad"
has "a strange count" "$("$O/flowlightd" -n -c "$T/bad" 2>&1)" 'bad:4: source "a": count: "sideways" must be'

# What the manual says of exporters is what check knows of them.
for exporter in $(sed -n 's/^	{ "\([a-z_]*\)", .*/\1/p' lib/format/habit.c); do
	has "flowlight.conf(5) has $exporter" "$(cat man/flowlight.conf.5)" "^\.It $exporter Ta "
done
has "check names an exporter" "$("$O/flowlight" check $data/pflow10.nfcapd)" \
	'note: zero in all flows: flags srcmask dstmask srcas dstas next (as with pflow)$'
has "and times" "$("$O/flowlight" check $data/v10_none.nfcapd)" 'note: 169 flows end before they begin'
"$O/flowlight" check $data/v10_none.nfcapd > /dev/null
is "notes are no faults" $? 0
