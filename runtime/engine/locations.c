// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/locations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct location {
    const char *what;
    const char *variable;
    const char *places[3]; // relative to the folder of the executable
    int access_mode;
};

static const struct location zygote_location = {
    .what = "the sandbox-zygote executable",
    .variable = "SANDBOX_ZYGOTE_PATH",
    .places = {"../runtime/zygote/sandbox-zygote", "../libexec/sandboxd/sandbox-zygote"},
    .access_mode = X_OK,
};

static const struct location probe_location = {
    .what = "the sandbox-probe executable",
    .variable = "SANDBOX_PROBE_PATH",
    .places = {"../runtime/probe/sandbox-probe", "../libexec/sandboxd/sandbox-probe"},
    .access_mode = X_OK,
};

static const struct location unfiltered_probe_location = {
    .what = "the sandbox-probe-unfiltered executable",
    .variable = "SANDBOX_PROBE_UNFILTERED_PATH",
    .places = {"../runtime/probe/sandbox-probe-unfiltered", "../libexec/sandboxd/sandbox-probe-unfiltered"},
    .access_mode = X_OK,
};

static const struct location policy_location = {
    .what = "the folder of stock policies",
    .variable = "SANDBOXD_POLICY_DIR",
    // A build folder lies in the source tree.
    .places = {"../../policies", "../share/sandboxd/policies"},
    .access_mode = R_OK,
};

static bool executable_folder(char ret_path[PATH_MAX], struct error *err)
{
    ssize_t length = readlink("/proc/self/exe", ret_path, PATH_MAX - 1);
    if (length < 0)
        return error_system(err, errno, "cannot read /proc/self/exe");
    ret_path[length] = '\0';
    *strrchr(ret_path, '/') = '\0';
    return true;
}

static bool find(const struct location *location, char ret_path[PATH_MAX], struct error *err)
{
    const char *named = getenv(location->variable);
    if (named != NULL && *named != '\0') {
        if (access(named, location->access_mode) != 0)
            return error_system(err, errno, "%s=%s", location->variable, named);
        if (snprintf(ret_path, PATH_MAX, "%s", named) >= PATH_MAX)
            return error_set(err, ERROR_INVALID, "%s is too long", location->variable);
        return true;
    }
    char folder[PATH_MAX];
    if (!executable_folder(folder, err))
        return false;
    for (size_t i = 0; location->places[i] != NULL; i++) {
        if (snprintf(ret_path, PATH_MAX, "%s/%s", folder, location->places[i]) >= PATH_MAX)
            continue;
        if (access(ret_path, location->access_mode) == 0)
            return true;
    }
    return error_set(err, ERROR_NOT_FOUND, "cannot find %s beside %s; set %s", location->what, folder,
                     location->variable);
}

bool location_of_zygote(char ret_path[PATH_MAX], struct error *err)
{
    return find(&zygote_location, ret_path, err);
}

bool location_of_probe(bool filtered, char ret_path[PATH_MAX], struct error *err)
{
    return find(filtered ? &probe_location : &unfiltered_probe_location, ret_path, err);
}

bool location_of_policies(char ret_path[PATH_MAX], struct error *err)
{
    return find(&policy_location, ret_path, err);
}
