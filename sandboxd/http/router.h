// SPDX-License-Identifier: Apache-2.0
// The routes as a table, and matching a request target against it. Pure; any thread.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum http_method {
    METHOD_GET,
    METHOD_HEAD, // answered as GET, without the body
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_COUNT,
};

// "OTHER" for METHOD_COUNT, which stands for every method that this server does not know.
const char *http_method_name(enum http_method method);
bool http_method_by_name(const char *name, enum http_method *ret_method);

struct http_request;

// Answers the request, or suspends it and answers later. Runs in an HTTP thread: must not block.
typedef void http_handler(void *app, struct http_request *request);
// Sees the headers only: refuses early with http_refuse, or leaves the request alone.
typedef void http_early_check(void *app, struct http_request *request);

// Which listeners serve a route.
enum http_surface { SURFACE_API = 1, SURFACE_METRICS = 2, SURFACE_PROBES = 4 };

// Whom a route is for. A row that says nothing is for admins. Whatever a tenant's key asks for counts against
// the limits on requests, reads too: each may wait for the disk.
enum route_access {
    ACCESS_ADMIN,
    ACCESS_ANY_KEY,    // what a tenant sees there is the handler's to narrow down
    ACCESS_OWN_TENANT, // the first parameter of the path is a tenant: that one, and admins
    ACCESS_OPEN,       // no key is asked for
};

struct http_route {
    enum http_method method;
    const char *pattern; // "/v1/runs/{id}"
    http_handler *handle;
    http_early_check *early; // may be NULL
    unsigned surfaces;       // enum http_surface bits
    enum route_access access;
    bool executes;   // has code of others run: counts against the limits on requests for admins too
    bool idempotent; // an Idempotency-Key keeps it from being done twice
    bool takes_json; // has a body, and it must be application/json
    bool quiet;      // its access line is for debugging only
};

struct http_routes {
    const struct http_route *items;
    unsigned count;
};

enum { ROUTE_PARAMETERS_MAX = 4, ROUTE_ALLOW_SIZE = 64 };

struct route_match {
    const struct http_route *route;               // NULL: none
    struct bytes parameter[ROUTE_PARAMETERS_MAX]; // decoded, in the order of the pattern; NUL-terminated
    bool path_known;                              // some other method has this path; then:
    char allow[ROUTE_ALLOW_SIZE];                 // "GET, HEAD, DELETE"
};

// Matches `path` (without query, still percent-encoded). It is decoded in place where a parameter matches, so
// it must be writable and outlive the match. HEAD matches a route of GET. False if an escape is malformed or
// stands for NUL.
bool router_match(const struct http_routes *routes, unsigned surfaces, enum http_method method, char *path,
                  struct route_match *ret_match);

// The value of `name` in a query string, decoded into `out` (NUL-terminated). False if it is not there, does
// not fit, or is malformed.
bool query_value(const char *query, const char *name, char *out, size_t size);
