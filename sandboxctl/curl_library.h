// SPDX-License-Identifier: Apache-2.0
// libcurl, loaded when the first request is made: with the thirty libraries below it, linking it costs every
// command some four milliseconds, half of a whole local run, and only remote verbs need it.
#pragma once

#include "base/error.h"

#include <curl/curl.h>
#include <stdbool.h>

// Its functions, with the types that curl/curl.h declares.
struct curl_library {
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_setopt) easy_setopt;
    __typeof__(&curl_easy_perform) easy_perform;
    __typeof__(&curl_easy_getinfo) easy_getinfo;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
};

// ERROR_UNSUPPORTED if this host has none. It stays loaded until the process ends. Main thread only.
bool curl_library_load(struct curl_library *ret_library, struct error *err);
