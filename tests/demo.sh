# The demo site's data: the same for the same seed, read by nfdump, with its story in it.
. tests/lib.sh
export TZ=UTC
demo() { $O/flowlight demo "$@" --days 1 --flows-per-slot 300 --until 2026-11-20T15:00; }
totals() { nfdump -I -R "$1" | grep -E '^(Flows|Packets|Bytes)'; }
flows() { nfdump -r "$1" -o null "$2" | sed -n 's/.*passed: \([0-9]*\),.*/\1/p'; }

ok "a day is written" demo "$T/a"
ok "and again" demo "$T/b"
ok "with another seed" demo "$T/c" --seed 2
is "files" "$(find "$T/a/flows" -name 'nfcapd.2*' | wc -l)" 864
is "first and last" "$(cd "$T/a/flows/office" && find . -type f | sort | sed -n '1p;$p')" \
	"./2026/11/19/nfcapd.202611191500
./2026/11/20/nfcapd.202611201455"
is "nothing half-written" "$(find "$T/a" -name '.*' -type f)" ""
ok "the same seed, the same bytes" diff -r "$T/a/flows" "$T/b/flows"
is "another seed, other flows" "$(diff -rq "$T/a/flows" "$T/c/flows" | wc -l)" 864

for source in upstream1 upstream2 office; do
	is "$source: flows are those of nfdump" \
		"$($O/flowlight check "$T/a/flows/$source" | sed -n 's/.* \([0-9]*\) flows*,.*/\1/p' | awk '{ n += $1 } END { print n }')" \
		"$(totals "$T/a/flows/$source" | sed -n 's/^Flows: //p')"
	is "$source: all files are in order" "$($O/flowlight check "$T/a/flows/$source" | grep -cEv ': ok, nfcapd 2, lz4|: note: ')" 0
done

story=$T/a/flows/office/2026/11/20/nfcapd.202611201435
before=$T/a/flows/office/2026/11/20/nfcapd.202611201430
has "the story is told" "$(cat "$T/a/incidents.txt")" '^2026-11-20T14:35	office	connection storm	10.20.3.77	1433/tcp	'
share=$(($(flows "$story" 'src ip 10.20.3.77 and dst port 1433 and flags S') * 100 / $(flows "$story" any)))
is "one host opens about 90 % of the flows ($share)" "$([ $share -ge 85 ] && [ $share -le 93 ] && echo yes)" yes
is "and is quiet before" "$(flows "$before" 'src ip 10.20.3.77 and dst port 1433 and not packets > 3')" 0
bytes=$(nfdump -I -r "$story" | sed -n 's/^Bytes: //p')
storm=$(nfdump -q -r "$story" -A srcip -o 'fmt:%byt' -N 'src ip 10.20.3.77 and dst port 1433' | tr -d ' ' | tail -n 1)
is "with next to no volume ($storm of $bytes bytes)" "$([ "$storm" -lt $((bytes / 20)) ] && echo yes)" yes

file=$T/a/flows/upstream1/2026/11/19/nfcapd.202611192000
v6=$(($(flows "$file" ipv6) * 100 / $(flows "$file" any)))
is "IPv6 is 15 % or so ($v6)" "$([ $v6 -ge 8 ] && [ $v6 -le 22 ] && echo yes)" yes
is "no address that could be somebody's" "$(for f in "$file" "$story"; do
	flows $f 'not ((src net 10.0.0.0/8 or src net 192.0.2.0/24 or src net 198.51.100.0/24 or src net 203.0.113.0/24
	    or src net 198.18.0.0/15 or src net 2001:db8::/32) and (dst net 10.0.0.0/8 or dst net 192.0.2.0/24
	    or dst net 198.51.100.0/24 or dst net 203.0.113.0/24 or dst net 198.18.0.0/15 or dst net 2001:db8::/32))'
	done)" "0
0"
is "no flow is over five minutes" "$(flows "$file" 'duration > 300000')" 0
is "no packet is under 28 or over 1500 bytes" "$(flows "$file" 'bpp < 28 or bpp > 1500')" 0
has "the configuration names its sources" "$(cat "$T/a/flowlight.conf")" '^source "office" {$'
is "no ports unless asked for" "$(grep -c 'port =' "$T/a/flowlight.conf")" 0
ok "live" $O/flowlight demo "$T/live" --days 0 --live 9995
is "three ports" "$(grep -o 'port = .*' "$T/live/flowlight.conf")" "port = 9995
port = 9996
port = 9997"

# The words of the command.
$O/flowlight demo > /dev/null 2>&1
is "no folder: status 2" $? 2
has "a wrong number is named" "$($O/flowlight demo "$T/x" --days many 2>&1)" '^flowlight demo: --days: a number'
has "a wrong option is named" "$($O/flowlight demo "$T/x" --colour 7 2>&1)" 'unknown option "--colour"'

# What check says of good files and of sums that do not agree.
cp "$story" "$T/changed"
$O/flowlight check "$story" > /dev/null
is "a good file: status 0" $? 0
ok "unpacked" $O/nfrecode "$story" "$T/plain" none
ok "zstd" $O/nfrecode -z "$T/plain" "$T/zstd"
is "zstd: the same flows" "$($O/flowlight check "$T/zstd" | sed 's/.*zstd, 1* *//')" \
	"$($O/flowlight check "$T/plain" | sed 's/.*none, 1* *//')"
size=$(wc -c < "$T/plain")
printf '\377' | dd of="$T/plain" bs=1 seek=$((size - 144)) conv=notrunc 2> /dev/null
has "a sum that does not agree" "$($O/flowlight check "$T/plain")" "own sum says [0-9]* flows (all), [0-9]* found"
$O/flowlight check "$T/plain" > /dev/null
is "status 1" $? 1
$O/flowlight check "$T/nope" > /dev/null 2>&1
is "no such file: status 1" $? 1
