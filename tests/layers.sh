# Arrows point down only: base < flow < format < query, flow < store; query and
# store do not know each other; daemon, cgi and cli see all through their includes.
. tests/lib.sh

# may LAYER ALLOWED…: files in lib/LAYER include only headers of these layers.
may() {
	layer=$1
	shift
	allowed=$(echo "$layer $*" | tr ' ' '|')
	bad=$(grep -nE '^#include "[a-z]+/' lib/$layer/*.[ch] | grep -vE "\"($allowed)/" )
	is "lib/$layer includes only $layer $*" "$bad" ""
}

may base
may flow base
may format base flow
may query base flow format
may store base flow format
is "no shell in C" "$(grep -nE '\b(system|popen|wordexp)\(' lib/*/*.c lib/*.c daemon/*.c cgi/*.c cli/*.c)" ""
is "no unbounded string calls" "$(grep -nE '\b(strcpy|strcat|sprintf|gets)\(' lib/*/*.c lib/*.c daemon/*.c cgi/*.c cli/*.c)" ""
