/* SPDX-License-Identifier: MIT */
/* Reads lines from its standard input and prints each with its number, until the input ends, or a line begins
 * with Ctrl-D. A line ends with Enter, as a keyboard or a pipe has it. */
#include <mudskipper/rt/out.h>

#define CTRL_D 4

static char line[200];
static size_t length;
static unsigned number;

static void end_line(void)
{
    number++;
    rt_print("%u: %.*s\n", number, (int)length, line);
    length = 0;
}

/* False: that was all. */
static bool take(char byte)
{
    if (byte == CTRL_D && length == 0) {
        return false;
    }
    if (byte == '\n' || byte == '\r') {
        end_line();
    } else if (length < sizeof(line)) {
        line[length++] = byte;
    }
    return true;
}

int main(int argc, char **argv)
{
    char bytes[64];
    size_t count = 1;
    bool more = true;

    rt_print("%s: type lines, end with Ctrl-D\n", argc > 1 ? argv[1] : "echo");
    while (more && count > 0) {
        err_t e = rt_in_read(bytes, sizeof(bytes), &count);

        if (!err_ok(e)) {
            return 1;
        }
        for (size_t i = 0; i < count && more; i++) {
            more = take(bytes[i]);
        }
    }
    if (length > 0) {
        end_line();
    }
    rt_print("%u lines\n", number);
    return 0;
}
