/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "conf.h"

static void calendar(void)
{
    static const time_t times[] = {0,          1,          86399,    86400, 951782400,
                                   1700000000, 4102444800, 68169600, -1,    -86401};
    char text[200];

    for (size_t i = 0; i < COUNT(times); i++) {
        struct tm tm;

        gmtime_r(&times[i], &tm);
        strftime(text, sizeof(text),
                 "%Y-%m-%d %H:%M:%S %a %A %b %B %j %U %W %w %u %V %G %p %I %y %C %e %D %T %R %%", &tm);
        printf("%s\n", text);
        tm.tm_isdst = 0;
        claim("mktime", mktime(&tm) == times[i]);
    }
}

static void normalizing(void)
{
    struct tm tm = {.tm_year = 123, .tm_mon = 14, .tm_mday = 31, .tm_hour = 25, .tm_min = -1, .tm_sec = 3600};
    time_t time = mktime(&tm);

    printf("%ld %d-%d-%d %d:%d:%d %d %d\n", (long)time, tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour,
           tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday);
    printf("%s", asctime(&tm));
    printf("%g\n", difftime(time, time - 90));
    char text[4];
    printf("%zu\n", strftime(text, sizeof(text), "%Y-%m-%d", &tm)); /* does not fit */
}

void conf_time(void)
{
    calendar();
    normalizing();
    claim("clock runs", clock() != (clock_t)-1);
    claim("time is told", time(NULL) != (time_t)-1);
}
