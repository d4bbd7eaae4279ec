# Manual pages are well-formed and name what the programs' tables have.
. tests/lib.sh
for m in man/*; do
	is "$m has no errors" "$(mandoc -Tlint -W error "$m" 2>&1)" ""
done
page=$(mandoc -Tascii man/flowlight.1 | sed "s/.$(printf '\b')//g")
for o in $("$O/flowlight" help | sed -n '/^Options/,/^$/s/^  \(-[^ ] *\)\{0,1\}\(--[a-z0-9]*\)\{0,1\}.*/\1 \2/p'); do
	# Long names of options that have a letter are told by flowlight help.
	case $o in --time | --limit | --aggregate | --keys | --by | --order | --top | --output) continue ;; esac
	has "flowlight(1) has $o" "$(sed 's/-$//' man/flowlight.1)" "Fl -\{0,1\}$(echo "$o" | sed 's/^--*//')\b"
done
for c in query status check report print stat demo help; do
	has "flowlight(1) has the command $c" "$page" "flowlight $c"
done
for f in $(sed -n 's/.*`\(conf\/[a-z.-]*\)`.*/\1/p' README.md); do
	ok "README's $f exists" test -e "$f"
done
