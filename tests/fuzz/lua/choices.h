// SPDX-License-Identifier: Apache-2.0
// Choices that a seed and a number decide: the same ones give the same choices on every machine (splitmix64,
// by Sebastiano Vigna, public domain).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct choices {
    uint64_t state;
};

static inline uint64_t choices_next(struct choices *choices)
{
    uint64_t z = (choices->state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline struct choices choices_of(uint64_t seed, uint64_t number)
{
    struct choices choices = {.state = seed};
    choices.state = choices_next(&choices) ^ number * 0xd1342543de82ef95;
    choices_next(&choices);
    return choices;
}

// One of 0 .. count - 1. `count` is not 0.
static inline unsigned choose(struct choices *choices, unsigned count)
{
    return (unsigned)((choices_next(choices) >> 32) * count >> 32);
}

static inline bool one_in(struct choices *choices, unsigned count)
{
    return choose(choices, count) == 0;
}
