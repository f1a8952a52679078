// SPDX-License-Identifier: Apache-2.0
// Lua programs by the thousand against live workers: real zygotes, real confinement, the stock policies.
// Whatever the program, what invariants.h lists has to hold. Deterministic: --seed N --program M makes a
// program again.
#include "tests/fuzz/lua/corpus.h"
#include "tests/fuzz/lua/judge.h"

#include "base/clock.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 16, VALIDATE_SHARE = 8, FINDINGS_MAX_SHOWN = 20, ENOUGH_TO_TELL = 100 };

static const char usage[] =
    "usage: lua_live [OPTION]... [SEED FILE OR FOLDER]...\n"
    "  --zygote PATH     the sandbox-zygote\n"
    "  --policies DIR    the stock policies\n"
    "  --seed N          of all choices; default: the clock\n"
    "  --programs N      how many programs; default 1000\n"
    "  --seconds N       for so long instead\n"
    "  --program M       this one alone\n"
    "  --run FILE        a kept program instead\n"
    "  --minimize        what is left of a wrong program when all is gone that it is not wrong for\n"
    "  --print           the programs, instead of running them\n"
    "  --findings DIR    where wrong programs are kept; default: the working directory\n";

struct options {
    const char *zygote, *policies, *run, *findings;
    uint64_t seed, first, programs, seconds;
    bool print, minimize;
};

struct fuzzer {
    struct options options;
    struct live live;
    struct corpus corpus;
    uint64_t programs, runs, cpu_us, validations, found;
    uint64_t outcomes[OUTCOME_COUNT];
};

static void keep(const struct fuzzer *fuzzer, uint64_t number, struct bytes program, const char *why)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/seed%" PRIu64 "-program%" PRIu64 ".lua", fuzzer->options.findings,
             fuzzer->options.seed, number);
    FILE *file = fopen(path, "we");
    bool kept = file != NULL && fwrite(program.data, 1, program.length, file) == program.length;
    if (file != NULL)
        kept = fclose(file) == 0 && kept;
    printf("FINDING: %s\n  --seed %" PRIu64 " --program %" PRIu64 "%s%s\n", why, fuzzer->options.seed, number,
           kept ? ", kept as " : ", could not be kept as ", path);
    fflush(stdout);
}

static void count_runs(struct fuzzer *fuzzer, struct judgement *judgement)
{
    fuzzer->programs++;
    for (unsigned i = 0; i < judgement->count; i++) {
        trial_wait(&judgement->trials[i]);
        fuzzer->runs++;
        fuzzer->cpu_us += judgement->trials[i].ending.figures.cpu_us;
    }
    fuzzer->outcomes[judgement->trials[0].ending.outcome]++;
}

static void run_batch(struct fuzzer *fuzzer, uint64_t first, unsigned count)
{
    static struct judgement judgements[BATCH];
    struct buffer texts[BATCH];
    char why[WHY_SIZE];
    for (unsigned i = 0; i < count; i++) {
        texts[i] = buffer_make(4 * PROGRAM_BYTES_MAX);
        corpus_program(&fuzzer->corpus, fuzzer->options.seed, first + i, &texts[i]);
        judgement_begin(&judgements[i], &fuzzer->live, bytes_of(texts[i].data, texts[i].length));
    }
    for (unsigned i = 0; i < count; i++) {
        bool validate = (first + i) % VALIDATE_SHARE == 0;
        count_runs(fuzzer, &judgements[i]);
        fuzzer->validations += validate;
        if (!judgement_end(&judgements[i], validate, why)) {
            keep(fuzzer, first + i, judgements[i].program, why);
            fuzzer->found++;
            atomic_store(&fuzzer->live.deaths, 0);
        }
        buffer_free(&texts[i]);
    }
}

static void run_all(struct fuzzer *fuzzer)
{
    const struct options *options = &fuzzer->options;
    uint64_t until_ns = clock_monotonic_ns() + options->seconds * NS_PER_S;
    for (uint64_t at = options->first;; at += BATCH) {
        uint64_t left = options->first + options->programs - at;
        bool over = options->seconds > 0 ? clock_monotonic_ns() >= until_ns : left == 0;
        if (over || fuzzer->found >= FINDINGS_MAX_SHOWN)
            break;
        unsigned count = options->seconds == 0 && left < BATCH ? (unsigned)left : BATCH;
        run_batch(fuzzer, at, count);
        if (count < BATCH)
            break;
    }
}

static void report(const struct fuzzer *fuzzer, uint64_t began_ns)
{
    double seconds = (double)(clock_monotonic_ns() - began_ns) / 1e9;
    printf("%" PRIu64 " programs of seed %" PRIu64 ": %" PRIu64
           " runs in %.1f s (%.0f a second; %.1f s of CPU time in "
           "workers), %" PRIu64 " validations:",
           fuzzer->programs, fuzzer->options.seed, fuzzer->runs, seconds, (double)fuzzer->runs / seconds,
           (double)fuzzer->cpu_us / 1e6, fuzzer->validations);
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        if (fuzzer->outcomes[i] > 0)
            printf(" %s %" PRIu64, outcome_name((enum outcome)i), fuzzer->outcomes[i]);
    printf("; %" PRIu64 " findings\n", fuzzer->found);
}

