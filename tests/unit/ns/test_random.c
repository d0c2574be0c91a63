/* SPDX-License-Identifier: MIT */
/* Random operations against plain arrays that know the rules and nothing of indexes; a watcher's mirror; the
 * walker after every operation. */
#include "world.h"

#define OPERATIONS 2500u
#define NAMES      ARRAY_LENGTH(pool)
#define GRANTS     (OPERATIONS + 2)
#define OWNERS     6u

static const char *const pool[] = {"a",           "app.x",       "app.y",   "dev",      "dev-old",
                                   "dev.uart",    "dev.uart.0",  "device",  "net",      "net.eth0",
                                   "net.eth0.rx", "net.eth0.tx", "sys.log", "sys.names"};

enum state { UNUSED, QUEUED, HOLDS, ENDED };

struct model_service { /* the index is the service id */
    enum state state;
    size_t name;
    struct ns_owner owner;
    uint64_t grant;
    uint64_t generation;
};

struct model_name {
    bool known;
    uint64_t holder; /* 0: vacant */
    uint64_t generation, revision;
};

struct model_grant { /* the index is the id */
    bool live;
    uint64_t parent;
    const char *prefix;
};

struct mirror {
    uint64_t revision;
    const char *prefix;
    uint64_t generation[NAMES]; /* 0: not there */
};

struct run {
    struct world w;
    uint64_t seed;
    size_t remember;
    struct model_service service[OPERATIONS + 1];
    struct model_name name[NAMES];
    struct model_grant grant[GRANTS];
    uint64_t services, grants, revision, floor, forgotten;
    uint64_t doomed[OPERATIONS + 1];
    size_t doomed_count;
    uint64_t ended[OPERATIONS + 1]; /* in order */
    size_t ended_count, ended_told;
    struct mirror mirror[3];
    size_t lost, refused;
};

static uint64_t pick(struct run *m, uint64_t below)
{
    return random_next(&m->seed) % below;
}

static struct ns_owner pick_owner(struct run *m)
{
    uint64_t n = pick(m, OWNERS);
    return owner((coreid_t)(n % 3), 1 + (uint32_t)(n / 3), pick(m, 2));
}

/* ---- the rules, by brute force ---- */

static void model_hold(struct run *m, uint64_t id)
{
    struct model_name *n = &m->name[m->service[id].name];

    n->generation = (n->known ? n->generation : m->floor) + 1;
    n->known = true;
    n->holder = id;
    n->revision = ++m->revision;
    m->service[id].state = HOLDS;
    m->service[id].generation = n->generation;
}

static void model_forget(struct run *m)
{
    for (;;) {
        struct model_name *oldest = NULL;
        size_t vacant = 0;
        for (size_t i = 0; i < NAMES; i++) {
            struct model_name *n = &m->name[i];
            if (n->known && n->holder == 0) {
                vacant++;
                oldest = !oldest || n->revision < oldest->revision ? n : oldest;
            }
        }
        if (vacant <= m->remember) {
            return;
        }
        m->forgotten = oldest->revision;
        m->floor = oldest->generation > m->floor ? oldest->generation : m->floor;
        oldest->known = false;
    }
}

static void model_vacate(struct run *m, size_t name)
{
    m->name[name].holder = 0;
    for (uint64_t id = 1; id <= m->services; id++) {
        if (m->service[id].state == QUEUED && m->service[id].name == name) {
            model_hold(m, id);
            return;
        }
    }
    m->name[name].revision = ++m->revision;
    model_forget(m);
}

static void model_end_all(struct run *m)
{
    for (size_t i = 0; i < m->doomed_count; i++) {
        struct model_service *s = &m->service[m->doomed[i]];
        s->state = s->state == QUEUED ? ENDED : s->state;
    }
    for (size_t i = 0; i < m->doomed_count; i++) {
        struct model_service *s = &m->service[m->doomed[i]];
        if (s->state == HOLDS) {
            s->state = ENDED;
            model_vacate(m, s->name);
        }
        m->ended[m->ended_count++] = m->doomed[i];
    }
    m->doomed_count = 0;
}

