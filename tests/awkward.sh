# R29: names that hurt others.  Of sources they are refused, with file, line and reason; in
# paths and titles, which are anybody's, they are escaped wherever they go.
. tests/lib.sh
. tests/site/site.sh

# refused NAME SHOWN: the name, as it is in the file, and as the fault shows it.
refused() {
	printf 'state = "%s"\n\nsource "%s" {\n\tdir = "%s/a"\n}\n' "$T" "$1" "$T" > "$T/refused.conf"
	for p in "flowlightd -n -c" "flowlight status -c" "flowlight.fcgi -r / -c"; do
		got=$("$O/"$p "$T/refused.conf" 2>&1)
		is "refused by ${p%% *}: $2" "$? $(printf %s "$got" | grep -cF "$T/refused.conf:5: source \"$2\": a name has 1 to 64 of A-Z a-z 0-9 _ - . and")" "1 1"
	done
	is "in one line of text: $2" "$("$O/flowlightd" -n -c "$T/refused.conf" 2>&1 | LC_ALL=C tr -d '\040-\176\200-\377' | od -An -c | tr -d ' ')" '\n'
}
refused 'a b' 'a b'
refused "a'b" "a'b"
refused 'a\"b' 'a"b'
refused '<b>' '<b>'
refused 'a&b' 'a&b'
refused '../x' '../x'
refused '..' '..'
refused 'a/b' 'a/b'
refused '-w' '-w'
refused '.a' '.a'
refused 'a,b' 'a,b'
refused 'a;id' 'a;id'
refused '$(id)' '$(id)'
refused '`id`' '`id`'
refused 'a%sb' 'a%sb'
refused 'ä' 'ä'
refused 'a\nb' 'a\x0ab'
refused 'a\x1b[31m' 'a\x1b[31m'
refused "$(printf 'a\303(')" 'a\xc3('
refused "$(printf 'a\377')" 'a\xff'
long=$(printf 'x%.0s' $(seq 255))
refused "$long" "$(echo "$long" | cut -c1-64)"
refused "$(echo "$long" | cut -c1-65)" "$(echo "$long" | cut -c1-64)"

# A site in a folder that has all of it in its name, with the longest and oddest names there are.
"$O/mksite" "$T/plain" $UNTIL 1 "$PWD" || exit 1
FOLDER="$T/ a\"b'c <i>&amp; \$(touch $T/pwned) \`touch $T/pwned\`;touch $T/pwned %s%n \\ ä –"
SITE=$FOLDER
STATE=$SITE/state:x	# nfdump -M takes no colon in the names of collector files; RRDs may have it
mkdir -p "$SITE/flows"
SHORT=a..b_-.
LONGEST=$(echo "$long" | cut -c1-64)
mv "$T/plain/flows/upstream1" "$SITE/flows/one"
mv "$T/plain/flows/upstream2" "$SITE/flows/two"
TITLE="<b>\"Flows\"</b> & 'more' \$(touch $T/pwned) %s ä"
# quoted TEXT: as a word of the configuration.
quoted() { printf %s "$1" | sed 's/[\\"]/\\&/g; s/.*/"&"/'; }
conf() {
	cat <<-EOF
	state = $(quoted "$STATE")
	share = $(quoted "$PWD")
	site = $(quoted "$TITLE")
	zone = UTC
	layout = 1
	access = open
	source "$SHORT" { dir = $(quoted "$SITE/flows/one")  interfaces = $(quoted '1:<i>"up"&, 2:lan') }
	source "$LONGEST" { dir = $(quoted "$SITE/flows/two") }
	EOF
}
conf > "$SITE/its.conf"
awkward() { "$O/flowlight.fcgi" -c "$SITE/its.conf" -r "$1"; }
"$O/flowlightd" -f -c "$SITE/its.conf" 2> "$T/daemon.log" &
started $!
body() { sed '1,/^$/d'; }
both_read() { [ "$(awkward /status.json | body | json sources.files | tr -d ' \n')" = "[12,12]" ] && awkward /status.json | grep -q '"all_well": true'; }
ok "a folder with everything in its name is read" wait_for 30 both_read
ok "its graphs are there" test -s "$STATE/profiles-stat/live/$LONGEST.rrd" -a -s "$STATE/profiles-stat/live/$SHORT.rrd"

w='from=2026-11-20T18:00&to=2026-11-20T19:00'
for u in / "/details?$w&by=srcip" "/details?$w&list=1" "/details?$w&by=inif" /status /overview /help "/explain?source=$SHORT&at=2026-11-20T18:30" /queries \
    "/host/198.51.100.7" /host; do
	awkward "$u" > "$T/page"
	is "escaped: $u" "$(sed -n 's/^Status: //p' "$T/page") $(grep -cE '<i>|<b>"?Flows|&amp;amp;"[^>]*<i' "$T/page")" "200 OK 0"
done
has "the site's title" "$(awkward /)" '&lt;b&gt;&quot;Flows&quot;&lt;/b&gt; &amp; &#39;more&#39; \$(touch'
has "the status page shows where" "$(awkward /status)" '&lt;i&gt;&amp;amp;'
for u in /status.json "/details.json?$w&by=srcip" /overview.json; do
	is "well-formed: $u" "$(awkward "$u" | body | json error)" undefined
done
is "the folder is the folder" "$(awkward /status.json | body | json sources.0.dir)" "$SITE/flows/one"
for s in "$SHORT" "$LONGEST"; do
	awkward "/graph?source=$s&range=6h" > "$T/graph"
	is "a graph of $(echo "$s" | cut -c1-8)" "$(sed -n 's/^Status: //p' "$T/graph" | head -n 1) $(grep -ac PNG "$T/graph")" "200 OK 1"
	awkward "/details?$w&by=srcip&source=$s" > "$T/page"
	is "a page of it" "$(sed -n 's/^Status: //p' "$T/page")" "200 OK"
done

# The lines that pages show, pasted to a shell: they run, for these files, and give the page's numbers.
awkward "/details.json?$w&by=srcip&order=flows&top=5" | body > "$T/json"
want=$(json result.kept.flows.exact < "$T/json" | tr -d ,)
numbers() { sed -n 's/.*otal flows[^0-9]*\([0-9]*\).*/\1/p' | head -n 1; }
is "the nfdump line, pasted" "$(sh -c "$(json result.commands.nfdump < "$T/json")" 2>&1 | numbers)" "$want"
is "the flowlight line, pasted" "$(PATH="$PWD/$O:$PATH" sh -c "$(json result.commands.flowlight < "$T/json")" 2>&1 | numbers)" "$want"
is "nothing was run on the way" "$(ls "$T" | grep -c pwned)" 0
is "the log has no control bytes" "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037]')" "$T/daemon.log")" 0
is "and nothing was wrong" "$(grep -ciE 'warning|error|sanitizer' "$T/daemon.log")" 0
