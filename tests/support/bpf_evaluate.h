// SPDX-License-Identifier: Apache-2.0
// What the kernel would answer for one system call: runs a seccomp program of classic BPF. Only the
// instructions that seccomp takes and libseccomp makes; anything else aborts.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t bpf_operand(const struct sock_filter *instruction, uint32_t index)
{
    return BPF_SRC(instruction->code) == BPF_X ? index : instruction->k;
}

static inline uint32_t bpf_compute(const struct sock_filter *instruction, uint32_t accumulator,
                                   uint32_t index)
{
    uint32_t operand = bpf_operand(instruction, index);
    switch (BPF_OP(instruction->code)) {
    case BPF_AND:
        return accumulator & operand;
    case BPF_OR:
        return accumulator | operand;
    case BPF_ADD:
        return accumulator + operand;
    default:
        abort();
    }
}

static inline int bpf_jump(const struct sock_filter *instruction, uint32_t accumulator, uint32_t index)
{
    uint32_t operand = bpf_operand(instruction, index);
    switch (BPF_OP(instruction->code)) {
    case BPF_JA:
        return (int)instruction->k;
    case BPF_JEQ:
        return accumulator == operand ? instruction->jt : instruction->jf;
    case BPF_JGT:
        return accumulator > operand ? instruction->jt : instruction->jf;
    case BPF_JGE:
        return accumulator >= operand ? instruction->jt : instruction->jf;
    case BPF_JSET:
        return (accumulator & operand) != 0 ? instruction->jt : instruction->jf;
    default:
        abort();
    }
}

static inline uint32_t bpf_evaluate(const struct sock_filter *program, unsigned length,
                                    const struct seccomp_data *data)
{
    uint32_t accumulator = 0, index = 0, memory[BPF_MEMWORDS] = {0};
    for (unsigned at = 0; at < length; at++) {
        const struct sock_filter *instruction = &program[at];
        switch (BPF_CLASS(instruction->code)) {
        case BPF_LD:
            if (BPF_MODE(instruction->code) == BPF_ABS)
                memcpy(&accumulator, (const char *)data + instruction->k, sizeof accumulator);
            else
                accumulator =
                    BPF_MODE(instruction->code) == BPF_MEM ? memory[instruction->k] : instruction->k;
            break;
        case BPF_LDX:
            index = BPF_MODE(instruction->code) == BPF_MEM ? memory[instruction->k] : instruction->k;
            break;
        case BPF_ST:
            memory[instruction->k] = accumulator;
            break;
        case BPF_STX:
            memory[instruction->k] = index;
            break;
        case BPF_ALU:
            accumulator = bpf_compute(instruction, accumulator, index);
            break;
        case BPF_JMP:
            at += (unsigned)bpf_jump(instruction, accumulator, index);
            break;
        case BPF_RET:
            return BPF_RVAL(instruction->code) == BPF_A ? accumulator : instruction->k;
        case BPF_MISC:
            if (BPF_MISCOP(instruction->code) == BPF_TAX)
                index = accumulator;
            else
                accumulator = index;
            break;
        default:
            abort();
        }
    }
    abort();
}
