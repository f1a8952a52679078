// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_report.h"

#include "base/syscall_names.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/text_style.h"

#include <string.h>

static const char *const round_names[ROUND_COUNT] = {
    [ROUND_WHOLE] = "confined", [ROUND_OPEN] = "behind_filter"};
static const char *const ending_names[] = {
    [ATTEMPT_NOT_MADE] = "not_made", [ATTEMPT_DENIED] = "denied",       [ATTEMPT_KILLED] = "killed",
    [ATTEMPT_REFUSED] = "refused",   [ATTEMPT_SUCCEEDED] = "succeeded", [ATTEMPT_LOST] = "lost"};
static const char *const judgement_names[] = {[JUDGED_HELD] = "held",
                                              [JUDGED_FILTER_ONLY] = "filter_only",
                                              [JUDGED_WEAKER] = "weaker",
                                              [JUDGED_BROKEN] = "broken"};

// "EACCES", "SIGSYS", ...: how it was stopped.
static const char *how(const struct attempt_end *end)
{
    const char *name;
    switch (end->ending) {
    case ATTEMPT_DENIED:
        return "SIGSYS";
    case ATTEMPT_KILLED:
        return "killed";
    case ATTEMPT_REFUSED:
        name = strerrorname_np(end->value);
        return name != NULL ? name : "refused";
    case ATTEMPT_SUCCEEDED:
        return "WENT THROUGH";
    default:
        return "lost";
    }
}

static void print_layers(FILE *out, bool colour, const struct isolation_report *layers)
{
    static const enum style styles[] = {
        [LAYER_ACTIVE] = STYLE_GOOD, [LAYER_DEGRADED] = STYLE_WARN, [LAYER_MISSING] = STYLE_WARN};
    fprintf(out, "Isolation layers\n");
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        const struct layer_report *layer = &layers->layer[i];
        fprintf(out, "  %-26s %s%-9s%s %s\n", isolation_layer_name((enum isolation_layer)i),
                style_begin(colour, styles[layer->state]), layer_state_name(layer->state), style_end(colour),
                layer->state == LAYER_ACTIVE ? isolation_layer_purpose((enum isolation_layer)i)
                                             : layer->reason);
    }
}

static void print_attempt(FILE *out, bool colour, const struct doctor_report *report,
                          const struct doctor_attempt *attempt)
{
    static const enum style styles[] = {[JUDGED_HELD] = STYLE_PLAIN,
                                        [JUDGED_FILTER_ONLY] = STYLE_DIM,
                                        [JUDGED_WEAKER] = STYLE_WARN,
                                        [JUDGED_BROKEN] = STYLE_BAD};
    fprintf(out, "  %-10s %-38.38s", attempt->group, attempt->name);
    for (int round = 0; round < ROUND_COUNT; round++) {
        enum judgement judgement = doctor_judge(report, attempt, (enum doctor_round)round);
        const char *layer = doctor_stopped_by(report, attempt, (enum doctor_round)round);
        bool through = judgement == JUDGED_FILTER_ONLY;
        fprintf(out, " %s%-18s %-12s%s", style_begin(colour, styles[judgement]), layer != NULL ? layer : "-",
                through ? "(filter only)" : how(&attempt->ends[round]),
                styles[judgement] != STYLE_PLAIN ? style_end(colour) : "");
    }
    fputc('\n', out);
}

static void print_checks(FILE *out, bool colour, const struct doctor_report *report)
{
    for (size_t i = 0; i < report->check_count; i++) {
        const struct doctor_check *check = &report->checks[i];
        fprintf(out, "  %-10s %-38.38s %s%-18s %s%s\n", "outside", check->name,
                check->held ? "" : style_begin(colour, STYLE_BAD),
                check->held ? isolation_layer_name(check->layer) : "BROKEN", check->found,
                check->held ? "" : style_end(colour));
    }
}

// Which layer should have held it, for people.
static void print_layer_names(FILE *out, const struct isolation_report *found, uint32_t layers)
{
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if ((layers & 1u << i) != 0)
            fprintf(out, "; layer %s, which is %s", isolation_layer_name((enum isolation_layer)i),
                    layer_state_name(found->layer[i].state));
}

static void print_findings(FILE *out, bool colour, const struct doctor_report *report,
                           enum judgement judgement, enum style style, const char *title)
{
    bool any = false;
    for (size_t i = 0; i < report->attempt_count; i++) {
        const struct doctor_attempt *attempt = &report->attempts[i];
        for (int round = 0; round < ROUND_COUNT; round++) {
            if (doctor_judge(report, attempt, (enum doctor_round)round) != judgement)
                continue;
            if (!any)
                fprintf(out, "\n%s%s%s\n", style_begin(colour, style), title, style_end(colour));
            any = true;
            const char *text = attempt->ends[round].text;
            fprintf(out, "  %s: %s %s: %s%s%s", attempt->group, attempt->name,
                    round == ROUND_WHOLE ? "in a confined worker" : "behind the filter",
                    how(&attempt->ends[round]), text[0] != '\0' ? ", " : "", text);
            print_layer_names(out, &report->probed[round], attempt->layers);
            fputc('\n', out);
        }
    }
}

