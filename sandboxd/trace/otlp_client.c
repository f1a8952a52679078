// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/otlp_client.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "policies/json_text.h"
#include "sandboxd/trace/gzip.h"
#include "sandboxd/version.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_BYTES_MAX = 65536, RETRY_AFTER_MAX_S = 3600 };

struct otlp_client {
    CURL *curl;
    struct curl_slist *headers;
    const _Atomic uint64_t *give_up_ns;
    bool gzip;
    struct buffer answer;
    char problem[CURL_ERROR_SIZE];
};

static size_t take_answer(char *data, size_t size, size_t count, void *client_)
{
    struct otlp_client *client = client_;
    buffer_append(&client->answer, data, size * count);
    return size * count; // what is too long is read to its end and not looked at
}

static int watch(void *client_, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    const struct otlp_client *client = client_;
    uint64_t give_up_ns = atomic_load(client->give_up_ns);
    return give_up_ns != 0 && clock_monotonic_ns() >= give_up_ns;
}

// As the library would, but not handed on to the zygotes that are started meanwhile.
static curl_socket_t open_socket(void *client, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)client;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void add_header(void *client_, const char *key, const char *value)
{
    struct otlp_client *client = client_;
    char line[2 * TRACE_TEXT_SIZE + 3];
    snprintf(line, sizeof line, "%s: %s", key, value);
    struct curl_slist *longer = curl_slist_append(client->headers, line);
    if (longer != NULL)
        client->headers = longer;
}

static void set_options(struct otlp_client *client, const struct trace_settings *settings)
{
    CURL *curl = client->curl;
    curl_easy_setopt(curl, CURLOPT_URL, settings->endpoint);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->problem);
    if (settings->certificate[0] != '\0')
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->certificate);
}

struct otlp_client *otlp_client_new(const struct trace_settings *settings, const _Atomic uint64_t *give_up_ns,
                                    struct error *err)
{
    struct otlp_client *client = calloc(1, sizeof *client);
    if (client != NULL)
        client->curl = curl_easy_init();
    if (client == NULL || client->curl == NULL) {
        free(client);
        error_set(err, ERROR_MEMORY, "no memory for the client of the trace collector");
        return NULL;
    }
    client->give_up_ns = give_up_ns;
    client->gzip = settings->gzip;
    client->answer = buffer_make(ANSWER_BYTES_MAX);
    add_header(client, "Content-Type", "application/json");
    add_header(client, "User-Agent", "OTel-OTLP-Exporter-sandboxd/" SANDBOXD_VERSION);
    if (settings->gzip)
        add_header(client, "Content-Encoding", "gzip");
    // A body above 1 MiB would otherwise wait for "100 Continue", which not every collector says.
    client->headers = curl_slist_append(client->headers, "Expect:");
    trace_pairs_each(settings->headers, add_header, client);
    set_options(client, settings);
    return client;
}

void otlp_client_free(struct otlp_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    buffer_free(&client->answer);
    free(client);
}

static bool may_be_tried_over(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

// {"partialSuccess": {"rejectedSpans": "3", "errorMessage": "..."}}; an empty body says that all is well.
static void read_success(const struct buffer *body, struct otlp_answer *answer)
{
    answer->outcome = OTLP_TAKEN;
    if (body->length == 0)
        return;
    json_t *root = buffer_ok(body) ? json_read(bytes_of(body->data, body->length), 0, NULL) : NULL;
    if (!json_is_object(root)) {
        answer->outcome = OTLP_REFUSED;
        snprintf(answer->text, sizeof answer->text,
                 "the answer is not OTLP: is something else listening there?");
    }
    const json_t *partial = json_object_get(root, "partialSuccess");
    const json_t *rejected = json_object_get(partial, "rejectedSpans");
    if (json_is_integer(rejected) && json_integer_value(rejected) > 0)
        answer->rejected = (uint64_t)json_integer_value(rejected);
    else if (json_is_string(rejected))
        answer->rejected = strtoull(json_string_value(rejected), NULL, 10);
    const char *message = json_string_value(json_object_get(partial, "errorMessage"));
    if (message != NULL && message[0] != '\0')
        snprintf(answer->text, sizeof answer->text, "%" PRIu64 " spans were rejected: %s", answer->rejected,
                 message);
    json_decref(root);
}

static void read_answer(struct otlp_client *client, struct otlp_answer *answer)
{
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (status >= 200 && status < 300) {
        read_success(&client->answer, answer);
        return;
    }
    answer->outcome = may_be_tried_over(status) ? OTLP_TRY_OVER : OTLP_REFUSED;
    if (retry_after_s > 0)
        answer->retry_after_ms =
            1000 * (uint64_t)(retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S);
    snprintf(answer->text, sizeof answer->text, "it answered %ld", status);
}

void otlp_client_send(struct otlp_client *client, struct bytes body, uint64_t timeout_ms,
                      struct otlp_answer *ret_answer)
{
    *ret_answer = (struct otlp_answer){.outcome = OTLP_REFUSED};
    struct buffer packed = buffer_make(SIZE_MAX);
    if (client->gzip && !gzip_put(&packed, body)) {
        buffer_free(&packed);
        snprintf(ret_answer->text, sizeof ret_answer->text, "no memory to compress a batch");
        return;
    }
    struct bytes sent = client->gzip ? bytes_of(packed.data, packed.length) : body;
    buffer_clear(&client->answer);
    client->problem[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)sent.length);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, sent.data);
    CURLcode code = curl_easy_perform(client->curl);
    if (code == CURLE_OK) {
        read_answer(client, ret_answer);
    } else {
        ret_answer->outcome = OTLP_TRY_OVER;
        snprintf(ret_answer->text, sizeof ret_answer->text, "%s",
                 client->problem[0] != '\0' ? client->problem : curl_easy_strerror(code));
    }
    buffer_free(&packed);
}
