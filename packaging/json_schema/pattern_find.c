// SPDX-License-Identifier: Apache-2.0
// All ways through the steps are gone at once, one character after the other: a set of steps for what may
// come next. No step is in the set twice, so that a character costs no more than there are steps.
#include "packaging/json_schema/pattern_program.h"

#include "base/utf8.h"

struct step_set {
    uint16_t count;
    uint16_t steps[PATTERN_STEPS_MAX];
};

struct search {
    const struct pattern *pattern;
    struct bytes text;
    uint64_t *work;
    struct step_set now, next;
    uint32_t turn;                       // of the set that is being filled
    uint32_t in_turn[PATTERN_STEPS_MAX]; // the last turn in which a step was put into a set
    uint16_t stack[PATTERN_STEPS_MAX + 1];
};

uint32_t pattern_code_point(struct bytes text, size_t *at)
{
    const uint8_t *bytes = (const uint8_t *)text.data + *at;
    size_t length = utf8_sequence(bytes, text.length - *at);
    static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (length == 0)
        length = 1;
    uint32_t code_point = bytes[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3F);
    *at += length;
    return code_point;
}

static bool is_word(struct bytes text, size_t at)
{
    char letter = at < text.length ? text.data[at] : ' ';
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_';
}

static bool at_edge(struct bytes text, size_t at)
{
    return (at > 0 && is_word(text, at - 1)) != is_word(text, at);
}

static bool holds(const struct search *search, enum step_kind kind, size_t at)
{
    switch (kind) {
    case STEP_BEGIN:
        return at == 0;
    case STEP_END:
        return at == search->text.length;
    case STEP_EDGE:
        return at_edge(search->text, at);
    default:
        return !at_edge(search->text, at);
    }
}

static void spend(struct search *search, uint64_t amount)
{
    *search->work -= *search->work < amount ? *search->work : amount;
}

static void push(struct search *search, uint16_t *depth, uint16_t step)
{
    if (search->in_turn[step] == search->turn)
        return;
    search->in_turn[step] = search->turn;
    search->stack[(*depth)++] = step;
}

// Puts the steps that are reached from `first` without a character into `set`. True: it was found.
static bool reach(struct search *search, struct step_set *set, uint16_t first, size_t at)
{
    uint16_t depth = 0;
    push(search, &depth, first);
    while (depth > 0) {
        uint16_t number = search->stack[--depth];
        const struct pattern_step *step = &search->pattern->steps[number];
        spend(search, 1);
        if (step->kind == STEP_FOUND)
            return true;
        if (step->kind == STEP_SET) {
            set->steps[set->count++] = number;
        } else if (step->kind == STEP_FORK) {
            push(search, &depth, step->a);
            push(search, &depth, step->b);
        } else if (holds(search, step->kind, at)) {
            push(search, &depth, (uint16_t)(number + 1));
        }
    }
    return false;
}

static bool in_set(const struct pattern *pattern, const struct pattern_set *set, uint32_t character)
{
    bool found = false;
    for (uint16_t i = set->begin; i < set->end && !found; i++)
        found = character >= pattern->ranges[i].first && character <= pattern->ranges[i].last;
    return found != set->negated;
}

// Over the character. True: it was found.
static bool advance(struct search *search, uint32_t character, size_t after)
{
    search->next.count = 0;
    search->turn++;
    for (uint16_t i = 0; i < search->now.count; i++) {
        uint16_t number = search->now.steps[i];
        const struct pattern_set *set = &search->pattern->sets[search->pattern->steps[number].a];
        spend(search, (uint64_t)set->end - set->begin);
        if (in_set(search->pattern, set, character) &&
            reach(search, &search->next, (uint16_t)(number + 1), after))
            return true;
    }
    // It may begin anywhere.
    if (reach(search, &search->next, 0, after))
        return true;
    struct step_set *now = &search->now;
    now->count = search->next.count;
    memcpy(now->steps, search->next.steps, now->count * sizeof *now->steps);
    return false;
}

enum pattern_verdict pattern_find(const struct pattern *pattern, struct bytes text, uint64_t *work)
{
    struct search search = {.pattern = pattern, .text = text, .work = work, .turn = 1};
    if (reach(&search, &search.now, 0, 0))
        return PATTERN_FOUND;
    for (size_t at = 0; at < text.length;) {
        uint32_t character = pattern_code_point(text, &at);
        if (advance(&search, character, at))
            return PATTERN_FOUND;
        if (*work == 0)
            return PATTERN_TOO_MUCH;
    }
    return PATTERN_NOT_FOUND;
}
