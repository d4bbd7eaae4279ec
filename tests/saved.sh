# What people keep: saved queries and filters, dashboards, notebooks, and their export.
. tests/lib.sh
. tests/site/site.sh
site_start

conf=$SITE/roles.conf
{ sed "s|^access = open|access = closed|" "$SITE/flowlight.conf"; cat << 'END'
role "viewers" { users = "vera" }
role "analysts" { may = analyse  users = "anna,anton" }
role "office" { may = analyse  users = "olga"  sources = "upstream1" }
role "admins" { may = admin  users = "root" }
END
} > "$conf"

# A plain CGI program, as a web server starts it.  cgi USER METHOD PATH?QUERY [VARIABLE=VALUE…], body on standard input
cgi() {
	user=$1 method=$2 url=$3
	shift 3
	env -i GATEWAY_INTERFACE=CGI/1.1 FLOWLIGHT_CONF="$conf" FLOWLIGHT_NOW=$FLOWLIGHT_NOW LSAN_OPTIONS="$LSAN_OPTIONS" \
	    REQUEST_METHOD="$method" PATH_INFO="${url%%\?*}" QUERY_STRING="$(printf '%s' "$url" | sed -n 's/^[^?]*?//p')" \
	    REMOTE_USER="$user" SCRIPT_NAME=/flow HTTP_HOST=flow.example.net "$@" "$O/flowlight.fcgi" 2> "$T/cgi.log" | tr -d '\r'
}
TOKEN=00112233445566778899aabbccddeeff
encode() { node -e 'console.log(process.argv.slice(1).map(a => { const i = a.indexOf("="); return a.slice(0, i) + "=" + encodeURIComponent(a.slice(i + 1)); }).join("&"))' "$@"; }
# post USER PATH FIELD=VALUE…
post() {
	poster=$1 to=$2
	shift 2
	encode "$@" "token=$TOKEN" | tr -d '\n' > "$T/body"
	cgi "$poster" POST "$to" CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH="$(wc -c < "$T/body" | tr -d ' ')" \
	    HTTP_COOKIE="other=1; flowlight=$TOKEN" HTTP_SEC_FETCH_SITE=same-origin < "$T/body"
}
get() { cgi "$1" GET "$2" HTTP_COOKIE="flowlight=$TOKEN"; }
status() { sed -n 's/^Status: //p;/^$/q'; }
where() { sed -n 's/^Location: //p;/^$/q'; }
body() { sed '1,/^$/d'; }

q='/details?from=2026-11-20T15:55&to=2026-11-20T16:05&by=srcip&order=flows&top=5'

