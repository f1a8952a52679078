// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_journal.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// To be raised when struct run_record changes. What another sandboxd left is then not read.
enum { LAYOUT = 1 };

struct journal_entry {
    _Atomic uint64_t sequence; // set last; 0: nothing was put here
    uint64_t sum;              // of the record, and of its sequence
};

// The entries by themselves: to look for what was left touches a few pages instead of all.
struct journal_page {
    uint64_t layout;
    struct journal_entry entries[JOURNAL_PLACES];
    struct run_record records[JOURNAL_PLACES];
};

static const uint64_t layout = (uint64_t)LAYOUT << 48 | (uint64_t)RUN_LIMIT_COUNT << 32 |
                               (uint64_t)OUTCOME_COUNT << 24 | sizeof(struct run_record);

static uint64_t sum_of(const struct run_record *record, uint64_t sequence)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES];
    uint64_t sum;
    _Static_assert(sizeof sum == crypto_shorthash_BYTES, "the hash is one number");
    crypto_shorthash((unsigned char *)&sum, (const unsigned char *)record, sizeof *record, key);
    return sum + sequence; // what was left of another time is not whole
}

// All of it now: a page that is written through a mapping has no way to say that the disk is full. A copy of
// the folder may have the size and not the room.
static bool make_room(int fd, const char *path, struct error *err)
{
    int failed = posix_fallocate(fd, 0, sizeof(struct journal_page));
    return failed == 0 || error_system(err, failed, "cannot get the room for %s, of %zu bytes; free some",
                                       path, sizeof(struct journal_page));
}

