/* SPDX-License-Identifier: MIT */
/* Everything in C that knows x86-64: contexts, signal frames, the floating-point image. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <string.h>
#include <sys/mman.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/arch/bridge.h>
#include "isa.h"
#include "tools.h"

CLAIM(arguments_lie_where_assembly_thinks,
      offsetof(struct hal_context, registers.argument) == CONTEXT_ARGUMENT);
CLAIM(rbp_lies_where_assembly_thinks, offsetof(struct hal_context, registers.rbp) == CONTEXT_RBP);
CLAIM(rsp_lies_where_assembly_thinks, offsetof(struct hal_context, registers.rsp) == CONTEXT_RSP);
CLAIM(rip_lies_where_assembly_thinks, offsetof(struct hal_context, registers.rip) == CONTEXT_RIP);
CLAIM(rflags_lie_where_assembly_thinks, offsetof(struct hal_context, registers.rflags) == CONTEXT_RFLAGS);
CLAIM(xsave_lies_where_assembly_thinks, offsetof(struct hal_context, registers.xsave) == CONTEXT_XSAVE);
CLAIM(fp_lies_where_assembly_thinks, offsetof(struct hal_context, fp) == CONTEXT_FP);
CLAIM(assembly_writes_this_constant, HAL_CONTEXT_FP_CONTROL == 1);
CLAIM(context_lies_where_assembly_thinks, offsetof(struct sim_core, context) == CORE_CONTEXT);
CLAIM(kernel_sp_lies_where_assembly_thinks, offsetof(struct sim_core, kernel_sp) == CORE_KERNEL_SP);
CLAIM(mode_lies_where_assembly_thinks, offsetof(struct sim_core, mode) == CORE_MODE);
CLAIM(pending_lies_where_assembly_thinks, offsetof(struct sim_core, pending) == CORE_PENDING);
CLAIM(cause_lies_where_assembly_thinks, offsetof(struct sim_core, cause) == CORE_CAUSE);
CLAIM(bridge_sp_lies_where_assembly_thinks, offsetof(struct sim_core, bridge_sp) == CORE_BRIDGE_SP);
CLAIM(assembly_finds_how_many_hooks_there_are, offsetof(struct bridge, hooks) == 4);

/* The XSAVE image, standard form: legacy area, header, AVX. */
#define XSAVE_FCW        0
#define XSAVE_MXCSR      24
#define XSAVE_MXCSR_MASK 28
#define XSAVE_HEADER     512
#define XSAVE_STATE      (XSAVE_HEADER + 0) /* which parts are not initial */
#define XSAVE_COMPACT    (XSAVE_HEADER + 8) /* from here on the header must be zero */
#define XSAVE_HEADER_END 576
#define XSAVE_X87        1u
#define XSAVE_SSE        2u
#define XSAVE_AVX        4u

/* carry, parity, adjust, zero, sign, direction, overflow */
#define RFLAGS_CHOOSABLE 0xcd5u

enum x86_trap { TRAP_BREAKPOINT = 3, TRAP_STACK = 12, TRAP_PROTECTION = 13 };

#define PAGE_ERROR_WRITE   2
#define PAGE_ERROR_EXECUTE 16

/* Known to assembly. */
uint32_t isa_xsave_mask;
uint32_t isa_under_valgrind;
#define ISA_TLS _Thread_local __attribute__((tls_model("initial-exec"), used))
ISA_TLS uint64_t isa_scratch;
ISA_TLS _Alignas(64) uint8_t isa_signal_vectors[SAVE_AREA_XSAVE];
extern const char isa_continue[], isa_probe_done[];
int isa_probe_registers(volatile char *address);

static uint32_t mxcsr_mask = 0xffbf; /* what every processor has, when it does not say */

static uint32_t enabled_states(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static void learn_mxcsr_mask(void)
{
    _Alignas(16) uint8_t image[512] = {0};
    uint32_t mask;

    __asm__ volatile("fxsave64 %0" : "=m"(image));
    memcpy(&mask, image + XSAVE_MXCSR_MASK, sizeof(mask));
    if (mask != 0) {
        mxcsr_mask = mask;
    }
}

const char *isa_init(void)
{
    unsigned a, b, c, d;

    isa_under_valgrind = RUNNING_ON_VALGRIND != 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0) {
        return "this processor has no XSAVE, which the simulator needs to keep registers of programs";
    }
    isa_xsave_mask = enabled_states() & (XSAVE_X87 | XSAVE_SSE | XSAVE_AVX);
    learn_mxcsr_mask();
    return NULL;
}

