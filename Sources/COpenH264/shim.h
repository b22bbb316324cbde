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

static inline int causeway_openh264_encoder_initialize(
    ISVCEncoder *encoder, int width, int height, int bits_per_second, int frame_rate, unsigned longest_unit) {
    SEncParamExt parameters;
    memset(&parameters, 0, sizeof parameters);
    int quiet = 0;
    (*encoder)->SetOption(encoder, ENCODER_OPTION_TRACE_LEVEL, &quiet);
    int state = (*encoder)->GetDefaultParams(encoder, &parameters);
    if (state != 0) return state;
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iPicWidth = width;
    parameters.iPicHeight = height;
    parameters.iTargetBitrate = bits_per_second;
    parameters.iRCMode = RC_BITRATE_MODE;
    parameters.fMaxFrameRate = (float)frame_rate;
    parameters.iComplexityMode = LOW_COMPLEXITY;
    parameters.iSpatialLayerNum = 1;
    parameters.iTemporalLayerNum = 1;
    parameters.uiIntraPeriod = 0;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.bEnableFrameSkip = true;
    parameters.bEnableSceneChangeDetect = false;
    parameters.iMultipleThreadIdc = 1;
    parameters.uiMaxNalSize = longest_unit;
    SSpatialLayerConfig *layer = &parameters.sSpatialLayers[0];
    layer->iVideoWidth = width;
    layer->iVideoHeight = height;
    layer->fFrameRate = (float)frame_rate;
    layer->iSpatialBitrate = bits_per_second;
    layer->uiProfileIdc = PRO_BASELINE;
    layer->sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
    layer->sSliceArgument.uiSliceSizeConstraint = longest_unit;
    return (*encoder)->InitializeExt(encoder, &parameters);
}

static inline void causeway_openh264_encoder_uninitialize(ISVCEncoder *encoder) { (*encoder)->Uninitialize(encoder); }

static inline int causeway_openh264_encode(
    ISVCEncoder *encoder, const SSourcePicture *picture, bool keyframe, SFrameBSInfo *information) {
    if (keyframe) (*encoder)->ForceIntraFrame(encoder, true);
    return (*encoder)->EncodeFrame(encoder, picture, information);
}
