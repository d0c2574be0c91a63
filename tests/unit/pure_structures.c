/* SPDX-License-Identifier: MIT */
/* Lists, trees and bitmaps: each operation, and long random runs against a plain model. */
#include "pure_test.h"
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/pure/list.h>
#include <mudskipper/pure/tree.h>

/* --- lists --- */

struct item {
    int before; /* so that the node is not the object's first member */
    struct list_node node;
    int value;
};

static int value_of(const struct list_node *n)
{
    return CONTAINER_OF(n, const struct item, node)->value;
}

/* The values are 1, 2 .. in order, and the links agree. */
static void expect_list(const struct list *l, int count)
{
    int wanted = 1;

    assert_true(list_check(l));
    LIST_FOREACH(n, l)
    {
        assert_int_equal(value_of(n), wanted);
        wanted++;
    }
    assert_int_equal(wanted - 1, count);
    assert_int_equal(list_length(l), count);
}

static void test_list_push(void **state)
{
    struct list l = LIST_INITIAL(l);
    struct item items[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        items[i].value = i + 1;
        list_node_init(&items[i].node);
        assert_false(list_linked(&items[i].node));
    }
    assert_true(list_empty(&l) && !list_first(&l) && !list_last(&l));
    list_push_back(&l, &items[2].node);
    list_push_front(&l, &items[0].node);
    list_insert_after(&items[0].node, &items[1].node);
    list_push_back(&l, &items[3].node);
    expect_list(&l, 4);
    assert_true(list_linked(&items[0].node) && !list_empty(&l));
    assert_ptr_equal(list_first(&l), &items[0].node);
    assert_ptr_equal(list_last(&l), &items[3].node);
    assert_ptr_equal(list_next(&l, &items[0].node), &items[1].node);
    assert_null(list_next(&l, &items[3].node));
    assert_ptr_equal(list_prev(&l, &items[3].node), &items[2].node);
    assert_null(list_prev(&l, &items[0].node));
}

static void test_list_remove(void **state)
{
    struct list l;
    struct item items[3];

    (void)state;
    list_init(&l);
    for (int i = 0; i < 3; i++) {
        items[i].value = i + 1;
        list_push_back(&l, &items[i].node);
    }
    list_remove(&items[1].node);
    list_remove(&items[1].node); /* in no list: nothing happens */
    assert_false(list_linked(&items[1].node));
    assert_int_equal(list_length(&l), 2);
    assert_ptr_equal(list_pop_back(&l), &items[2].node);
    assert_ptr_equal(list_pop_front(&l), &items[0].node);
    assert_null(list_pop_front(&l));
    assert_null(list_pop_back(&l));
    assert_true(list_check(&l));
}

static void test_list_safe(void **state)
{
    struct list l;

    (void)state;
    list_init(&l);
    for (int i = 0; i < 5; i++) {
        struct item *item = malloc(sizeof(*item));
        assert_non_null(item);
        item->value = i;
        list_push_back(&l, &item->node);
    }
    LIST_FOREACH_SAFE(n, &l)
    {
        list_remove(n);
        free(CONTAINER_OF(n, struct item, node));
    }
    assert_true(list_empty(&l));
}

static void test_list_append(void **state)
{
    struct list a, b;
    struct item items[4];

    (void)state;
    list_init(&a);
    list_init(&b);
    list_append_list(&a, &b);
    expect_list(&a, 0);
    for (int i = 0; i < 4; i++) {
        items[i].value = i + 1;
        list_push_back(i < 2 ? &a : &b, &items[i].node);
    }
    list_append_list(&a, &b);
    expect_list(&a, 4);
    assert_true(list_empty(&b));
    list_append_list(&b, &a);
    expect_list(&b, 4);
    assert_true(list_empty(&a));
}

static void test_list_check(void **state)
{
    struct list l;
    struct item items[2];

    (void)state;
    list_init(&l);
    list_push_back(&l, &items[0].node);
    list_push_back(&l, &items[1].node);
    assert_true(list_check(&l));
    items[1].node.prev = &l.head;
    assert_false(list_check(&l));
    items[1].node.prev = &items[0].node;
    items[0].node.next = NULL;
    assert_false(list_check(&l));
}

