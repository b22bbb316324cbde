"""How well speech came through: STOI (0...1) and PESQ (wideband, 1...4.6) of recordings against what was said.

    score.py CLEAN.wav SECONDS_TO_SKIP RECORDING.wav...      prints {"RECORDING.wav": [stoi, pesq], ...}

All are mono, 16 bits, 48 kHz. Recordings are laid over the original five seconds at a time, for jitter buffers shift what
they play by some frames; what is missing or repeated within a piece counts against the recording.
"""
import json
import sys
import wave

import numpy as np
from pesq import PesqError, pesq
from pystoi import stoi
from scipy.signal import fftconvolve, resample_poly

RATE = 48_000
PIECE = 5 * RATE
SHIFT = RATE // 4


def read(path):
    with wave.open(path) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)


def lag(part, whole):
    """Where in `whole` lies what is most like `part`."""
    return int(np.argmax(fftconvolve(whole, part[::-1], "valid")))


def score(clean, heard, skip):
    need = len(clean) - skip
    heard = np.concatenate([heard, np.zeros(need)])
    coarse = lag(clean[skip:], np.concatenate([np.zeros(RATE), heard])) - RATE
    said, came, quality = [], [], []
    for begin in range(skip, len(clean) - PIECE + 1, PIECE):
        piece = clean[begin:begin + PIECE]
        around = coarse + begin - skip - SHIFT
        window = heard[max(0, around):around + PIECE + 2 * SHIFT]
        window = np.concatenate([np.zeros(max(0, -around)), window])
        window = np.concatenate([window, np.zeros(max(0, PIECE + 2 * SHIFT - len(window)))])
        at = lag(piece, window)
        answer = window[at:at + PIECE]
        said.append(piece)
        came.append(answer)
        try:
            low = resample_poly(piece, 1, 3), resample_poly(answer, 1, 3)
            quality.append(pesq(16_000, low[0].astype(np.int16), low[1].astype(np.int16), "wb"))
        except PesqError:
            quality.append(1.0)
    return [float(stoi(np.concatenate(said), np.concatenate(came), RATE)), float(np.mean(quality))]


clean, skip = read(sys.argv[1]), int(float(sys.argv[2]) * RATE)
print(json.dumps({path: score(clean, read(path), skip) for path in sys.argv[3:]}))