static bool model_lives(const struct run *m, uint64_t id)
{
    return m->service[id].state == QUEUED || m->service[id].state == HOLDS;
}

static void model_doom_owner(struct run *m, struct ns_owner who)
{
    for (uint64_t id = 1; id <= m->services; id++) {
        struct ns_owner o = m->service[id].owner;
        if (model_lives(m, id) && o.core == who.core && o.epoch == who.epoch && o.process == who.process) {
            m->doomed[m->doomed_count++] = id;
        }
    }
}

static bool model_below(const char *prefix, const char *name)
{
    size_t length = strlen(prefix);
    return length == 0 || (strncmp(prefix, name, length) == 0 && (name[length] == 0 || name[length] == '.'));
}

static bool model_covers(const struct run *m, uint64_t grant, uint64_t g)
{
    while (g != 0 && g != grant) {
        g = m->grant[g].parent;
    }
    return g != 0;
}

/* Leaves first, elder before younger. */
static void model_revoke(struct run *m, uint64_t grant)
{
    for (uint64_t g = grant + 1; g <= m->grants; g++) {
        if (m->grant[g].live && m->grant[g].parent == grant) {
            model_revoke(m, g);
        }
    }
    for (uint64_t id = 1; id <= m->services; id++) {
        if (model_lives(m, id) && m->service[id].grant == grant) {
            m->doomed[m->doomed_count++] = id;
        }
    }
    m->grant[grant].live = false;
}

/* ---- operations on both ---- */

static enum err_code expected(const struct run *m, uint64_t grant, size_t name, enum ns_mode mode)
{
    uint64_t holder = m->name[name].holder;

    if (!m->grant[grant].live || !model_below(m->grant[grant].prefix, pool[name])) {
        return ERR_NAME_PREFIX;
    }
    if (holder == 0 || mode == NS_QUEUE) {
        return ERR_OK;
    }
    return mode == NS_REPLACE && model_covers(m, grant, m->service[holder].grant) ? ERR_OK : ERR_NAME_TAKEN;
}

static void model_register(struct run *m, uint64_t id, enum ns_mode mode)
{
    uint64_t holder = m->name[m->service[id].name].holder;

    if (holder != 0 && mode == NS_QUEUE) {
        m->service[id].state = QUEUED;
        return;
    }
    model_hold(m, id);
    if (holder != 0) {
        m->service[holder].state = ENDED;
        m->ended[m->ended_count++] = holder;
    }
}

static void do_register(struct run *m)
{
    uint64_t grant = pick(m, 2) ? NS_GRANT_ROOT : 1 + pick(m, m->grants);
    size_t name = pick(m, NAMES);
    enum ns_mode mode = (enum ns_mode)pick(m, 3);
    struct ns_owner who = pick_owner(m);
    struct ns_registered r = {0};
    uint64_t id;
    enum err_code code = expected(m, grant, name, mode);

    assert_int_equal(offer(&m->w, grant, pool[name], "k=v", who, mode, &id, &r).code[0], code);
    m->services = id;
    m->service[id] = (struct model_service){UNUSED, name, who, grant, 0};
    if (code != ERR_OK) {
        m->refused++;
        return;
    }
    model_register(m, id, mode);
    assert_int_equal(r.queued, m->service[id].state == QUEUED);
    assert_int_equal(r.generation, m->service[id].generation);
    assert_int_equal(r.revision, r.queued ? 0 : m->name[name].revision);
}

static void do_deregister(struct run *m)
{
    uint64_t id = m->services ? 1 + pick(m, m->services) : 1;
    struct ns_owner who = pick(m, 4) ? m->service[id].owner : pick_owner(m);
    bool right = model_lives(m, id) && memcmp(&who, &m->service[id].owner, sizeof(who)) == 0;

    assert_int_equal(ns_deregister(&m->w.t, who, id).code[0], right ? ERR_OK : ERR_NOT_FOUND);
    if (right) {
        m->doomed[m->doomed_count++] = id;
        model_end_all(m);
    }
}

static void do_owner_gone(struct run *m)
{
    struct ns_owner who = pick_owner(m);
    model_doom_owner(m, who);
    assert_int_equal(ns_owner_gone(&m->w.t, who), m->doomed_count);
    model_end_all(m);
}

