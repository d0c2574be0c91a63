/* SPDX-License-Identifier: MIT */
/* Writes as many lines as fast as it can: flood NAME COUNT. Each has its number, so that a lost one is seen.
 */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/out.h>

int main(int argc, char **argv)
{
    uint64_t count = 0;

    if (argc != 3 || !text_number(text_of(argv[2]), &count)) {
        rt_print("flood: NAME COUNT\n");
        return 2;
    }
    for (uint64_t i = 0; i < count; i++) {
        rt_print("%s %lu: a line that is longer than what one message of the kernel can carry, "
                 "to see whether it stays whole when others write, too\n",
                 argv[1], i);
    }
    return 0;
}
