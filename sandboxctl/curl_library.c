// SPDX-License-Identifier: Apache-2.0
// Its macros would take the place of the functions that are named here.
#define CURL_DISABLE_TYPECHECK
#include "sandboxctl/curl_library.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

// The name of every release since 2006: 7.16 to 8.
static const char soname[] = "libcurl.so.4";

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
    {"curl_easy_init", offsetof(struct curl_library, easy_init)},
    {"curl_easy_setopt", offsetof(struct curl_library, easy_setopt)},
    {"curl_easy_perform", offsetof(struct curl_library, easy_perform)},
    {"curl_easy_getinfo", offsetof(struct curl_library, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct curl_library, easy_strerror)},
    {"curl_easy_cleanup", offsetof(struct curl_library, easy_cleanup)},
    {"curl_slist_append", offsetof(struct curl_library, slist_append)},
    {"curl_slist_free_all", offsetof(struct curl_library, slist_free_all)},
};

bool curl_library_load(struct curl_library *ret_library, struct error *err)
{
    void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return error_set(err, ERROR_UNSUPPORTED, "remote commands need libcurl: %s", dlerror());
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *function = dlsym(handle, functions[i].name);
        if (function == NULL)
            return error_set(err, ERROR_UNSUPPORTED, "%s is too old: it has no %s", soname,
                             functions[i].name);
        memcpy((char *)ret_library + functions[i].offset, &function, sizeof function);
    }
    return true;
}