static void do_core_gone(struct run *m)
{
    struct ns_owner who = pick_owner(m);
    for (uint32_t epoch = 0; epoch <= who.epoch; epoch++) {
        for (uint64_t process = 0; process < 2; process++) {
            model_doom_owner(m, owner(who.core, epoch, process));
        }
    }
    assert_int_equal(ns_core_gone(&m->w.t, who.core, who.epoch), m->doomed_count);
    model_end_all(m);
}

static void do_grant(struct run *m)
{
    uint64_t parent = 1 + pick(m, m->grants);
    const char *prefix = pool[pick(m, NAMES)];
    uint64_t id;
    enum err_code code = !m->grant[parent].live                          ? ERR_NOT_FOUND
                         : !model_below(m->grant[parent].prefix, prefix) ? ERR_NAME_PREFIX
                                                                         : ERR_OK;
    assert_int_equal(ns_grant_make(&m->w.t, parent, text_of(prefix), &id).code[0], code);
    if (code == ERR_OK) {
        assert_int_equal(id, m->grants + 1);
        m->grants = id;
        m->grant[id] = (struct model_grant){true, parent, prefix};
    }
}

static void do_revoke(struct run *m)
{
    uint64_t id = 1 + pick(m, m->grants);
    enum err_code code = id == NS_GRANT_ROOT ? ERR_BAD_ARGUMENT : m->grant[id].live ? ERR_OK : ERR_NOT_FOUND;

    assert_int_equal(ns_grant_revoke(&m->w.t, id).code[0], code);
    if (code == ERR_OK) {
        model_revoke(m, id);
        model_end_all(m);
    }
}

/* Reads some of the news, in order. */
static void do_ended(struct run *m)
{
    struct ns_ended e;

    for (uint64_t n = pick(m, 20); n > 0 && ns_ended(&m->w.t, &e); n--) {
        assert_true(m->ended_told < m->ended_count);
        uint64_t id = m->ended[m->ended_told++];
        assert_int_equal(e.service, id);
        assert_int_equal(e.generation, m->service[id].generation);
    }
}

static size_t name_index(struct text name)
{
    size_t i = 0;
    while (!text_is(name, pool[i])) {
        i++;
        assert_true(i < NAMES);
    }
    return i;
}

static void enumerate_into(struct run *m, struct mirror *mirror)
{
    struct ns_cursor cursor = {0};
    struct ns_view page[3];
    size_t got, room;

    memset(mirror->generation, 0, sizeof(mirror->generation));
    do {
        room = 1 + pick(m, 3);
        got = ns_enumerate(&m->w.t, text_of(mirror->prefix), NULL, &cursor, page, room);
        for (size_t i = 0; i < got; i++) {
            uint64_t *seen = &mirror->generation[name_index(page[i].name)];
            assert_int_equal(*seen, 0);
            *seen = page[i].generation;
        }
    } while (got == room);
}

static void do_watch(struct run *m)
{
    struct mirror *mirror = &m->mirror[pick(m, 3)];
    struct ns_view view = {0};
    uint64_t before = mirror->revision;
    enum ns_change change;

    while ((change = ns_watch(&m->w.t, text_of(mirror->prefix), &mirror->revision, &view)) != NS_NONE) {
        assert_int_equal(change == NS_LOST, before < m->forgotten);
        before = mirror->revision;
        if (change == NS_LOST) {
            m->lost++;
            enumerate_into(m, mirror);
        } else {
            assert_int_equal(view.revision, mirror->revision);
            mirror->generation[name_index(view.name)] = change == NS_PUT ? view.generation : 0;
        }
    }
    for (size_t i = 0; i < NAMES; i++) {
        const struct model_name *n = &m->name[i];
        bool there = n->known && n->holder != 0 && model_below(mirror->prefix, pool[i]);
        assert_int_equal(mirror->generation[i], there ? n->generation : 0);
    }
}

