// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/http_client.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "sandboxctl/curl_library.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/text_style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_BYTES_MAX = 256 * 1024 * 1024, CONNECT_TIMEOUT_MS = 5000 };

struct transfer {
    struct buffer body;
    char *etag; // owned
};

static size_t receive_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    buffer_append(&transfer->body, data, size * count);
    return buffer_ok(&transfer->body) ? size * count : 0;
}

static size_t receive_header(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    static const char name[] = "etag:";
    size_t length = size * count;
    if (length > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0) {
        const char *value = data + sizeof name - 1;
        size_t left = length - (sizeof name - 1);
        while (left > 0 && *value == ' ') {
            value++;
            left--;
        }
        while (left > 0 && (value[left - 1] == '\r' || value[left - 1] == '\n'))
            left--;
        // Of any length that libcurl takes: without it a condition would be dropped in silence.
        free(transfer->etag);
        transfer->etag = strndup(value, left);
        if (transfer->etag == NULL)
            return 0;
    }
    return length;
}

static bool add_header(const struct curl_library *library, struct curl_slist **headers, const char *name,
                       const char *value)
{
    if (value == NULL)
        return true;
    autofree char *line = NULL;
    if (asprintf(&line, "%s: %s", name, value) < 0) {
        line = NULL;
        return false;
    }
    struct curl_slist *longer = library->slist_append(*headers, line);
    if (longer != NULL)
        *headers = longer;
    return longer != NULL;
}

// All of them or none: a request without its key or its condition would be another request.
static bool make_headers(const struct curl_library *library, const struct config *config,
                         const struct http_query *query, struct curl_slist **ret_headers, struct error *err)
{
    autofree char *bearer = NULL;
    if (config->api_key.text != NULL && asprintf(&bearer, "Bearer %s", config->api_key.text) < 0) {
        bearer = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    const struct {
        const char *name;
        const char *value; // NULL: not sent
    } lines[] = {
        {"Accept", "application/json, application/problem+json"},
        {"Content-Type", query->body != NULL ? "application/json" : NULL},
        {"Authorization", bearer},
        {"If-Match", query->if_match},
        {"If-None-Match", query->if_none_match},
    };
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!add_header(library, &headers, lines[i].name, lines[i].value)) {
            library->slist_free_all(headers);
            return error_set(err, ERROR_MEMORY, "out of memory");
        }
    }
    *ret_headers = headers;
    return true;
}

static bool perform(const struct curl_library *library, CURL *curl, const struct config *config,
                    const struct http_query *query, struct transfer *transfer, struct error *err)
{
    char url[4096];
    if (snprintf(url, sizeof url, "%s%s", config->url.text, query->path) >= (int)sizeof url)
        return error_set(err, ERROR_INVALID, "the address is too long");
    struct curl_slist *headers = NULL;
    if (!make_headers(library, config, query, &headers, err))
        return false;
    library->easy_setopt(curl, CURLOPT_URL, url);
    library->easy_setopt(curl, CURLOPT_CUSTOMREQUEST, query->method);
    library->easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    library->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    library->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    library->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    library->easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
    library->easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    library->easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
    library->easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    if (query->body != NULL) {
        library->easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(query->body));
        library->easy_setopt(curl, CURLOPT_POSTFIELDS, query->body);
    }
    CURLcode code = library->easy_perform(curl);
    library->slist_free_all(headers);
    if (code == CURLE_OK)
        return true;
    return error_set(err, ERROR_CLOSED,
                     "%s: %s; is sandboxd running there? --url or SANDBOXCTL_URL names another",
                     config->url.text, library->easy_strerror(code));
}

bool http_request(const struct config *config, const struct http_query *query, struct http_answer *ret_answer,
                  struct error *err)
{
    struct curl_library library;
    if (!curl_library_load(&library, err))
        return false;
    CURL *curl = library.easy_init();
    if (curl == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    struct http_answer answer = {0};
    struct transfer transfer = {.body = buffer_make(ANSWER_BYTES_MAX)};
    bool ok = perform(&library, curl, config, query, &transfer, err);
    if (ok) {
        library.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.code);
        answer.text = buffer_take(&transfer.body, NULL);
        ok = answer.text != NULL || error_set(err, ERROR_MEMORY, "out of memory");
    }
    library.easy_cleanup(curl);
    buffer_free(&transfer.body);
    if (!ok) {
        free(transfer.etag);
        return false;
    }
    answer.etag = transfer.etag;
    answer.body = json_loads(answer.text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    *ret_answer = answer;
    return true;
}

void http_answer_free(struct http_answer *answer)
{
    json_decref(answer->body);
    free(answer->text);
    free(answer->etag);
    *answer = (struct http_answer){0};
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

void http_print_fault(const json_t *fault, const char *file, FILE *to)
{
    const json_t *line = json_object_get(fault, "line"), *column = json_object_get(fault, "column");
    const char *named = text_of(fault, "file")[0] != '\0' ? text_of(fault, "file") : file;
    const char *pointer = text_of(fault, "pointer");
    put_foreign(to, named, 0);
    if (json_is_integer(line) && json_is_integer(column))
        fprintf(to, "%s%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, named[0] != '\0' ? ":" : "",
                json_integer_value(line), json_integer_value(column));
    fputs(named[0] != '\0' || line != NULL ? ": " : "", to);
    put_foreign(to, pointer, 0);
    fputs(pointer[0] != '\0' ? ": " : "", to);
    put_foreign_lines(to, bytes_of_text(text_of(fault, "detail")));
    fputc('\n', to);
}

// Each on a line of its own; a single one that `detail` has told already is not told twice.
static void print_faults(const json_t *faults, const char *detail)
{
    size_t index;
    json_t *fault;
    json_array_foreach((json_t *)faults, index, fault)
    {
        if (json_array_size(faults) == 1 && strstr(detail, text_of(fault, "detail")) != NULL)
            return;
        fputs("  ", stderr);
        http_print_fault(fault, "", stderr);
    }
}

enum exit_status http_fail(const struct invocation *invocation, const struct http_answer *answer)
{
    static const struct {
        long code;
        enum exit_status status;
    } statuses[] = {
        {401, STATUS_NOT_ALLOWED}, {403, STATUS_NOT_ALLOWED}, {404, STATUS_NOT_FOUND},
        {413, STATUS_LIMITED},     {429, STATUS_LIMITED},     {503, STATUS_LIMITED},
    };
    const char *title = json_string_value(json_object_get(answer->body, "title"));
    const char *detail = json_string_value(json_object_get(answer->body, "detail"));
    fail(STATUS_FAILURE, "%ld %s%s%s", answer->code, title != NULL ? title : "the server refused",
         detail != NULL ? ": " : "", detail != NULL ? detail : "");
    print_faults(json_object_get(answer->body, "errors"), detail != NULL ? detail : "");
    if (answer->code == 401)
        fputs("  SANDBOXCTL_API_KEY has the key, or SANDBOXCTL_API_KEY_FILE names a file that does\n",
              stderr);
    if (invocation->json && answer->body != NULL) {
        put_foreign_json(stdout, bytes_of_text(answer->text));
        putchar('\n');
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == answer->code)
            return statuses[i].status;
    return STATUS_FAILURE;
}

char *http_escape(const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    struct buffer out = buffer_make(65536);
    for (; *text != '\0'; text++) {
        if (strchr(unreserved, *text) != NULL)
            buffer_append_byte(&out, *text);
        else
            buffer_printf(&out, "%%%02X", (unsigned char)*text);
    }
    return buffer_take(&out, NULL);
}
