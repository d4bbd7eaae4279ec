# Queries of pages: in their turn, with events, cancelled, left alone; nothing waits for them.
. tests/lib.sh
. tests/site/site.sh
site_start
site_heavy
conf() { cp "$T/conf" "$SITE/flowlight.conf"; printf '%s\n' "$@" >> "$SITE/flowlight.conf"; }
cp "$SITE/flowlight.conf" "$T/conf"
conf 'queries = 1' 'workers = 1' 'query_seconds = 3600'
nginx_start

code() { curl -s -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
long=$LONG
# events NAME: asks for a query's events, into $T/NAME; its process in $asker.
events() {
	curl -sN -H 'Accept: text/event-stream' "$URL/details?$long&limit=$2" > "$T/$1" &
	asker=$! askers="$askers $!"
	started $asker
}
said() { grep -q "^event: $2" "$T/$1"; }
token() { sed -n 's/^data: {"job":"\([0-9a-f]*\)".*/\1/p' "$T/$1" | head -n 1; }
listed() { curl -s "$URL/queries.json" | grep -c '"since":'; }
is_listed() { [ "$(listed)" = "$1" ]; }
browser=00112233445566778899aabbccddeeff
# post WORDS…: a form of our own page, from a browser that has its cookie.
post() { code "$URL/queries" -b "flowlight=$browser" -d "token=$browser" "$@"; }
cancel() { post -d "job=$1"; }
workers() { ps -o pid= --ppid "$fcgi" | wc -l | tr -d ' '; }
has_workers() { [ "$(workers)" = "$1" ]; }

is "no query" "$(listed)" 0
events one 20
one=$asker
ok "a query tells of itself" wait_for 20 said one progress
is "as an event stream" "$(grep -c '^event: job' "$T/one") $(curl -s -o /dev/null -w '%{content_type}' -H 'Accept: text/event-stream' "$URL/help")" "1 text/event-stream"
more_flows() { [ "$(sed -n 's/.*"files_done":\([0-9]*\).*/\1/p' "$T/one" | tail -n 1)" -gt 0 ]; }
ok "how far it is" wait_for 60 more_flows
is "of how many files" "$(sed -n 's/.*"files":\([0-9]*\).*/\1/p' "$T/one" | sort -u)" 144
events two 10
ok "the second one waits" wait_for 20 said two waiting
has "behind one" "$(cat "$T/two")" '"ahead":1'
events three 30
ok "the third one" wait_for 20 said three waiting
has "behind two" "$(cat "$T/three")" '"ahead":2'
is "all are listed" "$(curl -s "$URL/queries.json" | json queries.running | tr -d ' \n')" '[true,false,false]'
is "in their order" "$(curl -s "$URL/queries.json" | json queries.ahead | tr -d ' \n')" '[0,1,2]'
is "but to others not what they ask" "$(curl -s "$URL/queries.json" | grep -c 'src+port\|"job": "')" 0
n=0
while [ $n -lt 8 ]; do
	events "more$n" $((100 + n))
	n=$((n + 1))
done
ok "eight more wait" wait_for 60 is_listed 11
is "a host's page comes at once" "$(code "$URL/host/198.51.100.13")" 200
has "with what the index knows, and says what it does not have" "$(cat "$T/body")" 'Other queries come before.*read=1'
has "when it was seen" "$(cat "$T/body")" 'Last seen</dt><dd>2026-11-20'
curl -s "$URL/host/198.51.100.13.json?read=1" > "$T/host" &
askers="$askers $!"
started $!
ok "who wants the rest waits" wait_for 20 is_listed 12
for u in '/graph?size=mini' /graph '/details?range=6h' / /status /help; do
	is "$u does not" "$(code "$URL$u")" 200
done

# Only who knows the token ends a query, and only by POST from our own pages.
is "GET cancels nothing" "$(code "$URL/queries?job=$(token two)")" 303
is "nor does a wrong token" "$(cancel 0123456789abcdef0123456789abcdef)" 404
is "or none" "$(post)" 400
is "S23: another browser" "$(code "$URL/queries" -d "token=$browser&job=$(token two)")" 403
is "S23: another site" "$(post -H 'Sec-Fetch-Site: cross-site' -d "job=$(token two)")" 403
is "S23: another origin" "$(post -H 'Origin: http://elsewhere.example' -d "job=$(token two)")" 403
is "another kind of body" "$(post -H 'Content-Type: text/plain' -d "job=$(token two)")" 415
is "all are still there" "$(listed)" 12
is "another user sees no token" "$(node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/queries.json REMOTE_USER=eve | grep -c '"job": "')" 0
is "S24: cancelled" "$(post -H "Origin: http://127.0.0.1:$port" -d "job=$(token two)")" 303
ok "while it waits" wait_for 20 said two done
has "and so said" "$(curl -s "$URL/details?$long&limit=10&job=$(token two)")" 'cancelled while it waited'
is "one that runs" "$(cancel "$(token one)")" 303
ok "S24: ends" wait_for 20 said one done
wait $one
is "with what it has" "$(code "$URL/details?$long&limit=20&job=$(token one)")" 200
has "labelled as a part" "$(cat "$T/body")" 'Partial result.*The query was stopped after [0-9]* of 144 files'
has "not kept for others" "$(node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/details REMOTE_USER=eve \
    "QUERY_STRING=$long&limit=20&job=$(token one)")" '^Status: 303'
is "an old address leads to the query" "$(code "$URL/details?a=b&job=0123456789abcdef0123456789abcdef") \
$(sed -n 's/^Location: \(.*\)\r$/\1/p' "$T/head")" "303 /details?a=b"
ok "then the next one runs" wait_for 20 said three progress
kill $asker
ok "R32: one whose client went away leaves the queue" wait_for 20 is_listed 9
has_running() { curl -s "$URL/queries.json" | json queries.running | grep -q true; }
# shellcheck disable=SC2086
quit $askers
ok "R32: and so do all others, one of them at work" wait_for 30 is_listed 0
ok "workers are no more than are needed" wait_for 30 has_workers 3
is "with the queue empty a host's files are read: nothing else was kept" "$(curl -s "$URL/host/198.51.100.13.json" | json reading.later)" null

# Without events the page comes when it is done; the connection itself tells when its client has gone.
curl -s "$URL/details?$long" > /dev/null &
plain=$!
started $plain
ok "a plain page" wait_for 20 has_running
kill $plain
ok "R32: also ends with its client" wait_for 20 is_listed 0
node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/details.csv "QUERY_STRING=$long" > /dev/null &
plain=$!
started $plain
ok "on the socket itself" wait_for 20 has_running
kill $plain
ok "R32: the same" wait_for 20 is_listed 0

# R34: a worker that dies with a query leaves no place taken.
mine() { node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET "PATH_INFO=$1" "QUERY_STRING=$2" REMOTE_USER=ann; }
mine /details "$long" > "$T/ann" &
ann=$!
started $ann
ok "a user's query" wait_for 20 has_running
has "is shown to her" "$(mine /queries '')" 'name="job" value="[0-9a-f]\{32\}"'
is "and not to another" "$(curl -s "$URL/queries" | grep -c 'name="job"')" 0
find_busy() { busy=$(ps -o pid=,stat= --ppid "$fcgi" | awk '$2 ~ /R/ { print $1; exit }'); [ -n "$busy" ]; }
wait_for 20 find_busy
kill -9 "$busy"
ok "R34: its worker is killed: the place is free" wait_for 20 is_listed 0
ok "R34: and others are served" wait_for 20 curl -sf -o /dev/null "$URL/help"

# R33: limits give a part that is labelled.
limited() {
	conf "$@"
	kill -HUP "$fcgi"
	wait_for 20 sh -c "[ \$(grep -c reloaded '$T/fcgi.log') = $reloads ]"
}
reloads=1
limited 'queries = 2' 'query_seconds = 1'
is "R33: the time is over" "$(code "$URL/details.json?$long")" 200
is "R33: partial" "$(json result.partial < "$T/body")" true
has "R33: and says what was done" "$(json result.note < "$T/body")" '^The time limit was reached after [0-9]* of 144 files'
is "R33: it is nobody's answer after" "$(curl -s "$URL/details.json?$long" | grep -c '"from_cache"')" 0
# A part of a series is no answer either; but the page's picture does not read the files once more.
heat='filter=src+port+1+and+src+port+2'
code "$URL/heat?$heat" > "$T/code"
is "R33: a part of a series" "$(cat "$T/code") $(curl -s "$URL/heat.json?$heat" | json map.partial)" "200 true"
is "R33: has its picture" "$(code "$URL/hours?$heat")" 200
read_by() { sqlite3 -readonly "$SITE/state/web/state.db" "SELECT count(*) FROM asked WHERE what LIKE '$1%' AND flows > 0"; }
is "R33: each page reads, its picture does not" "$(read_by /heat) $(read_by /hours)" "2 0"
reloads=2
limited 'queries = 2' 'query_mbytes = 1'
is "R33: memory" "$(code "$URL/details.json?from=2026-11-20T13:00&to=2026-11-20T19:00&keys=srcip,srcport&top=5")" 200
is "R33: is partial" "$(json result.partial < "$T/body")" true
has "R33: and says so" "$(json result.note < "$T/body")" '^The memory limit was reached after [0-9]* of 144 files'
# S24: with roles, whoever asked ends it, or an administrator: others never see its token.
sed -i 's/^access = open/access = closed/' "$T/conf"
reloads=3
limited 'queries = 2' 'role "analysts" { may = analyse users = "ann,bob" }' 'role "admins" { may = admin users = "root" }'
listed_to() { node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/queries.json REMOTE_USER="$1"; }
token_to() { listed_to "$1" | sed -n 's/.*"job": "\([0-9a-f]*\)".*/\1/p'; }
# ends USER TOKEN: the status of a form of the user's own page that asks for it.
ends() {
	node -e '
		const f = require("./tests/site/fcgi.js"), [socket, user, job, cookie] = process.argv.slice(1), body = `token=${cookie}&job=${job}`;
		f.send(socket, [f.whole(f.post("/queries", body, [["REMOTE_USER", user], ["HTTP_COOKIE", "flowlight=" + cookie]]), body)]).then(r => console.log(r.status));
	' "$T/fcgi.sock" "$1" "$2" "$browser"
}
mine /details "$long" > "$T/ann" &
ann=$!
started $ann
there() { listed_to ann | grep -q '"since":'; }
ok "S24: ann asks" wait_for 20 there
ok "S24: she sees its token" test -n "$(token_to ann)"
is "S24: bob sees none" "$(token_to bob)" ""
is "S24: nor ends it with one that he makes up" "$(ends bob 00000000000000000000000000000001)" 404
is "S24: nobody without a role is heard at all" "$(ends eve "$(token_to ann)")" 403
there
is "S24: hers goes on" "$?" 0
is "S24: an administrator sees it and ends it" "$(ends root "$(token_to root)")" 303
gone() { ! there; }
ok "S24: then it is gone" wait_for 20 gone
is "nothing was wrong under way" "$(grep -c -iE 'sanitizer|runtime error|by signal [^9]' "$T/fcgi.log")" 0
