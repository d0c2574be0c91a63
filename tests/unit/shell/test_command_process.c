/* SPDX-License-Identifier: MIT */
/* Commands about the shell itself, files and processes: what they print, what they do to the system, what
 * each refusal says. */
#include "command_test.h"

static const struct row rows[] = {
    {"SHELL-CMD-001 help lists every command", "", "help",
     "> help\n"
     "COMMAND   PURPOSE\n"
     "help      lists the commands, or tells about one\n"
     "echo      prints its words\n"
     "ls        lists the files of the boot archive; -l: with sizes\n"
     "cat       prints files of the boot archive\n"
     "ps        lists all processes; -l: more about them; -n: only cores and names\n"
     "spawn     starts a program on this or another core and waits; &: does not; -p: gives it rights of the "
     "shell\n"
     "oncore    spawn -c CORE PROG\n"
     "jobs      lists what was started with &; -l: with process and core\n"
     "wait      waits for a process to end; fails unless with exit code 0\n"
     "kill      ends a process, and what it owns and offers with it\n"
     "mem       shows each core's memory; -l: who has it; -n: whether it adds up\n"
     "caps      lists the capabilities of a process, or this shell; -n: kinds only\n"
     "vm        shows the address space of a process, or this shell; -n: kinds only\n"
     "waits     shows who waits for whom, and circles; -n: no numbers\n"
     "check     lets the servers of all cores check their books; fails when one is wrong\n"
     "cores     lists the cores; -n: no amounts and times\n"
     "ns        lists the services, all or below a prefix; -l: more about them; wait: until one is there\n"
     "call      calls a service, wherever it is; without METHOD: what it can do\n"
     "time      runs a command and tells how long it took\n"
     "repeat    runs a command N times, or until it fails\n"
     "sleep     does nothing for so many milliseconds\n"
     "uptime    tells how long the machine has been running\n"
     "dmesg     prints the kernel's log, of all cores or of one\n"
     "log       writes a line into this core's log; without words: its newest lines\n"
     "history   lists the lines typed before\n"
     "reboot    restarts the machine\n"
     "poweroff  ends the machine; CODE, 0 to 255, is its exit status\n"
     "exit      leaves this shell, and the machine if it was started with --poweroff\n"
     "\n"
     "CMD; CMD     one after the other, up to the first that fails\n"
     "PROG &       behind spawn or oncore: in the background\n"
     "! CMD        must fail                 expect ERROR CMD  must fail with that error\n"
     "'...' \"...\" \\    quote                   #                  the rest is a comment\n"
     "help CMD tells more. Tab completes, Ctrl-R searches, Ctrl-C interrupts.\n"},
    {"SHELL-CMD-002 help tells about one command", "", "help kill",
     "> help kill\n"
     "kill PID|NAME|%JOB: ends a process, and what it owns and offers with it\n"
     "for example:\n"
     "    kill counter\n"},
    {"SHELL-CMD-003 help of what is no command", "", "help nope",
     "> help nope\n"
     "! help: there is no command called nope\n"},
    {"SHELL-CMD-004 too many arguments name the first one too much", "", "help a b",
     "> help a b\n"
     "! help: 'b' is too much (usage: help [CMD])\n"},
    {"SHELL-CMD-005 an unknown command points at help", "", "frobnicate",
     "> frobnicate\n"
     "! frobnicate: there is no such command; help lists them\n"},
    {"SHELL-CMD-006 a program's name alone says how to start it", "", "hello",
     "> hello\n"
     "! hello: this is a program; start it with: spawn hello\n"},
    {"SHELL-CMD-007 an unknown command when the archive cannot be read", "-files", "hello",
     "> hello\n"
     "! hello: there is no such command; help lists them\n"},
    {"SHELL-CMD-008 an option that does not exist shows the usage", "", "ls -q\nkill -x 5",
     "> ls -q\n"
     "! ls: there is no option -q (usage: ls [-l] [PREFIX])\n"
     "> kill -x 5\n"
     "! kill: there is no option -x (usage: kill PID|NAME|%JOB)\n"},
    {"SHELL-CMD-009 a missing argument shows the usage", "", "cat\nsleep\nrepeat 3",
     "> cat\n"
     "! cat: something is missing (usage: cat FILE...)\n"
     "> sleep\n"
     "! sleep: something is missing (usage: sleep MS)\n"
     "> repeat 3\n"
     "! repeat: something is missing (usage: repeat N CMD)\n"},
    {"SHELL-CMD-010 only programs run in the background", "", "ps &",
     "> ps &\n"
     "! ps: only programs (spawn, oncore) run in the background\n"},
    {"SHELL-CMD-011 two dashes end the options", "", "cat -- -l\nsleep -- -5",
     "> cat -- -l\n"
     "! cat: -l: archive: no such file\n"
     "> sleep -- -5\n"
     "! sleep: milliseconds: '-5' is not a number (usage: sleep MS)\n"},
    {"SHELL-CMD-012 echo prints its words", "", "echo  a \"b  c\" -n\necho",
     "> echo  a \"b  c\" -n\n"
     "a b  c -n\n"
     "> echo\n"
     "\n"},
    {"SHELL-CMD-013 ls lists the archive by name", "", "ls",
     "> ls\n"
     "bin/counter\n"
     "bin/hello\n"
     "boot.txt\n"
     "first.msk\n"
     "odd name\n"},
    {"SHELL-CMD-014 ls -l with sizes and kinds", "", "ls -l",
     "> ls -l\n"
     "   SIZE  KIND     NAME\n"
     "1.9 MiB  program  bin/counter\n"
     "1.9 MiB  program  bin/hello\n"
     "   24 B  file     boot.txt\n"
     "   45 B  file     first.msk\n"
     "    0 B  file     odd name\n"},
    {"SHELL-CMD-015 ls below a prefix", "", "ls bin/\nls zzz",
     "> ls bin/\n"
     "bin/counter\n"
     "bin/hello\n"
     "> ls zzz\n"
     "! ls: no file in the archive begins with zzz\n"},
    {"SHELL-CMD-016 ls without an archive", "-files", "ls",
     "> ls\n"
     "! ls: cannot read the archive: the peer is gone\n"},
    {"SHELL-CMD-017 cat prints files, harmlessly", "", "cat boot.txt bin/hello",
     "> cat boot.txt bin/hello\n"
     "start names\n"
     "start d\xc3"
     "\xa9"
     "mo\n"
     "\\x7fELF\\x02"},
    {"SHELL-CMD-018 cat stops at the first file that is not there", "", "cat boot.txt nope boot.txt",
     "> cat boot.txt nope boot.txt\n"
     "start names\n"
     "start d\xc3"
     "\xa9"
     "mo\n"
     "! cat: nope: archive: no such file\n"},
    {"SHELL-CMD-019 cat interrupted", "ctrl-c", "cat boot.txt",
     "> cat boot.txt\n"
     "! cat: boot.txt: interrupted\n"},
    {"SHELL-CMD-020 cat without an archive", "-read_file", "cat boot.txt",
     "> cat boot.txt\n"
     "! cat: boot.txt: the peer is gone\n"},
    {"SHELL-CMD-021 ps lists processes of all cores", "", "ps",
     "> ps\n"
     "PID  CORE  STATE     MEMORY      TIME  NAME\n"
     "  1     0  waiting   64 KiB  1.000 ms  init\n"
     "  2     0  waiting  128 KiB  2.000 ms  names\n"
     "  3     1  waiting  192 KiB  3.000 ms  demo\n"
     "  4     0  waiting  256 KiB  4.000 ms  shell\n"
     "  5     1  waiting  320 KiB  5.000 ms  init\n"},
    {"SHELL-CMD-022 ps -l tells more", "", "ps -l",
     "> ps -l\n"
     "PID  CORE  STATE     MEMORY  PARENT  THREADS  CAPS      TIME  NAME\n"
     "  1     0  waiting   64 KiB       0        1    21  1.000 ms  init\n"
     "  2     0  waiting  128 KiB       0        1    22  2.000 ms  names\n"
     "  3     1  waiting  192 KiB       0        1    23  3.000 ms  demo\n"
     "  4     0  waiting  256 KiB       0        1    24  4.000 ms  shell\n"
     "  5     1  waiting  320 KiB       4        1    25  5.000 ms  init\n"},
    {"SHELL-CMD-023 ps -n prints no number and no amount", "", "ps -n",
     "> ps -n\n"
     "CORE  NAME\n"
     "   0  init\n"
     "   0  names\n"
     "   0  shell\n"
     "   1  demo\n"
     "   1  init\n"},
    {"SHELL-CMD-024 ps takes no argument", "", "ps x",
     "> ps x\n"
     "! ps: 'x' is too much (usage: ps [-ln])\n"},
    {"SHELL-CMD-025 ps without process managers", "-processes", "ps\nps -n",
     "> ps\n"
     "! ps: cannot list the processes: the peer is gone\n"
     "> ps -n\n"
     "! ps: cannot list the processes: the peer is gone\n"},
    {"SHELL-CMD-026 spawn waits and says nothing of exit code 0", "", "spawn hello a \"b c\"",
     "> spawn hello a \"b c\"\n"
     "* spawn [hello][a][b c] on 0\n"},
    {"SHELL-CMD-027 spawn on another core", "", "spawn -c 1 hello\nspawn -c1 hello",
     "> spawn -c 1 hello\n"
     "* spawn [hello] on 1\n"
     "> spawn -c1 hello\n"
     "* spawn [hello] on 1\n"},
    {"SHELL-CMD-153 spawn gives rights of the shell", "",
     "spawn -p inspect,manage hello\nspawn -p log hello\nspawn -p all hello",
     "> spawn -p inspect,manage hello\n"
     "* spawn inspect,manage[hello] on 0\n"
     "> spawn -p log hello\n"
     "! spawn: hello: this shell does not have all of log\n"
     "> spawn -p all hello\n"
     "! spawn: hello: 'all' names something else than log, inspect, manage\n"},
    {"SHELL-CMD-028 spawn keeps the program's options", "", "spawn hello -c 1 -x",
     "> spawn hello -c 1 -x\n"
     "* spawn [hello][-c][1][-x] on 0\n"},
    {"SHELL-CMD-029 spawn on a core that is not there", "", "spawn -c 9 hello\nspawn -c x hello\nspawn -c",
     "> spawn -c 9 hello\n"
     "! spawn: there is no core 9\n"
     "> spawn -c x hello\n"
     "! spawn: core: 'x' is not a number (usage: spawn [-c CORE] [-p NAMES] PROG [ARG...] [&])\n"
     "> spawn -c\n"
     "! spawn: option -c wants a value (usage: spawn [-c CORE] [-p NAMES] PROG [ARG...] [&])\n"},
    {"SHELL-CMD-030 spawn of a program that is not there", "", "spawn nope\nspawn -c 1 nope &",
     "> spawn nope\n"
     "! spawn: there is no program called nope in the archive\n"
     "> spawn -c 1 nope &\n"
     "! spawn: there is no program called nope in the archive\n"},
    {"SHELL-CMD-031 spawn without arguments", "", "spawn",
     "> spawn\n"
     "! spawn: something is missing (usage: spawn [-c CORE] [-p NAMES] PROG [ARG...] [&])\n"},
    {"SHELL-CMD-032 spawn fails with the program's exit code", "exits-3",
     "spawn hello\nexpect PROC_EXIT_CODE spawn hello",
     "> spawn hello\n"
     "! spawn: hello: ended with exit code 3\n"
     "* spawn [hello] on 0\n"
     "> expect PROC_EXIT_CODE spawn hello\n"
     "as expected: spawn: hello: ended with exit code 3\n"
     "* spawn [hello] on 0\n"},
    {"SHELL-CMD-033 spawn fails with the program's fault", "faults",
     "spawn hello\nexpect PROC_FAULT spawn hello",
     "> spawn hello\n"
     "! spawn: hello: ended by a fault: read of memory that is not there; dmesg tells more\n"
     "* spawn [hello] on 0\n"
     "> expect PROC_FAULT spawn hello\n"
     "as expected: spawn: hello: ended by a fault: read of memory that is not there; dmesg tells more\n"
     "* spawn [hello] on 0\n"},
    {"SHELL-CMD-034 spawn interrupted kills the program", "runs-forever ctrl-c", "spawn hello\nps -n",
     "> spawn hello\n"
     "! spawn: hello: interrupted\n"
     "* spawn [hello] on 0\n"
     "* kill 6\n"
     "> ps -n\n"
     "CORE  NAME\n"
     "   0  init\n"
     "   0  names\n"
     "   0  shell\n"
     "   1  demo\n"
     "   1  init\n"},
    {"SHELL-CMD-035 spawn interrupted and the program cannot be killed", "runs-forever ctrl-c -kill",
     "spawn hello",
     "> spawn hello\n"
     "! spawn: hello: interrupted, but cannot be killed: the peer is gone\n"
     "* spawn [hello] on 0\n"},
    {"SHELL-CMD-036 spawn without process managers", "-spawn", "spawn hello\nspawn -c 1 hello &",
     "> spawn hello\n"
     "! spawn: hello: the peer is gone\n"
     "> spawn -c 1 hello &\n"
     "! spawn: hello on core 1: the peer is gone\n"},
    {"SHELL-CMD-037 spawn that cannot wait", "-wait", "spawn hello",
     "> spawn hello\n"
     "! spawn: hello: cannot wait for it: the peer is gone\n"
     "* spawn [hello] on 0\n"},
    {"SHELL-CMD-038 spawn when cores cannot be listed", "-cores", "spawn -c 1 hello",
     "> spawn -c 1 hello\n"
     "! spawn: cannot list the cores: the peer is gone\n"},
    {"SHELL-CMD-039 oncore is spawn -c", "", "oncore 1 hello a\noncore 1 hello &\noncore 7 hello\noncore 1",
     "> oncore 1 hello a\n"
     "* spawn [hello][a] on 1\n"
     "> oncore 1 hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 1\n"
     "> oncore 7 hello\n"
     "! oncore: there is no core 7\n"
     "> oncore 1\n"
     "! oncore: something is missing (usage: oncore CORE PROG [ARG...] [&])\n"},
    {"SHELL-CMD-040 background jobs are numbered and listed", "runs-forever",
     "spawn hello &\nspawn -c 1 counter 5 &\njobs\njobs -l",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> spawn -c 1 counter 5 &\n"
     "[2] counter\n"
     "* spawn & [counter][5] on 1\n"
     "> jobs\n"
     "JOB  STATE    PROGRAM\n"
     "  1  running  hello\n"
     "  2  running  counter 5\n"
     "> jobs -l\n"
     "JOB  PID  CORE  STATE    PROGRAM\n"
     "  1    6     0  running  hello\n"
     "  2    7     1  running  counter 5\n"},
    {"SHELL-CMD-041 no jobs, no list", "", "jobs", "> jobs\n"},
    {"SHELL-CMD-042 jobs know how a program ended", "exits-3",
     "spawn hello &\nsleep 100\njobs\nwait hello\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> sleep 100\n"
     "> jobs\n"
     "JOB  STATE                   PROGRAM\n"
     "  1  ended with exit code 3  hello\n"
     "> wait hello\n"
     "! wait: hello: ended with exit code 3\n"
     "> jobs\n"},
    {"SHELL-CMD-043 jobs know what faulted", "faults", "spawn hello &\nsleep 100\njobs\nwait %1",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> sleep 100\n"
     "> jobs\n"
     "JOB  STATE                                               PROGRAM\n"
     "  1  ended by a fault: read of memory that is not there  hello\n"
     "> wait %1\n"
     "! wait: hello: ended by a fault: read of memory that is not there; dmesg tells more\n"},
    {"SHELL-CMD-044 jobs know what was killed", "runs-forever",
     "spawn hello &\nkill %1\njobs\nkill %1\nwait %1\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> kill %1\n"
     "* kill 6\n"
     "> jobs\n"
     "JOB  STATE   PROGRAM\n"
     "  1  killed  hello\n"
     "> kill %1\n"
     "! kill: job %1 has ended\n"
     "> wait %1\n"
     "! wait: hello: killed\n"
     "> jobs\n"},
    {"SHELL-CMD-045 jobs cannot be asked", "runs-forever -wait", "spawn hello &\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> jobs\n"
     "! jobs: cannot ask how hello is: the peer is gone\n"},
    {"SHELL-CMD-046 job numbers go on while there are jobs", "runs-forever",
     "spawn hello &\nspawn hello &\nkill %2\n! wait %2\nspawn hello &\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> spawn hello &\n"
     "[2] hello\n"
     "* spawn & [hello] on 0\n"
     "> kill %2\n"
     "* kill 7\n"
     "> ! wait %2\n"
     "as expected: wait: hello: killed\n"
     "> spawn hello &\n"
     "[2] hello\n"
     "* spawn & [hello] on 0\n"
     "> jobs\n"
     "JOB  STATE    PROGRAM\n"
     "  1  running  hello\n"
     "  2  running  hello\n"},
    {"SHELL-CMD-047 wait for a job by number, name and process", "",
     "spawn hello &\nwait %1\nspawn hello &\nwait hello\nspawn hello &\nwait 8",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait %1\n"
     "hello: ended with exit code 0\n"
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait hello\n"
     "hello: ended with exit code 0\n"
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait 8\n"
     "hello: ended with exit code 0\n"},
    {"SHELL-CMD-048 wait fails unless the exit code is 0", "exits-3", "spawn hello &\nwait hello",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait hello\n"
     "! wait: hello: ended with exit code 3\n"},
    {"SHELL-CMD-049 a job is waited for once", "", "spawn hello &\nwait hello\nwait hello\nwait %1",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait hello\n"
     "hello: ended with exit code 0\n"
     "> wait hello\n"
     "! wait: no process is called hello\n"
     "> wait %1\n"
     "! wait: there is no job %1\n"},
    {"SHELL-CMD-050 wait for what is not there", "",
     "wait nobody\nwait 77\nwait 0\nwait %1\nwait %x\nwait 99999999999",
     "> wait nobody\n"
     "! wait: no process is called nobody\n"
     "> wait 77\n"
     "! wait: there is no process 77\n"
     "> wait 0\n"
     "! wait: there is no process 0\n"
     "> wait %1\n"
     "! wait: there is no job %1\n"
     "> wait %x\n"
     "! wait: there is no job %x\n"
     "> wait 99999999999\n"
     "! wait: there is no process 99999999999\n"},
    {"SHELL-CMD-051 wait for the shell itself", "", "wait shell",
     "> wait shell\n"
     "! wait: shell is this shell: it would wait for ever\n"},
    {"SHELL-CMD-052 wait interrupted leaves the program alone", "runs-forever ctrl-c",
     "spawn hello &\nwait hello\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> wait hello\n"
     "! wait: interrupted; hello goes on\n"
     "> jobs\n"
     "JOB  STATE    PROGRAM\n"
     "  1  running  hello\n"},
    {"SHELL-CMD-053 wait without process managers", "-wait", "wait demo",
     "> wait demo\n"
     "! wait: demo: the peer is gone\n"},
    {"SHELL-CMD-054 kill by name", "runs-forever", "spawn hello &\nkill hello\nwait hello",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> kill hello\n"
     "* kill 6\n"
     "> wait hello\n"
     "! wait: hello: killed\n"},
    {"SHELL-CMD-055 kill by number", "", "kill 3\nps -n",
     "> kill 3\n"
     "* kill 3\n"
     "> ps -n\n"
     "CORE  NAME\n"
     "   0  init\n"
     "   0  names\n"
     "   0  shell\n"
     "   1  init\n"},
    {"SHELL-CMD-056 kill of a name that several have", "",
     "kill init\nexpect EXISTS kill init\nkill 5\nkill init",
     "> kill init\n"
     "! kill: 2 processes are called init: give the number that ps shows\n"
     "> expect EXISTS kill init\n"
     "as expected: kill: 2 processes are called init: give the number that ps shows\n"
     "> kill 5\n"
     "* kill 5\n"
     "> kill init\n"
     "* kill 1\n"},
    {"SHELL-CMD-057 kill of what is not there", "", "kill nobody\nkill 77\nkill %1",
     "> kill nobody\n"
     "! kill: no process is called nobody\n"
     "> kill 77\n"
     "! kill: there is no process 77\n"
     "> kill %1\n"
     "! kill: there is no job %1\n"},
    {"SHELL-CMD-170 kill of a core server, and of what is not this shell's to end", "!kill",
     "kill 1\nkill names",
     "> kill 1\n"
     "! kill: init runs the programs of its core, and ends with the machine\n"
     "> kill names\n"
     "! kill: names: this shell may not (cap= in the boot file)\n"},
    {"SHELL-CMD-171 what this shell may not see", "!processes", "ps\nps -n",
     "> ps\n"
     "! ps: cannot list the processes: this shell may not (cap= in the boot file)\n"
     "> ps -n\n"
     "! ps: cannot list the processes: this shell may not (cap= in the boot file)\n"},
    {"SHELL-CMD-058 kill of the shell itself", "", "kill shell\nkill 4",
     "> kill shell\n"
     "! kill: shell is this shell: exit leaves it\n"
     "> kill 4\n"
     "! kill: shell is this shell: exit leaves it\n"},
    {"SHELL-CMD-142 ps names every state, and does not count what has ended", "all-states",
     "ps\nps -n\nkill shell",
     "> ps\n"
     "PID  CORE  STATE       MEMORY      TIME  NAME\n"
     "  1     0  starting    64 KiB  1.000 ms  init\n"
     "  2     0  running    128 KiB  2.000 ms  names\n"
     "  3     1  ready      192 KiB  3.000 ms  demo\n"
     "  4     0  ended      256 KiB  4.000 ms  shell\n"
     "  5     1  suspended  320 KiB  5.000 ms  init\n"
     "> ps -n\n"
     "CORE  NAME\n"
     "   0  init\n"
     "   0  names\n"
     "   1  demo\n"
     "   1  init\n"
     "> kill shell\n"
     "! kill: no process is called shell\n"},
    {"SHELL-CMD-143 jobs may be asked twice", "", "spawn hello &\nsleep 9\njobs\njobs",
     "> spawn hello &\n"
     "[1] hello\n"
     "* spawn & [hello] on 0\n"
     "> sleep 9\n"
     "> jobs\n"
     "JOB  STATE                   PROGRAM\n"
     "  1  ended with exit code 0  hello\n"
     "> jobs\n"
     "JOB  STATE                   PROGRAM\n"
     "  1  ended with exit code 0  hello\n"},
};

int main(void)
{
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), command_does, NULL, 0);
}
