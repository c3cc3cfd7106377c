"""The plugin's Stability (`src/engine/stability.rs`), for training: the decoder shall hear what it will hear in a host."""
import torch
from torch import Tensor

from .features import HOP, SR

LATENT_S = 0.080       # time constant at full stability
ATTACK_DB = 6.0        # a rise within two hops by more than this is not smoothed


def steadied(latent: Tensor, loudness: Tensor, amount: Tensor) -> Tensor:
    """latent [B, T, C] smoothed over time but for attacks; loudness [B, T] dB(A); amount [B], above 0 to 1, 1 the slowest.
    The range is left as it is: the domain's own sound rarely leaves it. -> [B, T, C]"""
    before = torch.cat([loudness[:, :1], loudness], 1)
    rise = loudness - torch.minimum(before[:, :-1], torch.cat([before[:, :1], before], 1)[:, :-2])
    is_attack = rise > ATTACK_DB
    is_attack[:, 0] = True
    log_kept = (-HOP / SR / (LATENT_S * amount))[:, None].expand(loudness.shape).masked_fill(is_attack, -torch.inf)
    # y[t] = k[t] y[t-1] + (1 - k[t]) x[t], written out: x[s] counts (1 - k[s]) k[s+1] ... k[t] in y[t]
    elapsed = log_kept.clamp(min=-30.0).cumsum(1)
    counts = torch.exp(elapsed[:, :, None] - elapsed[:, None, :]).tril() * (1 - log_kept.exp())[:, None, :]
    return counts @ latent
