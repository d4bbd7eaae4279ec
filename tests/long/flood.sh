# A flood of a million spoofed addresses in each slot, and a very large file (R18, R30).
# A day of it would be 9 GB: here is an hour.
. tests/lib.sh
. tests/daemonlib.sh
if [ -n "$SAN" ]; then
	echo "ok 1 # SKIP R30: memory is the sanitizer's"
	exit
fi
flows=1000000
settings='columns = 10G'
site flood UTC one
"$O/mkslots" "$S/one" UTC 1763640000 12 "$flows"
start
ok "R30: a flood is read" wait_for 100 settled
# Of the process, not of a busy machine's clock: two slots are read at a time.
spent=$(ps -o cputimes= -p $pid | tr -d ' ')
ok "R30: 60 s for a slot are far more than it takes ($spent s of work for 12)" test "$spent" -lt 240
kB=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
ok "R30: in 512 MB ($kB kB)" test "${kB:-0}" -le 524288
stop
sound R30
is_oracle R30 one
files=$(cat "$S"/one/* | wc -c)
index=$(stat -c %s "$S/state/index.db")
ok "R30: the index has $index of $files bytes" test $((index * 100)) -le $((files * 3))

# Top tables are right within their bounds.  The victims are few: exact.
from=2025-11-20T12:00 to=2025-11-20T13:00
top() { "$O/flowlight" query --conf "$S/conf" --source one --from $from --to $to -q -N -o csv "$@" | awk -F, '/^2/ { print $5, $6, $10 }'; }
nf() { nfdump -R "$S/one/nfcapd.202511201200:nfcapd.202511201255" -q -N -o csv "$@" | awk -F, '/^2/ { print $5, $6, $10 }'; }
is "R30: the victims are nfdump's" "$(top -s dstip/bytes -n 20)" "$(nf -s dstip/bytes -n 20)"

# Of the flood itself a row says what is certain: the truth is never outside of its bounds.
"$O/flowlight" query --conf "$S/conf" --source one --from $from --to $to -s srcip/bytes -n 20 --verify > "$T/verified" 2>&1
is "R30: answered by brute force, too" $? 0
host=$(nfdump -r "$S/one/nfcapd.202511201210" -q -N -o csv -s srcip/bytes -n 1 | awk -F, '/^2/ { print $5 }')
has "R30: an address of the flood is found" "$("$O/flowlight" host -c "$S/conf" "$host" 2>&1)" "2025-11-20 12:1"
rm -rf "$S"

# R18: a file of 3 million flows.
site large UTC one
"$O/mkslots" "$S/one" UTC 1763640000 1 3000000
start
ok "R18: a large file is read" wait_for 100 settled
kB=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
ok "R18: in 512 MB, its own pages among them ($kB kB)" test "${kB:-0}" -le 524288
stop
is_oracle R18 one