# ---- saved queries and filters ----
is "a query is saved" "$(post anna /saved do=save kind=query "name=who did it" "value=$q" | where)" /flow/saved
is "and listed for whoever did" "$(get anna /saved.json | body | json queries.href)" "[
 \"/flow$q\"
]"
is "but for nobody else" "$(get anton /saved.json | body | json queries)" "[]"
id=$(get anna /saved.json | body | json queries.0.id)
is "nobody else deletes it" "$(post anton /saved do=forget "id=$id" | status)" "404 Not Found"
is "it can be shared" "$(post anna /saved do=share "id=$id" | status)" "303 See Other"
is "then others see it" "$(get anton /saved.json | body | json queries.name)" '[
 "who did it"
]'
is "a filter is saved" "$(post anna /saved do=save kind=filter name=mail "value=dst port in [25 465 587]" shared=yes | status)" "303 See Other"
is "a wrong one is not" "$(post anna /saved do=save kind=filter name=x "value=port prot" | status)" "400 Bad Request"
is "S14: nor an address that is not ours" "$(post anna /saved do=save kind=query name=x "value=https://evil.example.org/" | status)" "400 Bad Request"
is "S14: nor one that begins with two slashes" "$(post anna /saved do=save kind=query name=x "value=//evil.example.org/" | status)" "400 Bad Request"
is "S14: nor with fields that are none" "$(post anna /saved do=save kind=query name=x value=/status owner=root | status)" "400 Bad Request"
is "S13: names are escaped" "$(post anna /saved do=save kind=filter 'name=<script>alert(1)</script>' value=any | status; get anna /saved | grep -c '<script>alert')" "303 See Other
0"
has "and there" "$(get anna /saved)" '&lt;script&gt;alert(1)'
is "a saved filter is added to the one of a page" "$(get anna "/saved.json?page=/details?from%3d2026-11-20T15:55%26by%3dip%26filter%3dproto%2btcp" | body | json filters | grep -o '"/flow/details.*mail\|"/flow/details[^"]*587[^"]*')" \
	'"/flow/details?from=2026-11-20T15:55&by=ip&filter=proto+tcp+and+dst+port+in+%5B25+465+587%5D'
post anna /saved do=save kind=filter name=web "value=dst port in [80 443] # web
and packets > 3" > /dev/null
commented=$(get anna "/saved.json?page=/details?from%3d2026-11-20T15:55%26filter%3dproto%2btcp+%2523+only" | body | json filters.*.href)
has "comments of filters swallow nothing of the other" "$commented" 'filter=proto+tcp+and+dst+port+in+%5B80+443%5D+and+packets+%3E+3"'
is "S14: a page of elsewhere is refused" "$(get anna "/saved?page=//evil.example.org" | status)" "400 Bad Request"
is "admins delete anybody's" "$(post root /saved do=forget "id=$id" | status; get anton /saved.json | body | json queries)" "303 See Other
[]"

# ---- saved formats ----
menu() { get "$1" "$2" | body | json "form.$3" | tr -d '\n'; }
t='/details.json?from=2026-11-20T15:55&to=2026-11-20T16:05&list=1&limit=3'
in_format='output=fmt:%25pr+%25dp+%26+%25byt'
is "nobody has saved a format yet" "$(menu anna "$t" formats) $(menu anna "$t&$in_format" format)" "[] fmt:%pr %dp & %byt"
get anna "/keep?page=$(encode "p=/details?list=1&$in_format&filter=proto+tcp" | cut -c3-)" > "$T/keep.html"
is "the page to save at offers its filter and its format" "$(grep -o 'name="kind" value="[^"]*"><input type="hidden" name="value" value="[^"]*"' "$T/keep.html" | grep -v query)" \
	'name="kind" value="filter"><input type="hidden" name="value" value="proto tcp"
name="kind" value="format"><input type="hidden" name="value" value="fmt:%pr %dp &amp; %byt"'
is "not what is an output without one" "$(get anna "/keep.json?page=/details?list=1%26output%3dlong" | body | json values)" "[]"
is "one is saved" "$(post anna /saved do=save kind=format name=ports 'value=fmt:%pr %dp & %byt' | where)" /flow/saved
is "Details offers it" "$(menu anna "$t" formats.title) $(menu anna "$t" formats.value) $(menu anna "$t" formats.chosen)" '[ "ports"] [ "fmt:%pr %dp & %byt"] [ false]'
has "also in the page's menu" "$(get anna "/details?list=1" | tr -d '\n')" '<optgroup label="Saved"><option value="fmt:%pr %dp &amp; %byt">ports</select>'
is "but nobody else's" "$(menu anton "$t" formats)" "[]"
is "choosing it leads to an address with the format itself" "$(get anna '/details?from=2026-11-20T15:55&to=2026-11-20T16:05&mode=list&limit=20&output=fmt:%25pr+%25dp+%26+%25byt&format=&go=run' | where | grep -o 'output=[^&]*')" "$in_format"
is "there it is the one chosen, and no typed one is" "$(menu anna "$t&$in_format" formats.chosen) $(menu anna "$t&$in_format" format) $(menu anna "$t&$in_format" outputs.chosen | grep -c true)" "[ true] null 0"
get anna "$t&$in_format&filter=proto+udp" | body | json result.printed | sed '/^Summary/,$d; /^Proto/d' > "$T/printed"
is "it is printed so" "$(grep -c '^UDP.* & ' "$T/printed")" 3
is "and nfdump prints the same" "$(cat "$T/printed")" \
	"$(nfdump -M "$SITE/flows/upstream1:upstream2" -R 2026/11/20/nfcapd.202611201555:2026/11/20/nfcapd.202611201600 -c 3 -o 'fmt:%pr %dp & %byt' 'proto udp' | sed '/^Summary/,$d; /^Proto/d')"
is "others may see it, too" "$(post anna /saved do=share "id=$(get anna /saved.json | body | json formats.0.id)" | status)" "303 See Other"
is "then it is in their menu, with whose it is" "$(menu anton "$t" formats.title)" '[ "ports (anna)"]'
is "but not in that of those who see less" "$(menu vera "$t" formats) $(menu olga "$t&source=upstream1" formats)" "[] []"
is "a link shows the newest flows in it" "$(get anna /saved.json | body | json formats.0.href)" "/flow/details?list=1&$in_format"
is "or the page that one comes from" "$(get anna "/saved.json?page=/details?by=srcip%26output%3dlong" | body | json formats.0.href)" "/flow/details?by=srcip&$in_format"
is "unless that has none" "$(get anna "/saved.json?page=/details?series=60s" | body | json formats.0.href) $(get anna "/saved.json?page=/heat?x=1" | body | json formats.0.href)" \
	"/flow/details?list=1&$in_format /flow/details?list=1&$in_format"
is "the link is good" "$(get anna "$(get anna /saved.json | body | json formats.0.href | sed 's,^/flow,,')" | status)" "200 OK"
refused() { post anna /saved do=save kind="$1" name=x "value=$2" | body | sed -n 's/<[^>]*>//g; s/^[[:space:]]*\(\(value\|kind\|output\):.*\)/\1/p' | head -n 1; }
has "a format with a word that is none is refused" "$(refused format 'fmt:%ts %colour')" '^value: .*%colour'
has "one that is none" "$(refused format 'line')" '^value: .*line.* is no format'
has "a kind that is none" "$(refused colour any)" '^kind: must be query, filter or format'
is "with a status that says so" "$(post anna /saved do=save kind=format name=x value=fmt:%colour | status)" "400 Bad Request"
is "S13: names and formats are escaped" "$(post anna /saved do=save kind=format 'name=<b>x' 'value=fmt:"><b>%ts' | status; get anna "/details" | grep -c -e '<b>x' -e '"><b>%ts'; get anna /saved | grep -c -e '<b>x' -e '"><b>%ts')" "303 See Other
0
0"
is "csv:… is a format, too, also in full" "$(post anna /saved do=save kind=format name=c 'value=csv:%ts,%sa' | status; post anna /saved do=save kind=format name=d 'value=fmt6:%sa' | status)" "303 See Other
303 See Other"

# ---- who may post, and from where ----
is "viewers save nothing" "$(post vera /saved do=save kind=query name=x value=/status | status)" "403 Forbidden"
is "nor are offered to" "$(get vera "$q" | grep -c 'class="keeper"')" 0
is "analysts are" "$(get anna "$q" | grep -c 'class="keeper"')" 1
raw() { cgi anna POST /saved CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH=${#1} "$2" "$3" << END
$1
END
}
form="do=save&kind=query&name=x&value=/status&token=$TOKEN"
is "S23: with cookie and token it goes" "$(raw "$form" "HTTP_COOKIE=flowlight=$TOKEN" HTTP_ORIGIN=http://flow.example.net | status)" "303 See Other"
is "S23: not without the cookie" "$(raw "$form" HTTP_COOKIE= HTTP_SEC_FETCH_SITE=same-origin | status)" "403 Forbidden"
is "S23: not with another token" "$(raw "do=save&kind=query&name=x&value=/status&token=ff112233445566778899aabbccddeeff" "HTTP_COOKIE=flowlight=$TOKEN" HTTP_SEC_FETCH_SITE=same-origin | status)" "403 Forbidden"
is "S23: not without one" "$(raw "do=save&kind=query&name=x&value=/status" "HTTP_COOKIE=flowlight=$TOKEN" HTTP_SEC_FETCH_SITE=same-origin | status)" "403 Forbidden"
is "S23: not from another site" "$(raw "$form" "HTTP_COOKIE=flowlight=$TOKEN" HTTP_SEC_FETCH_SITE=cross-site | status)" "403 Forbidden"
is "S23: not from another origin" "$(raw "$form" "HTTP_COOKIE=flowlight=$TOKEN" HTTP_ORIGIN=http://flow.example.net.evil.org | status)" "403 Forbidden"
is "S23: nothing is changed by GET" "$(get anna "/saved?$form" | status)" "400 Bad Request"
is "S16: a length that is none" "$(cgi anna POST /saved CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH=-1 < /dev/null | status)" "411 Length Required"
for n in 2147483648 4294967296 9223372036854775808 99999999999999999999999; do
	is "S16: a length of $n" "$(cgi anna POST /saved CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH=$n < /dev/null | status)" "413 Content Too Large"
done
is "S16: a length with a blank" "$(cgi anna POST /saved CONTENT_TYPE=application/x-www-form-urlencoded "CONTENT_LENGTH= 1" < /dev/null | status)" "411 Length Required"
is "S16: longer than what comes" "$(cgi anna POST /saved CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH=100 < "$T/body" | status)" "400 Bad Request"
has "a browser without the cookie gets one" "$(cgi anna GET /saved)" '^Set-Cookie: flowlight=[0-9a-f]\{32\}; Path=/flow/; HttpOnly; SameSite=Strict$'
has "a secure one over https" "$(cgi anna GET /saved HTTPS=on)" '^Set-Cookie: .*; Secure$'
is "one that has it does not" "$(get anna /saved | grep -c '^Set-Cookie')" 0
has "the token is in the forms" "$(get anna /saved)" "name=\"token\" value=\"$TOKEN\""
is "and its place is not" "$(get anna /saved | grep -c token-token)" 0

# ---- /keep: from a page to a board ----
get anna "$q" | body > "$T/page.html"
keep=$(node -e '
	const html = require("fs").readFileSync(0, "utf8");
	const form = html.slice(html.indexOf("class=\"keeper\""));
	const text = (s) => s.replaceAll("&amp;", "&").replaceAll("&quot;", "\"").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
	console.log("/keep?" + [...form.slice(0, form.indexOf("</form>")).matchAll(/name="([^"]*)" value="([^"]*)"/g)]
		.map((m) => m[1] + "=" + encodeURIComponent(text(m[2]))).join("&"));
' < "$T/page.html")
get anna "$keep" | body > "$T/keep.html"
is "a page offers its graph and its table" "$(grep -o 'name="what" value="[a-z]* /[a-z.]*' "$T/keep.html")" 'name="what" value="graph /graph
name="what" value="table /details.json'
what() { sed -n "s/.*name=\"what\" value=\"\($1 [^\"]*\)\".*/\1/p" "$T/keep.html" | sed 's/&amp;/\&/g'; }
graph=$(what graph) table=$(what table)

is "any page can be kept, with its pictures" "$(get anna /overview | grep -c 'name="url8"')" 1
for u in /light /heat /compare; do
	is "also $u" "$(get anna $u | grep -c 'class="keeper"')" 1
done
is "and its tables" "$(get anna '/explain?source=upstream2&at=2026-11-20T16:00' | grep -o 'value="/explain.csv' | head -n 1)" 'value="/explain.csv'

# ---- a notebook keeps what was ----
book=$(post anna /board do=pin kind=notebook name=Friday "title=The peak" "what=$graph" "page=$q" | where)
is "a graph is pinned to a new notebook" "$(expr "$book" : '\(/flow/board?id=\)')" '/flow/board?id='
id=${book#*=}
post anna /board do=pin "board=$id" "title=Who did it" "what=$table" "page=$q" > /dev/null
post anna /board do=pin "board=$id" "title=What I think" "note=It is <b>13</b>.
Ask the desk." > /dev/null
get anna "/board.json?id=$id" | body > "$T/board"
is "in the order they were pinned" "$(json pins.title < "$T/board" | tr -d '\n')" '[ "The peak", "Who did it", "What I think"]'
is "the table is that of the page" "$(json pins.1.table.rows.0.cells.0.text < "$T/board")" "$(get anna "$(echo "$q" | sed s/details/details.json/)" | body | json result.tables.0.rows.0.cells.0.text)"
is "the picture is kept" "$(get anna "/pin?id=$(json pins.0.id < "$T/board")" | sed -n 's/^Content-Type: //p')" image/png
has "a note's lines are kept" "$(get anna "/board?id=$id")" '^Ask the desk\.'
is "and its text is escaped" "$(get anna "/board?id=$id" | grep -c '<b>13')" 0
post anna /board do=up "id=$(json pins.2.id < "$T/board")" > /dev/null
is "pins can be moved" "$(get anna "/board.json?id=$id" | body | json pins.title | tr -d '\n')" '[ "The peak", "What I think", "Who did it"]'
is "others do not see it" "$(get anton "/board?id=$id" | status)" "404 Not Found"
is "nor its picture" "$(get anton "/pin?id=$(json pins.0.id < "$T/board")" | status)" "404 Not Found"
post anna /board do=share "id=$id" > /dev/null
is "unless it is shared" "$(get anton "/board?id=$id" | status)" "200 OK"
is "whose role is limited does not even then" "$(get olga "/board?id=$id" | status; get vera "/board?id=$id" | status; get vera "/pin?id=$(json pins.0.id < "$T/board")" | status; get vera "/export?id=$id" | status)" "403 Forbidden
403 Forbidden
403 Forbidden
403 Forbidden"
is "nor hears of it" "$(get olga /saved.json | body | json boards)" "[]"
is "others do not change it" "$(post anton /board do=pin "board=$id" title=x note=y | status)" "400 Bad Request"
get anna "/export?id=$id" > "$T/export"
has "it is exported as a file" "$(cat "$T/export")" '^Content-Disposition: attachment; filename="flowlight-board.html"'
is "that needs nothing else" "$(body < "$T/export" | grep -oE '(src|href|srcset|action)="[^"]{0,10}' | sort | uniq -c | sed 's/^ *//')" '1 src="data:image'
is "with table and note" "$(body < "$T/export" | grep -c -e '^Ask the desk' -e "$(json pins.1.table.rows.0.cells.0.text < "$T/board")" | sed 's/^[2-9].*/both/')" both
post anna /board do=unpin "id=$(json pins.0.id < "$T/board")" > /dev/null
is "pins can be taken off" "$(get anna "/board.json?id=$id" | body | json pins.title | tr -d '\n')" '[ "What I think", "Who did it"]'

# ---- a dashboard shows what is ----
wall=$(post olga /board do=pin kind=dashboard name=wall title=now "what=$graph" | where)
id=${wall#*=}
is "a dashboard's graph has no times" "$(get olga "/board.json?id=$id" | body | json pins.0.src | grep -c -e from= -e to= -e end=)" 0
post olga /board do=pin "board=$id" title=top "what=$table" > /dev/null
is "its table is of the newest slot" "$(get olga "/board.json?id=$id" | body | json pins.1.table.rows.0.cells.0.text)" \
	"$(get olga "/details.json?by=srcip&order=flows&top=5" | body | json result.tables.0.rows.0.cells.0.text)"
has "and it is loaded again" "$(get olga "/board?id=$id")" 'http-equiv="refresh"'
is "a page that is none cannot be pinned" "$(post olga /board do=pin "board=$id" title=x "what=graph /status" | status)" "400 Bad Request"
is "nor a source that is not the role's" "$(post olga /board do=pin "board=$id" title=x "what=table /details.json?by=ip&source=upstream2" | status)" "400 Bad Request"
is "nor a file of the machine" "$(post olga /board do=pin "board=$id" title=x "what=graph /../etc/passwd" | status)" "400 Bad Request"
is "it can be deleted" "$(post olga /board do=delete "id=$id" | where; get olga "/board?id=$id" | status)" "/flow/saved
404 Not Found"
is "state.db is whole" "$(sqlite3 "$SITE/state/web/state.db" 'PRAGMA integrity_check; SELECT count(*) FROM pin WHERE board NOT IN (SELECT id FROM board)')" "ok
0"

# ---- notes on graphs ----
d='/details.json?range=6h&end=2026-11-20T19:00'
notes() { get "$1" "$2" | body | json "notes.list.$3" | tr -d '\n '; }
tag() { get anna "/graph?$1" | sed -n 's/^ETag: //p'; }
image() { get anna "/graph?$1" | body | cksum; }
shown='range=6h&end=2026-11-20T19:00' before='range=1h&end=2026-11-20T15:00'
tag=$(tag "$shown") other=$(tag "$before") light=$(image "$shown") dark=$(image "$shown&theme=dark") small=$(image "$shown&size=mini")
is "a note is put on a graph" "$(post anna /notes do=add from=2026-11-20T15:50 'text=Scan <b>begins</b> & "ends"' page=/details?range=6h | where)" "/flow/details?range=6h"
is "a window about a source too" "$(post anna /notes do=add "from=2026-11-20 16:10" to=2026-11-20T17:00 source=upstream2 text=reboot | where)" /flow/notes
is "both are told" "$(notes anna "$d" number) $(notes anna "$d" from) $(notes anna "$d" to) $(notes anna "$d" source) $(notes anna "$d" owner)" \
	'[1,2] ["2026-11-20T15:50","2026-11-20T16:10"] ["2026-11-20T15:50","2026-11-20T17:00"] [null,"upstream2"] ["anna","anna"]'
is "S13: the text is escaped" "$(get anna '/details?range=6h&end=2026-11-20T19:00' | grep -c '<b>begins')" 0
has "and there" "$(get anna '/details?range=6h&end=2026-11-20T19:00')" 'Scan &lt;b&gt;begins&lt;/b&gt; &amp; &quot;ends&quot;'
differs() { test "$1" != "$2"; echo $?; }
is "a graph of that time is another picture, also in the dark, and a small one" \
	"$(differs "$(tag "$shown")" "$tag") $(differs "$(image "$shown")" "$light") $(differs "$(image "$shown&theme=dark")" "$dark") $(differs "$(image "$shown&size=mini")" "$small")" "0 0 0 0"
is "that of another time is the same" "$(tag "$before")" "$other"
is "the number stands where its time is" "$(get anna "$d" | body | node -e '
	const p = JSON.parse(require("fs").readFileSync(0)).graph.plots[1], f = p.flags[0], t = 1795201500 - 3 * 3600 - 900;
	const x = p.graph_left + (t - p.graph_start) / (p.graph_end - p.graph_start) * p.graph_width;
	console.log(f.number, Math.abs(f.x - x) < 0.1, p.flags.length);')" "1 true 2"
is "what is about one source is not on the graph of another" "$(notes anna "$d&source=upstream1" number)" '[1]'
is "nor what was at another time" "$(notes anna "/details.json?$before" number)" '[]'
is "others see it" "$(notes anton "$d" may)" '[false,false]'
is "but do not delete it" "$(post anton /notes do=delete id=1 | status)" "404 Not Found"
is "those who see less do not see it" "$(notes vera "$d" number) $(notes olga "/details.json?range=6h&end=2026-11-20T19:00&source=upstream1" number) $(get vera /notes.json | body | json notes.list)" "[] [] []"
is "and make none if they only look" "$(post vera /notes do=add from=now text=x | status) $(get vera "/details?$shown" | grep -c 'class="noting"')" "403 Forbidden 0"
is "without the token there is none" "$(cgi anna POST /notes CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH=22 HTTP_COOKIE="flowlight=$TOKEN" << END | status
do=add&from=now&text=x
END
)" "403 Forbidden"
wrong() { post anna /notes "$@" | body | sed -n 's/<[^>]*>//g; s/^[[:space:]]*\(\(from\|to\|text\|source\|page\|do\|unknown\).*\)/\1/p' | head -n 1; }
has "a time that is none" "$(wrong do=add from=teatime text=x)" '^from: .*teatime'
has "a window that ends before it begins" "$(wrong do=add from=16:00 to=15:00 text=x)" '^to: lies before from'
has "a source that is none" "$(wrong do=add from=16:00 source=elsewhere text=x)" '^source: .*elsewhere'
has "no text" "$(wrong do=add from=16:00)" '^text: is missing'
is "S14: a page of elsewhere" "$(post anna /notes do=add from=16:00 text=x page=//evil.example.org | status)" "400 Bad Request"
is "S14: no lines in it" "$(post anna /notes do=add from=16:00 "text=a
b" | status)" "400 Bad Request"
is "all notes, as a table" "$(get anna /notes.csv | body | cut -d, -f1-4)" "number,from,to,source
2,2026-11-20T16:10,2026-11-20T17:00,upstream2
1,2026-11-20T15:50,2026-11-20T15:50,"
is "it is on Analysis too" "$(notes anna "/analysis.json?from=2026-11-20T15:00&to=2026-11-20T17:00" number)" '[1,2]'
is "and on the light table" "$(notes anna "/light.json?end=2026-11-20T19:00" number)" '[1,2]'
is "Overview lists those of its day" "$(notes anna /overview.json number) $(notes anton /overview.json may)" '[1,2] [false,false]'
post anna /notes do=add from=2026-11-19T18:59 text=yesterday > /dev/null
is "but none from before" "$(notes anna /overview.json number)" '[1,2]'
get anna /overview > "$T/overview.html"
is "below its graphs, to be deleted there" "$(grep -o -e 'id="m-traffic"' -e 'id="notes"' -e 'name="page" value="/overview"><input type="hidden" name="id" value="[12]"' "$T/overview.html" | tr '\n' ' ')" \
	'id="m-traffic" id="notes" name="page" value="/overview"><input type="hidden" name="id" value="1" name="page" value="/overview"><input type="hidden" name="id" value="2" '
has "with the token" "$(cat "$T/overview.html")" "name=\"token\" value=\"$TOKEN\""
is "those who see none have no heading either" "$(get vera /overview | grep -c 'id="notes"')" 0
post anna /notes do=delete id=3 > /dev/null
is "its author deletes it" "$(post anna /notes do=delete id=1 page=/details | where; notes anton "$d" number)" "/flow/details
[2]"
is "or an admin" "$(post root /notes do=delete id=2 | status; tag "$shown"; image "$shown")" "303 See Other
$tag
$light"

# ---- who asked what ----
get vera "/details.csv?from=2026-11-20T15:55&to=2026-11-20T16:05&by=dstport&filter=proto+udp" > /dev/null
get root /log.csv | body > "$T/log"
has "what a viewer asked is put down" "$(cat "$T/log")" '^2026-11-20T19:05,vera,viewers,/details?from=2026-11-20T15:55&to=2026-11-20T16:05&by=dstport&filter=proto+udp,[0-9]*,[0-9]*,200,0$'
is "with the flows that were read" "$(sed -n 's/^[^,]*,vera,.*proto+udp,[0-9]*,\([0-9]*\),200,0$/\1/p' "$T/log")" \
	"$(page '/details.json?from=2026-11-20T15:55&to=2026-11-20T16:05&by=dstport&filter=proto+udp' | body | json result.read.flows.value)"
is "the newest first" "$(sed -n 2p "$T/log" | cut -d, -f2)" vera
is "also what is known of a host" "$(get vera '/host/192.0.2.0/24' > /dev/null; get root /log.csv | body | sed -n 2p | cut -d, -f2,4)" vera,/host/192.0.2.0/24
is "not what is answered without flows" "$(grep -c /status "$T/log")" 0
is "of one user" "$(get root '/log.json?user=vera' | body | json lines.user | grep -o "[a-z]*" | sort -u)" vera
is "only admins see it" "$(get anna /log | status; get vera /log.csv | status)" "403 Forbidden
403 Forbidden"
is "and are led to it" "$(get root / | grep -c 'href="/flow/log"'; get anna / | grep -c 'href="/flow/log"')" "1
0"
is "S27: what is asked cannot break a line" "$(get vera '/details?by=ip&filter=any%0aforged' > /dev/null; get root /log.csv | body | grep -c '^forged')" 0