/* --- trees --- */

enum { NODES = 300 };

struct leaf {
    struct tree_node node;
    unsigned key;
    unsigned weight;
    unsigned greatest; /* weight of the subtree, by augmentation */
    unsigned count;    /* nodes of the subtree */
    bool in;
    unsigned stamp; /* when it was inserted */
};

static struct leaf *leaf_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct leaf, node);
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    unsigned x = leaf_of((struct tree_node *)(uintptr_t)a)->key;
    unsigned y = leaf_of((struct tree_node *)(uintptr_t)b)->key;
    return (x > y) - (x < y);
}

static int compare_key(const void *key, const struct tree_node *n)
{
    unsigned x = *(const unsigned *)key;
    unsigned y = leaf_of((struct tree_node *)(uintptr_t)n)->key;
    return (x > y) - (x < y);
}

static void augment(struct tree_node *n)
{
    struct leaf *l = leaf_of(n);

    l->greatest = l->weight;
    l->count = 1;
    for (unsigned side = 0; side < 2; side++) {
        if (n->child[side]) {
            struct leaf *child = leaf_of(n->child[side]);
            l->greatest = child->greatest > l->greatest ? child->greatest : l->greatest;
            l->count += child->count;
        }
    }
}

static void test_tree_small(void **state)
{
    struct tree t;
    struct leaf a = {.key = 1}, b = {.key = 2}, c = {.key = 3};
    unsigned key = 2;

    (void)state;
    tree_init(&t, NULL);
    tree_node_init(&a.node);
    assert_true(!tree_first(&t) && !tree_last(&t) && !tree_find(&t, &key, compare_key) &&
                !tree_linked(&a.node));
    assert_true(tree_check(&t, compare));
    tree_insert(&t, &c.node, compare);
    tree_insert(&t, &a.node, compare);
    tree_insert(&t, &b.node, compare); /* a double rotation */
    assert_true(tree_check(&t, compare) && tree_linked(&a.node) && t.root == &b.node);
    assert_ptr_equal(tree_first(&t), &a.node);
    assert_ptr_equal(tree_next(&a.node), &b.node);
    assert_ptr_equal(tree_next(&b.node), &c.node);
    assert_null(tree_next(&c.node));
    assert_ptr_equal(tree_last(&t), &c.node);
    assert_ptr_equal(tree_prev(&c.node), &b.node);
    assert_null(tree_prev(&a.node));
    assert_ptr_equal(tree_find(&t, &key, compare_key), &b.node);
    tree_remove(&t, &b.node);
    assert_true(!tree_find(&t, &key, compare_key) && !tree_linked(&b.node) && tree_check(&t, compare));
    tree_remove(&t, &a.node);
    tree_remove(&t, &c.node);
    assert_null(t.root);
}

static void test_tree_bounds(void **state)
{
    struct tree t;
    struct leaf leaves[10];

    (void)state;
    tree_init(&t, NULL);
    for (unsigned i = 0; i < 10; i++) {
        leaves[i].key = 10 * (i + 1);
        tree_insert(&t, &leaves[i].node, compare);
    }
    for (unsigned key = 0; key <= 110; key++) {
        struct tree_node *least = tree_at_least(&t, &key, compare_key);
        struct tree_node *most = tree_at_most(&t, &key, compare_key);
        assert_true(key > 100 ? !least
                              : least && leaf_of(least)->key == (key <= 10 ? 10 : (key + 9) / 10 * 10));
        assert_true(key < 10 ? !most : most && leaf_of(most)->key == (key >= 100 ? 100 : key / 10 * 10));
    }
}

static void test_tree_equal(void **state)
{
    struct tree t;
    struct leaf leaves[9];
    unsigned key = 5, stamp = 0;

    (void)state;
    tree_init(&t, NULL);
    for (unsigned i = 0; i < 9; i++) {
        leaves[i].key = 5;
        leaves[i].stamp = i;
        tree_insert(&t, &leaves[i].node, compare);
    }
    TREE_FOREACH(n, &t)
    {
        assert_int_equal(leaf_of(n)->stamp, stamp); /* first come, first stand */
        stamp++;
    }
    assert_ptr_equal(tree_find(&t, &key, compare_key), &leaves[0].node);
    assert_ptr_equal(tree_at_least(&t, &key, compare_key), &leaves[0].node);
    assert_ptr_equal(tree_at_most(&t, &key, compare_key), &leaves[8].node);
}

