# Column files of a site: written as files are read, answered from, never believed
# over a changed collector file, and bounded.
. tests/lib.sh
export TZ=UTC
f=$O/flowlight
"$f" demo "$T/site" --days 1 --flows-per-slot 60 --until 2024-11-20T00:00 > "$T/log" 2>&1
cp "$T/site/flowlight.conf" "$T/off.conf"
cp "$T/site/flowlight.conf" "$T/on.conf"
sed -i "s|^state.*|state = $T/off|" "$T/off.conf"
sed -i "s|^state.*|state = $T/on|" "$T/on.conf"
echo 'columns = off' >> "$T/off.conf"
echo 'columns = 100M' >> "$T/on.conf"
ok "the index is made without them" "$f" rebuild -f -c "$T/off.conf" index
ok "and with them" "$f" rebuild -f -c "$T/on.conf" index
is "none without" "$(ls "$T/off" | grep columns)" ""
columns=$T/on/columns
is "one for each collector file" "$(find "$columns" -name '*.col' | wc -l)" \
    "$(find "$T/site/flows" -name 'nfcapd.2*' | wc -l)"
is "and nothing else" "$(find "$columns" -type f ! -name '*.col')" ""
is "not for everybody" "$(find "$columns" -type f ! -perm 640)" ""

# ask CONF OPTIONS…
ask() {
	conf=$1
	shift
	"$f" query -q --conf "$conf" --from 2024-11-19T00:00 --to 2024-11-20T00:00 "$@" 2> "$T/ask.err"
}
host=$(nfdump -q -R "$T/site/flows/office" -o csv -s srcip/flows -n 40 | sed -n 30p | cut -d, -f5)
has "there is a host to ask for" "$host" '^[0-9a-f.:]*[0-9a-f]$'
same() {
	while read -r q; do
		is "$1: $q" "$(ask "$T/on.conf" $q)" "$(ask "$T/off.conf" $q)"
	done <<-END
		-o long host $host
		-o csv -s ip/flows -s dstport/bytes -n 20
		-o csv -s record/bytes -n 20 net 192.0.2.0/24 or dst port 53
		-o csv -A srcip,dstport -O bytes -n 20
		-o csv -s proto -t +600
		-o json -s srcip/flows -n 5 -t -7200
		-o json -c 50 proto udp and not src port 53
		-o extended -n 5 -O bytes packets > 1000
	END
}
same "as from the collector files"
has "it is said" "$("$f" query --conf "$T/on.conf" --from 2024-11-19T00:00 --to 2024-11-20T00:00 -s tos 2>&1 > /dev/null)" "read 864 files, 864 as column files"
is "a file by name is read itself" "$("$f" query -r "$(find "$T/site/flows" -name 'nfcapd.2*' | head -n 1)" -s proto 2>&1 | grep column)" ""

# Damage, loss and change.
n=0
for c in $(find "$columns" -name '*.col' | sort); do
	n=$((n + 1))
	case $((n % 5)) in
	0) rm "$c" ;;
	1) printf 'XXXX' | dd of="$c" bs=1 seek=$((n * 7)) conv=notrunc 2> /dev/null ;;
	2) head -c $((n * 3)) "$c" > "$c.new" && mv "$c.new" "$c" ;;
	3) touch "$(echo "$c" | sed "s|$columns|$T/site/flows|; s|\.col$||")" ;;
	esac
done
same "after damage"
rm -rf "$columns"
same "after all were deleted"

# A bound that only some fit into: the newest stay.
sed -i 's/^columns.*/columns = 1M/' "$T/on.conf"
ok "made anew within a megabyte" "$f" rebuild -f -c "$T/on.conf" index
ok "no more than that" test "$(du -sk --apparent-size "$columns" | cut -f1)" -le 1100
ok "there are some" test "$(find "$columns" -name '*.col' | wc -l)" -gt 10
has "the newest are there" "$(find "$columns" -name '*.col')" nfcapd.202411192355
is "the oldest are not" "$(find "$columns" -name 'nfcapd.202411190000.col')" ""
same "with some of them"
sed -i 's/^columns.*/columns = 1h/' "$T/on.conf"
"$f" rebuild -f -c "$T/on.conf" index > /dev/null
is "none that old are kept" "$(find "$columns" -name 'nfcapd.20241119[01]*.col')" ""
