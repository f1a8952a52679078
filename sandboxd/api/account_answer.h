// SPDX-License-Identifier: Apache-2.0
// What the answers about accounts share.
#pragma once

#include "sandboxd/api/answer_json.h"
#include "sandboxd/service.h"

// Who changes; `remote` holds a text of the author.
struct account_author account_author_of(const struct http_request *request, char remote[REMOTE_SIZE]);
// Answers for a change that was not made.
void account_refuse(struct http_request *request, const struct error *err);
// 202: it is in force, and `err` is why the store was not told.
void answer_not_stored(struct service *service, struct http_request *request, const struct error *err);
// 204: it is gone.
void answer_nothing(struct http_request *request);
