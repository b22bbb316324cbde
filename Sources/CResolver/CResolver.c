#include "CResolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

/// Copies a DNS character-string (RFC 1035 §3.3) if it fits; returns what follows it, NULL if it is cut off or too long.
static const unsigned char *take_string(const unsigned char *at, const unsigned char *end, char *into, size_t size) {
    if (at == NULL || at >= end) return NULL;
    size_t length = *at;
    if (length >= size || length >= (size_t)(end - at)) return NULL;
    memcpy(into, at + 1, length);
    into[length] = 0;
    return at + 1 + length;
}

static int take_name(const ns_msg *message, const unsigned char *at, const unsigned char *end, char *into, size_t size) {
    if (at == NULL || at >= end) return 0;
    int length = dn_expand(ns_msg_base(*message), ns_msg_end(*message), at, into, (int)size);
    return length > 0 && length <= end - at;
}

static int take_record(const ns_msg *message, const ns_rr *record, int type, cr_record *into) {
    const unsigned char *at = ns_rr_rdata(*record);
    const unsigned char *end = at + ns_rr_rdlen(*record);
    memset(into, 0, sizeof *into);
    into->ttl = ns_rr_ttl(*record);
    if (end - at < (type == cr_type_srv ? 7 : 8)) return 0;
    into->order = (uint16_t)ns_get16(at);
    into->preference = (uint16_t)ns_get16(at + 2);
    if (type == cr_type_srv) {
        into->port = (uint16_t)ns_get16(at + 4);
        return take_name(message, at + 6, end, into->name, sizeof into->name);
    }
    char expression[256];
    at = take_string(at + 4, end, into->flags, sizeof into->flags);
    at = take_string(at, end, into->service, sizeof into->service);
    at = take_string(at, end, expression, sizeof expression);
    return take_name(message, at, end, into->name, sizeof into->name);
}

static int take_records(const unsigned char *answer, int length, int type, cr_record *records, int most) {
    ns_msg message;
    if (ns_initparse(answer, length, &message) < 0) return cr_failed;
    int found = 0;
    for (int index = 0; index < ns_msg_count(message, ns_s_an) && found < most; index++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, index, &record) < 0) return cr_failed;
        // Aliases stand in the answer beside what they lead to.
        if (ns_rr_type(record) != type || ns_rr_class(record) != ns_c_in) continue;
        if (take_record(&message, &record, type, &records[found])) found++;
    }
    return found > 0 ? found : cr_nothing;
}

int cr_lookup(
    const char *name, int type, uint32_t server, uint16_t port, int timeout_seconds, int tries, cr_record *records,
    int most) {
    enum { answer_size = 65536 };
    unsigned char *answer = malloc(answer_size);
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (answer == NULL || res_ninit(&state) != 0) {
        free(answer);
        return cr_failed;
    }
    state.retrans = timeout_seconds;
    state.retry = tries;
    if (server != 0) {
        state.nscount = 1;
        memset(&state.nsaddr_list[0], 0, sizeof state.nsaddr_list[0]);
        state.nsaddr_list[0].sin_family = AF_INET;
        state.nsaddr_list[0].sin_addr.s_addr = htonl(server);
        state.nsaddr_list[0].sin_port = htons(port);
    }
    int length = res_nquery(&state, name, ns_c_in, type, answer, answer_size);
    int result;
    if (length < 0) {
        result = state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA ? cr_nothing : cr_failed;
    } else {
        result = take_records(answer, length < answer_size ? length : answer_size, type, records, most);
    }
    res_nclose(&state);
    free(answer);
    return result;
}
