// SPDX-License-Identifier: Apache-2.0
// What each HTTP thread of a listener has to look after: its connections, and the listening socket. A thread
// that waits for the end of one request asks here what else may want it meanwhile.
//
// A connection stays with the thread that accepted it. All calls but http_threads_new and _free are made in
// that thread.
#pragma once

#include <stdbool.h>

enum { HTTP_OTHERS_MAX = 16 };

struct http_threads;
struct http_thread;

// For `count` threads that accept connections from `listen_fd`. NULL: no memory.
struct http_threads *http_threads_new(unsigned count, int listen_fd);
// After its threads have ended. NULL is fine.
void http_threads_free(struct http_threads *threads);

// The calling thread. NULL if there are more than were told.
struct http_thread *http_thread_current(struct http_threads *threads);
void http_thread_add(struct http_thread *thread, int fd);
void http_thread_remove(struct http_thread *thread, int fd);
// One of its requests is handed to others, whose answer wakes the library by means of its own; and is back.
void http_thread_hand_out(struct http_thread *thread);
void http_thread_take_back(struct http_thread *thread);

// The descriptors that become readable when there is something to do for the thread, but on `fd`. False if
// they do not tell it all: there are too many, or a request is handed out.
bool http_thread_others(const struct http_thread *thread, int fd, int ret_fds[HTTP_OTHERS_MAX],
                        unsigned *ret_count);