void doctor_print(FILE *out, bool colour, const struct doctor_report *report)
{
    size_t broken = doctor_count(report, JUDGED_BROKEN), weaker = doctor_count(report, JUDGED_WEAKER);
    print_layers(out, colour, &report->layers);
    fprintf(out,
            "\nAttempts by native code in a worker of policy %s: what stopped each, and what would if the "
            "filter had a hole\n",
            report->policy->name);
    fprintf(out, "  %-10s %-38s %-31s %s\n", "", "", "confined", "behind the filter");
    for (size_t i = 0; i < report->attempt_count; i++)
        print_attempt(out, colour, report, &report->attempts[i]);
    print_checks(out, colour, report);
    print_findings(out, colour, report, JUDGED_WEAKER, STYLE_WARN,
                   "Held by the filter alone, because this host lacks a layer");
    print_findings(out, colour, report, JUDGED_BROKEN, STYLE_BAD, "Got further than it may");
    fprintf(out, "\n%s%zu attempts, each in a fresh worker: %s%s\n",
            style_begin(colour, broken > 0 ? STYLE_BAD : STYLE_GOOD), report->attempt_count,
            broken > 0 ? "NOT all failed" : "all failed", style_end(colour));
    fprintf(out,
            "Behind the filter %zu would go through that only the filter stops, as is known%s; "
            "'sandboxctl doctor --json' says why of each\n",
            doctor_count(report, JUDGED_FILTER_ONLY), weaker > 0 ? ", and more for want of a layer" : "");
}

static json_t *end_json(const struct doctor_report *report, const struct doctor_attempt *attempt,
                        enum doctor_round round)
{
    const struct attempt_end *end = &attempt->ends[round];
    const char *call = end->ending == ATTEMPT_DENIED ? syscall_name((uint32_t)end->value) : NULL;
    return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?}", "judgement",
                     judgement_names[doctor_judge(report, attempt, round)], "ending",
                     ending_names[end->ending], "stopped_by", doctor_stopped_by(report, attempt, round),
                     "errno", end->ending == ATTEMPT_REFUSED ? strerrorname_np(end->value) : NULL, "signal",
                     end->ending == ATTEMPT_DENIED ? "SIGSYS" : NULL, "syscall", call, "message",
                     end->text[0] != '\0' ? end->text : NULL);
}

static json_t *layer_names_json(uint32_t layers)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if ((layers & 1u << i) != 0)
            json_array_append_new(names, json_string(isolation_layer_name((enum isolation_layer)i)));
    return names;
}

static json_t *attempts_json(const struct doctor_report *report)
{
    json_t *all = json_array();
    for (size_t i = 0; i < report->attempt_count; i++) {
        const struct doctor_attempt *attempt = &report->attempts[i];
        json_t *row =
            json_pack("{s:s, s:s, s:o, s:s?}", "group", attempt->group, "name", attempt->name, "layers",
                      layer_names_json(attempt->layers), "filter_only", attempt->filter_only);
        for (int round = 0; round < ROUND_COUNT; round++)
            json_object_set_new(row, round_names[round], end_json(report, attempt, (enum doctor_round)round));
        json_array_append_new(all, row);
    }
    return all;
}

static json_t *layers_json(const struct isolation_report *layers)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        const struct layer_report *layer = &layers->layer[i];
        json_array_append_new(all, json_pack("{s:s, s:s, s:s?, s:s}", "layer",
                                             isolation_layer_name((enum isolation_layer)i), "state",
                                             layer_state_name(layer->state), "reason",
                                             layer->state != LAYER_ACTIVE ? layer->reason : NULL, "purpose",
                                             isolation_layer_purpose((enum isolation_layer)i)));
    }
    return all;
}

void doctor_print_json(FILE *out, const struct doctor_report *report)
{
    json_t *checks = json_array();
    for (size_t i = 0; i < report->check_count; i++) {
        const struct doctor_check *check = &report->checks[i];
        json_array_append_new(checks, json_pack("{s:s, s:s, s:b, s:s}", "name", check->name, "layer",
                                                isolation_layer_name(check->layer), "held", check->held,
                                                "found", check->found));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:b, s:I, s:I, s:o, s:o, s:o}", "policy", report->policy->name, "version",
                  report->policy->version, "held", doctor_count(report, JUDGED_BROKEN) == 0, "broken",
                  (json_int_t)doctor_count(report, JUDGED_BROKEN), "weaker",
                  (json_int_t)doctor_count(report, JUDGED_WEAKER), "layers", layers_json(&report->layers),
                  "attempts", attempts_json(report), "outside", checks);
    json_show(out, root, JSON_INDENT(2));
    json_decref(root);
}
