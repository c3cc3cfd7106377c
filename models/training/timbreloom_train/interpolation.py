"""From one held-out sound to another along a straight line in the latent space, as a picture."""
from pathlib import Path

import numpy as np

from . import mel_pictures
from .evaluate import SOUNDING_DB, Take
from .features import HOP, SR, Array
from .matrix import decode
from .session import Session

SHORTEST_S, LONGEST_S = 1.0, 3.0


def sounding_hops(take: Take) -> int:
    """The hop after the last that sounds."""
    loud = np.where(take.loudness > SOUNDING_DB)[0]
    return int(loud[-1]) + 1 if len(loud) else 0


def choose(takes: list[Take]) -> tuple[Take, Take] | None:
    """Of the longer recordings the two whose mean latents lie furthest apart. takes: with latents."""
    wanted = min(LONGEST_S, max((sounding_hops(t) for t in takes), default=0) * HOP / SR) * 0.6
    long = [t for t in takes if sounding_hops(t) * HOP / SR >= max(SHORTEST_S, wanted)]
    if len(long) < 2:
        long = [t for t in takes if sounding_hops(t) * HOP / SR >= SHORTEST_S]
    if len(long) < 2:
        return None
    middle = np.array([t.latent[t.loudness > SOUNDING_DB].mean(0) for t in long])
    apart = np.linalg.norm(middle[:, None] - middle[None], axis=2)
    first, second = np.unravel_index(apart.argmax(), apart.shape)
    return long[first], long[second]


def between(session: Session, a: Take, b: Take) -> tuple[Array, Array, Array]:
    """-> the model's a, its way from a to b, its b: each [hops * HOP]. z[n] = z_a[n](1 - n/N) + z_b[n](n/N), loudness (dB)
    and voicing likewise, pitch likewise in octaves."""
    hops = min(sounding_hops(a), sounding_hops(b), int(LONGEST_S * SR / HOP))
    part = (np.arange(hops) / hops).astype(np.float32)

    def blend(x: Array, y: Array) -> Array:
        weight = part.reshape(-1, *[1] * (x.ndim - 1))
        return (x[:hops] * (1 - weight) + y[:hops] * weight).astype(np.float32)
    sound = np.repeat(1 - part, HOP) * a.audio[:hops * HOP] + np.repeat(part, HOP) * b.audio[:hops * HOP]
    rows = [(t.latent[:hops], t.loudness[:hops], t.f0[:hops], t.voicing[:hops], t.audio[:hops * HOP]) for t in (a, b)]
    rows.insert(1, (blend(a.latent, b.latent), blend(a.loudness, b.loudness),
                    np.exp2(blend(np.log2(a.f0), np.log2(b.f0))).astype(np.float32), blend(a.voicing, b.voicing), sound))
    made = []
    for row in rows:
        session.reset()
        made.append(decode(session, *row))
    return made[0], made[1], made[2]


def draw(session: Session, a: Take, b: Take, path: Path) -> None:
    """Three mel spectrograms in one PNG."""
    sounds = between(session, a, b)
    titles = (Path(a.name).stem, 'from left to right, in latent space', Path(b.name).stem)
    mel_pictures.draw([dict(zip(titles, sounds))], path)
