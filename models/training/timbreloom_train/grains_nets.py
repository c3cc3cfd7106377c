"""The networks of a grain model: a VAE of grains, and above it one of whole hits.

A grain's latent z says what one grain sounds like. A hit's embedding e says which series of z it is: the sequence network is asked
for each grain's z by itself, by e, class and time. What is the same in all hits of a kind, the very first wave, comes from e, too: noise
would smear it. All are told what class they play, and what pitch, if the model has any.
"""
import math

import torch
from torch import Tensor, nn

from .grains_features import BANDS, FARTHEST, FEATURES, FIRST_HOP, GROWTH, LAST_HOP, ONSET, SLOTS, SR

LATENT, EMBEDDING = 32, 24
WAVES = 8                          # sines and cosines over the logarithm of time
TIMES = 2 * WAVES + 4              # what a network is told of a grain's time
MOMENTS = 10                       # of a hit, over which its encoder takes means
POOLED = 160
SPANNED = 32                       # waves of each class that its first waves are made of
WAVE = 96                          # numbers that the encoder of hits makes of a first wave
LONGEST = math.log2(1 + 3 * SR / (0.0005 * SR))
OUTPUTS = BANDS + 2 * SLOTS


def mlp(inputs: int, width: int, outputs: int, layers: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    for layer in range(layers):
        parts += [nn.Linear(width if layer else inputs, width), nn.SiLU()]
    return nn.Sequential(*parts, nn.Linear(width, outputs))


def length_of(frame: Tensor) -> Tensor:
    """How long a grain is, 0 to 1, by its middle [grains] -> [grains, 1]"""
    hop = torch.clamp(FIRST_HOP + GROWTH * frame, max=LAST_HOP)
    return (torch.log2(hop / FIRST_HOP) / math.log2(LAST_HOP / FIRST_HOP))[:, None]


def times_of(frame: Tensor) -> Tensor:
    """frame [grains] -> [grains, TIMES]"""
    seconds = frame / SR
    place = torch.log2(1 + seconds / 0.0005)[:, None] / LONGEST
    angle = place * (math.pi * torch.arange(1, WAVES + 1))
    return torch.cat([torch.cos(angle), torch.sin(angle), place, seconds[:, None], length_of(frame), torch.ones_like(place)], 1)


class GrainModel(nn.Module):
    def __init__(self, classes: int, pitched: bool = False, width: int = 256) -> None:
        super().__init__()
        told = classes + pitched       # the class, and the pitch in octaves from 440 Hz
        self.classes, self.pitched = classes, pitched
        self.grain_encoder = mlp(FEATURES + 1 + told, width, 2 * LATENT, 2)
        self.grain_decoder = mlp(LATENT + 1 + told, width, OUTPUTS, 2)
        self.hit_ear = mlp(FEATURES + TIMES, width, POOLED, 1)
        self.wave_ear = mlp(ONSET, width, WAVE, 1)
        self.hit_encoder = mlp(POOLED * MOMENTS + WAVE + told, width, 2 * EMBEDDING, 1)
        self.class_reader = nn.Linear(POOLED * MOMENTS + WAVE, classes)
        # notes begin anywhere in their periods: nothing of their first wave can be told beforehand
        self.striker = nn.Sequential() if pitched else mlp(EMBEDDING + told, width, ONSET, 2)
        self.sequence = mlp(EMBEDDING + told + TIMES, 320, LATENT, 3)
        self.register_buffer('heard_mean', torch.zeros(FEATURES))
        self.register_buffer('heard_spread', torch.ones(FEATURES))
        self.register_buffer('made_mean', torch.zeros(OUTPUTS))
        self.register_buffer('made_spread', torch.ones(OUTPUTS))
        fall = 0.5 + 0.5 * torch.cos(math.pi * torch.arange(ONSET // 2) / (ONSET // 2))
        self.register_buffer('fade', torch.cat([torch.ones(ONSET // 2), fall]) * 0.1)
        # what makes an embedding normal within its class, in the order of what is heard most: see `settle`
        self.register_buffer('class_mean', torch.zeros(classes, EMBEDDING))
        self.register_buffer('class_axes', torch.eye(EMBEDDING).repeat(classes, 1, 1))
        # what the first waves of a class are made of, each of length 1: see `span_waves`
        self.register_buffer('class_waves', torch.zeros(0 if pitched else classes, SPANNED, ONSET))
        if pitched:
            # how the middle of a class moves by octave
            self.register_buffer('class_slope', torch.zeros(classes, EMBEDDING))

    def encode_grains(self, heard: Tensor, frame: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """heard [grains, FEATURES], frame [grains], told [grains, ...] -> mean, log variance [grains, LATENT]"""
        normal = (heard - self.heard_mean) / self.heard_spread
        mean, spread = self.grain_encoder(torch.cat([normal, length_of(frame), told], -1)).chunk(2, -1)
        return mean, spread.clamp(-8, 3)

    def decode_grains(self, z: Tensor, frame: Tensor, told: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """-> densities, dB [grains, BANDS]; levels of partials, dB, and their places [grains, SLOTS]"""
        made = self.grain_decoder(torch.cat([z, length_of(frame), told], -1)) * self.made_spread + self.made_mean
        return made[:, :BANDS], made[:, BANDS:BANDS + SLOTS], FARTHEST * torch.tanh(made[:, BANDS + SLOTS:])

    def hear_hits(self, heard: Tensor, frame: Tensor, hit: Tensor, wave: Tensor) -> Tensor:
        """hit [grains], the number of each grain's hit; wave [hits, ONSET], its first frames -> [hits, POOLED * MOMENTS + WAVE]"""
        hits = len(wave)
        normal, at = (heard - self.heard_mean) / self.heard_spread, times_of(frame)
        said = nn.functional.silu(self.hit_ear(torch.cat([normal, at], -1)))
        near = moments(at)
        total = torch.zeros(hits, MOMENTS, POOLED).index_add_(0, hit, near[:, :, None] * said[:, None, :])
        weight = torch.zeros(hits, MOMENTS).index_add_(0, hit, near)
        return torch.cat([(total / weight[..., None]).flatten(1), self.wave_ear(wave)], 1)

    def encode_hits(self, pooled: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """told [hits, ...] -> mean, log variance [hits, EMBEDDING], not yet normal within the class"""
        mean, spread = self.hit_encoder(torch.cat([pooled, told], -1)).chunk(2, -1)
        return mean, spread.clamp(-8, 3)

    def play(self, raw: Tensor, frame: Tensor, told: Tensor) -> Tensor:
        """An embedding for each grain [grains, EMBEDDING], not normal within the class -> z [grains, LATENT]"""
        return self.sequence(torch.cat([raw, told, times_of(frame)], -1))

    def strike(self, raw: Tensor, told: Tensor) -> Tensor:
        """[hits, EMBEDDING] -> the first wave of each hit, beside its partials and noise [hits, ONSET]; silence for notes"""
        if self.pitched:
            return torch.zeros(len(raw), ONSET)
        wave = self.striker(torch.cat([raw, told], -1)) * self.fade
        # a network's mistakes are noise: what is not like the class's waves is left out
        share = torch.einsum('ckw,nw->nck', self.class_waves, wave) * told[:, :self.classes, None]
        return torch.einsum('nck,ckw->nw', share, self.class_waves)

    def raw(self, e: Tensor, told: Tensor) -> Tensor:
        """A normal embedding [n, EMBEDDING] of blended classes -> as the sequence network takes it"""
        kind = told[:, :self.classes]
        made = kind @ self.class_mean + torch.einsum('nc,cij,nj->ni', kind, self.class_axes, e)
        return made + kind @ self.class_slope * told[:, self.classes:] if self.pitched else made

    def normal(self, raw: Tensor, told: Tensor, kind: int) -> Tensor:
        """The way back, for hits of one class"""
        middle = self.class_mean[kind]
        if self.pitched:
            middle = middle + self.class_slope[kind] * told[:, self.classes:]
        return torch.linalg.solve(self.class_axes[kind], (raw - middle).T).T


def told_of(kind: Tensor, f0_hz: Tensor) -> Tensor:
    """Classes [n, classes] and pitches [n], 0 where there are none -> what the networks are told of hits [n, ...]"""
    return torch.cat([kind, torch.log2(f0_hz / 440)[:, None]], 1) if f0_hz.any() else kind


def moments(at: Tensor) -> Tensor:
    """How near a grain is to each moment of a hit: times [grains, TIMES] -> [grains, MOMENTS]"""
    return torch.exp(-0.5 * ((at[:, 2 * WAVES:2 * WAVES + 1] - torch.linspace(0, 1, MOMENTS)) / 0.06) ** 2) + 1e-6
