# The same command line for Debian's nfdump and for flowlight query: the same bytes.
#
# A line of a table is options and filter, as the shell reads them.  Lines are
# compared as they come, or ("any order") sorted where rows may rank equal, which
# nfdump orders by chance.  With -n of 0 all rows are there, so ties do not hide.
#
# What is ours on purpose, each with its reason, is left out of the comparison:
#	Sys: …		times of that run; we do not print the line
#	-o		Debian's nfdump lists as "nsel" without it, so lists name one
#	last < first	nfdump prints 2^64 less the difference, and we "-00:00:03.969":
#			both become NEG
#	processed	of -c, nfdump counts up to where it stopped: compared with -q
#	-A srcip4/N	puts IPv6 flows into groups of cut addresses: filter ipv4
#	-A tos		is srctos with a heading one letter shorter
#	groups without addresses show sa and da as :: where nfdump met IPv6 first
#	-A dstport,proto shows type and code of ICMP as 0.0
#	:a		is ignored by nfdump with 100 keys and more
#	-o json		says "No matching flows" in the array; masks of IPv6 give another
#			network; VRFs are there twice, with the NAT event and alone
#	-s -o csv	of latencies, events, ACLs prints memory that is not theirs
#	-s mpls*	reads two labels as one number
#	%ter, %mpls10	wrong milliseconds; the first label
#	-l, -L		print a line about it, and do not count for -a, -A and -s record
#	-o raw		prints srctos as dst tos, and UNKNOW for NAT events past deletion
#	-o raw		counts all records, we those that match
#	-s ip -o pipe	of IPv6 swaps bytes; rates are cut to 32 bits
#	-B		does not turn the masks along with their addresses
#	nhb in csv	is the next hop where both are IPv6
#	%ipl, %opl	nfdump adds what it makes of DNS
#	not flags	is "none of them" in nfdump 1.7.1, "not all of them" with us
. tests/lib.sh
export TZ=UTC
F="$O/flowlight query"
data=tests/data/nfcapd
ok "random flows" $O/nfrandom "$T/random" 3000 7

normal() {
	grep -a -v -e '^Sys:' -e '^Packet limit:' -e '^Byte limit:' | sed -E \
	    -e 's/ *-2147483648d -2147483648:-2147483648:1844674407[0-9]*\.000/ NEG/' \
	    -e 's/ +-([0-9]+d )?[0-9]+:[0-9]+:[0-9.]+/ NEG/' \
	    -e 's/ *1844674407[0-9]*\.000/ NEG/' -e 's/,(NEG| NEG|-[0-9]+\.[0-9]+),/,NEG,/' \
	    -e 's/ +-[0-9]+\.[0-9]{3}([ |])/ NEG\1/' -e 's/^( *)NEG/ NEG/'
}

# A command line over the files of $files; all the same is one line of TAP.
compare() {
	how=$1 line=$2
	eval "set -- $line"
	: > "$T/differ"
	for file in $files; do
		nfdump -r "$file" "$@" 2> /dev/null | normal > "$T/want"
		$F -r "$file" "$@" 2> "$T/stderr" | normal > "$T/got"
		if [ "$how" = any ]; then
			sort -o "$T/want" "$T/want"
			sort -o "$T/got" "$T/got"
		fi
		[ -s "$T/want" ] || echo "$file: nfdump prints nothing" >> "$T/differ"
		cmp -s "$T/want" "$T/got" || {
			echo "$file:"
			diff "$T/want" "$T/got" | head -n 6 | cut -c 1-200
			head -n 2 "$T/stderr"
		} >> "$T/differ"
	done
	ok "$line" nothing "$T/differ"
}

nothing() { [ ! -s "$1" ] || { cat "$1"; return 1; }; }

# table ORDER: each line of standard input.
table() {
	while IFS= read -r row; do
		case $row in '' | '#'*) continue ;; esac
		compare "$1" "$row"
	done
}

