# For tests of flowlightd: `. tests/daemonlib.sh` after lib.sh.  A site is a folder
# $S with its configuration and a folder for each source; the daemon of the site
# last started is $pid.
export TZ=UTC
# A shim in front of the sanitizer's library is on purpose.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
pid=

# site NAME ZONE SOURCE…: its folder $S and configuration; more settings in $settings.
site() {
	S=$T/$1
	zone=$2
	shift 2
	mkdir -p "$S"
	{
		printf 'state = "%s/state"\nzone = "%s"\n%s\n' "$S" "$zone" "$settings"
		for s in "$@"; do
			mkdir -p "$S/$s"
			printf 'source "%s" { dir = "%s/%s" colour = "#0000ff" }\n' "$s" "$S" "$s"
		done
	} > "$S/conf"
	: >> "$S/log"
}

# end: the daemon is told to end, and does.  A signal may be lost between the fork of the
# shell and the program, where the shell's own handler is still in place: then once more.
end() {
	until dead "$pid"; do
		kill "$pid" 2> /dev/null
		wait_for 1 dead "$pid"
	done
	wait "$pid"
}

# start [VARIABLE=VALUE…]: the daemon of $S, in that environment.
start() {
	env "$@" "$O/flowlightd" -f -v -c "$S/conf" >> "$S/log" 2>&1 &
	pid=$!
	started $pid
}
stop() {
	kill "$pid"
	wait_for 20 dead "$pid" || echo "not ok - the daemon of $S does not end"
	wait "$pid"
}

sql() { sqlite3 -readonly -cmd '.timeout 5000' "$S/state/index.db" "$1" 2> "$S/sql.err"; }

# Nothing waits, and what is in the index is in the RRDs.
settled() {
	[ "$(sql "SELECT count(*) FROM source WHERE backlog OR seen = 0 OR
	    (rrd_stale AND EXISTS (SELECT 1 FROM slot WHERE slot.source = source.id))")" = 0 ] || return 1
	for s in $(sql "SELECT name FROM source"); do
		files=$(find "$S/$s" -type f -name 'nfcapd.2*' | wc -l)
		[ "$(sql "SELECT count(*) FROM file, source WHERE source.id = source AND state <> 2 AND source.name = '$s'")" = "$files" ] ||
		    return 1
		rrd_is_index "$s" || return 1
	done
}

# Slots and their totals, by source.
TOTALS="flows, packets, bytes, flows_tcp, packets_tcp, bytes_tcp, flows_udp, packets_udp, bytes_udp,
	flows_icmp, packets_icmp, bytes_icmp, flows_other, packets_other, bytes_other"
dump() { sql "SELECT source.name, start, $TOTALS FROM slot JOIN source ON source.id = source ORDER BY source.name, start"; }

# A source's RRD: rows with values, as the index would print them.  A value is a rate of 15 digits: made whole.
rrd_dump() {
	[ -e "$S/state/profiles-stat/live/$1.rrd" ] || return 0
	rrdtool fetch "$S/state/profiles-stat/live/$1.rrd" AVERAGE -r 300 \
	    -s "$(sql "SELECT coalesce(min(start), 0) FROM slot, source WHERE source.id = source AND name = '$1'")" \
	    -e "$(sql "SELECT coalesce(max(start), 300) + 299 FROM slot, source WHERE source.id = source AND name = '$1'")" |
	    awk -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) { split($i, p, "_"); at[p[1], p[2]] = i + 1 } }
		/^[0-9]/ && $2 !~ /nan/ {
			line = name "|" $1 - 300
			for (c = 1; c <= 5; c++) for (m = 1; m <= 3; m++) {
				v = $at[word(m, "flows packets traffic"), word(c, "- tcp udp icmp other")] * 300
				line = line "|" sprintf("%.0f", v)
				whole = v - sprintf("%.0f", v)
				if (v > 0 && (whole < 0 ? -whole : whole) / v > 1e-9) line = line "(" v ")"
			}
			print line
		}
		function word(n, s, w) { split(s, w, " "); return w[n] == "-" ? "" : w[n] }' | sed 's/: *|/|/'
}
rrd_is_index() { [ "$(rrd_dump "$1")" = "$(dump | grep "^$1|")" ]; }

# What nfdump counts in all files of a source's folder.
nfdump_sums() { nfdump -I -R "$S/$1" | awk '/^(Flows|Packets|Bytes):/ { printf "%s ", $2 }'; }
index_sums() { sql "SELECT coalesce(sum(flows), 0) || ' ' || coalesce(sum(packets), 0) || ' ' || coalesce(sum(bytes), 0) || ' ' FROM slot, source WHERE source.id = source AND source.name = '$1'"; }
is_oracle() { is "$1: totals are nfdump's" "$(index_sums "$2")" "$(nfdump_sums "$2")"; }

# sound NUMBER: the database is whole, slots are the sums of their files, RRDs are as the index.
sound() {
	is "$1: the database is sound" "$(sql 'PRAGMA integrity_check')" ok
	is "$1: slots are the sums of their files" "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM slot')" \
	    "$(sql 'SELECT sum(flows), sum(packets), sum(bytes) FROM file')"
	for s in $(sql "SELECT name FROM source"); do
		is "$1: the RRD of $s is as the index" "$(rrd_dump "$s")" "$(dump | grep "^$s|")"
	done
}
