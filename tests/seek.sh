# Where a filter asks for hosts, records that cannot have them are passed over.  Asked so
# that this cannot be seen ("or flows 0", which no flow has) the answer is the same: flows,
# their numbers, and how many were read.
. tests/lib.sh
export TZ=UTC
F="$O/flowlight query"

# same FILE FILTER: prints how many lines an answer has, or what differs.
same() {
	sought=$($F -r "$1" -o line6 "$2" 2> /dev/null)
	[ "$sought" = "$($F -r "$1" -o line6 "($2) or flows 0" 2> /dev/null)" ] || echo "$1: $2" >> "$T/differ"
	echo "$sought" | wc -l
}

mkdir "$T/made"
ok "files are made" $O/mkhostile "$T/made"
ok "layout 1" $O/mknfcapd1 "$T/made/more.nfcapd1" lz4 3000 1
ok "random flows" $O/nfrandom "$T/made/random" 6000 3
ok "layout 2, zstd" $O/nfrecode -z "$T/made/random" "$T/made/random.zstd"
: > "$T/differ"
nfiles=0 lines=0
for file in tests/data/nfcapd/v*.nfcapd tests/data/events/*.nfcapd tests/data/hostile/h[34]*.nf "$T"/made/*; do
	case $file in */bomb.* | *flowd*) continue ;; esac
	$F -r "$file" -q -6 -o 'fmt:%sa %da' 2> /dev/null | grep '[.:]' | grep -v ' 0\.0\.0\.0\| :: ' > "$T/flows"
	[ -s "$T/flows" ] || continue
	n=$(wc -l < "$T/flows")
	# Two of one flow, and one of the last flow; past the middle of the file.
	set -- $(sed -n "$((n / 3 + 1))p" "$T/flows") $(sed -n '$p' "$T/flows")
	n=$(same "$file" "(ip $1 or ip $2 or dst ip $4) and count > $((n / 3))")
	nfiles=$((nfiles + 1)) lines=$((lines + n))
done
is "all answers are the same" "$(cat "$T/differ")" ""
ok "of many files ($nfiles), with flows ($lines lines)" [ $nfiles -ge 40 -a $lines -ge $((nfiles * 5)) ]
