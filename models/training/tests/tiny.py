"""A small untrained model and a made-up cache, shared by the tests that need PyTorch."""
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from timbreloom_train.features import HOP, SR, analyse
from timbreloom_train.nets import Decoder, Encoder
from timbreloom_train.train import Model, Settings

SETTINGS = Settings(encoder_channels=24, encoder_blocks=2, decoder_channels=24, decoder_blocks=2)


def model(seed: int = 0, stage: str = 'pitched') -> Model:
    """Random weights, not as small as at the start of training: every path through the networks has to matter."""
    torch.manual_seed(seed)
    encoder, decoder = Encoder(24, 2), Decoder(24, 2, stage)
    with torch.no_grad():
        for part in (*encoder.parameters(), *decoder.parameters()):
            part.add_(0.05 * torch.randn_like(part))
    return Model(encoder.eval(), decoder.eval(), replace(SETTINGS, stage=stage), steps=0, seconds=0.0)


def save_checkpoint(made: Model, path: Path) -> None:
    from dataclasses import asdict
    torch.save({'encoder': made.encoder.state_dict(), 'decoder': made.decoder.state_dict(),
                'settings': asdict(made.settings), 'kept': made.kept, 'steps': made.steps, 'seconds': made.seconds}, path)


def melody(hops: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """audio [hops * HOP], f0 and voicing [hops]: a glide with steps in level and a gap"""
    f0 = np.geomspace(130, 520, hops).astype(np.float32)
    phase = np.cumsum(np.repeat(f0.astype(np.float64), HOP)) / SR
    sound = sum(np.sin(2 * np.pi * k * phase + k) / k for k in range(1, 12)) * 0.1
    level = np.repeat(np.where(np.arange(hops) % 17 < 3, 0.0, 1.0), HOP)
    hiss = 0.002 * np.random.default_rng(1).standard_normal(hops * HOP)
    voicing = (np.arange(hops) % 17 >= 3) * 0.9
    return (sound * level + hiss).astype(np.float32), f0, voicing.astype(np.float32)


def save_cache(path: Path, hops: int = 700) -> None:
    audio, f0, voicing = melody(hops)
    log_mel, loudness = analyse(audio)
    np.savez(path, hops=np.array([hops]), audio=np.round(audio * 32767).astype(np.int16),
             log_mel=log_mel.astype(np.float16), loudness=loudness, f0=f0, voicing=voicing)