all=
for file in $data/*.nfcapd; do all="$all $file"; done
some="$data/mix_none.nfcapd $data/v10_bidir.nfcapd $data/pflow10.nfcapd"
random=$T/random

# Every file, in the usual outputs.
files="$all $random"
table as-is << 'END'
-o line
-o long
-o extended
-o csv
-o null
-s srcip/bytes -n 1 -q 'proto 99'
-o line 'proto 99'
-o csv 'proto 99'
-s srcip -s dstport/bytes -n 0 'proto 99'
-s srcip -o csv 'proto 99'
-s record/bytes -o line 'proto 99'
-A srcip,dstport 'proto 99'
END
files="$some $data/v5_preboot.nfcapd $data/pfflowd5.nfcapd $random"
table as-is << 'END'
-q -o line
-N -o line
-6 -o line
-o line6
-o long6 -N
-o extended6
-o biline
-o bilong -N
-o biline6
-o nsel
-o nel
-q -o csv
-N -o csv
-c 7 -q -o line
-c 7 -q -o csv 'proto tcp'
-o 'fmt:%line|%cnt' -q
-o 'fmt:hello %sa,%da world'
-t 2026/11/20.17:51:00-2026/11/20.17:53:00 -o line
-t 2026/11/20.17:51:00 -o csv
END
files="$data/mix_none.nfcapd $data/pflow10.nfcapd"
table as-is << 'END'
-o json
-q -o json
-c 3 -o json 'proto udp'
END

# Events of firewalls and NAT, as Debian's nfcapd wrote what it got from the wire.
files=tests/data/events/asa-nat.nfcapd
table as-is << 'END'
-q -o csv
-q -o extended
-q -o 'fmt:%iacl|%eacl|%uname|%xevt|%nfc|%msec|%pbstart|%pbend|%ivrf|%evrf|%xsap|%xdap|'
-q -o csv 'ingress acl 0x3c1c9b15'
-q -o csv 'ingress acl > 1010604822 and not ingress acl 0'
-q -o csv 'asa event denied ingress'
-q -o csv 'xip 198.51.100.1 and proto 0x6'
END
table any << 'END'
-q -s iacl -s iace -n 0
-q -s eacl -s ixace -n 0
-q -s ivrf -s evrf -n 0
-q -s xsrcip/bytes -s xdstport -n 0
-q -A xsrcip,xdstport -n 0
END
is "events as JSON" "$($F -q -r $files -o json)" "$(nfdump -q -r $files -o json | awk '
	/_vrf"/ && seen[$1]++ { next }	# the second time
	/^{/ { delete seen }
	{ print }')"
is "names of events" "$($F -q -r $files -o raw 'nat event > 2' | sed -n 's/^  nat event .*: //p' | tr '\n' ' ')" \
	"NOADDR ADD44 DEL44 ADD64 DEL64 ADD44BIB DEL44BIB ADD64BIB DEL64BIB NOPORTS QUOTA ADDADDR DELADDR ADDBLOCK DELBLOCK THRESH UNKNOW ADDBLOCK DELBLOCK ADDBLOCK DELBLOCK "

# What files tell of themselves, each and together.
files="$all $random"
table as-is << 'END'
-I
-g
-I -q
END
mkdir "$T/slots"
n=10
for file in $data/*.nfcapd; do
	cp "$file" "$T/slots/nfcapd.2026112012$n"
	n=$((n + 1))
done
for range in "$T/slots" "$T/slots/nfcapd.202611201212:nfcapd.202611201220"; do
	is "-I -R ${range##*/}" "$($F -I -R "$range")" "$(nfdump -I -R "$range")"
	is "-g -R ${range##*/}" "$($F -g -R "$range")" "$(nfdump -g -R "$range")"
done
is "-I -M" "$($F -I -M "$T/slots:." -R nfcapd.202611201212:nfcapd.202611201220)" \
	"$(nfdump -I -M "$T/slots:." -R nfcapd.202611201212:nfcapd.202611201220)"
# Without a sum of its own a file is counted: nfdump's numbers of the flows themselves.
for file in tests/data/flowtools/pfflowd-v*.ft; do
	is "-I of $file" "$($F -I -r "$file" | sed -n 's/^Flows: //p')" \
		"$($F -r "$file" -o null -N | sed -n 's/^Summary: total flows: \([0-9]*\),.*/\1/p')"
done
has "-I and a filter" "$($F -I -r $data/v9_none.nfcapd 'proto tcp' 2>&1)" 'goes with no filter'
has "-g and -s" "$($F -g -r $data/v9_none.nfcapd -s srcip 2>&1)" 'goes with no -s'

