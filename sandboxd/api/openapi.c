// SPDX-License-Identifier: Apache-2.0
// GET /openapi.json: docs/openapi.yaml, made into JSON when this was built.
#include "sandboxd/api/openapi_document.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/http/request.h"

void openapi_get(void *app, struct http_request *request)
{
    (void)app;
    http_answer_static(request, 200, "application/json", bytes_of(openapi_document, openapi_document_length));
}
