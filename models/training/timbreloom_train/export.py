"""A checkpoint and its corpus -> a package of format 1 (see `docs/package.md`), refused if it does not hold water."""
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from . import calibrate, nets, stream
from .corpus import Phrases
from .features import HOP, SR, Array
from .manifest import write_manifest
from .session import PARITY_TOLERANCE, PARITY_TOLERANCE_8BIT, verify
from .train import Model, load_model

FORMAT = 1
PARITY_HOPS = 24
CLOUD_POINTS = 400
PCA_HOPS = 20000
SOUNDING_DB = -50.0


@torch.no_grad()
def latents_of(model: Model, phrases: Phrases, hops: int) -> Array:
    """The latent means of about `hops` sounding hops of the corpus [hops, LATENT]."""
    found: list[Array] = []
    for first, last in phrases.spans:
        log_mel = torch.tensor(phrases.column['log_mel'][first:last].astype(np.float32))[None]
        mean = model.encoder(log_mel)[0][0].numpy()
        found.append(mean[phrases.column['loudness'][first:last] > SOUNDING_DB])
        if sum(map(len, found)) > hops:
            break
    return np.concatenate(found)


@torch.no_grad()
def fold_pca(model: Model, latents: Array, emphasis: float = 1.0) -> tuple[npt.NDArray[np.float64], Array]:
    """Rotate and scale the latent to zero mean, unit variance and falling importance: into the encoder's last layer,
    and back in the decoder's first, there `emphasis` times as wide. In place.
    -> (share of variance per dimension, the latents after it)"""
    middle = latents.mean(0)
    variance, axes = np.linalg.eigh(np.cov((latents - middle).T))
    variance, axes = variance[::-1].copy(), axes[:, ::-1].copy()
    spread = np.sqrt(np.maximum(variance, 1e-8))
    into = torch.tensor((axes / spread).T.astype(np.float32))        # new = into @ (old - middle)
    back = torch.tensor((axes * spread * emphasis).astype(np.float32))    # old = back @ new + middle
    centre = torch.tensor(middle.astype(np.float32))
    head, first = model.encoder.head, model.decoder.stack.first
    head.bias[:nets.LATENT] = into @ (head.bias[:nets.LATENT] - centre)
    head.weight[:nets.LATENT] = into @ head.weight[:nets.LATENT]
    first.bias += torch.einsum('oik,i->o', first.weight[:, :nets.LATENT], centre)
    first.weight[:, :nets.LATENT] = torch.einsum('oik,ij->ojk', first.weight[:, :nets.LATENT], back)
    return variance / variance.sum(), ((torch.tensor(latents) - centre) @ into.T).numpy()


@torch.no_grad()
def whole_file(model: Model, audio: Array, log_mel: Array, loudness: Array, f0: Array, voicing: Array,
               noise: Array) -> tuple[Array, Array]:
    """What the trained networks make of a whole file: latent [hops, LATENT], output [hops * HOP].

    The stream starts from zeros: its comb begins with a silent hop, and its phase with the second one.
    """
    latent = model.encoder(torch.tensor(log_mel)[None])[0]
    given = [torch.tensor(values)[None] for values in (loudness, f0, voicing)]
    comb = nets.harmonic_comb(given[1], -given[1][:, :1].double() * HOP / SR)
    comb[:, :HOP] = 0
    hiss = torch.tensor(stream.noise_spectrum(noise))[None]
    # the general stage's frames lie `delay` samples back: the first ones are silence
    late = torch.tensor(np.pad(audio, (model.settings.delay, 0))[:len(audio) + HOP])[None]
    source = model.decoder.source(comb, hiss, given[2], late)
    louder = model.decoder.flickering(torch.tensor(stream.drawn_flicker(noise))[None]) if stream.flickers(model.decoder) else None
    output = model.decoder.synthesise(*model.decoder.envelopes(latent, *given, louder), source, hiss)
    return latent[0].numpy(), output[0].numpy()


def write_graph(folder: Path, part: str, graph: onnx.ModelProto, state_size: int) -> dict[str, Any]:
    """-> its entry in the manifest"""
    file = f'{part}.onnx'
    onnx.save(graph, folder / file)
    return {'file': file, 'sha256': sha256(folder / file), 'state_size': state_size}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_parity(model: Model, phrases: Phrases, folder: Path) -> dict[str, Array]:
    """An example of PARITY_HOPS hops: a synthetic glide, so that no recording lies in the package."""
    from .features import analyse
    rng = np.random.default_rng(7)
    hops = PARITY_HOPS
    pitches = phrases.column['f0'][phrases.column['voicing'] > 0.5]
    f0 = np.geomspace(*np.percentile(pitches, [25, 75]), hops).astype(np.float32)
    phase = np.cumsum(np.repeat(f0.astype(np.float64), HOP) / SR)
    tone = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 9))
    audio = (0.1 * tone + 0.003 * rng.standard_normal(hops * HOP)).astype(np.float32)
    log_mel, loudness = analyse(audio)
    voicing = np.full(hops, 0.95, np.float32)
    noise = rng.standard_normal((hops, stream.noise_columns(model.decoder))).astype(np.float32)
    latent, output = whole_file(model, audio, log_mel, loudness, f0, voicing, noise)
    rows = {'audio': audio, 'f0': f0, 'voicing': voicing, 'noise': noise, 'latent': latent, 'loudness': loudness,
            'output': output}
    (folder / 'parity.f32').write_bytes(b''.join(np.ascontiguousarray(v, '<f4').tobytes() for v in rows.values()))
    return rows


