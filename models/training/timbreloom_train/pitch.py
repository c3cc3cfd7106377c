"""Fundamental frequency: YIN's dips as candidates, a Viterbi search over the hops, a level gate.

`src/dsp/pitch.rs` is the causal half of this file in Rust; `tests/fixtures/pitch.json` keeps the two equal.
YIN: de Cheveigne and Kawahara, JASA 111 (2002), equations 6 (difference) and 8 (cumulative mean normalisation).
"""
import numpy as np
import numpy.typing as npt

from .features import HOP, LEVEL_GATE_DB, N_FFT, SR, Array, frames_of, loudness_of

MIN_HZ, MAX_HZ = 50.0, 2200.0
N_CANDIDATES = 6
UNVOICED_COST = 0.60     # a dip shallower than this loses to "unvoiced"
JUMP_COST = 1.6          # per octave of movement between two hops ...
JUMP_MAX = 0.5           # ... but a leap to a new note costs no more than this
SWITCH_COST = 0.12       # voiced <-> unvoiced
LONG_LAG_COST = 0.08     # per octave below MAX_HZ: of equally good periods the shortest is the period
ONSET_REST = 1e-3        # of the window's energy, added to the difference and its mean
SILENT_COST = 3.0        # of any pitch in a hop below the level gate
WIDTH = N_FFT - int(SR / MIN_HZ)   # samples that are compared with those one period before them
SHORT_WIDTH = 700                  # the same for a model that plays sooner than a hop later: see width_for


def width_for(delay: int) -> int:
    """How many samples are compared for a model of this delay (samples). What the pitch is not yet known of is carried
    on by its slope; of speech that is 14.5 cents off (median) with a delay of 320 and WIDTH, 11.2 with SHORT_WIDTH."""
    return SHORT_WIDTH if delay < HOP else WIDTH


def difference_function(frames: Array, width: int = WIDTH) -> npt.NDArray[np.float64]:
    """Cumulative-mean-normalised difference of each window: [hops, lags], lag 0 .. SR / MIN_HZ - 1.

    The window's END is compared with what came before it: a pitch is then known (width + lag) / 2 samples after its
    middle, 0.3 (50 Hz) to 10 ms (high notes) sooner than by comparing the beginning with what follows it.
    """
    n_lag, size = int(SR / MIN_HZ), 2 * N_FFT
    frames = frames[:, ::-1]
    head, whole = np.fft.rfft(frames[:, :width], size), np.fft.rfft(frames, size)
    correlation = np.fft.irfft(head.conj() * whole, size)[:, :n_lag]
    energy = np.cumsum(np.pad(frames.astype(np.float64) ** 2, ((0, 0), (1, 0))), 1)
    window_energy = energy[:, width:width + n_lag] - energy[:, :n_lag]
    difference = np.maximum(window_energy[:, :1] + window_energy - 2 * correlation, 0)
    mean = np.cumsum(difference, 1) / np.maximum(np.arange(n_lag), 1)
    # a window that is silent but for its beginning has differences of nothing: the rest makes them shallow
    rest = ONSET_REST * energy[:, width + n_lag, None] + 1e-9
    normalised = (difference + rest) / (mean + rest)
    normalised[:, 0] = 1.0
    return normalised


