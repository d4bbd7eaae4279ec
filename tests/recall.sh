# Answers that are kept: for the same question, as long as nothing changes, and for nobody who
# may see less.  Through FastCGI, as workers share them.
. tests/lib.sh
. tests/site/site.sh
site_start
{ sed "s|^access = open|access = closed|" "$SITE/flowlight.conf"; cat << 'END'
role "viewers" { users = "vera" }
role "analysts" { may = analyse  users = "anna,alan" }
role "office" { may = analyse  users = "olga"  sources = "upstream1" }
role "customer" { may = analyse  users = "carl"  networks = "198.51.100.0/24" }
role "admins" { may = admin  users = "root" }
END
} > "$SITE/closed.conf"
mv "$SITE/closed.conf" "$SITE/flowlight.conf"
fcgi_start
there() { node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/help REMOTE_USER=root; }
wait_for 20 there

# ask USER PATH QUERY: the body of an answer.
ask() { node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET "PATH_INFO=$2" "QUERY_STRING=$3" "REMOTE_USER=$1" | sed '1,/^\r*$/d'; }
kept() { grep -c 'rom the cache, of 2026\|"from_cache": "2026'; }
plain() { grep -v '"from_cache"' | tr -d '\n, '; }
flows() { json result.kept.flows.value; }
flows_of_page() { sed '1,/^$/d' | flows; }
day=$SITE/flows/upstream1/2026/11/20
w='from=2026-11-20T15:55&to=2026-11-20T16:05'
q="$w&by=ip&order=flows&top=50"

ask anna /details.json "$q" > "$T/first"
is "the first answer is made" "$(kept < "$T/first")" 0
ask anna /details.json "$q" > "$T/again"
is "the second is there" "$(kept < "$T/again")" 1
is "and is the same" "$(plain < "$T/again")" "$(plain < "$T/first")"
is "also for parameters in another order" "$(ask anna /details.json "top=50&order=flows&by=ip&$w" | kept)" 1
is "and times written otherwise" "$(ask anna /details.json "from=15:55&to=16:05&by=ip&order=flows&top=50" | kept)" 1
is "for a colleague" "$(ask alan /details.json "$q" | kept)" 1
ask alan /details "$q" > "$T/page"
is "as a page, too, which says so" "$(kept < "$T/page")" 1
is "with his own name on it" "$(grep -c anna "$T/page") $(grep -c 'class="clock".* alan' "$T/page")" "0 1"
is "other parameters are another question" "$(ask anna /details.json "$q&filter=proto+tcp" | kept)" 0

is "and so is the same in another zone" "$(ask anna /details.json "$q&zone=America/New_York" | kept)" 0
is "where these times are others" "$(ask anna /details.json "$q&zone=America/New_York" | flows) $(ask anna /details.json "$q&zone=UTC" | flows)" \
	"$(page "/details.json?$q&zone=America/New_York" | flows_of_page) $(flows < "$T/first")"

# What is kept for one is not for others.
vera=$(ask vera /details.json "$q")
is "a role that sees no addresses has its own" "$(printf '%s' "$vera" | kept)" 0
is "without addresses" "$(printf '%s' "$vera" | grep -c '198\.51\.100\.13')" 0
is "as the analysts have" "$(grep -c '"text": "198\.51\.100\.13"' "$T/first")" 1
is "kept for herself" "$(ask vera /details.json "$q" | kept)" 1
is "still without" "$(ask vera /details.json "$q" | grep -c '198\.51\.100\.13')" 0
for u in olga carl; do
	ask $u /details.json "$q" > "$T/$u"
	is "$u's is made" "$(kept < "$T/$u")" 0
	is "$u's is kept" "$(ask $u /details.json "$q" | plain)" "$(plain < "$T/$u")"
done
is "of less flows" "$([ "$(flows < "$T/olga")" -lt "$(flows < "$T/first")" ] && [ "$(flows < "$T/carl")" -lt "$(flows < "$T/first")" ] && echo yes)" yes

