// SRV and NAPTR records by the system's resolver (libresolv), whose structures and macros Swift cannot express.
#ifndef CRESOLVER_H
#define CRESOLVER_H

#include <stdint.h>

/// A record of either kind; strings end with NUL.
typedef struct {
    /// Seconds.
    uint32_t ttl;
    /// NAPTR: order. SRV: priority.
    uint16_t order;
    /// NAPTR: preference. SRV: weight.
    uint16_t preference;
    /// SRV.
    uint16_t port;
    /// NAPTR.
    char flags[16];
    /// NAPTR.
    char service[64];
    /// NAPTR: replacement. SRV: target. `.` is written as an empty string.
    char name[1026];
} cr_record;

enum { cr_type_srv = 33, cr_type_naptr = 35 };
enum { cr_nothing = -1, cr_failed = -2 };

/// Asks and waits. Returns how many records were found, at most `most`; `cr_nothing` if the name or the kind of record
/// does not exist; `cr_failed` if nobody knows. Others may ask at the same time.
/// - server: an IPv4 address in host order, to be asked in place of the system's servers; 0 asks those.
int cr_lookup(
    const char *name, int type, uint32_t server, uint16_t port, int timeout_seconds, int tries, cr_record *records,
    int most);

#endif
