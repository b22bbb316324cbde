#pragma once
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

// vpx_codec_control is variadic and the initialisers are macros: Swift can call neither.

static inline vpx_codec_err_t causeway_vpx_decoder_init(
    vpx_codec_ctx_t *context, vpx_codec_iface_t *interface, const vpx_codec_dec_cfg_t *configuration) {
    return vpx_codec_dec_init(context, interface, configuration, 0);
}

static inline vpx_codec_err_t causeway_vpx_encoder_init(
    vpx_codec_ctx_t *context, vpx_codec_iface_t *interface, const vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_init(context, interface, configuration, 0);
}

static inline vpx_codec_err_t causeway_vpx_control(vpx_codec_ctx_t *context, int control, int value) {
    return vpx_codec_control_(context, control, value);
}

// The packet's data is in a C union with an anonymous struct.
static inline const void *causeway_vpx_packet_data(const vpx_codec_cx_pkt_t *packet) { return packet->data.frame.buf; }
static inline size_t causeway_vpx_packet_size(const vpx_codec_cx_pkt_t *packet) { return packet->data.frame.sz; }
static inline vpx_codec_pts_t causeway_vpx_packet_pts(const vpx_codec_cx_pkt_t *packet) { return packet->data.frame.pts; }
static inline int causeway_vpx_packet_is_key(const vpx_codec_cx_pkt_t *packet) {
    return (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
}