/* 1.44 log2(n + 2) for n nodes inserted in order, the worst case of plain trees. */
static void test_tree_height(void **state)
{
    enum { COUNT = 10000 };
    struct leaf *leaves = calloc(COUNT, sizeof(*leaves));
    struct tree t;

    (void)state;
    assert_non_null(leaves);
    tree_init(&t, NULL);
    for (unsigned i = 0; i < COUNT; i++) {
        leaves[i].key = i;
        tree_insert(&t, &leaves[i].node, compare);
    }
    assert_true(tree_check(&t, compare));
    assert_true(t.root->height <= 19);
    for (unsigned i = 0; i < COUNT; i += 2) {
        tree_remove(&t, &leaves[i].node);
    }
    assert_true(tree_check(&t, compare));
    assert_true(t.root->height <= 18);
    free(leaves);
}

/* Order, links, balance and every augmented value, computed anew. */
static void expect_tree(const struct tree *t, const struct leaf *leaves, unsigned in)
{
    unsigned count = 0, greatest = 0;

    assert_true(tree_check(t, compare));
    for (unsigned i = 0; i < NODES; i++) {
        greatest = leaves[i].in && leaves[i].weight > greatest ? leaves[i].weight : greatest;
        assert_int_equal(tree_linked(&leaves[i].node), leaves[i].in);
    }
    TREE_FOREACH(n, t)
    {
        struct leaf copy = *leaf_of(n);
        augment(n);
        assert_true(copy.greatest == leaf_of(n)->greatest && copy.count == leaf_of(n)->count);
        count++;
    }
    assert_int_equal(count, in);
    assert_true(!t->root || (leaf_of(t->root)->count == in && leaf_of(t->root)->greatest == greatest));
}

static void test_tree_random(void **state)
{
    static struct leaf leaves[NODES];
    uint64_t seed = 0x74726565;
    struct tree t;
    unsigned in = 0;

    (void)state;
    tree_init(&t, augment);
    for (unsigned step = 0; step < 20000; step++) {
        struct leaf *l = &leaves[random_below(&seed, NODES)];
        bool growing = step / 1000 % 2 == 0;
        if (!l->in && (growing || random_below(&seed, 3) == 0)) {
            l->key = (unsigned)random_below(&seed, 200);
            l->weight = (unsigned)random_below(&seed, 1000);
            tree_insert(&t, &l->node, compare);
            l->in = true;
            in++;
        } else if (l->in && (!growing || random_below(&seed, 3) == 0)) {
            tree_remove(&t, &l->node);
            l->in = false;
            in--;
        } else if (l->in) {
            l->weight = (unsigned)random_below(&seed, 1000);
            tree_changed(&t, &l->node);
        }
        if (step % 16 == 0 || step > 19900) {
            expect_tree(&t, leaves, in);
        }
    }
}

static void test_tree_check(void **state)
{
    struct tree t;
    struct leaf leaves[7];

    (void)state;
    tree_init(&t, NULL);
    for (unsigned i = 0; i < 7; i++) {
        leaves[i].key = i;
        tree_insert(&t, &leaves[i].node, compare);
    }
    assert_true(tree_check(&t, compare));
    leaves[2].key = 9; /* out of order */
    assert_false(tree_check(&t, compare));
    leaves[2].key = 2;
    leaves[2].node.height++; /* wrong height */
    assert_false(tree_check(&t, compare));
    leaves[2].node.height--;
    struct tree_node *left = t.root->child[0]->child[0];
    t.root->child[0]->child[0] = NULL; /* lost a child: height is wrong above */
    t.root->child[0]->child[1] = NULL;
    assert_false(tree_check(&t, compare));
    t.root->child[0]->child[0] = left;
    t.root->parent = &leaves[0].node;
    assert_false(tree_check(&t, compare));
}