def export(checkpoint: Path, cache: Path, folder: Path, name: str, description: str, licence: str, provenance: str,
           commit: str = '', emphasis: float = 1.0, decoder_bits: int = 32) -> dict[str, Any]:
    """Write the package; -> its manifest. emphasis: how much farther from the middle of its space the decoder plays than it
    was trained to, for a domain whose far corners foreign sounds do not reach; costs distance on the domain's own sound.
    decoder_bits: 32, or 8 for a decoder that costs less and sounds almost the same.
    Raises ExportError rather than leave a package that disagrees."""
    model, phrases = load_model(checkpoint), Phrases(cache)
    if model.settings.stage == 'pitched':
        calibrate.calibrate(model, phrases)
    latents, kept = latents_of(model, phrases, PCA_HOPS), model.kept
    if kept and emphasis != 1.0:
        raise ValueError(f'{checkpoint}: its latents are kept as they are, so they cannot be emphasised; leave --emphasis out')
    if kept is None:
        share, latents = fold_pca(model, latents, emphasis)
    stream.round_weights(model.decoder)
    folder.mkdir(parents=True, exist_ok=True)
    graphs = {'encoder': write_graph(folder, 'encoder', *stream.encoder_graph(model.encoder)),
              'decoder': write_graph(folder, 'decoder', *stream.decoder_graph(model.decoder))}
    rows = write_parity(model, phrases, folder)
    column = phrases.column
    loudness = np.percentile(column['loudness'][column['loudness'] > SOUNDING_DB], [1, 50, 99])
    f0 = np.percentile(column['f0'][column['voicing'] > 0.5], [1, 99])
    cloud = latents[np.linspace(0, len(latents) - 1, CLOUD_POINTS).astype(int)]

    def rounded(values: npt.ArrayLike, digits: int = 4) -> Any:
        return np.round(np.asarray(values, float), digits).tolist()
    manifest = {
        'format': FORMAT, 'kind': 'continuous', 'stage': model.settings.stage,
        'name': name, 'description': description, 'licence': licence, 'provenance': provenance,
        'training': {'steps': model.steps, 'minutes': round(model.seconds / 60, 1), 'emphasis': emphasis,
                     'decoder_bits': decoder_bits, 'commit': commit, **({'latents_of': kept['latents_of']} if kept else {})},
        'sample_rate_hz': SR, 'hop_frames': HOP, 'delay_frames': model.settings.delay,
        'latent': kept['latent'] if kept else {
                   'dims': nets.LATENT, 'mean': rounded(latents.mean(0)), 'std': rounded(latents.std(0)),
                   'p01': rounded(np.percentile(latents, 1, axis=0)), 'p99': rounded(np.percentile(latents, 99, axis=0)),
                   'variance_share': rounded(share)},
        'loudness_db': dict(zip(('p01', 'p50', 'p99'), rounded(loudness, 2))),
        'pitch': dict(zip(('min_hz', 'max_hz'), rounded(f0, 2))),
        'noise_columns': stream.noise_columns(model.decoder),
        **({'flicker_columns': stream.FLICKER_COLUMNS} if stream.flickers(model.decoder) else {}),
        'encoder': graphs['encoder'], 'decoder': graphs['decoder'],
        'parity': {'file': 'parity.f32', 'sha256': sha256(folder / 'parity.f32'), 'hops': PARITY_HOPS,
                   'tolerance': PARITY_TOLERANCE},
        'reference_cloud': kept['reference_cloud'] if kept else rounded(cloud, 3),
    }
    write_manifest(folder, manifest)
    worst = verify(folder, rows)
    if decoder_bits == 8:
        # after the exact decoder, which has just shown that the streaming is right, more sharply than this one can
        manifest['decoder'] = write_graph(folder, 'decoder', *stream.decoder_graph(model.decoder, is_8bit=True))
        manifest['parity']['tolerance'] = PARITY_TOLERANCE_8BIT
        write_manifest(folder, manifest)
        worst = verify(folder, rows)
    print(f'{folder}: hop by hop within {worst:.1e} of the whole file; variance share {manifest["latent"]["variance_share"]}')
    return manifest
