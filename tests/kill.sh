# kill -9 of the daemon while it reads a backlog: nothing is lost, nothing
# counted twice, and the end is in time even then.
. tests/lib.sh
export TZ=UTC
state=$T/state
db=$state/index.db
files=800
sql() { sqlite3 -readonly -cmd ".timeout 5000" "$db" "$1" 2>/dev/null; }
count() { sql "SELECT count(*) FROM file" || echo 0; }

# A real file of 4,000 flows, and others that nfdump made of it.
port=$(free_port)
mkdir -p "$T/base" "$T/flows"
nfcapd -w "$T/base" -p "$port" -t 3600 -b 127.0.0.1 > "$T/nfcapd.log" 2>&1 &
collector=$!
started $collector
wait_for 10 listening "$port"
"$O/mkpcap" "$T/pcap" 4000 0
timeout 200 softflowd -r "$T/pcap" -n "127.0.0.1:$port" -v 9 -6 -d -c none -p "$T/softflowd.pid" > /dev/null 2>&1
wait_for 5 received "$port"
kill $collector
wait $collector
base=$(ls "$T"/base/nfcapd.2*)
for n in 0 1 2 3 4 5 6; do
	nfdump -r "$base" -w "$T/$n" "dst ip 192.0.2.$((n + 1)) or proto tcp" > /dev/null
done

# Files of 800 slots, two of which have two (names with seconds).
awk -v n=$files -v from="$T" -v to="$T/flows/nfcapd." 'BEGIN {
	for (i = 0; i < n; i++) {
		name = strftime("%Y%m%d%H%M", 1763640000 + i * 300)
		print "ln", from "/" i % 7, to name
		if (i == 7 || i == 300)
			print "cp", from "/" i % 7, to name "30"
	}
}' | sh
want=$(nfdump -I -R "$T/flows" | awk '/^(Flows|Packets|Bytes):/ { printf "%s ", $2 }')
all=$((files + 2))

cat > "$T/conf" <<END
state = "$state"
zone = "UTC"
slot = 300
workers = 2
source "one" { dir = "$T/flows" colour = "#0000ff" }
END

# begun N: until the daemons have said more than N times that they read.  Asked without a pause, as it is soon over.
begun() {
	begun_end=$(($(date +%s) + 100))
	until [ "$(grep -c 'files to read, the newest' "$T/log")" -gt "$1" ] || [ "$(date +%s)" -gt $begun_end ]; do :; done
}
# more N: until more than so many files are in the index.
more() {
	more_end=$(($(date +%s) + 100))
	until n=$(count); [ "${n:-0}" -gt "$1" ] || [ "$(date +%s)" -gt $more_end ]; do :; done
}

middle=0 rounds=0 n=0
while [ "$(count)" != $all ] && [ $rounds -lt 40 ]; do
	"$O/flowlightd" -f -c "$T/conf" >> "$T/log" 2>&1 &
	pid=$!
	started $pid
	# Killed soon after its first round of files, each time at another place; each third time after something was read.
	begun $rounds
	[ $((rounds % 3)) != 2 ] || more "${n:-0}"
	sleep 0.0$((rounds * 7 % 5))
	kill -9 $pid
	wait $pid 2> /dev/null
	n=$(count)
	[ "${n:-0}" -gt 0 ] && [ "${n:-0}" -lt $all ] && middle=$((middle + 1))
	is "after kill $rounds the slots are the sums of $n files" \
	    "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM slot')" \
	    "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM file')"
	rounds=$((rounds + 1))
done
ok "it was killed in the middle of the backlog ($middle times)" test $middle -ge 1

"$O/flowlightd" -f -c "$T/conf" >> "$T/log" 2>&1 &
pid=$!
started $pid
ok "all files are read at last" wait_for 30 sh -c "[ \"\$(sqlite3 -readonly '$db' 'SELECT count(*) FROM file')\" = $all ]"
is "totals are nfdump's" "$(sql "SELECT sum(flows) || ' ' || sum(packets) || ' ' || sum(bytes) || ' ' FROM slot")" "$want"
is "no slot twice, none missing" "$(sql 'SELECT count(*), count(DISTINCT start) FROM slot')" "$files|$files"
is "no file twice" "$(sql 'SELECT count(*), count(DISTINCT name) FROM file')" "$all|$all"
is "the database is sound" "$(sql 'PRAGMA integrity_check')" ok
synced() { [ "$(sql 'SELECT rrd_stale FROM source')" = 0 ] && [ -e "$state/profiles-stat/live/one.rrd" ]; }
ok "the RRD follows" wait_for 5 synced
is "and has every slot" "$(rrdtool fetch "$state/profiles-stat/live/one.rrd" AVERAGE -r 300 \
    -s 1763640000 -e $((1763640000 + files * 300 - 1)) | awk 'NF > 1 && $1 ~ /:/ { sum += $2 * 300 } END { printf "%.0f", sum }')" \
    "${want%% *}"
kill $pid
ok "it ends in order" wait_for 3 dead $pid

# SIGTERM in the middle.
rm -rf "$state"
was=$(grep -c 'files to read, the newest' "$T/log")
"$O/flowlightd" -f -c "$T/conf" >> "$T/log" 2>&1 &
pid=$!
started $pid
begun "$was"
kill $pid
ok "SIGTERM is obeyed during a backlog" wait_for 3 dead $pid
wait $pid
is "with status 0" $? 0
ok "before all is read" test "$(count)" -lt $all
is "and sums are right" "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM slot')" \
    "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM file')"
