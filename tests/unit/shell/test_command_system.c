/* SPDX-License-Identifier: MIT */
/* Commands about memory, authority, the machine and services: what they print, what they do to the system,
 * what each refusal says. */
#include "command_test.h"

static const struct row rows[] = {
    {"SHELL-CMD-059 kill refused", "-kill", "kill demo",
     "> kill demo\n"
     "! kill: demo: the peer is gone\n"},
    {"SHELL-CMD-060 kill without process managers", "-processes", "kill demo",
     "> kill demo\n"
     "! kill: cannot list the processes: the peer is gone\n"},
    {"SHELL-CMD-061 mem shows each core and the sum", "", "mem",
     "> mem\n"
     "CORE    TOTAL     FREE    USED  RESERVED  LARGEST\n"
     "   0  128 MiB   96 MiB  30 MiB     2 MiB   64 MiB\n"
     "   1   64 MiB   61 MiB   3 MiB       0 B   32 MiB\n"
     " all  192 MiB  157 MiB  33 MiB     2 MiB   64 MiB\n"},
    {"SHELL-CMD-062 mem -n shows only that the sums agree", "", "mem -n",
     "> mem -n\n"
     "CORE  ACCOUNT\n"
     "   0  balanced\n"
     "   1  balanced\n"},
    {"SHELL-CMD-063 mem -n fails when they do not", "memory-lost", "mem -n\nexpect OUT_OF_RANGE mem -n",
     "> mem -n\n"
     "CORE  ACCOUNT\n"
     "   0  balanced\n"
     "   1  wrong\n"
     "! mem: on 1 of 2 cores the memory does not add up\n"
     "> expect OUT_OF_RANGE mem -n\n"
     "CORE  ACCOUNT\n"
     "   0  balanced\n"
     "   1  wrong\n"
     "as expected: mem: on 1 of 2 cores the memory does not add up\n"},
    {"SHELL-CMD-064 mem -l shows who has it", "", "mem -l",
     "> mem -l\n"
     "CORE  PID   USED  QUOTA  NAME\n"
     "   0    1  1 MiB   none  init\n"
     "   1    3  4 KiB  3 MiB  demo\n"},
    {"SHELL-CMD-065 mem takes no argument and not both options", "", "mem x\nmem -ln",
     "> mem x\n"
     "! mem: 'x' is too much (usage: mem [-ln])\n"
     "> mem -ln\n"
     "! mem: -l and -n exclude each other (usage: mem [-ln])\n"},
    {"SHELL-CMD-066 mem without memory servers", "-memory", "mem\nmem -n",
     "> mem\n"
     "! mem: cannot ask for the memory of the cores: the peer is gone\n"
     "> mem -n\n"
     "! mem: cannot ask for the memory of the cores: the peer is gone\n"},
    {"SHELL-CMD-067 mem -l without memory servers", "-memory_clients", "mem -l",
     "> mem -l\n"
     "! mem: cannot ask who has the memory: the peer is gone\n"},
    {"SHELL-CMD-068 caps of this shell", "", "caps",
     "> caps\n"
     "SLOT       TYPE     RIGHTS     ADDRESS   SIZE  OWNER  BADGE\n"
     "0.1 self   Process  r-x-i-           -      -      0      -\n"
     "0.8 names  Handle   -w-g--           -      -      1   0x2a\n"
     "1.0        Frame    rw----  0x80000000  8 KiB      0      -\n"
     "1.1        Frame    rw----  0x80002000  4 KiB      0      -\n"
     "1.17       Mapping  r-----           -      -      -      -\n"},
    {"SHELL-CMD-069 caps -n of a process has no number and no amount", "", "caps -n names",
     "> caps -n names\n"
     "SLOT         TYPE         RIGHTS\n"
     "(others)     Frame        rw----\n"
     "(others)     Mapping      r-----\n"
     "names        Handle       -w-g--\n"
     "self         Process      r-x-i-\n"},
    {"SHELL-CMD-070 caps of what is not there", "", "caps nobody\ncaps 99",
     "> caps nobody\n"
     "! caps: no process is called nobody\n"
     "> caps 99\n"
     "! caps: there is no process 99\n"},
    {"SHELL-CMD-071 caps refused", "-capabilities", "caps\ncaps -n demo",
     "> caps\n"
     "! caps: cannot look into this shell: the peer is gone\n"
     "> caps -n demo\n"
     "! caps: cannot look into demo: the peer is gone\n"},
    {"SHELL-CMD-072 vm of this shell", "", "vm",
     "> vm\n"
     "     START         END       SIZE  PRESENT  RIGHTS  MEMORY     KIND\n"
     "  0x400000    0x405000     20 KiB   20 KiB  r-x     mapped     image\n"
     "  0x405000    0x406000      4 KiB    4 KiB  rw-     mapped     image\n"
     "  0x406000    0x407000      4 KiB    4 KiB  rw-     mapped     image\n"
     "0x20000000  0x20010000     64 KiB      0 B  ---     mapped     guard\n"
     "0x20010000  0x30000000  255.9 MiB    8 KiB  rw-     on demand  stack\n"},
    {"SHELL-CMD-073 vm -n of a process has no number and no amount", "", "vm -n demo",
     "> vm -n demo\n"
     "RIGHTS  MEMORY     KIND\n"
     "r-x     mapped     image\n"
     "rw-     mapped     image\n"
     "---     mapped     guard\n"
     "rw-     on demand  stack\n"},
    {"SHELL-CMD-074 vm of what is not there", "", "vm nobody",
     "> vm nobody\n"
     "! vm: no process is called nobody\n"},
    {"SHELL-CMD-075 vm refused", "-regions", "vm demo",
     "> vm demo\n"
     "! vm: cannot look into demo: the peer is gone\n"},
    {"SHELL-CMD-076 waits shows who waits for whom", "", "waits",
     "> waits\n"
     "CORE  PID  THREAD        FOR  PROCESS  WAITS-FOR  WHOM   SERVICE\n"
     "   0    1       0  10.000 ms  init     message    -      -\n"
     "   1    3       1   5.000 ms  demo     call       names  sys.names\n"
     "   0    4       0   3.000 ms  shell    call       demo   demo.echo\n"},
    {"SHELL-CMD-077 waits -n prints no number", "", "waits -n",
     "> waits -n\n"
     "CORE  PROCESS  WAITS-FOR  WHOM   SERVICE\n"
     "   0  init     message    -      -\n"
     "   1  demo     call       names  sys.names\n"
     "   0  shell    call       demo   demo.echo\n"},
    {"SHELL-CMD-078 waits finds a circle", "circle", "waits -n",
     "> waits -n\n"
     "CORE  PROCESS  WAITS-FOR  WHOM   SERVICE\n"
     "   0  init     message    -      -\n"
     "   1  demo     call       names  sys.names\n"
     "   0  shell    call       demo   demo.echo\n"
     "   0  names    call       demo   demo.echo\n"
     "circle: names -> demo -> names\n"},
    {"SHELL-CMD-079 waits refused", "-waits", "waits",
     "> waits\n"
     "! waits: cannot ask who waits: the peer is gone\n"},
    {"SHELL-CMD-150 check asks all servers", "", "check",
     "> check\n"
     "CORE  SERVER  BOOKS\n"
     "   0  init    right\n"
     "   0  names   right\n"
     "   1  init    right\n"
     "   1  names   no answer\n"},
    {"SHELL-CMD-151 check fails when books are wrong", "books", "check",
     "> check\n"
     "CORE  SERVER  BOOKS\n"
     "   0  init    right\n"
     "   0  names   wrong\n"
     "   1  init    right\n"
     "   1  names   no answer\n"
     "! check: 2 mistakes; dmesg tells which\n"},
    {"SHELL-CMD-152 check refused", "-check", "check",
     "> check\n"
     "! check: cannot ask the servers: the peer is gone\n"},
    {"SHELL-CMD-080 cores lists the cores", "", "cores\ncores -n",
     "> cores\n"
     "CORE  STATE    PROCESSES  IDLE       UP\n"
     "   0  running          3  50 %  1.000 s\n"
     "   1  running          1  99 %  1.000 s\n"
     "   2  stopped          0   0 %     0 ns\n"
     "> cores -n\n"
     "CORE  STATE\n"
     "   0  running\n"
     "   1  running\n"
     "   2  stopped\n"},
    {"SHELL-CMD-081 cores without an answer", "-cores", "cores\ncores -n",
     "> cores\n"
     "! cores: cannot list the cores: the peer is gone\n"
     "> cores -n\n"
     "! cores: cannot list the cores: the peer is gone\n"},
    {"SHELL-CMD-082 uptime", "", "uptime\nsleep 90000\nuptime",
     "> uptime\n"
     "up 10.000 ms\n"
     "> sleep 90000\n"
     "> uptime\n"
     "up 1 min 30 s\n"},
    {"SHELL-CMD-083 dmesg of all cores", "", "dmesg",
     "> dmesg\n"
     "--- core 0\n"
     "kernel: core 0 of 3\n"
     "kernel: ready\n"
     "--- core 1\n"
     "core 1 is up\n"
     "--- core 2\n"},
    {"SHELL-CMD-084 dmesg of one core", "", "dmesg -c 1",
     "> dmesg -c 1\n"
     "core 1 is up\n"},
    {"SHELL-CMD-085 dmesg of a core that is not there", "", "dmesg -c 5\ndmesg -c x\ndmesg 1",
     "> dmesg -c 5\n"
     "! dmesg: there is no core 5\n"
     "> dmesg -c x\n"
     "! dmesg: core: 'x' is not a number (usage: dmesg [-c CORE])\n"
     "> dmesg 1\n"
     "! dmesg: '1' is too much (usage: dmesg [-c CORE])\n"},
    {"SHELL-CMD-086 dmesg interrupted", "ctrl-c", "dmesg",
     "> dmesg\n"
     "--- core 0\n"
     "kernel: core 0 of 3\n"
     "kernel: ready\n"
     "! dmesg: interrupted\n"},
    {"SHELL-CMD-087 dmesg refused", "-read_log", "dmesg\ndmesg -c 0",
     "> dmesg\n"
     "--- core 0\n"
     "! dmesg: cannot read the log of core 0: the peer is gone\n"
     "> dmesg -c 0\n"
     "! dmesg: cannot read the log of core 0: the peer is gone\n"},
    {"SHELL-CMD-088 dmesg when cores cannot be listed", "-cores", "dmesg\ndmesg -c 0",
     "> dmesg\n"
     "! dmesg: cannot list the cores: the peer is gone\n"
     "> dmesg -c 0\n"
     "! dmesg: cannot list the cores: the peer is gone\n"},
    {"SHELL-CMD-089 log writes a line", "", "log the  test \"begins  here\"\ndmesg -c 0",
     "> log the  test \"begins  here\"\n"
     "> dmesg -c 0\n"
     "kernel: core 0 of 3\n"
     "kernel: ready\n"
     "the test begins  here\n"},
    {"SHELL-CMD-090 log without words prints the newest lines", "long-log", "log",
     "> log\n"
     "line 81\n"
     "line 82\n"
     "line 83\n"
     "line 84\n"
     "line 85\n"
     "line 86\n"
     "line 87\n"
     "line 88\n"
     "line 89\n"
     "line 90\n"
     "line 91\n"
     "line 92\n"
     "line 93\n"
     "line 94\n"
     "line 95\n"
     "line 96\n"
     "line 97\n"
     "line 98\n"
     "line 99\n"
     "line 100\n"},
    {"SHELL-CMD-091 log refused", "-write_log", "log x",
     "> log x\n"
     "! log: cannot write to the log: the peer is gone\n"},
    {"SHELL-CMD-092 log cannot be read", "-read_log", "log",
     "> log\n"
     "! log: cannot read the log of core 0: the peer is gone\n"},
    {"SHELL-CMD-093 time runs a command", "", "time sleep 5\ntime echo a b",
     "> time sleep 5\n"
     "took 5.000 ms\n"
     "> time echo a b\n"
     "a b\n"
     "took 0 ns\n"},
    {"SHELL-CMD-094 time of a command that fails", "", "time kill nobody",
     "> time kill nobody\n"
     "took 0 ns\n"
     "! kill: no process is called nobody\n"},
    {"SHELL-CMD-095 time of what is no command", "", "time nope",
     "> time nope\n"
     "took 0 ns\n"
     "! nope: there is no such command; help lists them\n"},
    {"SHELL-CMD-096 repeat runs a command several times", "", "repeat 3 echo a\nrepeat 0 echo a",
     "> repeat 3 echo a\n"
     "a\n"
     "a\n"
     "a\n"
     "> repeat 0 echo a\n"},
    {"SHELL-CMD-097 repeat stops at the first failure", "", "repeat 2 kill nobody",
     "> repeat 2 kill nobody\n"
     "! kill: no process is called nobody\n"},
    {"SHELL-CMD-098 repeat of what is no number", "", "repeat x echo a",
     "> repeat x echo a\n"
     "! repeat: number of times: 'x' is not a number (usage: repeat N CMD)\n"},
    {"SHELL-CMD-099 repeat interrupted", "ctrl-c", "repeat 3 echo a",
     "> repeat 3 echo a\n"
     "a\n"
     "! repeat: interrupted after 1 of 3 times\n"},
    {"SHELL-CMD-100 repeat in repeat", "", "repeat 2 repeat 2 echo a",
     "> repeat 2 repeat 2 echo a\n"
     "a\n"
     "a\n"
     "a\n"
     "a\n"},
    {"SHELL-CMD-101 sleep lets time pass", "", "uptime\nsleep 5\nuptime",
     "> uptime\n"
     "up 10.000 ms\n"
     "> sleep 5\n"
     "> uptime\n"
     "up 15.000 ms\n"},
    {"SHELL-CMD-102 sleep of what is no number, or for ever", "",
     "sleep x\nsleep 99999999999999999999\nsleep 18446744073709551615",
     "> sleep x\n"
     "! sleep: milliseconds: 'x' is not a number (usage: sleep MS)\n"
     "> sleep 99999999999999999999\n"
     "! sleep: milliseconds: 99999999999999999999 is more than 18446744073698 (usage: sleep MS)\n"
     "> sleep 18446744073709551615\n"
     "! sleep: milliseconds: 18446744073709551615 is more than 18446744073698 (usage: sleep MS)\n"},
    {"SHELL-CMD-103 sleep interrupted", "ctrl-c", "sleep 5",
     "> sleep 5\n"
     "! sleep: interrupted\n"},
    {"SHELL-CMD-104 sleep refused", "-sleep_until", "sleep 5",
     "> sleep 5\n"
     "! sleep: cannot sleep: the peer is gone\n"},
    {"SHELL-CMD-105 history is empty in a script", "", "history", "> history\n"},
    {"SHELL-CMD-106 ns ls lists services with core and server", "", "ns ls",
     "> ns ls\n"
     "NAME        CORE  SERVER\n"
     "demo.count     1  demo\n"
     "demo.echo      1  demo\n"
     "sys.names      0  names\n"},
    {"SHELL-CMD-107 ns ls -l tells more", "", "ns ls -l",
     "> ns ls -l\n"
     "NAME        CORE  SERVER  PID  GENERATION  ATTRIBUTES\n"
     "demo.count     1  demo      3           1  kind=demo\n"
     "demo.echo      1  demo      3           2\n"
     "sys.names      0  names     2           1\n"},
    {"SHELL-CMD-108 ns ls below a prefix", "", "ns ls demo\nns ls demo.echo",
     "> ns ls demo\n"
     "NAME        CORE  SERVER\n"
     "demo.count     1  demo\n"
     "demo.echo      1  demo\n"
     "> ns ls demo.echo\n"
     "NAME       CORE  SERVER\n"
     "demo.echo     1  demo\n"},
    {"SHELL-CMD-109 ns ls of names that are not there", "", "ns ls de\nexpect NAME_UNKNOWN ns ls demo.none",
     "> ns ls de\n"
     "! ns: there is no service de and none below it\n"
     "> expect NAME_UNKNOWN ns ls demo.none\n"
     "as expected: ns: there is no service demo.none and none below it\n"},
    {"SHELL-CMD-110 ns ls of a malformed name", "", "ns ls Demo",
     "> ns ls Demo\n"
     "! ns: Demo: the name is malformed at byte 0\n"},
    {"SHELL-CMD-111 ns ls without services", "no-services", "ns ls",
     "> ns ls\n"
     "NAME  CORE  SERVER\n"},
    {"SHELL-CMD-112 ns cannot do everything", "", "ns\nns find\nns ls a b\nns ls -q",
     "> ns\n"
     "! ns: something is missing (usage: ns ls [-l] [PREFIX] | wait NAME)\n"
     "> ns find\n"
     "! ns: 'find' is nothing that ns can do (usage: ns ls [-l] [PREFIX] | wait NAME)\n"
     "> ns ls a b\n"
     "! ns: 'b' is too much (usage: ns ls [-l] [PREFIX] | wait NAME)\n"
     "> ns ls -q\n"
     "! ns: there is no option -q (usage: ns ls [-l] [PREFIX] | wait NAME)\n"},
    {"SHELL-CMD-113 ns without a nameserver", "-names", "ns ls\nns ls demo",
     "> ns ls\n"
     "! ns: cannot list the services: the peer is gone\n"
     "> ns ls demo\n"
     "! ns: demo: the peer is gone\n"},
    {"SHELL-CMD-146 ns waits for a name", "", "ns wait demo.echo\nns wait demo.none\nns wait Demo",
     "> ns wait demo.echo\n"
     "> ns wait demo.none\n"
     "! ns: nobody offers demo.none, not after 10 seconds either\n"
     "> ns wait Demo\n"
     "! ns: Demo: the name is malformed at byte 0\n"},
    {"SHELL-CMD-147 ns waits for one name", "", "ns wait\nns wait demo.echo demo.count",
     "> ns wait\n"
     "! ns: a name is missing (usage: ns ls [-l] [PREFIX] | wait NAME)\n"
     "> ns wait demo.echo demo.count\n"
     "! ns: 'demo.count' is too much (usage: ns ls [-l] [PREFIX] | wait NAME)\n"},
    {"SHELL-CMD-114 call lists the methods of a service", "", "call demo.echo",
     "> call demo.echo\n"
     "METHOD                                               PURPOSE\n"
     "echo(text: text) -> (text: text)                     gives back what it is given\n"
     "add(a: u8, b: i16) -> (sum: i64)\n"
     "where() -> (server: u32, client: u32)                tells the cores of server and client\n"
     "odd(on: bool, raw: bytes) -> (on: bool, raw: bytes)\n"
     "share(frame: cap)                                    takes a frame\n"},
    {"SHELL-CMD-115 call with text", "", "call demo.echo echo \"hi there\"",
     "> call demo.echo echo \"hi there\"\n"
     "text: hi there\n"},
    {"SHELL-CMD-116 call with numbers", "", "call demo.echo add 200 -300",
     "> call demo.echo add 200 -300\n"
     "sum: -100\n"},
    {"SHELL-CMD-117 call without arguments", "", "call demo.echo where",
     "> call demo.echo where\n"
     "server: 1\n"
     "client: 0\n"},
    {"SHELL-CMD-118 call with bool and bytes", "",
     "call demo.echo odd true 0x00ff\ncall demo.echo odd false text",
     "> call demo.echo odd true 0x00ff\n"
     "on: true\n"
     "raw: 0x00ff\n"
     "> call demo.echo odd false text\n"
     "on: false\n"
     "raw: 0x74657874\n"},
    {"SHELL-CMD-119 call with too few and too many arguments", "",
     "call demo.echo add 1\ncall demo.echo where 1",
     "> call demo.echo add 1\n"
     "! call: 1 argument given, 2 wanted (it is add(a: u8, b: i16) -> (sum: i64))\n"
     "> call demo.echo where 1\n"
     "! call: 1 argument given, 0 wanted (it is where() -> (server: u32, client: u32))\n"},
    {"SHELL-CMD-120 call with an argument that does not fit", "",
     "call demo.echo add 256 0\ncall demo.echo add 1 x\ncall demo.echo odd yes 0x",
     "> call demo.echo add 256 0\n"
     "! call: argument 1 (a: u8): '256' is too large for it (it is add(a: u8, b: i16) -> (sum: i64))\n"
     "> call demo.echo add 1 x\n"
     "! call: argument 2 (b: i16): 'x' is not a number (it is add(a: u8, b: i16) -> (sum: i64))\n"
     "> call demo.echo odd yes 0x\n"
     "! call: argument 1 (on: bool): 'yes' is neither true nor false (it is odd(on: bool, raw: bytes) -> "
     "(on: bool, raw: bytes))\n"},
    {"SHELL-CMD-121 call with a capability", "", "call demo.echo share 3",
     "> call demo.echo share 3\n"
     "! call: argument 1 (frame: cap): '3' cannot be given: a capability is not text (it is share(frame: "
     "cap))\n"},
    {"SHELL-CMD-122 call of a method that is not there", "",
     "call demo.echo nope\nexpect MSG_NO_METHOD call demo.echo nope",
     "> call demo.echo nope\n"
     "! call: demo.echo has no method called nope; call demo.echo lists them\n"
     "> expect MSG_NO_METHOD call demo.echo nope\n"
     "as expected: call: demo.echo has no method called nope; call demo.echo lists them\n"},
    {"SHELL-CMD-123 call of a service that is not there", "", "call demo.none\ncall demo.none where",
     "> call demo.none\n"
     "! call: demo.none: no service has this name\n"
     "> call demo.none where\n"
     "! call: demo.none: no service has this name\n"},
    {"SHELL-CMD-124 call of a malformed name", "", "call Demo where",
     "> call Demo where\n"
     "! call: Demo: the name is malformed at byte 0\n"},
    {"SHELL-CMD-125 call of a service that has died", "-call",
     "call demo.echo where\nexpect PEER_GONE call demo.echo where",
     "> call demo.echo where\n"
     "! call: demo.echo where: the peer is gone\n"
     "> expect PEER_GONE call demo.echo where\n"
     "as expected: call: demo.echo where: the peer is gone\n"},
    {"SHELL-CMD-126 call of a service that does not describe itself", "-methods",
     "call demo.echo\ncall demo.echo where",
     "> call demo.echo\n"
     "! call: demo.echo: the peer is gone\n"
     "> call demo.echo where\n"
     "! call: demo.echo: the peer is gone\n"},
    {"SHELL-CMD-127 reboot", "", "reboot\necho not reached",
     "> reboot\n"
     "* reboot\n"
     "> echo not reached\n"},
    {"SHELL-CMD-128 reboot refused", "-reboot", "reboot",
     "> reboot\n"
     "! reboot: the machine goes on: the peer is gone\n"},
    {"SHELL-CMD-129 poweroff ends with its code", "", "poweroff 7\necho not reached",
     "> poweroff 7\n"
     "* power off 7\n"
     "> echo not reached\n"},
    {"SHELL-CMD-130 poweroff without a code", "", "poweroff",
     "> poweroff\n"
     "* power off 0\n"},
    {"SHELL-CMD-131 poweroff with a code that is none", "", "poweroff 256\npoweroff x",
     "> poweroff 256\n"
     "! poweroff: exit status: 256 is more than 255 (usage: poweroff [CODE])\n"
     "> poweroff x\n"
     "! poweroff: exit status: 'x' is not a number (usage: poweroff [CODE])\n"},
    {"SHELL-CMD-132 poweroff refused", "-power_off", "poweroff",
     "> poweroff\n"
     "! poweroff: the machine goes on: the peer is gone\n"},
    {"SHELL-CMD-133 exit leaves with its code", "", "exit 3", "> exit 3\n"},
    {"SHELL-CMD-134 exit with a code that is none", "", "exit 256\nexit x",
     "> exit 256\n"
     "! exit: exit code: 256 is more than 255 (usage: exit [CODE])\n"
     "> exit x\n"
     "! exit: exit code: 'x' is not a number (usage: exit [CODE])\n"},
    {"SHELL-CMD-135 a line stops at its first failure", "", "echo a; kill nobody; echo b",
     "> echo a; kill nobody; echo b\n"
     "a\n"
     "! kill: no process is called nobody\n"},
    {"SHELL-CMD-136 ! wants a failure", "", "! kill nobody\n! echo a",
     "> ! kill nobody\n"
     "as expected: kill: no process is called nobody\n"
     "> ! echo a\n"
     "a\n"
     "! !: 'echo' succeeded, but had to fail\n"},
    {"SHELL-CMD-137 expect wants that failure", "",
     "expect PROC_NOT_FOUND kill nobody\nexpect PEER_GONE kill nobody\nexpect PEER_GONE echo a",
     "> expect PROC_NOT_FOUND kill nobody\n"
     "as expected: kill: no process is called nobody\n"
     "> expect PEER_GONE kill nobody\n"
     "! expect: failed with PROC_NOT_FOUND, not with PEER_GONE: kill: no process is called nobody\n"
     "> expect PEER_GONE echo a\n"
     "a\n"
     "! expect: 'echo' succeeded, but had to fail with PEER_GONE\n"},
    {"SHELL-CMD-138 expect of an error that does not exist runs nothing", "",
     "echo a; expect NO_SUCH kill nobody",
     "> echo a; expect NO_SUCH kill nobody\n"
     "! expect: there is no error called NO_SUCH\n"},
    {"SHELL-CMD-139 an interrupted command is no expected failure", "ctrl-c", "! sleep 5",
     "> ! sleep 5\n"
     "! sleep: interrupted\n"},
    {"SHELL-CMD-140 an interruption can be expected", "ctrl-c", "expect CANCELLED sleep 5",
     "> expect CANCELLED sleep 5\n"
     "as expected: sleep: interrupted\n"},
    {"SHELL-CMD-141 a line that cannot be read runs nothing", "", "echo a; echo \"b",
     "> echo a; echo \"b\n"
     "! column 14: this \" is not closed\n"},
    {"SHELL-CMD-144 cores names a core that starts", "third-core-starting", "cores -n",
     "> cores -n\nCORE  STATE\n   0  running\n   1  running\n   2  starting\n"},
    {"SHELL-CMD-145 cores names a core that died", "third-core-dead", "cores -n",
     "> cores -n\nCORE  STATE\n   0  running\n   1  running\n   2  dead\n"},
};

int main(void)
{
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), command_does, NULL, 0);
}
