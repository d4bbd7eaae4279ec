# flowlight explain over the demo's two weeks: every planted incident is named with its host
# and kind in the first sentence, quiet slots are quiet, and the story's other times are listed.
. tests/lib.sh
until=2026-11-20T18:00
FLOWLIGHT_NOW=$(date -d "${until}Z" +%s)
export FLOWLIGHT_NOW
# Under the sanitizers four days, for time.
days=$([ -n "$SAN" ] && echo 4 || echo 14) slots=$((days * 288))
"$O/flowlight" demo "$T/site" --seed 3 --days $days --flows-per-slot 1400 --until $until || exit 1
conf=$T/site/flowlight.conf
"$O/flowlightd" -c "$conf" -f 2> "$T/log" &
started $!
idle() { [ "$("$O/flowlight" status -c "$conf" | grep -c " $slots known, 0 in error, 0 waiting")" = 3 ]; }
ok "the daemon reads all files" wait_for 300 idle
explain() { "$O/flowlight" explain --conf "$conf" "$@"; }

explain --from 2026-11-06T18:00 --to $until | grep '^20' > "$T/peaks"
while IFS='	' read -r time source kind host port what; do
	case $kind in
	'#'* | '') continue ;;
	'SYN flood') name='flood at one host' ;;
	'DNS amplification') name='reflection and amplification' ;;
	worm) name='worm-like spread' host='port 445' ;;
	*) name=$kind ;;
	esac
	day=${time%T*}
	has "$kind of $time is named with $host" "$(grep "^$day .*, $source: " "$T/peaks")" \
	    "did it: $host.* looks like a $name\."
done <<END
$(grep -v '^#' "$T/site/incidents.txt")
END

# A peak within an incident's hour is no false alarm.
false_alarms=0
while read -r day clock zone source rest; do
	source=${source%:}
	hit=no
	for i in $(grep -v '^#' "$T/site/incidents.txt" | awk -v s="$source" -F'\t' '$2 == s { print $1 }'); do
		start=$(date -u -d "${i}Z" +%s) this=$(date -u -d "${day}T${clock}Z" +%s)
		[ "$this" -ge "$start" ] && [ "$this" -lt $((start + 3600)) ] && hit=yes
	done
	[ $hit = yes ] || false_alarms=$((false_alarms + 1))
done < "$T/peaks"
echo "# $false_alarms false alarms in $((3 * slots)) slots"
ok "fewer than one false alarm in 500 slots ($false_alarms)" test $((false_alarms * 500)) -lt $((3 * slots))

story=$(explain --source office --at 2026-11-20T14:35)
has "the story's minute names the host in its first sentence" "$(echo "$story" | head -n 1)" \
    'One host did it: 10\.20\.3\.77, [0-9]* % of all flows.*connection storm'
has "and lists when it happened before" "$story" 'Thu 2026-11-19 14:35 UTC'
has "a quiet slot is quiet" "$(explain --source office --at 2026-11-18T15:00)" 'Nothing unusual'
has "JSON says the same" "$(explain --source office --at 2026-11-20T14:35 -o json)" '"kind": "connection storm"'
filter=$(explain --source office --at 2026-11-20T14:35 -o json | sed -n 's/.*"filter": "\(src ip 10[^"]*\)".*/\1/p' | head -n 1)
flows=$(nfdump -q -r "$T/site/flows/office/2026/11/20/nfcapd.202611201435" -o csv -A srcip "$filter" | wc -l)
ok "the evidence's filter finds it with nfdump ($filter)" test "$flows" -ge 1
has "a time without a slot says so" "$(explain --at 2026-10-01T00:00)" 'no such slot'
explain --at nonsense > "$T/out" 2>&1
is "a wrong time is exit 2" $? 2
page=$("$O/flowlight.fcgi" -c "$conf" -r /)
has "Overview shows it" "$page" 'One host did it: 10\.20\.3\.77, [0-9]* % of all flows'
has "with a link to its explanation" "$page" 'href="/explain?source=office&amp;at=2026-11-20T14:35"'