# CSV has no place to say it: the log does.
is "CSV" "$(ask anna /details.csv "$q")" "$(ask anna /details.csv "$q")"
for p in "/host/198.51.100.13 " "/analysis $w&series=1m&keys=proto" "/compare $w&by=ip" "/heat filter=proto+tcp" "/light filter=proto+tcp&weeks=1"; do
	ask anna ${p% *} "${p#* }" > "$T/made"
	ask anna ${p% *} "${p#* }" > "$T/kept"
	is "${p% *}" "$(kept < "$T/made") $(kept < "$T/kept")" "0 1"
done
# last USER FIELD: of that user's last line in the log, at,user,role,what,milliseconds,flows,status,kept.
last() { ask root /log.csv "user=$1" | sed -n 2p | awk -F, -v f="$2" '{ print $f }' | tr -d '"\r'; }
ask alan /details.json "$q&filter=proto+udp" > /dev/null
is "the log has who asked, and read flows" "$(last alan 8) $([ "$(last alan 6)" -gt 0 ] && echo yes)" "0 yes"
ask alan /details.csv "$q&filter=proto+udp" > /dev/null
ask alan /details.csv "$q&filter=proto+udp" > /dev/null
is "and who was answered from the cache" "$(last alan 8) $(last alan 6)" "1 0"
has "what" "$(ask root /log.csv 'user=alan' | sed -n 2p)" "/details?.*filter=proto+udp"
has "as the page of it says" "$(ask root /log '')" 'from the cache'

# What the index comes to know makes an answer another one.
changed() { [ "$(ask anna /details.json "$q" | kept)" = 0 ]; }
is "kept until then" "$(ask anna /details.json "$q" | kept)" 1
# As many flows, bytes and so on in another file of that name.
cp -p "$day/nfcapd.202611201600" "$T/same" && cp "$T/same" "$T/new" && touch -r "$T/same" -d '2026-11-20T16:05:09Z' "$T/new"
mv "$T/new" "$day/nfcapd.202611201600"
ok "a file that was replaced" wait_for 20 changed
read_again() { ask anna /details.json "$q" > /dev/null; [ "$(ask anna /details.json "$q" | kept)" = 1 ]; }
ok "then it is kept again" wait_for 20 read_again
cp -p "$day/nfcapd.202611201600" "$day/nfcapd.202611201900"
ok "a new slot" wait_for 20 changed
ok "then it is kept again" wait_for 20 read_again
before=$(ask anna /details.json "$q" | flows)
mv "$day/nfcapd.202611201600" "$T/late"
less() { [ "$(ask anna /details.json "$q" | flows)" -lt "$before" ]; }
ok "a file that went away" wait_for 20 less
mv "$T/late" "$day/nfcapd.202611201600"
all() { [ "$(ask anna /details.json "$q" | flows)" = "$before" ]; }
ok "a late file" wait_for 20 all

# Status looks at what is new of what it has seen.
kept=$SITE/state/columns/upstream1/2026
# columns ZONES: in zones of which none has been asked for yet.
columns() { for i in 1 2 3 4; do ask root /status.json "zone=Etc/GMT$1$i" | json room.stores.2.name; done | sort -u; }
mkdir -p "$kept/one" "$kept/two"
head -c 1000 /dev/zero > "$kept/one/a.col"
cp "$kept/one/a.col" "$kept/two/b.col"
find "$SITE/state/columns" -type d -exec touch -d 2026-11-20T12:00:00Z {} +
is "Status counts column files" "$(columns -)" "Column files, 2"
cp "$kept/one/a.col" "$kept/two/c.col"
is "and one that is new" "$(columns %2B) $(ask root /status.json zone=Etc/GMT | json room.stores.2.bytes.value)" "Column files, 3 3000"
rm "$kept"/two/*.col
is "or those that are gone" "$(columns -1)" "Column files, 1"
is "nothing was wrong under way" "$(grep -c -iE 'sanitizer|runtime error' "$T/fcgi.log")" 0