static void compare(struct run *m)
{
    struct ns_view view;

    assert_int_equal(ns_revision(&m->w.t), m->revision);
    for (size_t i = 0; i < NAMES; i++) {
        const struct model_name *n = &m->name[i];
        assert_int_equal(holder(&m->w, pool[i]), n->known ? n->holder : 0);
        if (n->known && n->holder != 0) {
            assert_err(ns_lookup_same(&m->w.t, text_of(pool[i]), n->generation, &view), ERR_OK, 0);
            assert_int_equal(view.revision, n->revision);
            assert_int_equal(view.grant, m->service[n->holder].grant);
        }
    }
    world_check(&m->w);
}

static void operate(struct run *m)
{
    uint64_t dice = pick(m, 100);

    if (dice < 50) {
        do_register(m);
    } else if (dice < 70) {
        do_deregister(m);
    } else if (dice < 74) {
        do_owner_gone(m);
    } else if (dice < 76) {
        do_core_gone(m);
    } else if (dice < 84) {
        do_grant(m);
    } else if (dice < 87) {
        do_revoke(m);
    } else if (dice < 93) {
        do_watch(m);
    } else {
        do_ended(m);
    }
}

static void one_run(uint64_t seed, size_t remember)
{
    struct run *m = calloc(1, sizeof(*m));
    static const char *const prefixes[] = {"", "net", "dev"};

    assert_non_null(m);
    m->seed = seed;
    m->remember = remember;
    world_begin(&m->w, remember);
    m->grants = NS_GRANT_ROOT;
    m->grant[NS_GRANT_ROOT] = (struct model_grant){true, 0, ""};
    for (size_t i = 0; i < 3; i++) {
        m->mirror[i].prefix = prefixes[i];
    }
    for (size_t i = 0; i < OPERATIONS; i++) {
        operate(m);
        compare(m);
    }
    assert_true(m->refused > 50 && m->ended_count > 100 && (remember > 2 || m->lost > 0));
    world_end(&m->w);
    free(m);
}

/* NS-RANDOM-001: five seeds, with no, few and all vacant names remembered. */
static void random_operations(void **state)
{
    static const size_t remember[] = {0, 1, 2, 5, NAMES};
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        one_run(seed * 0x9e3779b97f4a7c15, remember[seed - 1]);
    }
}

/* NS-RANDOM-002: waiters come, give up, expire, die and are woken; each is told at most once, and right. */
static void random_waiters(void **state)
{
    struct world w;
    uint64_t seed = 42, id, served = 0, expired = 0;
    nanos_t now = 0;
    static bool told[OPERATIONS + 2];
    struct ns_woken n;
    (void)state;

    memset(told, 0, sizeof(told));
    world_begin(&w, 3);
    for (size_t i = 0; i < OPERATIONS; i++) {
        const char *name = pool[random_next(&seed) % NAMES];
        struct ns_owner who = owner(random_next(&seed) % 3, 1, random_next(&seed) % 3);
        uint64_t held = holder(&w, name);
        switch (random_next(&seed) % 6) {
        case 0:
        case 1:
            assert_err(ns_wait(&w.t, who, text_of(name), now + random_next(&seed) % 20, (uint64_t)i, &id),
                       ERR_OK, 0);
            break;
        case 2:
            assert_int_equal(offer(&w, 1, name, NULL, who, NS_REFUSE, NULL, NULL).code[0],
                             held ? ERR_NAME_TAKEN : ERR_OK);
            break;
        case 3:
            ns_owner_gone(&w.t, who);
            break;
        case 4:
            ns_expire(&w.t, now += 3);
            assert_true(ns_deadline(&w.t) > now);
            break;
        default:
            while (ns_woken(&w.t, &n)) {
                assert_false(told[n.waiter]);
                told[n.waiter] = true;
                assert_true(err_ok(n.error) || err_is(n.error, ERR_TIMEOUT));
                served += err_ok(n.error);
                expired += !err_ok(n.error);
                assert_true(!err_ok(n.error) || n.view.service != 0);
            }
        }
        world_check(&w);
    }
    assert_true(served > 50 && expired > 50);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_operations), cmocka_unit_test(random_waiters)};
    return cmocka_run_group_tests_name("ns_random", tests, NULL, NULL);
}
