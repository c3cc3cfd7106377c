"""The discrete model: every hop is one of a few hundred codes, each of them a timbre; pitch and level are free.

Shapes: B batch, T hops.
    Encoder: log_mel [B, T, N_MEL], voicing [B, T] -> vectors [B, T, WIDTH], without context
    Codebook: vectors -> the nearest of its own
    Decoder: vectors, f0 [B, T] Hz -> log gains of harmonics and noise in bands, without context; with a level: sound
Without context a code sounds the same wherever it stands, so that any sequence of codes may be played (VQ-VAE: van den
Oord et al., NIPS 2017; frame-wise with a separate gain: Bitton et al., DAFx 2020).
"""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import nets
from .features import N_MEL, Array

WIDTH = 16              # of a code's vector
CEPSTRA = 24            # of the mel spectrum: a smooth envelope with little pitch in it
BANDS = nets.HARMONIC_BANDS + nets.NOISE_BANDS
MEMORY = 0.95           # of the codebook's moving averages, share kept per step
DEAD_SHARE = 0.1        # a code used less than this share of the mean starts anew


def cepstral_basis() -> Array:
    """DCT-II [N_MEL, CEPSTRA], without its constant: a change of level beside the floor of the analysis adds the same to
    all bands, and goes unseen."""
    place = (np.arange(N_MEL)[:, None] + 0.5) * np.pi / N_MEL
    return (np.cos(place * np.arange(1, CEPSTRA + 1)[None]) * math.sqrt(2 / N_MEL)).astype(np.float32)