/* --- contexts --- */

static void put32(uint8_t *image, size_t at, uint32_t value)
{
    memcpy(image + at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *image, size_t at)
{
    uint32_t value;

    memcpy(&value, image + at, sizeof(value));
    return value;
}

void hal_context_init(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument)
{
    c->fiber = NULL;
    hal_context_enter(c, pc, sp, argument);
}

/* At function entry the stack pointer stands 8 below a 16-byte boundary, as behind a call. */
void hal_context_enter(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument)
{
    c->interrupted = false;
    memset(&c->registers, 0, sizeof(c->registers));
    c->registers.argument[0] = argument;
    c->registers.rip = pc;
    c->registers.rsp = sp - 8;
    c->registers.rflags = X86_RFLAGS_USER;
    put32(c->registers.xsave, XSAVE_FCW, X86_FCW_INITIAL);
    put32(c->registers.xsave, XSAVE_MXCSR, X86_MXCSR_INITIAL);
    c->fp = HAL_CONTEXT_FP_CONTROL;
}

/* From control words to a whole image: x87 is given with empty registers, SSE and AVX as initial. */
static void complete_image(struct hal_context *c)
{
    uint32_t fcw = get32(c->registers.xsave, XSAVE_FCW) & 0xffff;
    uint32_t mxcsr = get32(c->registers.xsave, XSAVE_MXCSR);

    memset(c->registers.xsave, 0, sizeof(c->registers.xsave));
    put32(c->registers.xsave, XSAVE_FCW, fcw);
    put32(c->registers.xsave, XSAVE_MXCSR, mxcsr);
    put32(c->registers.xsave, XSAVE_STATE, XSAVE_X87);
    c->fp = HAL_CONTEXT_FP_FULL;
}

void hal_context_save(struct hal_context *c, struct save_area *to)
{
    if (c->fp == HAL_CONTEXT_FP_CONTROL) {
        complete_image(c);
    }
    memcpy(to, &c->registers, sizeof(*to));
}

void hal_context_load(struct hal_context *c, const struct save_area *from)
{
    struct save_area *r = &c->registers;

    c->interrupted = false;
    memcpy(r, from, sizeof(*r));
    r->rflags = (r->rflags & RFLAGS_CHOOSABLE) | X86_RFLAGS_USER;
    memset(r->reserved, 0, sizeof(r->reserved));
    put32(r->xsave, XSAVE_MXCSR, get32(r->xsave, XSAVE_MXCSR) & mxcsr_mask);
    put32(r->xsave, XSAVE_STATE, get32(r->xsave, XSAVE_STATE) & isa_xsave_mask);
    memset(r->xsave + XSAVE_STATE + 4, 0, XSAVE_HEADER_END - XSAVE_STATE - 4);
    c->fp = HAL_CONTEXT_FP_FULL;
}

/* Not canonical, or in the host kernel's half. */
bool isa_can_jump(vaddr_t pc)
{
    return pc >> 47 == 0;
}

vaddr_t hal_gate(void)
{
    return (vaddr_t)isa_gate;
}

/* --- signal frames --- */

static const uint8_t argument_register[SAVE_AREA_ARGUMENTS] = {
    REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8,  REG_R9,  REG_RAX,
    REG_R10, REG_R11, REG_RBX, REG_R12, REG_R13, REG_R14, REG_R15,
};

UNINSTRUMENTED uintptr_t isa_pc(const ucontext_t *u)
{
    return (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
}

UNINSTRUMENTED uintptr_t isa_fp(const ucontext_t *u)
{
    return (uintptr_t)u->uc_mcontext.gregs[REG_RBP];
}

UNINSTRUMENTED uintptr_t isa_sp(const ucontext_t *u)
{
    return (uintptr_t)u->uc_mcontext.gregs[REG_RSP];
}

/* memcpy may be a sanitizer's. */
static UNINSTRUMENTED void copy(void *to, const void *from, size_t bytes)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

static UNINSTRUMENTED void zero(void *to, size_t bytes)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

/* Valgrind counts RCX down before the access of a string instruction: f3 [rex] a4, a5, aa, ab. */
static UNINSTRUMENTED bool at_string_instruction(uintptr_t pc)
{
    const uint8_t *code = (const uint8_t *)pc;

    if (code[0] != 0xf3) {
        return false;
    }
    if ((code[1] & 0xf0) == 0x40) {
        code++;
    }
    return (code[1] & 0xfe) == 0xa4 || (code[1] & 0xfe) == 0xaa;
}

/* And RSP before that of a push or call: [rex] 50 .. 57, 68, 6a, e8, ff /2, ff /6. */
static UNINSTRUMENTED bool at_push(uintptr_t pc)
{
    const uint8_t *code = (const uint8_t *)pc;

    if ((code[0] & 0xf0) == 0x40) {
        code++;
    }
    return (code[0] & 0xf8) == 0x50 || code[0] == 0x68 || code[0] == 0x6a || code[0] == 0xe8 ||
           (code[0] == 0xff && ((code[1] & 0x38) == 0x10 || (code[1] & 0x38) == 0x30));
}

/* What Valgrind has changed already of an instruction that faulted in its access, and that will run again. */
static UNINSTRUMENTED void take_back_half_done(struct save_area *r, uintptr_t address)
{
    if ((address & ~PAGE_MASK) == (r->rip & ~PAGE_MASK)) {
        return; /* it was not even fetched */
    }
    if (at_string_instruction(r->rip)) {
        r->argument[3] += 1;
    } else if (address == r->rsp && at_push(r->rip)) {
        r->rsp += sizeof(uint64_t);
    }
}

static UNINSTRUMENTED void store_vectors(const ucontext_t *u, struct save_area *r)
{
    uint32_t state;

    copy(r->xsave, isa_under_valgrind ? (const void *)isa_signal_vectors : u->uc_mcontext.fpregs,
         SAVE_AREA_XSAVE);
    copy(&state, r->xsave + XSAVE_STATE, sizeof(state));
    state &= isa_xsave_mask;
    copy(r->xsave + XSAVE_STATE, &state, sizeof(state));
    zero(r->xsave + XSAVE_STATE + 4, XSAVE_HEADER_END - XSAVE_STATE - 4);
}

UNINSTRUMENTED void isa_store(const ucontext_t *u, int signal, const siginfo_t *info, struct hal_context *c)
{
    const greg_t *from = u->uc_mcontext.gregs;
    struct save_area *r = &c->registers;

    for (unsigned i = 0; i < SAVE_AREA_ARGUMENTS; i++) {
        r->argument[i] = (uint64_t)from[argument_register[i]];
    }
    r->rbp = (uint64_t)from[REG_RBP];
    r->rsp = (uint64_t)from[REG_RSP];
    r->rip = (uint64_t)from[REG_RIP];
    r->rflags = ((uint64_t)from[REG_EFL] & RFLAGS_CHOOSABLE) | X86_RFLAGS_USER;
    if (signal == SIGTRAP && from[REG_TRAPNO] == TRAP_BREAKPOINT) {
        r->rip -= 1; /* at the instruction, as on other machines */
    } else if (signal == SIGSYS) {
        r->rip -= 2;
    }
    if (isa_under_valgrind && signal == SIGSEGV) {
        take_back_half_done(r, (uintptr_t)info->si_addr);
    }
    store_vectors(u, r);
    c->fp = HAL_CONTEXT_FP_FULL;
}

/* Valgrind reports neither instruction fetches nor what a protection fault wanted: an address at or just
 * behind the program counter is a fetch. */
static UNINSTRUMENTED uint32_t access_of(const ucontext_t *u, uintptr_t address)
{
    greg_t error = u->uc_mcontext.gregs[REG_ERR];
    uintptr_t pc = isa_pc(u);

    if (isa_under_valgrind) {
        bool next_page = (address & PAGE_MASK) == 0 && address - pc < 15;

        if (address == pc || next_page) {
            return ACCESS_EXECUTE;
        }
    } else if ((error & PAGE_ERROR_EXECUTE) != 0) {
        return ACCESS_EXECUTE;
    }
    return (error & PAGE_ERROR_WRITE) != 0 ? ACCESS_WRITE : ACCESS_READ;
}

/* --- what the processor does not say: a protection fault has no address --- */

/* The bytes of an instruction as far as they lie in its page, and how far they are read. */
struct code {
    const uint8_t *at;
    const uint8_t *end;
    uint8_t rex;
    uint8_t opcode;
    bool two_bytes; /* 0f before the opcode */
    bool segment;   /* fs or gs: nobody knows the address */
};

static UNINSTRUMENTED uint8_t next_byte(struct code *c)
{
    return c->at < c->end ? *c->at++ : 0;
}

static UNINSTRUMENTED struct code decode_opcode(uintptr_t pc)
{
    struct code c = {.at = (const uint8_t *)pc, .end = (const uint8_t *)((pc | PAGE_MASK) + 1)};
    uint8_t byte = next_byte(&c);

    while (byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
           (byte & 0xe7) == 0x26 || (byte & 0xfe) == 0x64) {
        c.segment = c.segment || (byte & 0xfe) == 0x64;
        byte = next_byte(&c);
    }
    if ((byte & 0xf0) == 0x40) {
        c.rex = byte;
        byte = next_byte(&c);
    }
    if (byte == 0x0f) {
        c.two_bytes = true;
        byte = next_byte(&c);
        if (byte == 0x38 || byte == 0x3a) {
            byte = next_byte(&c);
        }
    }
    c.opcode = byte;
    return c;
}

static UNINSTRUMENTED uint64_t number(const ucontext_t *u, unsigned r)
{
    static const uint8_t gregs[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                      REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

    return (uint64_t)u->uc_mcontext.gregs[gregs[r & 15]];
}

static UNINSTRUMENTED int64_t displacement(struct code *c, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)next_byte(c) << (8 * i);
    }
    return bytes == 1 ? (int8_t)value : (int32_t)value;
}

/* The memory operand of an instruction with a ModRM byte:
 *
 *   mod (7..6) | reg (5..3) | rm (2..0)     rm 4: scale (7..6) | index (5..3) | base (2..0) follows
 *
 * False for registers, and for addresses relative to rip, which are never the culprit. */
static UNINSTRUMENTED bool operand(const ucontext_t *u, struct code *c, uint8_t modrm, uint64_t *address)
{
    unsigned mod = modrm >> 6;
    unsigned base = (modrm & 7) | (c->rex & 1u) << 3;
    uint64_t sum = 0;

    if (mod == 3 || c->segment) {
        return false;
    }
    if ((modrm & 7) == 4) {
        uint8_t sib = next_byte(c);
        unsigned index = ((sib >> 3) & 7u) | (c->rex & 2u) << 2;

        base = (sib & 7) | (c->rex & 1u) << 3;
        sum = index == 4 ? 0 : number(u, index) << (sib >> 6);
    }
    if (mod == 0 && (base & 7) == 5) {
        return false;
    }
    *address = sum + number(u, base) + (uint64_t)(mod == 0 ? 0 : displacement(c, mod == 1 ? 1 : 4));
    return true;
}

/* Moves to what their ModRM byte names. */
static UNINSTRUMENTED bool stores(const struct code *c)
{
    return c->two_bytes ? c->opcode == 0x11 || c->opcode == 0x29 || c->opcode == 0x7f
                        : (c->opcode & 0xfe) == 0x88 || (c->opcode & 0xfe) == 0xc6;
}

static UNINSTRUMENTED bool is_stack_access(const struct code *c)
{
    return !c->two_bytes &&
           ((c->opcode & 0xf0) == 0x50 || c->opcode == 0xc3 || c->opcode == 0xe8 || c->opcode == 0xc9);
}

/* in, out, hlt, cli, sti and int: no operand to blame. */
static UNINSTRUMENTED bool is_privileged(const struct code *c)
{
    return !c->two_bytes && ((c->opcode & 0xfc) == 0x6c || (c->opcode & 0xf4) == 0xe4 || c->opcode == 0xf4 ||
                             (c->opcode & 0xfe) == 0xfa || c->opcode == 0xcd);
}

/* Why the processor refused an instruction without saying so: an address that is not canonical, a vector that
 * is not aligned, or else the instruction itself. */
static UNINSTRUMENTED uint32_t protection_kind(const ucontext_t *u, struct hal_trap *trap)
{
    struct code c = decode_opcode(isa_pc(u));
    uint8_t modrm;

    trap->access = stores(&c) ? ACCESS_WRITE : ACCESS_READ;
    if (is_stack_access(&c) && !isa_can_jump(number(u, 4))) {
        trap->address = number(u, 4);
        return FAULT_MEMORY;
    }
    if (c.opcode == 0xc3 && !c.two_bytes) { /* the return address, which was read */
        trap->address = *(const uint64_t *)number(u, 4);
        trap->access = ACCESS_EXECUTE;
        return FAULT_MEMORY;
    }
    if (is_privileged(&c)) {
        return FAULT_ILLEGAL;
    }
    modrm = next_byte(&c);
    if (c.opcode == 0xff && !c.two_bytes && ((modrm >> 3) & 6) != 0 && (modrm >> 6) == 3) {
        trap->address = number(u, (modrm & 7) | (c.rex & 1u) << 3); /* call and jump through a register */
        trap->access = ACCESS_EXECUTE;
        return FAULT_MEMORY;
    }
    if (!operand(u, &c, modrm, &trap->address)) {
        return FAULT_ILLEGAL;
    }
    return !isa_can_jump(trap->address) ? FAULT_MEMORY
           : trap->address % 16 != 0    ? FAULT_ALIGNMENT
                                        : FAULT_ILLEGAL;
}

static UNINSTRUMENTED bool is_protection_fault(const ucontext_t *u, const siginfo_t *info)
{
    greg_t number = u->uc_mcontext.gregs[REG_TRAPNO];

    return info->si_code == SI_KERNEL && (number == TRAP_PROTECTION || number == TRAP_STACK);
}

static UNINSTRUMENTED uint32_t kind_of(const ucontext_t *u, int signal, const siginfo_t *info,
                                       struct hal_trap *trap)
{
    switch (signal) {
    case SIGSEGV:
    case SIGBUS:
        if (is_protection_fault(u, info)) {
            return protection_kind(u, trap);
        }
        if (signal == SIGBUS) {
            return FAULT_ALIGNMENT;
        }
        trap->address = (vaddr_t)info->si_addr;
        trap->access = access_of(u, trap->address);
        return FAULT_MEMORY;
    case SIGFPE:
        return FAULT_ARITHMETIC;
    case SIGTRAP:
        return FAULT_BREAKPOINT;
    default:
        return FAULT_ILLEGAL;
    }
}

UNINSTRUMENTED void isa_step_over(struct hal_context *c, unsigned bytes)
{
    c->registers.rip += bytes;
}

UNINSTRUMENTED void isa_classify(const ucontext_t *u, int signal, const siginfo_t *info,
                                 struct hal_trap *trap)
{
    trap->cause = HAL_FAULT;
    trap->irq = 0;
    trap->access = 0;
    trap->address = isa_pc(u);
    trap->kind = kind_of(u, signal, info, trap);
    if (trap->kind != FAULT_MEMORY) {
        trap->access = 0;
        trap->address = isa_pc(u);
    }
}

#define CALL_ROOM 4096u /* below a stack pointer that Valgrind has not seen move */

static UNINSTRUMENTED void clear_flags(ucontext_t *u)
{
    u->uc_mcontext.gregs[REG_EFL] = X86_RFLAGS_USER;
}

UNINSTRUMENTED void isa_divert(ucontext_t *u, const struct sim_core *core)
{
    u->uc_mcontext.gregs[REG_RIP] = (greg_t)isa_continue;
    u->uc_mcontext.gregs[REG_RSP] = (greg_t)core->kernel_sp;
    clear_flags(u);
}

UNINSTRUMENTED void isa_call(ucontext_t *u, uintptr_t stack,
                             void (*function)(uintptr_t, uintptr_t, uintptr_t), uintptr_t a, uintptr_t b,
                             uintptr_t c)
{
    greg_t *g = u->uc_mcontext.gregs;
    uintptr_t sp = stack != 0 ? stack : (uintptr_t)g[REG_RSP] - 128; /* the red zone */

    sp = (sp & ~(uintptr_t)15) - 8;
    VALGRIND_MAKE_MEM_UNDEFINED(sp - CALL_ROOM, CALL_ROOM + 8);
    *(uint64_t *)sp = (uint64_t)g[REG_RIP];
    g[REG_RSP] = (greg_t)sp;
    g[REG_RIP] = (greg_t)(uintptr_t)function;
    g[REG_RDI] = (greg_t)a;
    g[REG_RSI] = (greg_t)b;
    g[REG_RDX] = (greg_t)c;
    clear_flags(u);
}

/* --- self-test under Valgrind --- */

static volatile bool probe_exact;

static UNINSTRUMENTED void on_probe(int signal, siginfo_t *info, void *frame)
{
    ucontext_t *u = frame;

    (void)signal;
    (void)info;
    probe_exact = u->uc_mcontext.gregs[REG_R8] == 0x2222222 && u->uc_mcontext.gregs[REG_R9] == 0x2222222;
    u->uc_mcontext.gregs[REG_RIP] = (greg_t)isa_probe_done;
}

bool isa_exact_registers(void)
{
    struct sigaction probe = {.sa_sigaction = on_probe, .sa_flags = SA_SIGINFO}, old;
    void *page = mmap(NULL, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED || sigaction(SIGSEGV, &probe, &old) != 0) {
        return false;
    }
    VALGRIND_MAKE_MEM_DEFINED(page, PAGE_SIZE);
    isa_probe_registers(page);
    sigaction(SIGSEGV, &old, NULL);
    munmap(page, PAGE_SIZE);
    return probe_exact;
}
