// SPDX-License-Identifier: Apache-2.0
// The runs that wait to be written, in a file that is mapped shared. Its pages are the kernel's, so what was
// put there outlives a process that is killed, without a system call or a wait for the disk; the next start
// writes it. A power cut may cost it: nothing is forced to the disk here, and checksums tell what is whole.
// (A page that the kernel writes back just then may hold its next writer up for a moment: once in half a
// minute at most, as for any file.) What was written already is told by the store: its mark is set in the
// transaction that writes the runs, so that none is written twice. Only for sandboxd/store/, whose locks it
// is under.
#pragma once

#include "base/error.h"
#include "sandboxd/store/database.h"
#include "sandboxd/store/run_record.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { JOURNAL_PLACES = 4096 };

struct run_journal {
    int fd; // locked: one process at a time uses a state folder
    struct journal_page *page;
};

// A journal that was put aside, since it could not be read: there may be runs in it.
struct journal_aside {
    char path[PATH_MAX + 64]; // "": none was
    int64_t bytes;
};
// Makes the file, with all the room that it will ever take, if there is none. One of another layout is
// renamed first, and told: the sandboxd that made it can still write its runs.
bool run_journal_open(struct run_journal *journal, const char *folder, struct journal_aside *ret_aside,
                      struct error *err);
void run_journal_close(struct run_journal *journal);

// `sequence` is above all that were put before.
void run_journal_put(struct run_journal *journal, unsigned place, uint64_t sequence,
                     const struct run_record *record);
const struct run_record *run_journal_at(const struct run_journal *journal, unsigned place);

// The places of the whole records whose sequence is above `passed`, the first first; gives how many.
unsigned run_journal_left(const struct run_journal *journal, uint64_t passed,
                          uint16_t places[JOURNAL_PLACES]);
uint64_t run_journal_sequence(const struct run_journal *journal, unsigned place);
// Forgets all that was put, so that there is nothing in it for a program of another layout either.
void run_journal_wipe(struct run_journal *journal);
// Makes a ring of what run_journal_left tells, and forgets the rest: its first is at `ret_head`, the others
// at the places after it. Gives how many they are.
unsigned run_journal_adopt(struct run_journal *journal, uint64_t passed, unsigned *ret_head);

// The last sequence that is in the store.
bool journal_mark_read(struct database *db, uint64_t *ret_passed, struct error *err);
struct statement journal_mark_statement(struct database *db);
bool journal_mark_put(struct statement *put, uint64_t passed, struct error *err);
