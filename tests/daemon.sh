# flowlightd end to end: a real nfcapd, fed by a real softflowd, and files that
# come, change, break and go; what index and RRD say is what nfdump says.
. tests/lib.sh
export TZ=UTC
port=$(free_port)
state=$T/state
db=$state/index.db
pid=

# What the index has of a source: the fifteen totals as nfdump -I prints them.
columns="Flows flows Flows_tcp flows_tcp Flows_udp flows_udp Flows_icmp flows_icmp Flows_other flows_other
	Packets packets Packets_tcp packets_tcp Packets_udp packets_udp Packets_icmp packets_icmp Packets_other packets_other
	Bytes bytes Bytes_tcp bytes_tcp Bytes_udp bytes_udp Bytes_icmp bytes_icmp Bytes_other bytes_other"
sums=$(echo $columns | xargs -n 2 | sed "s/\(.*\) \(.*\)/'\1: ' | coalesce(sum(\2), 0) | char(10)/" | paste -sd '|' | sed 's/|/ || /g')

sql() { sqlite3 -readonly -cmd '.timeout 5000' "$db" "$1"; }
of_source() { echo "source = (SELECT id FROM source WHERE name = '$1')"; }
index_totals() { sql "SELECT $sums FROM slot WHERE $(of_source "$1")" | sed '/^$/d'; }
nfdump_totals() { nfdump -I -R "$1" | grep -E '^(Flows|Packets|Bytes)'; }
file_totals() { nfdump -I -r "$1" | grep -E '^(Flows|Packets|Bytes)'; }
flows() { sql "SELECT coalesce(sum(flows), 0) FROM slot WHERE $(of_source "$1")"; }
flows_are() { [ "$(flows "$1")" = "$2" ]; }
reason() { sql "SELECT reason FROM file WHERE $(of_source "$1") AND name = '$2'"; }
has_reason() { [ -n "$(reason "$1" "$2")" ]; }
has_no_reason() { [ -z "$(reason "$1" "$2")" ]; }
logged() { grep -q -e "$1" "$T/log"; }
collector() { sql "SELECT collector FROM source WHERE name = 'up1'" | sed -n 's/^running, process \([0-9]*\).*/\1/p'; }

configuration() {
	cat <<-END
		state = "$state"
		zone = "UTC"
		slot = 5
		layout = 1
		source "up1" {
			dir = "$T/flows/up1"
			port = $port
			listen = "127.0.0.1"
			colour = "#0000ff"
		}
		source "files" { dir = "$T/flows/files" colour = "#00ff00" }
	END
}

start() {
	"$O/flowlightd" -f -v -c "$T/conf" >> "$T/log" 2>&1 &
	pid=$!
	started $pid
}

# stop_in SECONDS: ends the daemon in that time and with status 0.
stop_in() {
	kill -TERM "$pid"
	wait_for "$1" dead "$pid" || return 1
	wait "$pid"
}

# The RRD's values of a source in nfdump's order and words, summed over all slots.
rrd_totals() {
	end=$(sql "SELECT max(start) + 5 FROM slot WHERE $(of_source "$1")")
	begin=$(sql "SELECT min(start) FROM slot WHERE $(of_source "$1")")
	rrdtool fetch "$state/profiles-stat/live/$1.rrd" AVERAGE -r 5 -s "$begin" -e $((end - 1)) |
	    awk -v columns="$(echo $columns)" '
		BEGIN { n = split(columns, c, " "); for (i = 1; i <= n; i += 2) word[c[i + 1]] = c[i] }
		NR == 1 { for (i = 1; i <= NF; i++) { sub("traffic", "bytes", $i); name[i + 1] = $i } next }
		NF > 1 { for (i = 2; i <= NF; i++) if ($i !~ /nan/) sum[i] += $i * 5 }
		END { for (i in name) printf "%s: %.0f\n", word[name[i]], sum[i] }' | sort
}

rrd_is_index() { [ "$(rrd_totals "$1")" = "$(index_totals "$1" | sort)" ]; }

