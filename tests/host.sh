# flowlight host: against nfdump over all files of a demo day; and what happens to files that go.
. tests/lib.sh
. tests/daemonlib.sh

ok "a day is written" $O/flowlight demo "$T/d" --days 1 --flows-per-slot 200 --until 2026-11-20T15:00
C=$T/d/flowlight.conf
indexed() {
	[ "$(sqlite3 -readonly "$T/d/state/index.db" "SELECT (SELECT count(*) FROM file) = 864 AND
	    (SELECT count(*) FROM pending WHERE start < unixepoch() - 90000) = 0" 2> /dev/null)" = 1 ]
}
host() { $O/flowlight host "$@" -c "$C"; }
# field NAME TEXT: a number of the JSON output's top level.
field() { printf '%s\n' "$2" | sed -n "s/^  \"$1\": \(.*[^,]\),*$/\1/p"; }
# sums TEXT: flows, packets and bytes in and out.
sums() { printf '%s\n' "$1" | awk '/^  "(in|out)": / { on = 1 } on && /"(flows|packets|bytes)"/ { gsub(/[^0-9]/, ""); printf "%s ", $0 } /^  }/ { on = 0 }'; }
# total FILTER: the same by nfdump.
total() {
	nfdump -R "$T/d/flows/office" -N "$1" | sed -n 's/^Summary: total flows: \([0-9]*\), total bytes: \([0-9]*\), total packets: \([0-9]*\),.*/\1 \3 \2 /p'
}

start_demo() {
	$O/flowlightd -f -c "$C" >> "$T/log" 2>&1 &
	pid=$!
	started $pid
}
start_demo
ok "the daemon reads the day and sums it up" wait_for 60 indexed

files=$(find "$T/d/flows/office" -name 'nfcapd.2*' | sort)
busy=$(nfdump -q -R "$T/d/flows/office" -o csv -s ip/flows -n 40 | awk -F, 'NF > 5 { v = $5 } END { print v }')
for host in 10.20.3.77 $busy 10.20.3.0/24 2001:db8::/32 203.0.113.9; do
	case $host in
	*/*) word=net ;;
	*) word=ip ;;
	esac
	got=$(host $host --source office -o json)
	is "$host: totals" "$(sums "$got")" "$(total "dst $word $host")$(total "src $word $host")"
	slots=0
	for f in $files; do
		nfdump -r "$f" -c 1 "$word $host" | grep -q '^Total.* passed: 1,' && slots=$((slots + 1))
	done
	is "$host: slots" "$(field slots "$got") $(field possible "$got") $(field unknown "$got")" "$slots 0 0"
	is "$host: not more files than needed, within what was possible" \
		"$([ "$(field files "$got")" -ge $slots ] && [ "$(field files "$got")" -le 288 ] && echo yes)" yes
	case $host in
	10.20.3.77) is "$host: opens the only file" "$(field files "$got") $(field files_all "$got")" "1 288" ;;
	esac
done

has "the index alone" "$(host 10.20.3.77 --index)" '^  seen in       1 of 864 slots$'
has "a day and source" "$(host 10.20.3.77 -o csv)" '^2026-11-20,office,1,0,0,'
is "all sources, one line each" "$(host 10.20.3.77 -o csv | wc -l)" 2
is "out of the window" "$(host 10.20.3.77 --to 2026-11-20T14:30 -o csv | wc -l)" 1
is "in the window" "$(host 10.20.3.77 --from 2026-11-20T14:35 --to 2026-11-20T14:40 -o csv | wc -l)" 2
has "no address" "$(host x 2>&1)" 'flowlight host: "x" is no address and no network'
has "no source" "$(host 10.0.0.1 --source y 2>&1)" 'no source "y"'
host > "$T/out" 2>&1
is "no words" $? 2

# Queries whose filter names addresses read only files that may have them; the answer is the same.
query() { $O/flowlight query --conf "$C" --source office --from 2026-11-19T15:00 --to 2026-11-20T15:00 "$@"; }
for filter in 'ip 10.20.3.77' 'src ip 10.20.3.77 and dst port 1433' 'proto tcp and (net 10.20.3.0/24 or ip 2001:db8:20:3:0:1a5:0:3)' \
    'ip in [10.20.3.77 203.0.113.9]' 'not ip 10.20.3.77' 'ip 10.20.3.77 or port 53' 'dst ip 203.0.113.9'; do
	is "$filter: the flows of nfdump" "$(query -q -o line "$filter" | sort)" \
		"$(nfdump -q -R "$T/d/flows/office" -o line "$filter" | sort)"
done
has "and few files" "$(query 'ip 10.20.3.77' 2>&1 > /dev/null)" 'read 1 of 288 files'
has "none, when none has it" "$(query 'ip 203.0.113.9 and ip 203.0.113.10' 2>&1 > /dev/null)" 'read 0 of 288 files'
is "all without an address" "$(query -s proto 'port 53' 2>&1 > /dev/null | grep ' of ')" ""
is "all when one side has none" "$(query -s proto 'ip 10.20.3.77 or port 53' 2>&1 > /dev/null | grep ' of ')" ""
is "all when it is the others" "$(query -s proto 'not ip 10.20.3.77' 2>&1 > /dev/null | grep ' of ')" ""

# A file that is gone leaves what the index has of it.
rm "$T/d/flows/office/2026/11/20/nfcapd.202611201435"
gone() { [ "$(sqlite3 -readonly "$T/d/state/index.db" 'SELECT count(*) FROM file WHERE state = 2')" = 1 ]; }
ok "the daemon notices" wait_for 20 gone
has "it is said" "$(host 10.20.3.77)" 'the files of 1 slots are gone'
stop
