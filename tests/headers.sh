# Each header compiles alone, and twice.
. tests/lib.sh
for h in lib/*/*.h lib/*.h cgi/*.h daemon/*.h cli/*.h; do
	[ -e "$h" ] || continue
	printf '#include "%s"\n#include "%s"\n' "$PWD/$h" "$PWD/$h" > "$T/h.c"
	ok "$h stands alone" cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib -fsyntax-only "$T/h.c"
done