static int open_locked(const char *path, int flags, const char *folder, struct error *err)
{
    autoclose int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
    if (fd < 0) {
        error_system(err, errno, "cannot open %s; set state_dir to one that can be written", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        error_system(err, errno, "another sandboxd uses the state folder %s; give each its own state_dir",
                     folder);
        return -1;
    }
    return take_fd(&fd);
}

// Whether something was put there that only another sandboxd can read. No layout: a start that was cut short,
// or a stop that left nothing.
static bool is_foreign(int fd, int64_t *ret_bytes)
{
    struct stat facts;
    uint64_t found = 0;
    if (fstat(fd, &facts) < 0 || pread(fd, &found, sizeof found, 0) != sizeof found || found == 0)
        return false;
    *ret_bytes = facts.st_size;
    return found != layout || facts.st_size != sizeof(struct journal_page);
}

// The lock on the old file is held until the new one is locked.
static bool put_aside(int *fd, const char *path, const char *folder, struct journal_aside *aside,
                      struct error *err)
{
    snprintf(aside->path, sizeof aside->path, "%s.%" PRId64, path, clock_unix_ms());
    if (rename(path, aside->path) < 0)
        return error_system(err, errno, "cannot put %s aside, which another sandboxd made", path);
    int fresh = open_locked(path, O_EXCL, folder, err);
    if (fresh < 0)
        return false;
    close(*fd);
    *fd = fresh;
    return true;
}

bool run_journal_open(struct run_journal *journal, const char *folder, struct journal_aside *ret_aside,
                      struct error *err)
{
    char path[PATH_MAX + 32];
    struct journal_aside aside = {.path = ""};
    snprintf(path, sizeof path, "%s/runs.journal", folder);
    autoclose int fd = open_locked(path, 0, folder, err);
    if (fd < 0 || (is_foreign(fd, &aside.bytes) && !put_aside(&fd, path, folder, &aside, err)) ||
        !make_room(fd, path, err))
        return false;
    void *page = mmap(NULL, sizeof(struct journal_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return error_system(err, errno, "cannot map %s", path);
    *journal = (struct run_journal){.fd = take_fd(&fd), .page = page};
    if (journal->page->layout != layout) {
        run_journal_wipe(journal);
        journal->page->layout = layout;
    }
    *ret_aside = aside;
    return true;
}

void run_journal_close(struct run_journal *journal)
{
    if (journal->page == NULL)
        return;
    munmap(journal->page, sizeof *journal->page);
    close(journal->fd);
    journal->page = NULL;
}

void run_journal_put(struct run_journal *journal, unsigned place, uint64_t sequence,
                     const struct run_record *record)
{
    struct journal_entry *entry = &journal->page->entries[place];
    struct run_record *kept = &journal->page->records[place];
    memcpy(kept, record, sizeof *kept); // with its padding, so that the sum is of the same bytes
    entry->sum = sum_of(kept, sequence);
    atomic_store_explicit(&entry->sequence, sequence, memory_order_release);
}

const struct run_record *run_journal_at(const struct run_journal *journal, unsigned place)
{
    return &journal->page->records[place];
}

uint64_t run_journal_sequence(const struct run_journal *journal, unsigned place)
{
    return atomic_load_explicit(&journal->page->entries[place].sequence, memory_order_acquire);
}

static int by_sequence(const void *a_, const void *b_, void *journal)
{
    uint64_t a = run_journal_sequence(journal, *(const uint16_t *)a_);
    uint64_t b = run_journal_sequence(journal, *(const uint16_t *)b_);
    return (a > b) - (a < b);
}

unsigned run_journal_left(const struct run_journal *journal, uint64_t passed, uint16_t places[JOURNAL_PLACES])
{
    unsigned count = 0;
    for (unsigned place = 0; place < JOURNAL_PLACES; place++) {
        uint64_t sequence = run_journal_sequence(journal, place);
        if (sequence > passed &&
            journal->page->entries[place].sum == sum_of(run_journal_at(journal, place), sequence))
            places[count++] = (uint16_t)place;
    }
    qsort_r(places, count, sizeof *places, by_sequence, (void *)journal);
    return count;
}

void run_journal_wipe(struct run_journal *journal)
{
    memset(journal->page->entries, 0, sizeof journal->page->entries);
    journal->page->layout = 0;
}

static bool in_a_row(const uint16_t *places, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        if (places[i] != (places[0] + i) % JOURNAL_PLACES)
            return false;
    return true;
}

// After a power cut, or with an older copy of the store, there may be gaps. A kill during this may cost runs.
static void close_ranks(struct run_journal *journal, uint16_t *places, unsigned count)
{
    for (unsigned to = 0; to < count; to++) {
        // What was at `to` goes to where its record came from, so that none is lost on the way.
        unsigned from = places[to];
        struct run_record record = journal->page->records[from], moved = journal->page->records[to];
        uint64_t sequence = run_journal_sequence(journal, from), other = run_journal_sequence(journal, to);
        run_journal_put(journal, from, other, &moved);
        run_journal_put(journal, to, sequence, &record);
        for (unsigned i = to + 1; i < count; i++)
            if (places[i] == to)
                places[i] = (uint16_t)from;
    }
}

unsigned run_journal_adopt(struct run_journal *journal, uint64_t passed, unsigned *ret_head)
{
    uint16_t places[JOURNAL_PLACES];
    unsigned count = run_journal_left(journal, passed, places);
    bool ring = in_a_row(places, count);
    if (!ring)
        close_ranks(journal, places, count);
    *ret_head = ring && count > 0 ? places[0] : 0;
    for (unsigned i = count; i < JOURNAL_PLACES; i++)
        journal->page->entries[(*ret_head + i) % JOURNAL_PLACES].sequence = 0;
    return count;
}

bool journal_mark_read(struct database *db, uint64_t *ret_passed, struct error *err)
{
    autostatement struct statement read = statement_make(db, "SELECT passed FROM run_journal");
    if (statement_row(&read))
        *ret_passed = (uint64_t)column_integer(&read, 0);
    return statement_done(&read, err);
}

struct statement journal_mark_statement(struct database *db)
{
    return statement_make(db, "UPDATE run_journal SET passed = ?");
}

bool journal_mark_put(struct statement *put, uint64_t passed, struct error *err)
{
    bind_integer(put, (int64_t)passed);
    return statement_run(put, err);
}
