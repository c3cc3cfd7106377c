"""What one training step minimises: the sum of the losses, each with its weight, on one batch of crops."""
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .corpus import ForeignHops, Phrases
from .features import HOP, SR
from .losses import (Adversary, Alignment, BandPower, GapPower, LoudnessLoss, Reader, SpectralLoss, attack_distance, below_the_loudest,
                     divergence, moved, quieter, sameness)
from .nets import BINS, LATENT, SYNTH, Decoder, Encoder
from .stability import steadied

WARM_UP = 8            # hops at the start of each crop that no loss judges (left context of the convolutions)
SOUNDING_DB = -50.0
PITCHED_FROM = 0.5     # voicing: hops below it have no pitch to be read
MUTED = 0.25           # share of the crops that the general stage must make without the input's sound
QUIETER_DB, QUIETER_WEIGHT = (-18.0, -6.0), 0.5        # the same sound at a lower level shall have the same latent
FAR_SHARE, FAR_WEIGHT = 0.25, 0.2      # of the crops, played at a foreign pitch, which shall be as loud
FAR_HZ = (40.0, 2200.0)                # as far as the tracker goes
FAR_NOISE_WEIGHT = 0.1                 # there noise shall be no louder than at the domain's pitches ...
UNDER_SHARE, UNDER_NEPERS = 0.7, -4.4  # ... and below this share of the pitch 38 dB softer than the partials
POWER_WEIGHT, GAP_WEIGHT, ATTACK_WEIGHT = 0.5, 0.3, 0.5
ALIGNMENT_WEIGHT = 0.3
STABILITY = (0.01, 0.6)                # of the plugin, 0.3 by default: what the decoder hears in training
SAMENESS_WEIGHT = 0.2
NEARBY_HOPS = 20       # a quarter of a second
FOREIGN_BATCH, FOREIGN_HOPS, FOREIGN_JUDGED = 20, 58, 32    # crops, hops of each, the last ones that count
SLOW_HOPS, SLOW_STEP = 16, 8    # a fifth of a second: what is slower is heard as colour, what is quicker as flicker
READINGS = ('stft', 'kl', 'loudness_ignorance', 'swell_ignorance', 'pitch_ignorance', 'sameness', 'strangeness')


