#pragma once
#include <pango/pangocairo.h>

// GObject's casts are macros, which Swift does not see.
static inline void causeway_g_object_unref(void *object) { g_object_unref(object); }