static void test_tree_check_links(void **state)
{
    struct tree t;
    struct leaf leaves[3];

    (void)state;
    for (unsigned side = 0; side < 2; side++) { /* a chain to one side, heights right, out of balance */
        tree_init(&t, NULL);
        for (unsigned i = 0; i < 3; i++) {
            tree_node_init(&leaves[i].node);
            leaves[i].key = side ? i : 2 - i;
            leaves[i].node.height = 3 - i;
            leaves[i].node.parent = i > 0 ? &leaves[i - 1].node : NULL;
            leaves[i].node.child[side] = i < 2 ? &leaves[i + 1].node : NULL;
        }
        t.root = &leaves[0].node;
        assert_false(tree_check(&t, compare));
    }
    tree_init(&t, NULL);
    for (unsigned i = 0; i < 3; i++) {
        leaves[i].key = i;
        tree_insert(&t, &leaves[i].node, compare);
    }
    for (unsigned i = 0; i < 3; i += 2) { /* each child of the root with another parent */
        leaves[i].node.parent = &leaves[2 - i].node;
        assert_false(tree_check(&t, compare));
        leaves[i].node.parent = &leaves[1].node;
    }
    assert_true(tree_check(&t, compare));
    leaves[2].node.child[1] = &leaves[1].node; /* a circle */
    leaves[2].node.height = 4;
    assert_false(tree_check(&t, compare));
    leaves[2].node.child[1] = NULL;
    leaves[2].node.height = 1;
    leaves[1].node.child[0] = &leaves[2].node; /* one child twice */
    leaves[1].key = leaves[2].key;
    assert_false(tree_check(&t, compare));
}

/* Every node of a larger tree, broken in each way on its own. */
static void test_tree_check_everywhere(void **state)
{
    enum { COUNT = 20 };
    struct tree t;
    struct leaf leaves[COUNT];

    (void)state;
    tree_init(&t, NULL);
    for (unsigned i = 0; i < COUNT; i++) {
        leaves[i].key = i;
        tree_insert(&t, &leaves[i].node, compare);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct tree_node good = leaves[i].node;
        leaves[i].node.height++;
        assert_false(tree_check(&t, compare));
        leaves[i].node = good;
        leaves[i].node.parent =
            &leaves[(i + 1) % COUNT].node == good.parent ? NULL : &leaves[(i + 1) % COUNT].node;
        assert_false(tree_check(&t, compare));
        leaves[i].node = good;
        leaves[i].node.child[0] = t.root;
        assert_false(tree_check(&t, compare));
        leaves[i].node = good;
        assert_true(tree_check(&t, compare));
    }
}

/* --- bitmaps --- */

enum { BITS = 200 };

static void expect_bits(const uint64_t *map, const bool *model)
{
    size_t set = BITMAP_NONE, clear = BITMAP_NONE, count = 0;

    for (size_t i = BITS; i > 0; i--) {
        size_t bit = i - 1;
        assert_int_equal(bitmap_test(map, bit), model[bit]);
        *(model[bit] ? &set : &clear) = bit;
        count += model[bit];
        assert_int_equal(bitmap_find_set(map, BITS, bit), set);
        assert_int_equal(bitmap_find_clear(map, BITS, bit), clear);
    }
    assert_int_equal(bitmap_count(map, BITS), count);
}

static size_t model_find_range(const bool *model, size_t from, size_t count, size_t alignment)
{
    for (size_t first = (from + alignment - 1) / alignment * alignment; first + count <= BITS;
         first += alignment) {
        size_t free = 0;
        while (free < count && !model[first + free]) {
            free++;
        }
        if (free == count) {
            return first;
        }
    }
    return BITMAP_NONE;
}

static void test_bitmap_bits(void **state)
{
    uint64_t map[BITMAP_WORDS(BITS)] = {0};
    bool model[BITS] = {false};

    (void)state;
    assert_int_equal(BITMAP_WORDS(1), 1);
    assert_int_equal(BITMAP_WORDS(64), 1);
    assert_int_equal(BITMAP_WORDS(65), 2);
    for (size_t bit = 0; bit < BITS; bit += 3) {
        bitmap_set(map, bit);
        model[bit] = true;
    }
    bitmap_clear(map, 63);
    model[63] = false;
    bitmap_set(map, 64);
    model[64] = true;
    expect_bits(map, model);
}