class Objective:
    """Holds the adversary and the alignment's statistics, which learn beside the model."""

    def __init__(self, encoder: Encoder, decoder: Decoder, phrases: Phrases, foreign: list[Path] | None,
                 kl_weight: float, push: tuple[float, float], device: torch.device, delay: int,
                 keep_encoder: bool = False) -> None:
        """push: weights of the adversary's readings: loudness, which counts twice, and pitch. delay: of the model, samples.
        keep_encoder: only the decoder learns."""
        self.keep_encoder = keep_encoder
        self.encoder, self.decoder, self.device, self.kl_weight = encoder, decoder, device, kl_weight
        self.push = torch.tensor([push[0], *push], device=device)
        self.adversary: nn.Module = Adversary().to(device)
        self.guess = torch.optim.Adam(self.adversary.parameters(), lr=2e-3)
        self.reader = Reader().to(device)
        self.spectral = SpectralLoss(has_longest=decoder.stage == 'general').to(device)
        self.power, self.level = BandPower().to(device), LoudnessLoss().to(device)
        self.gaps = GapPower(delay).to(device)
        self.strangers = ForeignHops(foreign) if foreign else None
        self.alignments = nn.ModuleList(Alignment(len(foreign or [])) for _ in range(2)).to(device)    # of hops, and of slow means
        octaves = np.log2(phrases.column['f0'][phrases.column['voicing'] > PITCHED_FROM])
        self.reach = np.percentile(octaves, [2, 98]) if len(octaves) else np.log2(FAR_HZ)
        self.bin_hz = torch.arange(BINS, device=device) * SR / SYNTH
        self.octave = (float(octaves.mean()), float(octaves.std()) + 0.05) if len(octaves) else (8.0, 1.0)

    def __call__(self, crop: dict[str, Tensor], progress: float, rng: np.random.Generator) -> tuple[Tensor, list[float]]:
        """crop: as Phrases.batch gives it; progress: 0 to 1, share of the training that is over.
        -> what to minimise, READINGS"""
        mean, log_var = self.encoder(crop['log_mel'])
        drawn = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        amount = torch.empty(len(mean), device=self.device).uniform_(*STABILITY)
        latent = steadied(drawn, crop['loudness'], amount)
        sound = crop['sound']
        if self.decoder.stage == 'general':
            sound = sound * (torch.rand(len(sound), 1, device=self.device) > MUTED)
        made = self.decoder(latent, crop['loudness'], crop['f0'], crop['voicing'], sound)
        heard, wanted = made[:, WARM_UP * HOP:], crop['sound'][:, WARM_UP * HOP:-HOP]
        distance = self.spectral(heard, wanted)
        loss = distance + POWER_WEIGHT * self.power(heard, wanted) + ATTACK_WEIGHT * attack_distance(heard, wanted)
        if self.decoder.stage == 'pitched':
            loss = loss + GAP_WEIGHT * self.gaps(heard, wanted, crop['f0'][:, WARM_UP:], crop['voicing'][:, WARM_UP:])
            loss = loss + self.unlike_far_away(latent.detach(), crop)
        if self.keep_encoder:
            return loss, [distance.item()] + [0.0] * (len(READINGS) - 1)
        asked, readings = self.of_latents(mean, log_var, crop, progress, rng)
        return loss + asked, [distance.item(), *readings]

    def of_latents(self, mean: Tensor, log_var: Tensor, crop: dict[str, Tensor], progress: float,
                   rng: np.random.Generator) -> tuple[Tensor, list[float]]:
        """What is asked of the encoder beside the sound; the READINGS but for the first."""
        prior = divergence(mean, log_var)
        heard_db = crop['loudness'] - crop['gain_db'][:, None]         # the level at which the encoder heard it
        ignorance, unread = self.ignorance(mean, crop, heard_db)
        loss = self.kl_weight * prior \
            - min(1.0, 3 * progress) * (self.push * (ignorance.clamp(max=1.0) + unread.clamp(max=1.0))).sum()

        audible = crop['loudness'][:, WARM_UP:] > SOUNDING_DB
        own = mean[:, WARM_UP:][audible]
        change_db = torch.empty(len(mean), device=self.device).uniform_(*QUIETER_DB)
        as_quieter = self.encoder(quieter(crop['log_mel'], heard_db, change_db))[0]
        same = sameness(own)
        loss = loss + SAMENESS_WEIGHT * same + QUIETER_WEIGHT * moved(own, as_quieter[:, WARM_UP:][audible])
        apart = self.strangeness(mean[:, WARM_UP:].detach(), audible, rng) if self.strangers else None
        if apart is not None:
            loss = loss + ALIGNMENT_WEIGHT * apart
        return loss, [prior.item(), *torch.minimum(ignorance, unread).tolist(), same.item(),
                      0.0 if apart is None else apart.item()]

    def ignorance(self, mean: Tensor, crop: dict[str, Tensor], heard_db: Tensor) -> tuple[Tensor, Tensor]:
        """Teaches the adversary and the reader first. They read the mean, as a musician's plugin does, not a noisy draw.
        -> what each of them cannot tell of level, swell and octave: [3], [3]"""
        middle, spread = self.octave
        swell = below_the_loudest(heard_db, NEARBY_HOPS)
        wanted = torch.stack([((heard_db + 35) / 12).clamp(-2.5, 2.5), ((swell + 8) / 8).clamp(-2.5, 2.5),
                              ((torch.log2(crop['f0']) - middle) / spread).clamp(-3, 3)])
        sounding, pitched = (crop['loudness'] > SOUNDING_DB).float(), (crop['voicing'] > PITCHED_FROM).float()
        for _ in range(2):
            self.guess.zero_grad()
            self.adversary(mean.detach(), *wanted, sounding, pitched).sum().backward()
            self.guess.step()
        flat = wanted.flatten(1), torch.stack([sounding, sounding, pitched]).flatten(1)
        self.reader.learn(mean.detach().flatten(0, 1), *flat)
        return self.adversary(mean, *wanted, sounding, pitched), self.reader(mean.flatten(0, 1), *flat)

    def unlike_far_away(self, latent: Tensor, crop: dict[str, Tensor]) -> Tensor:
        """The decoder at pitches that the domain has not: nothing says how it should sound there, but it can be as loud
        as it is asked to be, and its noise must not drown the note."""
        far = slice(max(1, int(FAR_SHARE * len(latent))))
        lowest, highest = np.log2(FAR_HZ)
        octave = torch.log2(crop['f0'][far])
        leap = torch.empty(far.stop, 1, device=self.device).uniform_(lowest, highest) - octave.mean(1, keepdim=True)
        given = latent[far], crop['loudness'][far], (2 ** (octave + leap)).clamp(*FAR_HZ), crop['voicing'][far]
        made = self.decoder(*given, crop['sound'][far])
        return FAR_WEIGHT * self.level(made[:, WARM_UP * HOP:], crop['sound'][far, WARM_UP * HOP:-HOP]) \
            + FAR_NOISE_WEIGHT * self.noise_far_away(*given, crop['f0'][far])

    def noise_far_away(self, latent: Tensor, loudness: Tensor, f0: Tensor, voicing: Tensor, own_f0: Tensor) -> Tensor:
        """By how much noise is too loud, nepers: of all, relative to the partials and to what it is at own_f0; and below the note. (A
        speaking voice's noise drowned a flute: 73 % of its notes were in tune, with this 99 %.)"""
        def parts(pitch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            partials, noise = (part.square() for part in self.decoder.envelopes(latent, loudness, pitch, voicing))
            under = torch.sigmoid((UNDER_SHARE * pitch[..., None] - self.bin_hz) / 30)
            rows: tuple[Tensor, Tensor, Tensor] = tuple(0.5 * torch.log(part.sum(-1) + 1e-12) for part in (partials, noise, noise * under))
            return rows
        with torch.no_grad():
            partials, noise, _ = parts(own_f0)
            usual = noise - partials
        partials, noise, under = parts(f0)
        octave = torch.log2(f0)
        counts = (voicing > PITCHED_FROM) & (loudness > SOUNDING_DB) & ((octave < self.reach[0]) | (octave > self.reach[1]))
        counts[:, :WARM_UP] = False
        excess = (noise - partials - usual).clamp(min=0) + (under - partials - UNDER_NEPERS).clamp(min=0)
        return (excess * counts).sum() / (counts.sum() + 1)

    def strangeness(self, own: Tensor, audible: Tensor, rng: np.random.Generator) -> Tensor | None:
        """own [B, T, LATENT]: of the domain; audible [B, T]. Of hops and of their means over a fifth of a second: a foreign
        sound whose hops are spread like the domain's, but in flicker alone, is heard as a single colour.
        None for a batch of foreign sounds with too little in it."""
        assert self.strangers is not None
        domain, log_mel, sounding = self.strangers.batch(rng, FOREIGN_BATCH, FOREIGN_HOPS, FOREIGN_JUDGED)
        placed = self.encoder(torch.from_numpy(log_mel).to(self.device))[0][:, -FOREIGN_JUDGED:]
        heard = torch.from_numpy(sounding).to(self.device)
        apart = []
        for alignment, ours, theirs in zip(self.alignments, (own[audible], slow(own, audible)),
                                           (placed[heard], slow(placed, heard))):
            if len(ours) >= LATENT:
                alignment.learn(ours)
            if len(theirs) >= LATENT:
                apart.append(alignment(theirs, domain))
        return torch.stack(apart).sum() if apart else None


def slow(latent: Tensor, audible: Tensor) -> Tensor:
    """Means over SLOW_HOPS hops that all sound: [B, T, LATENT], [B, T] -> [windows, LATENT]"""
    whole = audible.unfold(1, SLOW_HOPS, SLOW_STEP).all(-1)
    return latent.unfold(1, SLOW_HOPS, SLOW_STEP).mean(-1)[whole]
