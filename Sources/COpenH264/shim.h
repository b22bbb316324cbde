#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wels/codec_api.h>

// The decoder is a pointer to a table of functions: C reads better than Swift here.

static inline long causeway_openh264_initialize(ISVCDecoder *decoder) {
    SDecodingParam parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.uiTargetDqLayer = UINT8_MAX;
    parameters.eEcActiveIdc = ERROR_CON_SLICE_COPY;
    parameters.sVideoProperty.size = sizeof parameters.sVideoProperty;
    parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    int quiet = 0;
    (*decoder)->SetOption(decoder, DECODER_OPTION_TRACE_LEVEL, &quiet);
    return (*decoder)->Initialize(decoder, &parameters);
}

static inline void causeway_openh264_uninitialize(ISVCDecoder *decoder) { (*decoder)->Uninitialize(decoder); }

// Outside Baseline openh264 holds a picture back in case that B pictures follow. Calls have none, so it is asked for
// the picture at once.
static inline DECODING_STATE causeway_openh264_decode(
    ISVCDecoder *decoder, const unsigned char *bytes, int count, unsigned char **planes, SBufferInfo *information) {
    DECODING_STATE state = (*decoder)->DecodeFrameNoDelay(decoder, bytes, count, planes, information);
    if (information->iBufferStatus != 1) {
        int end = 1, more = 0;
        (*decoder)->SetOption(decoder, DECODER_OPTION_END_OF_STREAM, &end);
        (*decoder)->FlushFrame(decoder, planes, information);
        (*decoder)->SetOption(decoder, DECODER_OPTION_END_OF_STREAM, &more);
    }
    return state;
}