// A grammar that has fallen behind would find nothing, and nobody would notice.
static bool most_compile(const struct fuzzer *fuzzer)
{
    bool most =
        fuzzer->programs < ENOUGH_TO_TELL || fuzzer->outcomes[OUTCOME_SYNTAX_ERROR] * 4 < fuzzer->programs;
    if (!most)
        printf("FINDING: a quarter of the programs do not compile: look at tests/fuzz/lua/productions.def\n");
    return most;
}

static void print_programs(struct fuzzer *fuzzer)
{
    struct buffer text = buffer_make(4 * PROGRAM_BYTES_MAX);
    for (uint64_t i = 0; i < fuzzer->options.programs; i++) {
        buffer_clear(&text);
        corpus_program(&fuzzer->corpus, fuzzer->options.seed, fuzzer->options.first + i, &text);
        fwrite(text.data, 1, text.length, stdout);
    }
    buffer_free(&text);
}

static void minimize(struct fuzzer *fuzzer, struct bytes program)
{
    struct buffer left = buffer_make(2 * PROGRAM_BYTES_MAX);
    judge_minimize(&fuzzer->live, program, &left);
    fwrite(left.data, 1, left.length, stdout);
    buffer_free(&left);
}

// A kept file, or with --minimize the one program that is asked for.
static void run_one(struct fuzzer *fuzzer)
{
    struct buffer text = buffer_make(4 * PROGRAM_BYTES_MAX);
    char why[WHY_SIZE];
    if (fuzzer->options.run != NULL)
        buffer_append(&text, fuzzer->corpus.texts[0], fuzzer->corpus.lengths[0]);
    else
        corpus_program(&fuzzer->corpus, fuzzer->options.seed, fuzzer->options.first, &text);
    struct bytes program = bytes_of(text.data, text.length);
    fuzzer->found = !judge(&fuzzer->live, program, why);
    if (fuzzer->found > 0) {
        printf("FINDING: %s\n", why);
        atomic_store(&fuzzer->live.deaths, 0);
        if (fuzzer->options.minimize)
            minimize(fuzzer, program);
    }
    buffer_free(&text);
}

static struct options read_options(int argc, char **argv)
{
    static const struct option table[] = {
        {"zygote", required_argument, NULL, 'z'},
        {"policies", required_argument, NULL, 'p'},
        {"seed", required_argument, NULL, 's'},
        {"programs", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 't'},
        {"program", required_argument, NULL, 'm'},
        {"run", required_argument, NULL, 'r'},
        {"minimize", no_argument, NULL, 'i'},
        {"print", no_argument, NULL, 'c'},
        {"findings", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.seed = (uint64_t)time(NULL), .programs = 1000, .findings = "."};
    for (int letter; (letter = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        const char **texts[128] = {['z'] = &options.zygote,
                                   ['p'] = &options.policies,
                                   ['r'] = &options.run,
                                   ['f'] = &options.findings};
        uint64_t *numbers[128] = {['s'] = &options.seed,
                                  ['n'] = &options.programs,
                                  ['t'] = &options.seconds,
                                  ['m'] = &options.first};
        if (letter == 'i') {
            options.minimize = true;
        } else if (letter == 'c') {
            options.print = true;
        } else if (letter != '?' && texts[letter] != NULL) {
            *texts[letter] = optarg;
        } else if (letter != '?' && numbers[letter] != NULL) {
            *numbers[letter] = strtoull(optarg, NULL, 10);
        } else {
            fputs(usage, stderr);
            exit(2);
        }
        if (letter == 'm')
            options.programs = 1;
    }
    return options;
}

int main(int argc, char **argv)
{
    static struct fuzzer fuzzer;
    struct error err = {0};
    bool allowed[LUA_NAME_COUNT];
    memset(allowed, true, sizeof allowed);
    fuzzer.options = read_options(argc, argv);
    fuzzer.corpus = corpus_make(allowed);
    for (int i = optind; fuzzer.options.run == NULL && i < argc; i++) {
        if (!corpus_add(&fuzzer.corpus, argv[i], &err)) {
            fprintf(stderr, "lua_live: %s\n", err.text);
            return 2;
        }
    }
    if (fuzzer.options.run != NULL && !corpus_add(&fuzzer.corpus, fuzzer.options.run, &err)) {
        fprintf(stderr, "lua_live: %s\n", err.text);
        return 2;
    }
    if (fuzzer.options.print) {
        print_programs(&fuzzer);
        corpus_free(&fuzzer.corpus);
        return 0;
    }
    if (fuzzer.options.zygote == NULL || fuzzer.options.policies == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    live_start(&fuzzer.live, fuzzer.options.zygote, fuzzer.options.policies);
    uint64_t began_ns = clock_monotonic_ns();
    if (fuzzer.options.run != NULL || fuzzer.options.minimize)
        run_one(&fuzzer);
    else
        run_all(&fuzzer);
    report(&fuzzer, began_ns);
    bool clean = live_stop(&fuzzer.live) && most_compile(&fuzzer);
    corpus_free(&fuzzer.corpus);
    return fuzzer.found == 0 && clean ? 0 : 1;
}
