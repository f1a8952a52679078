// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the offered name closest to what was typed, if it is close enough to be a slip. Any thread.
#pragma once

#include <stddef.h>

struct closest {
    const char *typed;
    size_t length;
    const char *best; // borrowed from an offer
    size_t distance;
};

struct closest closest_make(const char *typed, size_t length);
// Optimal string alignment distance (insert, delete, replace, swap of neighbours). Names and typed texts
// above 63 bytes are never close. Upper and lower case are the same; three letters or more that begin a name
// are one slip from it.
void closest_offer(struct closest *closest, const char *name);
// NULL if no offered name is within a third of the typed length (at least 1, at most 3) of it.
const char *closest_text(const struct closest *closest);
