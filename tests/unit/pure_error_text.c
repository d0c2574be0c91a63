/* SPDX-License-Identifier: MIT */
/* Words for errors, and the list they are made of. */
#include "pure_test.h"
#include <mudskipper/abi/cap.h>
#include <mudskipper/pure/error_text.h>

static void expect(err_t e, const char *text)
{
    char buffer[256];

    assert_int_equal(err_print(buffer, sizeof(buffer), e), strlen(text));
    assert_string_equal(buffer, text);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_string_equal(err_name(ERR_CAP_EMPTY_SLOT), "CAP_EMPTY_SLOT");
    assert_string_equal(err_sentence(ERR_NO_MEMORY), "out of memory");
    assert_string_equal(err_sentence(ERR_CAP_EMPTY_SLOT), "slot %s is empty");
    assert_null(err_name(0xfffe));
    assert_null(err_sentence(0xfffe));
}

static void test_details(void **state)
{
    (void)state;
    expect(OK, "success");
    expect(err_make(ERR_NO_MEMORY, 77), "out of memory");
    expect(err_make(ERR_BAD_ARGUMENT, 3), "argument 3 is not valid");
    expect(err_make(ERR_OUT_OF_RANGE, UINT64_MAX), "value 18446744073709551615 is out of range");
    expect(err_make(ERR_UNALIGNED, 0x1001), "value 0x1001 is not aligned");
    expect(err_make(ERR_CAP_EMPTY_SLOT, CPTR(3, 255)), "slot 3.255 is empty");
}

static void test_chains(void **state)
{
    err_t e = err_make(ERR_ELF_MAGIC, 0);

    (void)state;
    e = err_push(e, ERR_WHILE_LOAD);
    expect(e, "cannot load program: ELF: not an ELF file");
    e = err_push(e, ERR_WHILE_SPAWN);
    expect(e, "cannot spawn: cannot load program: ELF: not an ELF file");
    e = err_push(e, ERR_WHILE_BOOT);
    expect(e, "cannot boot: cannot spawn: cannot load program: ELF: not an ELF file");
    e = err_push(e, ERR_WHILE_CALL);
    expect(e, "call failed: cannot spawn: cannot load program: ELF: not an ELF file");
}

static void test_unknown(void **state)
{
    (void)state;
    expect(err_make((enum err_code)999, 5), "error 999");
    expect(err_unpack(ERR_BUSY | 65535u << 16 | (uint64_t)ERR_WHILE_BOOT << 48, 0),
           "cannot boot: error 65535: busy, try again");
}

static void test_context_with_detail(void **state)
{
    (void)state;
    expect(err_push(err_make(ERR_OUT_OF_RANGE, 9), ERR_CAP_EMPTY_SLOT),
           "slot ? is empty: value 9 is out of range");
    expect(err_push(err_make(ERR_BUSY, 9), ERR_UNALIGNED), "value 0x? is not aligned: busy, try again");
}

static void test_cut_off(void **state)
{
    const char *text = "cannot load program: value 0x1001 is not aligned";
    err_t e = err_push(err_make(ERR_UNALIGNED, 0x1001), ERR_WHILE_LOAD);

    (void)state;
    for (size_t size = 0; size < 60; size++) {
        char *buffer = malloc(size > 0 ? size : 1);
        assert_non_null(buffer);
        assert_int_equal(err_print(buffer, size, e), strlen(text));
        if (size > 0) {
            assert_int_equal(strlen(buffer), size > strlen(text) ? strlen(text) : size - 1);
            assert_memory_equal(buffer, text, strlen(buffer));
        }
        free(buffer);
    }
}

/* At most one place for the detail, of a known kind, and the form that makes chains readable. */
static void check_sentence(const char *s)
{
    size_t length = strlen(s);
    unsigned details = 0;

    assert_true(length > 0 && s[length - 1] != '.' && s[0] != ' ');
    for (const char *at = s; *at; at++) {
        assert_true((unsigned char)*at >= ' ');
        if (*at == '%') {
            assert_true(at[1] == 'd' || at[1] == 'x' || at[1] == 's');
            details++;
        }
    }
    assert_true(details <= 1);
}

static void test_list(void **state)
{
    uint16_t code = 0, before = 0;
    const char *name;
    size_t count = 0;

    (void)state;
    for (; (name = err_name_at(count, &code)) != NULL; count++) {
        assert_true(count == 0 ? code == 0 : code > before); /* ascending, so unique */
        before = code;
        check_sentence(err_sentence(code));
        for (size_t i = 0; i < count; i++) {
            uint16_t other;
            assert_string_not_equal(err_name_at(i, &other), name);
        }
    }
    assert_true(count > 100);
}

static void test_random(void **state)
{
    uint64_t seed = 0x65727273;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        char buffer[64];
        uint64_t mask = random_below(&seed, 2) ? 0x01ff01ff01ff01ff : UINT64_MAX;
        err_t e = err_unpack(random_next(&seed) & mask, random_next(&seed));
        size_t size = random_below(&seed, sizeof(buffer)) + 1;
        size_t length = err_print(buffer, size, e);
        assert_int_equal(strlen(buffer), length < size ? length : size - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ERROR-NAME-001 codes have names and sentences, numbers outside the list none", test_names),
        TEST("ERROR-PRINT-001 the detail is printed as its sentence says", test_details),
        TEST("ERROR-PRINT-002 chains read from the outermost context to the cause", test_chains),
        TEST("ERROR-PRINT-003 unknown codes print as numbers", test_unknown),
        TEST("ERROR-PRINT-004 a context shows no detail that is not its own", test_context_with_detail),
        TEST("ERROR-PRINT-005 every size of buffer is filled, cut and terminated", test_cut_off),
        TEST("ERROR-PRINT-006 any 16 bytes print safely", test_random),
        TEST("ERROR-LIST-001 numbers ascend, names differ, sentences have their form", test_list),
    };
    return cmocka_run_group_tests_name("error_text", tests, NULL, NULL);
}
