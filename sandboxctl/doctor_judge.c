// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void doctor_report_free(struct doctor_report *report)
{
    json_decref(report->list);
    free(report->attempts);
    *report = (struct doctor_report){0};
}

static bool take_layers(const json_t *names, uint32_t *ret_layers)
{
    size_t index;
    json_t *name;
    *ret_layers = 0;
    json_array_foreach(names, index, name)
    {
        enum isolation_layer layer;
        const char *text = json_string_value(name);
        if (text == NULL || !isolation_layer_by_name(text, strlen(text), &layer))
            return false;
        *ret_layers |= 1u << layer;
    }
    return true;
}

bool doctor_report_take_list(struct doctor_report *report, json_t *list)
{
    size_t count = json_array_size(list), index;
    struct doctor_attempt *attempts = calloc(count > 0 ? count : 1, sizeof *attempts);
    bool good = attempts != NULL && count > 0;
    json_t *row;
    json_array_foreach(list, index, row)
    {
        if (!good)
            break;
        struct doctor_attempt *attempt = &attempts[index];
        const json_t *number = json_object_get(row, "syscall");
        attempt->group = json_string_value(json_object_get(row, "group"));
        attempt->name = json_string_value(json_object_get(row, "name"));
        attempt->filter_only = json_string_value(json_object_get(row, "filter_only"));
        attempt->syscall = json_is_integer(number) ? (long)json_integer_value(number) : -1;
        attempt->foreign = json_is_true(json_object_get(row, "foreign"));
        attempt->before = json_is_true(json_object_get(row, "before"));
        good = attempt->group != NULL && attempt->name != NULL &&
               take_layers(json_object_get(row, "layers"), &attempt->layers);
    }
    if (!good) {
        free(attempts);
        json_decref(list);
        return false;
    }
    report->list = list;
    report->attempts = attempts;
    report->attempt_count = count;
    return true;
}

void doctor_report_add_check(struct doctor_report *report, const char *name, enum isolation_layer layer,
                             bool held, const char *found)
{
    if (report->check_count == DOCTOR_CHECKS_MAX)
        return;
    struct doctor_check *check = &report->checks[report->check_count++];
    *check = (struct doctor_check){.name = name, .layer = layer, .held = held};
    snprintf(check->found, sizeof check->found, "%s", found);
}

static bool allowed_by_policy(const struct policy *policy, long number)
{
    for (uint32_t i = 0; i < policy->allowed_syscall_count; i++)
        if (policy->allowed_syscalls[i] == number)
            return true;
    return false;
}

// Whether this host lacks a layer that would have stopped it. Lua's environment stops no native code.
static bool is_lacking(const struct isolation_report *found, uint32_t layers)
{
    for (unsigned i = 0; i < LAYER_LUA_ENVIRONMENT; i++)
        if (layers == 0 ? isolation_layer_lacks(found, (enum isolation_layer)i)
                        : (layers & 1u << i) != 0 && found->layer[i].state != LAYER_ACTIVE)
            return true;
    return false;
}

static bool held_whole(const struct doctor_report *report, const struct doctor_attempt *attempt)
{
    const struct attempt_end *end = &attempt->ends[ROUND_WHOLE];
    if (attempt->foreign)
        return end->ending == ATTEMPT_KILLED;
    if (attempt->syscall < 0)
        return end->ending == ATTEMPT_REFUSED;
    // What a policy allows may still be for some arguments alone.
    return (end->ending == ATTEMPT_DENIED && end->value == attempt->syscall) ||
           (end->ending == ATTEMPT_REFUSED && allowed_by_policy(report->policy, attempt->syscall));
}

enum judgement doctor_judge(const struct doctor_report *report, const struct doctor_attempt *attempt,
                            enum doctor_round round)
{
    const struct attempt_end *end = &attempt->ends[round];
    if (round == ROUND_WHOLE)
        return held_whole(report, attempt) ? JUDGED_HELD : JUDGED_BROKEN;
    if (end->ending == ATTEMPT_REFUSED || end->ending == ATTEMPT_KILLED)
        return JUDGED_HELD;
    if (end->ending == ATTEMPT_SUCCEEDED && attempt->filter_only != NULL)
        return JUDGED_FILTER_ONLY;
    return is_lacking(&report->probed[round], attempt->layers) ? JUDGED_WEAKER : JUDGED_BROKEN;
}

size_t doctor_count(const struct doctor_report *report, enum judgement judgement)
{
    size_t count = 0;
    for (size_t i = 0; i < report->attempt_count; i++)
        for (int round = 0; round < ROUND_COUNT; round++)
            count += doctor_judge(report, &report->attempts[i], (enum doctor_round)round) == judgement;
    for (size_t i = 0; judgement == JUDGED_BROKEN && i < report->check_count; i++)
        count += !report->checks[i].held;
    return count;
}

// Whose an errno is behind the filter, where an attempt names no layer: what leaving out one layer at a time
// shows. An empty group stands for any.
static const struct {
    const char *group;
    int error;
    enum isolation_layer layer;
} errors[] = {
    {"", EMFILE, LAYER_RLIMITS},
    {"processes", EAGAIN, LAYER_RLIMITS},
    {"files", ENOENT, LAYER_MOUNT_NAMESPACE},
    {"files", EROFS, LAYER_MOUNT_NAMESPACE},
    {"files", EACCES, LAYER_LANDLOCK},
    {"files", EBADF, LAYER_DESCRIPTORS},
};

static bool may_be(const struct doctor_report *report, enum doctor_round round, enum isolation_layer layer)
{
    return report->probed[round].layer[layer].state != LAYER_MISSING;
}

const char *doctor_stopped_by(const struct doctor_report *report, const struct doctor_attempt *attempt,
                              enum doctor_round round)
{
    const struct attempt_end *end = &attempt->ends[round];
    if (end->ending == ATTEMPT_DENIED || (end->ending == ATTEMPT_KILLED && round == ROUND_WHOLE))
        return isolation_layer_name(LAYER_SECCOMP);
    if (end->ending != ATTEMPT_REFUSED)
        return NULL;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if ((attempt->layers & 1u << i) != 0 && may_be(report, round, (enum isolation_layer)i))
            return isolation_layer_name((enum isolation_layer)i);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].error == end->value && may_be(report, round, errors[i].layer) &&
            (errors[i].group[0] == '\0' || strcmp(errors[i].group, attempt->group) == 0))
            return isolation_layer_name(errors[i].layer);
    return NULL;
}
