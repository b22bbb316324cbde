#pragma once
// The umbrella header spandsp.h needs libtiff's headers; G.722 and DTMF do not.
#include <inttypes.h>
#include <stddef.h>
#include <spandsp/telephony.h>
#include <spandsp/logging.h>
#include <spandsp/g722.h>
#include <spandsp/queue.h>
#include <spandsp/complex.h>
#include <spandsp/vector_float.h>
#include <spandsp/complex_vector_float.h>
#include <spandsp/tone_detect.h>
#include <spandsp/tone_generate.h>
#include <spandsp/super_tone_rx.h>
#include <spandsp/dtmf.h>
