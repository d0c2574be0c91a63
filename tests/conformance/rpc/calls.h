/* SPDX-License-Identifier: MIT */
/* The tests that both transports have: CALLS_TESTS("LMP"), THREADS_TESTS("LMP"). */
#ifndef TESTS_CONFORMANCE_RPC_CALLS_H
#define TESTS_CONFORMANCE_RPC_CALLS_H

#include "trial.h"

void small_calls(void);
void long_requests(void);
void long_replies(void);
void too_long(void);
void capabilities(void);
void capability_that_may_not_be_sent(void);
void error_travels(void);
void deadline_cancels(void);
void describes_itself(void);

#define CALLS_TESTS(by)                                                                                      \
    {"RPC-" by "-001", "a small call brings its arguments and its results", small_calls},                    \
        {"RPC-" by "-002", "a request of any length arrives", long_requests},                                \
        {"RPC-" by "-003", "a reply of any length arrives", long_replies},                                   \
        {"RPC-" by "-004", "what is too long is refused on the side that knows it", too_long},               \
        {"RPC-" by "-005", "any number of capabilities goes with one message, both ways", capabilities},     \
        {"RPC-" by "-006", "a capability without GRANT ends the call, at any place of the message",          \
         capability_that_may_not_be_sent},                                                                   \
        {"RPC-" by "-007", "an error travels with its context and detail", error_travels},                   \
        {"RPC-" by "-009", "a deadline cancels, and the late answer goes nowhere", deadline_cancels},        \
    {                                                                                                        \
        "RPC-" by "-012", "a service describes itself", describes_itself                                     \
    }

void many_threads_on_one_channel(void);
void kept_calls(void);
void a_client_with_two_connections(void);
void handlers_run_side_by_side(void);
void handlers_call_their_own_service(void);

#define THREADS_TESTS(by)                                                                                    \
    {"RPC-" by "-THREAD-001", "many threads call on one channel, with messages of all lengths",              \
     many_threads_on_one_channel},                                                                           \
        {"RPC-" by "-THREAD-002", "calls that were kept are answered later, others meanwhile", kept_calls},  \
        {"RPC-" by "-THREAD-003", "handlers that kept their calls run side by side",                         \
         handlers_run_side_by_side},                                                                         \
        {"RPC-" by "-THREAD-004", "a handler that kept its call may call its own service",                   \
         handlers_call_their_own_service},                                                                   \
    {                                                                                                        \
        "RPC-" by "-THREAD-005", "two connections of one client do not get into each other's way",           \
            a_client_with_two_connections                                                                    \
    }

#endif
