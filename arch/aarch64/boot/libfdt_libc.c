/* SPDX-License-Identifier: MIT */
/* What Debian's libfdt.a expects of a C library, besides memcpy and its kin. */
#include <mudskipper/hal/kernel.h>
#include <mudskipper/pure/bytes.h>

void *memchr(const void *bytes, int byte, size_t count);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int byte);
char *strrchr(const char *s, int byte);

void *memchr(const void *bytes, int byte, size_t count)
{
    const uint8_t *at = bytes;

    for (; count > 0; at++, count--) {
        if (*at == (uint8_t)byte) {
            return (void *)(uintptr_t)at;
        }
    }
    return NULL;
}

size_t strlen(const char *s)
{
    return str_length(s);
}

size_t strnlen(const char *s, size_t max)
{
    return str_length_max(s, max);
}

char *strchr(const char *s, int byte)
{
    return (char *)(uintptr_t)str_find(s, (char)byte);
}

char *strrchr(const char *s, int byte)
{
    const char *last = NULL;

    for (; *s != '\0'; s++) {
        last = *s == (char)byte ? s : last;
    }
    return (char *)(uintptr_t)(byte == 0 ? s : last);
}

/* It was built with a stack protector. */
uintptr_t __stack_chk_guard = 0x00a5c3f00d5eed11;

_Noreturn void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
    kernel_panic("the device tree library overran its stack");
}