def candidates(audio: Array, max_hz: float = MAX_HZ,
               width: int = WIDTH) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The N_CANDIDATES dips per hop that cost least: (hz, depth 0..1, 2 = none), each [hops, N_CANDIDATES].

    The depth is interpolated between the lags BEFORE the dips are ranked, and long lags pay: ranked at whole lags, a
    period of 44.6 samples loses its place to its third multiple, and notes above 700 Hz fall a twelfth.
    """
    frames = frames_of(audio)
    hz = np.full((len(frames), N_CANDIDATES), 100.0)
    depth = np.full((len(frames), N_CANDIDATES), 2.0)
    low = int(SR / max_hz)
    for start in range(0, len(frames), 2000):
        diff = difference_function(frames[start:start + 2000], width)
        before, here, after = diff[:, low:-2], diff[:, low + 1:-1], diff[:, low + 2:]
        bend = before - 2 * here + after
        offset = np.clip(0.5 * (before - after) / np.where(np.abs(bend) < 1e-9, 1.0, bend), -0.5, 0.5)
        deepest = np.maximum(here - 0.25 * (before - after) * offset, 0)
        lag = np.arange(low + 1, diff.shape[1] - 1) + offset
        is_dip = (here <= before) & (here < after)
        score = np.where(is_dip, deepest + LONG_LAG_COST * np.log2(lag), 9.0)
        best = np.argsort(score, axis=1, kind='stable')[:, :N_CANDIDATES]
        row = np.arange(len(diff))[:, None]
        found = score[row, best] < 9
        hz[start:start + len(diff)] = np.where(found, SR / lag[row, best], 100.0)
        depth[start:start + len(diff)] = np.where(found, deepest[row, best], 2.0)
    return hz, depth


def track(audio: Array, loudness: Array | None = None, prior_hz: float | None = None,
          causal: bool = False, max_hz: float = MAX_HZ, width: int = WIDTH) -> tuple[Array, Array]:
    """-> (f0 [hops] in Hz, voicing [hops] 0..1).

    Where nothing is voiced f0 HOLDS its last value (the first value before the first voiced hop), so that a pitch
    curve never jumps to nonsense in silence. prior_hz: a known note; candidates further than 1.7 semitones from it
    are discouraged. causal: each hop is decided from the past alone, as in the plugin.
    width: see width_for.
    """
    loudness = loudness_of(audio) if loudness is None else loudness
    hz, depth = candidates(audio, max_hz, width)
    octave = np.log2(hz)
    cost = depth + LONG_LAG_COST * (np.log2(MAX_HZ) - octave)
    unvoiced_cost = UNVOICED_COST
    if prior_hz is not None:
        cost = cost + 0.8 * (np.abs(octave - np.log2(prior_hz)) > 1.7 / 12)
        unvoiced_cost += 0.25
    quiet = loudness < LEVEL_GATE_DB
    cost = np.where(quiet[:, None], SILENT_COST, cost)
    unvoiced = np.where(quiet, 0.0, unvoiced_cost)

    n_hop, unv = len(hz), N_CANDIDATES
    total = np.zeros(unv + 1)
    back = np.zeros((n_hop, unv + 1), np.int64)
    choice = np.zeros(n_hop, np.int64)
    move = np.zeros((unv + 1, unv + 1))
    move[unv, :unv] = move[:unv, unv] = SWITCH_COST
    for hop in range(n_hop):
        if hop:
            move[:unv, :unv] = np.minimum(JUMP_COST * np.abs(octave[hop - 1][:, None] - octave[hop][None]), JUMP_MAX)
            step = total[:, None] + move
            back[hop] = step.argmin(0)
            total = step.min(0)
        total = total + np.append(cost[hop], unvoiced[hop])
        total -= total.min()
        choice[hop] = total.argmin()
    if not causal:
        for hop in range(n_hop - 1, 0, -1):
            choice[hop - 1] = back[hop, choice[hop]]
    voiced, row = choice < unv, np.arange(n_hop)
    pick = np.minimum(choice, unv - 1)
    voicing = np.where(voiced, np.clip(1.0 - depth[row, pick], 0, 1), 0.0).astype(np.float32)
    return hold_last(hz[row, pick], voiced), voicing


def hold_last(values: npt.ArrayLike, valid: npt.NDArray[np.bool_]) -> Array:
    """Replace invalid entries by the last valid one (by the first valid one at the start; 110 without any)."""
    values = np.asarray(values, np.float32)
    if not valid.any():
        return np.full(len(values), 110.0, np.float32)
    index = np.maximum.accumulate(np.where(valid, np.arange(len(values)), -1))
    index[index < 0] = np.argmax(valid)
    return values[index]


def cents(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Interval from b to a, in hundredths of a semitone."""
    return 1200.0 * np.log2(np.maximum(a, 1e-3) / np.maximum(b, 1e-3))
