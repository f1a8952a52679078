// SPDX-License-Identifier: Apache-2.0
// Every open connection, watched by one small thread, for what libmicrohttpd does not see: a peer that hangs
// up while its connection is suspended, and a request that trickles in too slowly. The thread never touches
// libmicrohttpd; it shuts the socket down and lets the library notice.
//
// A client is made and removed by the HTTP threads, before its descriptor is closed; all calls may come from
// any thread.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum client_phase {
    CLIENT_IDLE,      // between requests: closed silently at its deadline
    CLIENT_RECEIVING, // a request's header or body is arriving: told so at its deadline
    CLIENT_WAITING,   // suspended: its work is cancelled when it hangs up
    CLIENT_ANSWERING, // the response is being sent: closed at its deadline
};

struct clients;
struct client;

struct client_hooks {
    // A receiving client's time is up: writes a last answer to `fd`, without blocking. `request` is what was
    // given to clients_receiving, and stays alive for the call. Called with the list locked.
    void (*expired)(void *request, int fd);
    // A waiting client hung up. Called without locks, again while it goes on waiting; the work may have
    // ended meanwhile.
    void (*departed)(void *app, const char *work_id);
    void *app;
};

enum { CLIENT_WORK_ID_SIZE = 40 };

// Starts the thread. A client beyond `max` is surplus when it comes.
struct clients *clients_new(const struct client_hooks *hooks, unsigned max, uint32_t idle_timeout_ms,
                            struct error *err);
// Ends the thread. Every client has been removed.
void clients_free(struct clients *clients);

struct client *clients_add(struct clients *clients, int fd); // NULL: out of memory
void clients_remove(struct clients *clients, struct client *client);
unsigned clients_count(const struct clients *clients);
// False for a client that is surplus, as long as there are too many. Those that were there before it are
// none: whoever opens connections without end must not shut out who has one. From its own HTTP thread.
bool clients_admit(const struct clients *clients, struct client *client);

// The client goes into a phase; its deadline is the idle timeout from now. clients_enter gives false if a
// deadline has closed the connection already: then nothing more may be said on it.
bool clients_enter(struct clients *clients, struct client *client, enum client_phase phase);
void clients_receiving(struct clients *clients, struct client *client, void *request);
// If the peer is gone already, `departed` comes soon after. `work_id` is copied.
void clients_waiting(struct clients *clients, struct client *client, const char *work_id);
