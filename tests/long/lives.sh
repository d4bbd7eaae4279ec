# A daemon that is killed at any moment, started and stopped again and again, and
# upgraded (R1, R38, R40).
. tests/lib.sh
. tests/daemonlib.sh

# R1: 500 kills while 100 files are read, at moments that a generator draws.  When
# all are there it begins anew.  Half of them in another process, at the same time.  How
# late they may come follows what the machine gets done: later when nothing was read
# yet, sooner when all was.
kills=$((500 / 2))
[ -z "$SAN" ] || kills=25
killed() {
	seed=$1
	site "kills$seed" UTC one
	ln "$T"/hundred/* "$S/one"
	trap 'kill -9 $pid 2> /dev/null' EXIT
	middle=0 whole=0 latest=150
	awk -v n=$kills -v seed="$seed" 'BEGIN { srand(seed); while (n-- > 0) printf "%d\n", rand() * 1000 }' > "$S/moments"
	while read -r moment; do
		start
		moment=$((moment * latest / 1000))
		moment=$((moment / 1000)).$(printf %03d $((moment % 1000)))
		sleep "$moment"
		kill -9 $pid
		wait $pid 2> /dev/null
		set -- $(sql "SELECT (SELECT count(*) || ' ' || coalesce(sum(flows), 0) || ' ' || coalesce(sum(bytes), 0) FROM file) || ' ' ||
		    (SELECT coalesce(sum(flows), 0) || ' ' || coalesce(sum(bytes), 0) || ' ' || count(*) FROM slot)")
		case ${1:-0} in
		0) latest=$((latest + latest / 20)) ;;
		100) latest=$((latest - latest / 20)) ;;
		esac
		[ $# = 0 ] && continue		# before there was an index
		[ "$2 $3" = "$4 $5" ] || echo "after $moment s: files $2 $3, slots $4 $5"
		[ "$1" = "$6" ] || echo "after $moment s: $1 files, $6 slots"
		[ "$1" = 0 ] || [ "$1" = 100 ] || middle=$((middle + 1))
		[ "$1" = 100 ] || continue
		[ "$(index_sums one)" = "$want" ] || echo "after $moment s: $(index_sums one), not $want"
		whole=$((whole + 1))
		rm -rf "$S/state"
	done < "$S/moments" > "$S/wrong"
	start
	wait_for 20 settled || echo "it does not end its work" >> "$S/wrong"
	end
	[ "$(index_sums one)" = "$want" ] || echo "at last: $(index_sums one), not $want" >> "$S/wrong"
	[ "$(sql 'PRAGMA integrity_check')" = ok ] || echo "the database is not sound" >> "$S/wrong"
	rrd_is_index one || echo "the RRD is not as the index" >> "$S/wrong"
	find "$S/state" -type f -name '.*' >> "$S/wrong"
	echo "$middle $whole" > "$S/told"
}
"$O/mkslots" "$T/hundred" UTC 1763640000 100 500
S=$T
want=$(nfdump_sums hundred)
(killed 1) &
one=$!
(killed 2) &
wait $one $!
for seed in 1 2; do
	is "R1: $kills kills leave nothing wrong ($seed)" "$(cat "$T/kills$seed/wrong")" ""
done
middles=$(cat "$T"/kills*/told | awk '{ n += $1 } END { print n }')
ok "R1: many of them in the middle ($middles)" test "$middles" -gt $((kills / 10))