files="$all $random"
table as-is << 'END'
-o pipe
-o pipe -c 3
-o pipe 'proto 99'
-o raw 'proto 99'
END
files="$some"
table any << 'END'
-s srcip -o pipe -n 0 'ipv4'
-s dstip:p/obyte -o pipe -n 0 'ipv4'
-s dstport -o pipe -n 0
-s proto/bytes -o pipe -n 0
-s srcmac -o pipe -n 0
-s record -o pipe -n 0
-s srcip -o raw -n 0
-A srcip,dstport -o pipe 'ipv4'
END
raw() {
	for file in $all $random; do
		nfdump -q -r $file -o raw "$@" | grep -a -v -e 'dst tos  ' -e RecordCount > "$T/want"
		$F -q -r $file -o raw "$@" | grep -a -v -e 'dst tos  ' -e RecordCount > "$T/got"
		cmp "$T/want" "$T/got" || return 1
	done
}
ok "-o raw" raw
ok "-o raw -c 3" raw -c 3 'proto tcp'

# Each tag of formats, alone.
files="$some $random"
tags="ts tfs tsr te tr trr td tds exp pr sa da sap dap gsa gda gsap gdap sn dn nh nhb ra sp dp it ic
sas das nas pas in out inam onam pkt ipkt opkt byt ibyt obyt fl flg tos stos dtos dir smk dmk fwd bfd
end svln dvln ismc odmc idmc osmc mpls1 mpls2 mpls9 bps pps bpp eng lbl sc dc sloc dloc n nbid
nbnam ja3 sni odid opid vrf ivrf ivrfnam evrf evrfnam nfv cnt nfc tevt evt xevt sgt msec iacl eacl xsa
xda xsp xdp xsap xdap uname nevt nsa nda nsp ndp nsap ndap pbstart pbend pbstep pbsize cl sl al"
set -- $tags
while [ $# -gt 0 ]; do
	format=
	for i in 1 2 3 4 5 6 7 8; do
		[ $# = 0 ] || format="$format%$1|"
		[ $# = 0 ] || shift
	done
	compare as-is "-o 'fmt:$format'"
done
compare as-is "-6 -o 'fmt:%sa|%dap|%gsa|%sn|%nh|%xsap|'"
is "%ter has its milliseconds" "$($F -q -r $data/v5_none.nfcapd -c 1 -o 'fmt:%te|%ter')" \
	"2026-11-20 17:50:15.849|1795197015.849"

# Each statistic in each order.
files="$some $random"
for stat in srcip dstip ip nhip nhbip router srcport dstport port proto tos srctos dsttos dir \
    srcas dstas as prevas nextas inif outif if srcmask dstmask mask srcvlan dstvlan vlan \
    insrcmac outdstmac indstmac outsrcmac srcmac dstmac inmac outmac \
    xsrcip xdstip xsrcport xdstport nsrcip ndstip nsrcport ndstport ivrf evrf xevent; do
	compare any "-s $stat -n 0 -o csv"
	compare any "-s $stat/bytes -n 0"
done
for stat in cl sl al odid opid event iacl iace ixace eacl eace exace nevent; do
	compare any "-s $stat -n 0"
done
for order in flows packets ipkg opkg bytes ibyte obyte pps ipps opps bps ibps obps bpp ibpp obpp; do
	compare any "-s ip/$order -n 0"
	compare any "-s dstport:p/$order -n 0 -o csv"
done
table any << 'END'
-s srcip:p/bytes -n 0 -N
-s srcip:p/bytes -n 0 -6
-s ip -n 0 -6 -N
-s proto -n 0 -N -o csv
-s proto:p -n 0
-s srcip/bytes/flows/bps -n 0
-s proto -s dstport:p/packets -s srcip/obyte -n 0 -q
-s srcip -c 20 -n 0 -q
-s srcip -n 0 -t 2026/11/20.17:51:00-2026/11/20.17:53:00
-s dstip/bytes -n 0 'proto tcp and dst port < 1024'
-s ip -o null -n 0
-s srcip/bytes -n 0 -l +1m -o csv
-s srcip/opkg -n 0 -l -100
-s dstip -n 0 -L +1000k
-s srcport:p/obyte -L 100k -n 0 -o csv
-s dstip/bytes -l 10 -L -1m -n 0 -o csv 'proto tcp'
-s record/bytes -n 0 -o csv
-s record -s srcip -n 0 -o long
-s record/packets -n 0 -A srcip,proto
-s record/bps -n 0 -q -o extended
-a -o csv
-a -o extended -N
-a -O bytes -o line6
-a -O duration -o bilong 'proto udp'
-O bytes -n 0 -o line
-O tstart -n 0 -o csv
-O pps -n 0 -o extended6
END
# Ranks, where values differ.
files=$random
table as-is << 'END'
-s srcip/bytes
-s srcip/bytes -n 3 -o csv
-s srcip/bytes/packets -n 5
-s dstport:p/obyte -n 4
-s record/bytes -o line
-s record/bytes/packets -o csv -n 3
-s srcip/ibyte -s record/bytes -n 2 -o extended
-O bytes -n 5 -o line
-A srcip,dstport -O bytes -n 5
-a -O bytes -n 7 -o csv
END

# Keys of groups.
files="$some $random"
table any << 'END'
-A srcip
-A dstip -O bytes
-A srcip,dstip -o line6
-A srcip,dstport -o long
-A srcip4/24 'ipv4'
-A srcip4/24,proto,dstport -O flows -o csv 'ipv4'
-A dstip4/9 -N 'ipv4'
-A srcip6/64
-A srcip6/64,dstip6/48 -O packets
-A srcip6/70
-A proto
-A proto -o null
-A srcport,dstport
-A dstip,dstport,proto -q 'not proto icmp and not proto icmp6'
-A srcnet
-A srcnet,dstnet -O bytes
-A srcnet,srcmask -o 'fmt:%sn|%smk|%byt'
-A next,router
-A bgpnext
-A insrcmac,outdstmac
-A srcas,dstas -o 'fmt:%sas %das %pkt %opkt %fl'
-A nextas,prevas
-A inif,outif
-A srcvlan,dstvlan
-A srcmask,dstmask
-A srctos
-A srctos,dsttos
-A xsrcip,xdstport
-A odid,opid
-A srcip -t 2026/11/20.17:51:00-2026/11/20.17:53:00
-A dstip 'dst port 53'
-A srcip -c 20 -q
END
files=$some
compare any "-A mpls1"

# Both directions as one.
files="$all $random"
table any << 'END'
-b
-b -N -o bilong
-b -q -o csv
-b -O bytes -o biline6
-b -O opkg -o line
-b -s record -n 0
-b -s srcip -n 0
-B
-B -q -o 'fmt:%sa|%sp|%da|%dp|%sas|%das|%nas|%pas|%in|%out|%svln|%dvln|%stos|%dtos|%flg|%xsa|%pps|%bps|%bpp|%fl'
-B -O obyte -o bilong
-b -q 'proto udp'
-b -c 50 -q
END

# The filter language, by what matches.
files="$some $random"
table as-is << 'END'
-o csv 'proto tcp'
-o csv 'proto udp and port 53'
-o csv 'host 192.168.0.10 or host 2001:db8:1::5'
-o csv 'src ip 192.168.0.10 and dst port 80'
-o csv 'net 192.168.0.0/24 and not net 198.51.100.0/24'
-o csv 'src net 203.0.113.0/25'
-o csv 'dst net 2001:db8::/32'
-o csv 'ip in [192.168.0.10, 192.0.2.53 203.0.113.0/24]'
-o csv 'port in [53 80 443]'
-o csv 'dst port > 1000 and dst port <= 40000'
-o csv 'bytes > 1k and packets < 20'
-o csv 'pps > 5 or bps > 10k'
-o csv 'flags S and not flags A'
-o csv 'flags SA'
-o csv 'flags = 27'
-o csv 'tos 8'
-o csv 'inet6'
-o csv 'ipv4 and not proto tcp'
-o csv 'in if 1 or out if 2'
-o csv '(proto icmp or proto gre) or (proto esp)'
-o csv 'icmp-type 8'
-o csv 'proto 255'
-o csv 'src mask 24'
-o csv 'flowdir 1'
-o csv 'next ip 192.168.0.11'
-o csv 'any'
END
compare as-is "-o csv 'proto udp # and a comment
	and port 53'"

files="$data/v9_none.nfcapd $random"
compare as-is "-o csv 'bpp > 200 and duration > 1000'"

# Several files.
mkdir -p "$T/d/r1" "$T/d/r2"
for i in 1 2; do
	cp $data/v5_none.nfcapd "$T/d/r$i/nfcapd.202611201745"
	cp $data/v9_none.nfcapd "$T/d/r$i/nfcapd.202611201750"
	cp $data/v10milli_none.nfcapd "$T/d/r$i/nfcapd.202611201755"
done
# Ranks may be equal.
several_sort() { case $* in *'-s srcip'*) sort ;; *) cat ;; esac; }
several() {
	name="$*"
	is "$name" "$($F "$@" 2>&1 | normal | several_sort "$@")" "$(nfdump "$@" 2>&1 | normal | several_sort "$@")"
}
several -R "$T/d/r1" -o csv
several -R "$T/d/r1/nfcapd.202611201750" -o line
several -R "$T/d/r1/nfcapd.202611201745:nfcapd.202611201750" -o long
several -M "$T/d/r1:r2" -r nfcapd.202611201750 -o line
several -M "$T/d/r1:r2" -R nfcapd.202611201745:nfcapd.202611201750 -o csv
several -R "$T/d" -o null
several -R "$T/d/r1" -s proto/bytes -n 0
several -R "$T/d/r1" -q -o csv 'count > 100 and count < 300'
several -R "$T/d" -s srcip -n 0 -q -o csv 'count > 300 and proto udp'
several -R "$T/d/r1" -t 2026/11/20.17:51:00-2026/11/20.17:53:00 -o line

# Seconds from the first or to the last flow.  With them, a race decides whether nfdump looks at all;
# the same window with both ends named, which it takes from its own summary, has no race.
relative() {
	ends=$(nfdump -I -r "$2" | sed -n 's/^\(First\|Last\): //p')
	first=${ends%%[!0-9]*} last=${ends##*[!0-9]}
	case $1 in
	+*) last=$((first + ${1#+})) ;;
	-*) first=$((last - ${1#-})) ;;
	esac
	is "-t $1" "$($F -r "$2" -t "$1" -o line | normal)" \
		"$(nfdump -r "$2" -t "$(date -d "@$first" +%Y/%m/%d.%T)-$(date -d "@$last" +%Y/%m/%d.%T)" -o line | normal)"
}
relative +59 $data/mix_none.nfcapd
relative +10 $data/v9_none.nfcapd
relative +520 $data/v9_none.nfcapd
relative -60 $data/mix_none.nfcapd
relative -10 $data/v9_none.nfcapd
relative -200 $data/v9_none.nfcapd

# What nfdump has not, or has wrong.
# Statistics that 1.7.1 has not, as it counts them one side at a time.
sides() {
	stat=$1
	shift
	is "-s $stat" "$($F -q -r $random -s $stat -n 0 -o csv | awk -F, '$6 + 0 { n += $6; b += $10 } END { printf "%.0f %.0f\n", n, b }')" \
		"$(for side; do nfdump -q -r $random -s $side -n 0 -o csv; done |
		awk -F, '$6 + 0 { n += $6; b += $8 > 0 ? $10 : 0 } END { printf "%.0f %.0f\n", n, b }')"
}
sides mac insrcmac outdstmac indstmac outsrcmac
sides natip xsrcip xdstip
sides natport xsrcport xdstport
json() { node -e 'const v=JSON.parse(require("fs").readFileSync(0,"utf8"));console.log('"$1"')'; }
is "raw counts" "$($F -q -r $random -o raw -c 3 'proto tcp' | grep RecordCount | tr -d ' \n')" \
	"RecordCount=1RecordCount=2RecordCount=3"
is "csv:FORMAT" "$($F -r $random -c 3 -o 'csv:%ts, %td,%pr,%sa,%sp,%da,%dp,%dir,%lbl,%flg,%byt')" \
	"firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,direction,label,flags,bytes
$(nfdump -q -N -6 -r $random -c 3 -o 'fmt:%ts,%td,%pr,%sa,%sp,%da,%dp,%dir,%lbl,%flg,%byt' | sed -E 's/ *, */,/g')"
is "csv:FORMAT of groups" "$($F -r $random -A dstport -O bytes -n 2 -q -o 'csv:%dp,%byt' | grep -v dst)" \
	"$(nfdump -N -q -r $random -A dstport -O bytes -n 2 -o 'fmt:%dp,%byt' | tr -d ' ')"
# Limits of groups, and the filter after grouping.
after() {
	is "$1 | $2" "$($F -q -r $random -n 0 $1 -o csv | awk -F, "\$1 ~ /^2/ && ($2)" | sort)" \
		"$($F -q -r $random -n 0 $1 -o csv ${4:--P} "$3" | grep ^2 | sort)"
}
after '-s srcip' '$10 + 0 > 1000000000' 'bytes > 1g'
after '-s dstport/bytes' '$5 < 100 && $6 > 3' 'dst port < 100 and flows > 3'
after '-s srcip:p' '$4 == "TCP" && $14 > 100' 'proto tcp and bpp > 100'
after '-s dstip' '$5 ~ /^192.168/' 'net 192.168.0.0/16'
after '-a' '$12 + 0 > 20000' 'packets > 20k'
after '-a' '$12 + $14 > 20000' 20k -l
after '-a' '$13 + $15 < 20000' -20k -L
# Computed of flows; of a group it is the key.
after '-s icmptype' '$8 > 20000' 20k -l
after '-A icmpcode -O bytes' '$12 + $14 > 20000' 20k -l
has "-P of what rows have not" "$($F -r $random -s srcip -P 'dst port 80' 2>&1)" 'post: the rows of srcip have no dstport'
has "-P of a list" "$($F -r $random -P 'bytes > 1' 2>&1)" 'post: limits are for'
has "csv:FORMAT refused" "$($F -r $random -o 'csv:%ts,zz' 2>&1)" 'column 5: expected a %tag, not "zz"'
is "ndjson is json, a line each" \
	"$($F -r $data/v9_none.nfcapd -o ndjson | sed 's/.*/[&]/' | tr '\n' ',' | sed 's/^/[/; s/,$/]/' |
	json 'v.map(o => JSON.stringify(o[0])).join("\n")')" \
	"$(nfdump -r $data/v9_none.nfcapd -o json | json 'v.map(o => JSON.stringify(o)).join("\n")')"
is "ndjson of statistics" "$($F -r $random -s srcip -s dstport:p -n 2 -o ndjson | sed 's/$/,/' | tr -d '\n' |
	sed 's/^/[/; s/,$/]/' | json 'JSON.stringify(v)')" \
	"$($F -r $random -s srcip -s dstport:p -n 2 -o json | json 'JSON.stringify(v)')"
is "JSON of nothing" "$($F -r $data/mix_none.nfcapd -o json 'proto 99' | json 'v.length')" 0
is "JSON of a statistic" "$($F -r $random -s srcip/bytes -n 3 -o json |
	json 'v.map(r => [r.statistic,r.srcip,r.bytes+r.outbytes].join()).join("\n")')" \
	"$(nfdump -q -r $random -s srcip/bytes -n 3 -o csv | awk -F, 'NR > 1 && NF { print "srcip/bytes," $5 "," $10 }')"
is "JSON of groups" "$($F -r $random -A proto,dstip -O bytes -n 3 -o json |
	json 'v.map(r => [r.dstip,r.proto,r.flows,r.packets,r.bytes,r.duration.toFixed(3)].join()).join("\n")')" \
	"$(nfdump -N -6 -q -r $random -A proto,dstip -O bytes -n 3 -o 'fmt:%da,%pr,%fl,%pkt,%byt,%tds' | tr -d ' ')"
is "several statistics in one array" \
	"$($F -r $random -s srcip -s dstport:p/packets -n 2 -o json | json 'v.map(r => r.statistic).join(" ")')" \
	"srcip/flows srcip/flows dstport:p/packets dstport:p/packets"
is "ascending with many keys" "$($F -q -r $random -s srcip/bytes:a -n 0 -o csv | sed 1d | grep . | cut -d, -f 10 | sort -n -c && echo sorted)" sorted
has "unknown output" "$($F -r $random -o foo 2>&1)" 'there is no "foo"'
has "unknown tag" "$($F -r $random -o 'fmt:%ts %zz' 2>&1)" 'column 5: there is no "%zz"'

# The other way: nfdump's line as ours.
mkdir -p "$T/state" "$T/flows/one" "$T/flows/two"
printf 'state = "%s"\nzone = "UTC"\nsource "one" { dir = "%s" }\nsource "two" { dir = "%s" }\n' \
	"$T/state" "$T/flows/one" "$T/flows/two" > "$T/flowlight.conf"
is "flowlight parse" "$($O/flowlight parse --conf "$T/flowlight.conf" \
	"nfdump -M $T/flows/one:two -R nfcapd.202611201400:nfcapd.202611201455 -s srcip/bytes -n 5 'proto tcp'" |
	sed "s|$T|T|")" "/details?from=2026-11-20T14:00&to=2026-11-20T15:00&source=one,two&by=srcip&order=bytes&top=5&filter=proto+tcp
flowlight query --conf T/flowlight.conf --from 2026-11-20T14:00 --to 2026-11-20T15:00 --source one,two -s srcip/bytes -n 5 -- 'proto tcp'"
has "flowlight parse of words" "$($O/flowlight parse --conf "$T/flowlight.conf" nfdump -r x 'bytes > 1k' 2>&1)" \
	'files are not those of a source'
has "flowlight parse refuses" "$($O/flowlight parse --conf "$T/flowlight.conf" 'nfdump -r x -i y' 2>&1)" '-i changes a file'
