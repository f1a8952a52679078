// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/clock.h"
#include "policies/json_text.h"
#include "sandboxd/accounts/accounts_state.h"
#include "sandboxd/store/policy_rows.h"

bool audit_account(struct database *db, const struct account_author *author, const char *action,
                   const char *target, const char *detail_name, const char *detail_value, struct error *err)
{
    json_t *object = json_pack("{s:s}", detail_name, detail_value);
    autofree char *detail = object != NULL ? json_text_of(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (detail == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    struct audit_row row = {.at_ms = clock_unix_ms(),
                            .actor = author->actor,
                            .remote = author->remote,
                            .request_id = author->request_id,
                            .action = action,
                            .target = target,
                            .detail = detail,
                            .promise = author->promise};
    return audit_add(db, &row, err);
}
