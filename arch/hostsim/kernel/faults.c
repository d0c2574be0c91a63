/* SPDX-License-Identifier: MIT */
#include "faults.h"
#include <string.h>

static const char *const names[SIM_FAULTS] = {"stall",  "delay", "spurious", "clock",
                                              "linger", "kill",  "refuse",   "stop"};

const char *sim_fault_name(enum sim_fault fault)
{
    return names[fault];
}

static size_t word_length(const char *word)
{
    return strcspn(word, ",");
}

/* "": the last one was it. */
static const char *next_word(const char *word)
{
    word += word_length(word);
    return *word == ',' ? word + 1 : word;
}

static bool has_victims(enum sim_fault fault)
{
    return fault == SIM_FAULT_KILL || fault == SIM_FAULT_REFUSE;
}

/* What stands behind "kill:" or "refuse:", or NULL. */
static const char *victim(const char *word, enum sim_fault fault)
{
    size_t length = strlen(names[fault]);

    return strncmp(word, names[fault], length) == 0 && word[length] == ':' && word_length(word) > length + 1
               ? word + length + 1
               : NULL;
}

static bool is(const char *word, enum sim_fault fault)
{
    if (has_victims(fault)) {
        return victim(word, fault) != NULL;
    }
    return strlen(names[fault]) == word_length(word) && strncmp(word, names[fault], word_length(word)) == 0;
}

static bool is_known(const char *word)
{
    bool known = false;

    for (enum sim_fault fault = 0; fault < SIM_FAULTS; fault++) {
        known = known || is(word, fault);
    }
    return known;
}

bool sim_faults_are_known(const char *list)
{
    for (const char *word = list; *word != '\0'; word = next_word(word)) {
        if (!is_known(word)) {
            return false;
        }
    }
    return *list != '\0';
}

bool sim_faults_have(const char *list, enum sim_fault fault, const char *program)
{
    for (const char *word = list != NULL ? list : ""; *word != '\0'; word = next_word(word)) {
        const char *name = victim(word, fault);

        if (is(word, fault) && (program == NULL || (strlen(program) == word_length(name) &&
                                                    strncmp(program, name, word_length(name)) == 0))) {
            return true;
        }
    }
    return false;
}

bool sim_faults_all(const char *list, enum sim_fault fault, bool (*is_so)(const char *name, size_t length))
{
    bool all = true;

    for (const char *word = list; *word != '\0'; word = next_word(word)) {
        const char *name = victim(word, fault);

        all = all && (name == NULL || is_so(name, word_length(name)));
    }
    return all;
}
