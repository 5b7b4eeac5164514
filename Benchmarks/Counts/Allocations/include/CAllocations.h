// Counts what the program allocates, by standing in front of the C library's malloc and its kin.
#pragma once
#include <stdint.h>

/// How many blocks all threads have asked for since the start; a realloc counts once.
uint64_t callocations_count(void);

/// Calls `body`. A function of its own, so that a tool can be told to count what happens inside.
void callocations_region(void (*body)(void));
