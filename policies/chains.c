// SPDX-License-Identifier: Apache-2.0
// What extends what: names that do not exist, circles, and chains without end.
#include "policies/resolve.h"

#include "base/closest.h"
#include "policies/origins.h"

#include <stdio.h>

static const struct policy_document *parent_of(const struct policy_document *documents, size_t count,
                                               const struct policy_document *document)
{
    for (size_t i = 0; i < count && document->extends[0]; i++)
        if (strcmp(documents[i].name, document->extends) == 0)
            return &documents[i];
    return NULL;
}

static void fault(struct policy_document *document, struct diagnostics *diagnostics, const char *text)
{
    struct place at = document->value[MEMBER_EXTENDS].at;
    diagnostics_add(diagnostics, document->file, at.line, at.column, "/extends", "%s", text);
    document->good = false;
}

static void fault_unknown(const struct policy_document *documents, size_t count,
                          struct policy_document *document, struct diagnostics *diagnostics)
{
    char text[256];
    struct closest closest = closest_make(document->extends, strlen(document->extends));
    for (size_t i = 0; i < count; i++)
        if (documents[i].name[0] && &documents[i] != document)
            closest_offer(&closest, documents[i].name);
    const char *meant = closest_text(&closest);
    snprintf(text, sizeof text, "there is no policy \"%s\"%s%s%s", document->extends,
             meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
    fault(document, diagnostics, text);
}

static void fault_circle(const struct policy_document *documents, size_t count,
                         struct policy_document *document, struct diagnostics *diagnostics)
{
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "extends itself: %s", document->name);
    const struct policy_document *at = document;
    do {
        at = parent_of(documents, count, at);
        used += (size_t)snprintf(text + used, sizeof text - used, " -> %s", at->name);
    } while (at != document && used < sizeof text - POLICY_NAME_MAX - 8);
    fault(document, diagnostics, text);
}

void policy_check_chains(struct policy_document *documents, size_t count, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < count; i++) {
        struct policy_document *document = &documents[i];
        if (document->extends[0] && !parent_of(documents, count, document)) {
            fault_unknown(documents, count, document, diagnostics);
            continue;
        }
        const struct policy_document *at = document;
        size_t length = 1;
        while ((at = parent_of(documents, count, at)) && at != document && length <= count)
            length++;
        if (at == document)
            fault_circle(documents, count, document, diagnostics);
        else if (!at && length > EXTENDS_CHAIN_MAX)
            fault(document, diagnostics, "too many policies extend each other: at most 16 in a chain");
    }
}
