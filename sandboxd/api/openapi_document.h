// SPDX-License-Identifier: Apache-2.0
// Made by embed_openapi.py when this is built.
#pragma once

#include <stddef.h>

extern const char openapi_document[];
extern const size_t openapi_document_length;