mkdir -p "$T/flows"
configuration > "$T/conf"
ok "-n finds the configuration good" "$O/flowlightd" -n -c "$T/conf"
sed 's/^slot.*/slot = -3/' "$T/conf" > "$T/bad"
has "-n names what is wrong with it" "$("$O/flowlightd" -n -c "$T/bad" 2>&1)" "bad:3: slot"

start
ok "the collector runs" wait_for 10 logged "collector running"
ok "and has its port" wait_for 10 listening "$port"
ok "a directory that is not there is said to be missing" wait_for 5 sh -c \
    "sqlite3 -readonly '$db' \"SELECT trouble FROM source WHERE name = 'files'\" | grep -q 'directory $T/flows/files does not exist'"

"$O/mkpcap" "$T/a.pcap" 500 0
"$O/mkpcap" "$T/b.pcap" 300 7
feed() { timeout 200 softflowd -r "$1" -n "127.0.0.1:$port" -v 9 -6 -d -c none -p "$T/softflowd.pid" > /dev/null 2>&1; }
feed "$T/a.pcap"
ok "its file is in the index soon after its slot" wait_for 15 flows_are up1 500
is "flows are those that were sent" "$(flows up1)" 500
is "the index has nfdump's totals" "$(index_totals up1)" "$(nfdump_totals "$T/flows/up1")"
wait_for 5 rrd_is_index up1
is "the RRD has them, too" "$(rrd_totals up1)" "$(nfdump_totals "$T/flows/up1" | sort)"

"$O/flowlightd" -f -c "$T/conf" > "$T/second" 2>&1
has "a second daemon on that state is refused" "$(cat "$T/second")" "another flowlightd, process $pid is at work"

# Files of a directory that others write.
# All flows as one, whose slots the clock drew.
good=$T/good
nfdump -R "$T/flows/up1" -w "$good" > /dev/null
day=$T/flows/files/2026/11/20
name=2026/11/20/nfcapd.202611201200
mkdir -p "$day"
nfdump -r "$good" -w "$T/udp" 'proto udp' > /dev/null
nfdump -r "$good" -w "$T/esp" 'proto 50' > /dev/null
mkfifo "$day/nfcapd.202611201100"
mkdir "$day/nfcapd.202611201105"
ln -s "$good" "$day/nfcapd.202611201110"
cp "$good" "$day/.nfcapd.202611201115"
cp "$good" "$day/nfcapd.current"
cp "$good" "$day/nfcapd.current.4711"
echo "no flows in here" > "$day/nfcapd.202611201200"
ok "a file that cannot be read is put down with a reason" wait_for 5 has_reason files $name
cp "$good" "$day/nfcapd.202611201200"
ok "a good one in its place is counted" wait_for 5 flows_are files 500
is "and the reason is gone" "$(reason files $name)" ""
cat "$T/udp" > "$T/new" && mv "$T/new" "$day/nfcapd.202611201200"
ok "another file in its place is counted instead" wait_for 5 flows_are files 150
cat "$good" > "$day/nfcapd.202611201200"
ok "so is the same file with other contents" wait_for 5 flows_are files 500
cp "$T/esp" "$day/nfcapd.202611201155"
ok "a late file is counted" wait_for 5 flows_are files 550
is "only finished, regular files were read" "$(sql "SELECT count(*) FROM file WHERE $(of_source files)")" 2
is "totals are nfdump's" "$(index_totals files | head -n 1)" "Flows: 550"
wait_for 5 rrd_is_index files
is "the RRD was made anew with late and changed slots" "$(rrd_totals files)" "$(index_totals files | sort)"
head -c 3000 "$good" > "$day/nfcapd.202611201205"
ok "a file that ends too early has a reason" wait_for 5 has_reason files 2026/11/20/nfcapd.202611201205
rm "$day/nfcapd.202611201155" "$day/nfcapd.202611201205"
ok "a deleted file is marked" wait_for 5 sh -c \
    "[ \$(sqlite3 -readonly '$db' \"SELECT count(*) FROM file WHERE state = 2\") -ge 1 ]"
is "its totals stay" "$(sql "SELECT flows FROM slot WHERE $(of_source files) AND start = $(date -d '2026-11-20 11:55' +%s)")" 50

