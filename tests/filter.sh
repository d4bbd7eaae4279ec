# The filter against the real nfdump, and its manual page against the words the
# parser knows.
. tests/lib.sh
data="tests/data/nfcapd/mix_none.nfcapd tests/data/nfcapd/v10_bidir.nfcapd tests/data/nfcapd/v10milli_none.nfcapd"

# What nfdump says to its own text for the filter, over the same files.
nfdump_count() {
	sum=0
	for file in $data; do
		n=$(nfdump -N -r "$file" -o 'fmt:%pr' "$1" | sed -n 's/^Total flows processed.*passed: \([0-9]*\),.*/\1/p')
		sum=$((sum + ${n:-1000000}))
	done
	echo $sum
}

"$O/filtercount" $data < tests/data/filter/filters.txt > "$T/ours"
is "one answer for each filter" "$(cat "$T/ours" | wc -l)" "$(cat tests/data/filter/filters.txt | wc -l)"
asked=0 hits=0
paste "$T/ours" tests/data/filter/filters.txt > "$T/all"
while IFS='	' read -r ours text filter; do
	case $text in
	"- "*) ;;		# nfdump's versions have no common text for it
	*)
		is "nfdump agrees: $filter" "$ours" "$(nfdump_count "$text")"
		asked=$((asked + 1))
		[ "$ours" = 0 ] || hits=$((hits + 1))
		;;
	esac
done < "$T/all"
ok "most filters could be asked, and match something ($asked, $hits)" [ $asked -ge 50 -a $hits -ge 40 ]

# Every spelling of every word stands in the manual page, as `.Ic word`.
words=$(sed -n 's/^WORD("\([^"]*\)".*/\1/p' lib/query/filter_words.inc | sed 's/, /\n/g')
missing=$(echo "$words" | while read -r word; do
	grep -q -e "^\.\(It \)\{0,1\}Ic $word\( .*\)\{0,1\}\$" man/flowlight-filter.7 || echo "$word"
done)
is "the manual page has every word" "$missing" ""
is "the manual page is well formed" "$(mandoc -T lint -W warning man/flowlight-filter.7 2>&1)" ""

# Host names, where the configuration allows them.
printf 'state = "%s"\nresolve = true\nsource "x" { dir = "%s" }\n' "$T" "$T" > "$T/resolve.conf"
by_name() { "$O/flowlight" query "$@" -r tests/data/nfcapd/v9_none.nfcapd -q -s proto -- 'host localhost or dst host localhost' 2>&1; }
has "names are not looked up" "$(by_name)" 'line 1, column 6: expected an address (names are not looked up), not "localhost"'
is "unless resolve says so" "$(by_name --conf "$T/resolve.conf" | grep -c column)" 0
has "an unknown name is told" "$("$O/flowlight" query --conf "$T/resolve.conf" -r tests/data/nfcapd/v9_none.nfcapd -- 'host nosuch.invalid' 2>&1)" \
    'column 6: expected an address, or a host name that is known'
