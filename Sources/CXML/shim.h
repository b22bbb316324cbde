#pragma once
#include <libxml/xmlversion.h>
// Debian builds libxml2 with ICU, whose headers clash with those of Foundation. What they are for, the converters of
// character sets, is not used here.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>

/// Frees what libxml2 allocated for its caller; `xmlFree` itself is a variable.
static inline void causeway_xml_free(void *memory) { xmlFree(memory); }