# The configuration read again.
echo 'slot = many' >> "$T/conf"
kill -HUP $pid
ok "a faulty configuration is refused" wait_for 5 logged "configuration not read again"
mkdir -p "$T/flows/more"
cp "$T/esp" "$T/flows/more/nfcapd.202611201300"
{ configuration; echo "source \"more\" { dir = \"$T/flows/more\" colour = \"#ff0000\" }"; } > "$T/conf"
before=$(collector)
kill -HUP $pid
ok "a new source is read without a restart" wait_for 5 flows_are more 50
is "the collector ran on meanwhile" "$(collector)" "$before"
kill -9 "$before"
ok "a collector that ended is started again" wait_for 8 sh -c \
    "p=\$(sqlite3 -readonly '$db' \"SELECT collector FROM source WHERE name = 'up1'\"); case \$p in *$before) false ;; running*) true ;; *) false ;; esac"

# The end.
wait_for 10 listening "$port"
feed "$T/b.pcap"
wait_for 5 received "$port"
now=$(collector)
ok "SIGTERM ends the daemon in order" stop_in 3
ok "and the collector" dead "$now"
is "what the collector wrote at its end is counted" "$(index_totals up1)" "$(nfdump_totals "$T/flows/up1")"
is "all that was sent" "$(flows up1)" 800
is "the RRD is up to it" "$(rrd_totals up1)" "$(nfdump_totals "$T/flows/up1" | sort)"

# Killed.
start
wait_for 5 sh -c "sqlite3 -readonly '$db' \"SELECT collector FROM source WHERE name = 'up1'\" | grep -q running"
now=$(collector)
kill -9 "$pid"
wait "$pid" 2> /dev/null
left="a daemon that is killed leaves no collector behind"
if [ "$(uname)" = Linux ]; then
	ok "$left" wait_for 3 dead "$now"
else
	skip "$left" "only Linux ends a child with its parent"
fi
dead "$now" || kill "$now"
node -e 'require("dgram").createSocket("udp4").bind(+process.argv[1], "127.0.0.1", () => console.log("bound"))' \
    "$port" > "$T/other" &
other=$!
started $other
wait_for 5 grep -q bound "$T/other"
start
ok "a port that another holds is said to be in use" wait_for 5 sh -c \
    "sqlite3 -readonly '$db' \"SELECT collector FROM source WHERE name = 'up1'\" | grep -q 'stopped: port $port is in use'"
kill $other
ok "and taken when it is free" wait_for 8 sh -c \
    "sqlite3 -readonly '$db' \"SELECT collector FROM source WHERE name = 'up1'\" | grep -q running"
ok "the daemon ends in order" stop_in 3

# From the files alone.
rm "$day/nfcapd.202611201110"
dump() { sql "SELECT name, slot.* FROM slot JOIN source ON id = source WHERE name <> 'files' ORDER BY name, start" | sed 's/|[0-9]*|/|/'; }
was=$(dump)
rrd_was=$(rrd_totals up1)
rm "$db"* "$state/profiles-stat/live/up1.rrd"
sed -i 's/port = .*//; s/listen = .*//' "$T/conf"
"$O/flowlightd" -c "$T/conf" -p "$T/pid" 2>> "$T/log" > /dev/null
is "without -f it goes into the background" $? 0
pid=$(cat "$T/pid")
started "$pid"
"$O/flowlightd" -c "$T/conf" -p "$T/pid" 2> "$T/second"
is "a second one says what is wrong to its caller" "$?: $(grep -c 'another flowlightd' "$T/second")" "1: 1"
is "and leaves the PID file alone" "$(cat "$T/pid")" "$pid"
ok "a deleted index is made anew" wait_for 5 flows_are more 50
wait_for 5 flows_are up1 800
is "and is the same" "$(dump)" "$was"
wait_for 5 rrd_is_index up1
is "as is the RRD" "$(rrd_totals up1)" "$rrd_was"
rm "$db"*
ok "even while it works" wait_for 5 flows_are up1 800
kill "$pid"
ok "ended by its PID file" wait_for 3 dead "$pid"
ok "which it removed" test ! -e "$T/pid"
is "the database is sound" "$(sql 'PRAGMA integrity_check')" ok
