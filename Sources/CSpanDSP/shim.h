#pragma once
// The umbrella header spandsp.h needs libtiff's headers; G.722 does not.
#include <inttypes.h>
#include <spandsp/telephony.h>
#include <spandsp/g722.h>
