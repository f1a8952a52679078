// SPDX-License-Identifier: Apache-2.0
// A folder of its own for one test, removed with all that is in it. For cmocka's setup and teardown.
#pragma once

struct scratch_folder {
    char path[64];
};

int scratch_setup(void **state);
int scratch_teardown(void **state);
// Makes or replaces a file; folders on its way are made.
void scratch_write(const struct scratch_folder *scratch, const char *name, const char *text);
void scratch_path(const struct scratch_folder *scratch, const char *name, char path[256]);
