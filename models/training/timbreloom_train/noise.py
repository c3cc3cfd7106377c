"""The program's seeded noise: `src/dsp/noise.rs` in numpy."""
import numpy as np

from .features import Array


def seeded_noise(seed: int, count: int) -> Array:
    """The first `count` values: SplitMix64, four 16-bit parts added up."""
    with np.errstate(over='ignore'):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    total = sum((z >> np.uint64(16 * part)) & np.uint64(0xFFFF) for part in range(4))
    return ((total.astype(np.float64) - 131070) / 37837.226).astype(np.float32)