static void test_bitmap_random(void **state)
{
    uint64_t *map = calloc(BITMAP_WORDS(BITS), sizeof(*map));
    bool model[BITS] = {false};
    uint64_t seed = 0x62697473;

    (void)state;
    assert_non_null(map);
    map[BITMAP_WORDS(BITS) - 1] = (uint64_t)0xa5 << 56; /* beyond the last bit: nobody's, stays */
    for (unsigned step = 0; step < 5000; step++) {
        size_t first = random_below(&seed, BITS);
        size_t count = random_below(&seed, 4) ? random_below(&seed, 9) : random_below(&seed, BITS);
        count = count <= BITS - first ? count : BITS - first;
        bool set = random_below(&seed, 2);
        (set ? bitmap_set_range : bitmap_clear_range)(map, first, count);
        for (size_t i = 0; i < count; i++) {
            model[first + i] = set;
        }
        expect_bits(map, model);
        size_t alignment = (size_t)1 << random_below(&seed, 7);
        size_t wanted = 1 + random_below(&seed, 40);
        assert_int_equal(bitmap_find_clear_range(map, BITS, first, wanted, alignment),
                         model_find_range(model, first, wanted, alignment));
    }
    assert_int_equal(map[BITMAP_WORDS(BITS) - 1] >> 56, 0xa5);
    free(map);
}

static void test_bitmap_edges(void **state)
{
    uint64_t map[2] = {0, 0};

    (void)state;
    bitmap_set_range(map, 0, 128);
    assert_true(map[0] == UINT64_MAX && map[1] == UINT64_MAX);
    bitmap_clear_range(map, 64, 64);
    assert_true(map[0] == UINT64_MAX && map[1] == 0);
    bitmap_set_range(map, 100, 0);
    assert_int_equal(map[1], 0);
    assert_int_equal(bitmap_find_set(map, 128, 128), BITMAP_NONE);
    assert_int_equal(bitmap_find_set(map, 0, 0), BITMAP_NONE);
    assert_int_equal(bitmap_find_clear(map, 64, 0), BITMAP_NONE);
    assert_int_equal(bitmap_find_clear_range(map, 128, 0, 64, 64), 64);
    assert_int_equal(bitmap_find_clear_range(map, 128, 0, 65, 1), BITMAP_NONE);
    assert_int_equal(bitmap_find_clear_range(map, 128, 0, SIZE_MAX, 1), BITMAP_NONE);
    assert_int_equal(bitmap_count(map, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("LIST-INSERT-001 nodes stand where they were put", test_list_push),
        TEST("LIST-REMOVE-001 nodes leave once, from both ends and the middle", test_list_remove),
        TEST("LIST-EACH-001 a walk survives the end of the node it is at", test_list_safe),
        TEST("LIST-APPEND-001 a whole list moves behind another", test_list_append),
        TEST("LIST-CHECK-001 broken links are found", test_list_check),
        TEST("TREE-ORDER-001 nodes are found and walked in order", test_tree_small),
        TEST("TREE-ORDER-002 neighbours of a key are found, whether it is there or not", test_tree_bounds),
        TEST("TREE-ORDER-003 equal keys stand in the order they came", test_tree_equal),
        TEST("TREE-HEIGHT-001 ascending insertion and removal keep the tree low", test_tree_height),
        TEST("TREE-RANDOM-001 20,000 random steps keep order, balance and augmentation", test_tree_random),
        TEST("TREE-CHECK-001 wrong order, heights and roots are found", test_tree_check),
        TEST("TREE-CHECK-002 lost balance and wrong parents are found", test_tree_check_links),
        TEST("TREE-CHECK-003 a break at any node is found", test_tree_check_everywhere),
        TEST("BITMAP-BIT-001 single bits are set, cleared and found over word borders", test_bitmap_bits),
        TEST("BITMAP-RANGE-001 5,000 random ranges equal a plain model", test_bitmap_random),
        TEST("BITMAP-RANGE-002 empty, whole and impossible ranges", test_bitmap_edges),
    };
    return cmocka_run_group_tests_name("structures", tests, NULL, NULL);
}
