// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/xml_text.h"

void xml_put(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        switch (byte) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(byte < 0x20 && byte != '\n' && byte != '\t' ? '?' : byte, out);
        }
    }
}
