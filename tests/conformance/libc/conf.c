/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include "conf.h"

void show(const char *format, ...)
{
    static char text[4096];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);

    va_end(args);
    printf("%d|%s|\n", length, text);
}

void claim(const char *title, int holds)
{
    printf("%s: %s\n", title, holds ? "yes" : "NO");
}

uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

uint64_t hash_string(uint64_t hash, const char *string)
{
    while (*string != '\0') {
        hash = hash_bytes(hash, string++, 1);
    }
    return hash;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } topics[] = {
        {"printf", conf_printf}, {"numbers", conf_numbers}, {"string", conf_string}, {"stdlib", conf_stdlib},
        {"math", conf_math},     {"time", conf_time},       {"stdio", conf_stdio},
    };

    for (size_t i = 0; i < COUNT(topics); i++) {
        printf("-- %s\n", topics[i].name);
        topics[i].run();
    }
    printf("-- end\n");
    return 0;
}
