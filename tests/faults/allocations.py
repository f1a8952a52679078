# SPDX-License-Identifier: Apache-2.0
"""The failing allocator, as a test tells it which allocation fails."""

import mmap
import os
import struct
import tempfile

import daemon as support

ALLOCATOR = support.BUILD_DIR / "tests" / "faults" / "failing_allocator.so"


class Allocations:
    """The count in the file that the preloaded library shares."""

    def __init__(self):
        if not ALLOCATOR.exists():
            raise FileNotFoundError(f"{ALLOCATOR} is not built: without it, nothing would fail")
        handle, self.path = tempfile.mkstemp(prefix="sandboxd-test-allocations-")
        os.write(handle, bytes(8))
        self._shared = mmap.mmap(handle, 8)
        os.close(handle)
        self.environment = {"LD_PRELOAD": str(ALLOCATOR), "FAILING_ALLOCATOR": self.path}

    def fail(self, number):
        """The number-th allocation from now fails."""
        self._shared[:] = struct.pack("q", number)

    def have_failed(self):
        return struct.unpack("q", self._shared[:])[0] <= 0

    def close(self):
        self.fail(0)
        self._shared.close()
        os.unlink(self.path)