# R40: 100 starts and stops, of each kind of haste.
site storm UTC one
cp -p "$T"/hundred/* "$S/one"
start
wait_for 20 settled
stop
was=$(dump; rrd_dump one)
n=0
while [ $n -lt 100 ]; do
	start
	sleep 0.0$((n * 7 % 10))
	end
	n=$((n + 1))
done 2> /dev/null
start
ok "R40: after 100 starts and stops all is well" wait_for 20 settled
stop
is "R40: no spike, no gap" "$(dump; rrd_dump one)" "$was"
sound R40

# R38: an index of version 1, whose files are read again, killed before each call that writes.
version1() {
	rm -f "$1"/index.db*
	{
		cat lib/store/schema.sql
		echo "ATTACH '$2' AS new;"
		for table in source file slot; do
			columns=$(sqlite3 "$1/v1.db" "SELECT group_concat(name) FROM pragma_table_info('$table')")
			echo "INSERT INTO $table ($columns) SELECT $columns FROM new.$table;"
		done
	} | sqlite3 "$1/index.db"
	rm -f "$1/v1.db"
}
site small UTC one two
"$O/mkslots" "$S/one" UTC 1763640000 3 40
"$O/mkslots" "$S/two" UTC 1763640300 1 40
start
wait_for 20 settled
stop
U=$T/upgrade
mkdir -p "$U/state"
cp -rp "$S/one" "$S/two" "$U"
{
	echo "one 3 $(nfdump_sums one)"
	echo "two 1 $(nfdump_sums two)"
} > "$U/want"
sqlite3 "$U/state/v1.db" < lib/store/schema.sql
version1 "$U/state" "$S/state/index.db"
is "R38: an index of version 1" "$(sqlite3 "$U/state/index.db" 'PRAGMA user_version; SELECT count(*) FROM file')" "1
4"
step=${SAN:+20}
step=${step:-3}
disk="LD_PRELOAD=$PWD/$O/faultfs.so"
if [ "$(uname)" = Linux ]; then
	ok "R38: an upgrade is killed anywhere" "$O/ordeal" -k -s $step "$U" R38 FAULT_AT "$disk" FAULT_KILL=1
	ok "R38: a disk without room for it" "$O/ordeal" -s $step "$U" R38 FAULT_AT "$disk" FAULT_ERRNO=28
fi

# R38: that of a year, whose files are gone.
site year UTC one
mkdir "$S/state"
sqlite3 "$S/state/v1.db" < lib/store/schema.sql
version1 "$S/state" "$T/small/state/index.db"
sqlite3 "$S/state/index.db" "DELETE FROM file; DELETE FROM slot;
	WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 105119)
	INSERT INTO file SELECT i + 1, 1, 'nfcapd.' || i, 1763640000 - i * 300, 1000, i, 1, i, 2, 0, NULL, 0, 0, 0,
		3, 5, 7, 3, 5, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM n;
	INSERT INTO slot SELECT source, start, 1, flows, packets, bytes, flows_tcp, packets_tcp, bytes_tcp,
		0, 0, 0, 0, 0, 0, 0, 0, 0 FROM file"
versions=
for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	start
	sleep 0.0$((n * 7 % 10))
	kill -9 $pid
	wait $pid 2> /dev/null
	versions="$versions$(sql "SELECT (SELECT user_version FROM pragma_user_version) || ' ' || count(*) FROM slot")
"
done
is "R38: a year's slots are there after each kill, in the old version or the new" \
    "$(printf '%s' "$versions" | grep -v -x '[0-9]* 105120')" ""
start
ok "R38: the upgrade ends" wait_for 30 sh -c "sqlite3 -readonly '$S/state/index.db' 'PRAGMA user_version' | grep -qvx 1"
new=$(sql 'PRAGMA user_version')
stop
is "R38: and has the year's sums" "$(sql 'SELECT count(*), sum(flows), sum(packets), sum(bytes) FROM slot')" \
    "105120|315360|525600|735840"
is "R38: the database is sound" "$(sql 'PRAGMA integrity_check')" ok

# R38: back to an older program.
sqlite3 "$S/state/index.db" "PRAGMA user_version = $((new + 1))" > /dev/null
"$O/flowlightd" -f -c "$S/conf" > "$S/refused" 2>&1
has "R38: an index of a newer version is refused in words" "$(cat "$S/refused")" "made by a newer Flowlight"
is "R38: and left as it is" "$(sql 'SELECT count(*), sum(flows) FROM slot')" "105120|315360"
