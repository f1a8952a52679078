# SPDX-License-Identifier: Apache-2.0
"""Makes a C file that holds the OpenAPI document as JSON from the YAML that people edit.

usage: embed_openapi.py docs/openapi.yaml VERSION output.c
"""

import json
import sys

import yaml


def main():
    source, version, output = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    document["info"]["version"] = version
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    with open(output, "w", encoding="ascii") as file:
        file.write('#include "sandboxd/api/openapi_document.h"\n\nconst char openapi_document[] = {\n')
        for start in range(0, len(text), 24):
            file.write("".join(f"{byte if byte < 128 else byte - 256}," for byte in text[start:start + 24]) + "\n")
        file.write(f"}};\nconst size_t openapi_document_length = {len(text)};\n")


main()
