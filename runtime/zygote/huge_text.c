// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/huge_text.h"

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

// Newer than the headers of some distributions that we build on.
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE_PAGE ((size_t)2 << 20)
#define SMALL_PAGE ((size_t)4096)

struct code {
    char *start;
    size_t length;
    size_t huge_length; // rounded up to huge pages
    char *rest;         // what is behind the code, up to there
    size_t rest_length;
};

static size_t round_up(size_t value, size_t to)
{
    return (value + to - 1) / to * to;
}

// The first object is the program itself.
static int take_program(struct dl_phdr_info *info, size_t size, void *user)
{
    struct code *code = user;
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0)
            continue;
        // The addresses of a loaded program are numbers in its headers.
        code->start = (char *)(uintptr_t)(info->dlpi_addr + segment->p_vaddr);
        code->length = segment->p_memsz;
        code->huge_length = round_up(code->length, HUGE_PAGE);
        code->rest = code->start + round_up(code->length, SMALL_PAGE);
        code->rest_length = code->huge_length - round_up(code->length, SMALL_PAGE);
    }
    return 1;
}

// Takes the addresses between the code's end and the huge page's, if nobody has them.
static bool claim_rest(const struct code *code)
{
    if (code->rest_length == 0)
        return true;
    void *claimed = mmap(code->rest, code->rest_length, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (claimed != MAP_FAILED && claimed != code->rest)
        munmap(claimed, code->rest_length);
    return claimed == code->rest;
}

static void give_rest_back(const struct code *code)
{
    if (code->rest_length > 0)
        munmap(code->rest, code->rest_length);
}

// A copy of the code on huge pages, readable and executable, at an aligned address within `room`.
static char *copy_code(const struct code *code, char *room, struct error *err)
{
    char *copy = room + (HUGE_PAGE - (uintptr_t)room % HUGE_PAGE) % HUGE_PAGE;
    madvise(copy, code->huge_length, MADV_HUGEPAGE);
    memcpy(copy, code->start, code->length);
    // Says whether there are huge pages at all: small ones would be inherited one by one, which costs more
    // than the faults.
    if (madvise(copy, code->huge_length, MADV_COLLAPSE) != 0) {
        error_system(err, errno, "no huge page");
        return NULL;
    }
    if (mprotect(copy, code->huge_length, PROT_READ | PROT_EXEC) != 0) {
        error_system(err, errno, "a copy of the code cannot be executable");
        return NULL;
    }
    return copy;
}

// Puts the copy in the place of the code that is running: the same bytes, so nothing notices.
static bool move_code(const struct code *code, struct error *err)
{
    size_t room_length = code->huge_length + HUGE_PAGE;
    char *room =
        mmap(NULL, room_length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return error_system(err, errno, "no room for a copy of the code");
    char *copy = copy_code(code, room, err);
    if (copy == NULL) {
        munmap(room, room_length);
        return false;
    }
    if (mremap(copy, code->huge_length, code->huge_length, MREMAP_MAYMOVE | MREMAP_FIXED, code->start) !=
        code->start) {
        error_system(err, errno, "the code cannot be moved");
        munmap(room, room_length);
        return false;
    }
    // What was left over on both sides of the aligned part.
    size_t before = (size_t)(copy - room);
    if (before > 0)
        munmap(room, before);
    if (before < HUGE_PAGE)
        munmap(copy + code->huge_length, HUGE_PAGE - before);
    return true;
}

bool huge_text_use(struct error *err)
{
    struct code code = {0};
    dl_iterate_phdr(take_program, &code);
    if (code.length == 0 || (uintptr_t)code.start % HUGE_PAGE != 0)
        return error_set(err, ERROR_UNSUPPORTED, "the code is not aligned to a huge page");
    if (!claim_rest(&code))
        return error_set(err, ERROR_UNSUPPORTED, "something lies behind the code");
    if (move_code(&code, err))
        return true;
    give_rest_back(&code);
    return false;
}
