// SPDX-License-Identifier: Apache-2.0
// SANDBOXD_VERSION and SANDBOXD_REVISION come from meson.
#pragma once

#ifndef SANDBOXD_VERSION
#error "meson defines SANDBOXD_VERSION"
#endif
