# What flowlightd does when nothing waits: it checks files against the index, and puts right what differs.
. tests/lib.sh
. tests/daemonlib.sh

settings='recheck = 100'
site check UTC one
"$O/mkslots" "$S/one" UTC 1763640000 1 500
checked() { [ "$(sql 'SELECT checked FROM source')" -ge "$1" ]; }
start
ok "a file is read" wait_for 20 settled
ok "and read again" wait_for 20 checked 1
is "it is as it was" "$(sql 'SELECT differed, difference IS NULL FROM source')" "0|1"
has "status says so" "$("$O/flowlight" status -c "$S/conf")" '^  checked       1 file read again, the last 20.*, the index was right$'
stop
state() { dump; sql "SELECT $TOTALS FROM file"; sql 'SELECT dim, hex(blob) FROM top WHERE level = 0 ORDER BY dim'; }
good=$(state)

# damage WHAT SQL PATTERN: it is found, told, and put right.
n=1
damage() {
	sqlite3 "$S/state/index.db" "$2"
	[ "$(state)" != "$good" ] || echo "not ok - $1: nothing is damaged"
	n=$((n + 1))
	start
	ok "$1: is checked" wait_for 20 checked $n
	ok "$1: settled" wait_for 20 settled
	has "$1: is in the log" "$(tail -n 20 "$S/log")" "the index is not as the files are, and is put right: .*$3"
	is "$1: is put right" "$(state)" "$good"
	has "$1: status shows it" "$("$O/flowlight" status -c "$S/conf")" "^  DIFFERED      $((n - 1)) of them, put right; the last: nfcapd.202511201200: .*$3"
	is_oracle "$1" one
	sound "$1"
	stop
}
damage "a file's flows" "UPDATE file SET flows_tcp = flows_tcp + 7" "flows (tcp) in the index"
damage "a slot's bytes" "UPDATE slot SET bytes = bytes - 1" "its slot has .* bytes"
damage "a top table" "UPDATE top SET blob = (SELECT blob FROM top WHERE dim = 1) WHERE dim = 0" "top table by srcip"

# Off is off.
settings='recheck = 0'
site off UTC one
"$O/mkslots" "$S/one" UTC 1763640000 1 50
start
ok "without checks: the file is read" wait_for 20 settled
"$O/mkslots" "$S/one" UTC 1763640300 1 50
ok "without checks: and another, when it had nothing to do" wait_for 20 settled
is "without checks: nothing is read again" "$(sql 'SELECT checked FROM source')" 0
stop

# Slots that are too old go, graphs stay.
settings='keep_slots = 24h
keep_hours = 2d
recheck = 0'
site old UTC one
now=$(($(date +%s) / 300 * 300))
for hour in $(seq 0 6 120); do
	"$O/mkslots" "$S/one" UTC $((now - 300 - hour * 3600)) 1 30
done
start
n=$(find "$S/one" -type f | wc -l)
kept() { [ "$(sql "SELECT count(*) FROM slot WHERE start < $now - 2 * 86400")" = 0 ] && [ "$(sql "SELECT count(*) FROM file")" = "$n" ]; }
ok "old slots go" wait_for 30 kept
days() { sql "SELECT count(*) FROM (SELECT DISTINCT start FROM top WHERE level = 2 AND start < $now - 3 * 86400)"; }
days_of_files() { sql "SELECT count(*) FROM (SELECT DISTINCT start / 86400 FROM file WHERE start < $now - 3 * 86400 - (($now - 3 * 86400) % 86400) + 86400 AND start / 86400 * 86400 < $now - 3 * 86400)"; }
days_stay() { [ "$(days)" -gt 0 ] && [ "$(days)" = "$(days_of_files)" ]; }
ok "their days stay" wait_for 10 days_stay
has "the graph has what was before" "$(rrdtool fetch "$S/state/profiles-stat/live/one.rrd" AVERAGE -s $((now - 110 * 3600)) -e $((now - 100 * 3600)))" '[0-9]: [1-9]'
stop
since=$(($(date +%s) + 1))
start
looked() { [ "$(sql 'SELECT min(seen) FROM source')" -ge $since ] && kept; }
ok "started again: no file is read anew" wait_for 20 looked
has "the newest is there" "$(sql 'SELECT max(start) FROM slot')" "$((now - 300))"
stop