def layers(*sizes: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    for width, wider in zip(sizes[:-2], sizes[1:-1]):
        parts += [nn.Linear(width, wider), nn.LayerNorm(wider), nn.GELU(approximate='tanh')]
    return nn.Sequential(*parts, nn.Linear(sizes[-2], sizes[-1]))


class CodeEncoder(nn.Module):
    def __init__(self, hidden: int = 192) -> None:
        super().__init__()
        self.register_buffer('cepstrum', torch.tensor(cepstral_basis()))
        self.net = layers(CEPSTRA + 1, hidden, hidden, WIDTH)

    def forward(self, log_mel: Tensor, voicing: Tensor) -> Tensor:
        return self.net(torch.cat([log_mel @ self.cepstrum, 2 * (1 - voicing.unsqueeze(-1))], -1))


class Codebook(nn.Module):
    """k-means that goes on while the encoder learns: moving averages (van den Oord et al., appendix A.1), and codes that
    nothing falls to restart on a random hop (Jukebox: Dhariwal et al., 2020)."""

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.codes = codes
        self.register_buffer('vectors', torch.zeros(codes, WIDTH))
        self.register_buffer('count', torch.ones(codes))
        self.register_buffer('total', torch.zeros(codes, WIDTH))
        self.register_buffer('is_active', torch.zeros((), dtype=torch.bool))

    def nearest(self, x: Tensor) -> Tensor:
        """[N, WIDTH] -> [N]"""
        return ((self.vectors ** 2).sum(1) - 2 * x @ self.vectors.T).argmin(1)

    def sums(self, x: Tensor) -> tuple[Tensor, Tensor]:
        index = self.nearest(x)
        return torch.bincount(index, minlength=self.codes).float(), torch.zeros_like(self.total).index_add_(0, index, x)

    @torch.no_grad()
    def start(self, x: Tensor, rounds: int = 12) -> None:
        """Lloyd's algorithm on vectors x [N, WIDTH], N well above the number of codes."""
        self.vectors.copy_(x[torch.randperm(len(x))[:self.codes]])
        for _ in range(rounds):
            count, total = self.sums(x)
            self.vectors.copy_(total / count.clamp(min=1).unsqueeze(1))
            dead = torch.where(count == 0)[0]
            self.vectors[dead] = x[torch.randint(len(x), (len(dead),))]
        self.count.copy_(count)
        self.total.copy_(total)
        self.is_active.fill_(True)

    @torch.no_grad()
    def follow(self, x: Tensor) -> int:
        """One step of the moving averages on vectors of random hops [N, WIDTH]; -> codes that started anew"""
        count, total = self.sums(x)
        self.count.mul_(MEMORY).add_(count, alpha=1 - MEMORY)
        self.total.mul_(MEMORY).add_(total, alpha=1 - MEMORY)
        self.vectors.copy_(self.total / (self.count.unsqueeze(1) + 1e-4))
        mean = self.count.mean()
        dead = torch.where(self.count < DEAD_SHARE * mean)[0]
        if len(dead):
            fresh = x[torch.randint(len(x), (len(dead),))]
            self.vectors[dead] = fresh
            self.count[dead] = 0.5 * mean
            self.total[dead] = fresh * self.count[dead].unsqueeze(1)
        return len(dead)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[B, T, WIDTH] -> quantised with a straight-through gradient, commitment loss; as it is until `start`"""
        if not self.is_active:
            return x, x.new_zeros(())
        chosen = self.vectors[self.nearest(x.reshape(-1, WIDTH))].reshape(x.shape)
        return x + (chosen - x).detach(), F.mse_loss(x, chosen)

    def perplexity(self) -> float:
        share = self.count / self.count.sum()
        return float(torch.exp(-(share * torch.log(share + 1e-9)).sum()))


class CodeDecoder(nn.Module):
    def __init__(self, hidden: int = 256) -> None:
        super().__init__()
        self.net = layers(WIDTH + 1 + nets.PITCH_BUMPS, hidden, hidden, BANDS)
        # for its tables and its synthesis; its own network is not used
        synth = nets.Decoder(8, 1)
        for name in ('harmonic_to_bins', 'noise_to_bins', 'window', 'pitch_bumps', 'scatter'):
            self.register_buffer(name, getattr(synth, name), persistent=False)
        with torch.no_grad():
            self.net[-1].weight.mul_(0.3)

    def bands(self, vectors: Tensor, f0: Tensor) -> Tensor:
        """-> natural logs of the harmonics' and the noise's magnitudes at a level of 0 dB(A) [..., BANDS]"""
        octave = torch.log2(f0.clamp(min=30.)).unsqueeze(-1)
        bumps = torch.exp(-((octave - self.pitch_bumps) / 0.35) ** 2)
        raw = self.net(torch.cat([vectors, octave - 8, bumps], -1))
        rest = torch.cat([torch.full((nets.HARMONIC_BANDS,), -4.), torch.full((nets.NOISE_BANDS,), -5.)])
        return torch.clamp(raw + rest, -14, 5)

    def forward(self, vectors: Tensor, loudness: Tensor, f0: Tensor) -> Tensor:
        """As in training: random start phase, random noise. -> [B, T * HOP]"""
        with torch.no_grad():
            comb = nets.harmonic_comb(f0, torch.rand(len(f0), 1, dtype=torch.double))
            frames = nets.scattered(comb, self.scatter).unfold(-1, nets.SYNTH, nets.SYNTH // 2)[:, :f0.shape[1]]
            source = torch.fft.rfft(frames * self.window)
            hiss = torch.fft.rfft(torch.randn(*f0.shape, nets.SYNTH))
        bands = self.bands(vectors, f0) + math.log(10) / 20 * loudness.unsqueeze(-1)
        harmonic = torch.exp(bands[..., :nets.HARMONIC_BANDS] @ self.harmonic_to_bins)
        noise = torch.exp(bands[..., nets.HARMONIC_BANDS:] @ self.noise_to_bins)
        frames = torch.fft.irfft(source * harmonic + hiss * noise, n=nets.SYNTH) * self.window
        return nets.overlap_add(frames, f0.shape[1] * nets.SYNTH // 2)


class PitchReader(nn.Module):
    """Tries to read the pitch out of a vector; the encoder is trained to make it fail (Ganin et al., JMLR 2016)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(WIDTH, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 1))

    def forward(self, vectors: Tensor, octave: Tensor, weight: Tensor) -> Tensor:
        from .losses import relative_error
        return relative_error(self.net(vectors)[..., 0], octave, weight)
