"""A grain model's checkpoint and its corpus -> a package of kind `granular` (see `docs/package.md`)."""
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch.nn.functional import one_hot

from .codes_export import write_lists
from .export import sha256
from .manifest import write_manifest
from .grains_corpus import Corpus
from .grains_features import LAST_HOP, SR, slots_at, times
from .grains_nets import EMBEDDING, LATENT, GrainModel, told_of
from .grains_sound import synthesise
from .grains_stream import decoder_graph, grain_encoder_graph, hit_encoder_graph, sequence_graph
from .grains_train import Hits, load_grains
from .session import ExportError

CLOUD_HITS, CLOUD_GRAINS = 60, 1600
PARITY_FRAMES, PARITY_SEED, PARITY_TOLERANCE = 9000, 7, 2e-3
GRAPHS = {'sequence': sequence_graph, 'decoder': decoder_graph, 'grain_encoder': grain_encoder_graph,
          'hit_encoder': hit_encoder_graph}


@torch.no_grad()
def hits_of(model: GrainModel, hits: Hits, rows: npt.NDArray[np.int64], kind: int) -> npt.NDArray:
    """Normal embeddings of a class's hits [CLOUD_HITS, EMBEDDING]; where there are fewer, some come twice"""
    batch = hits.batch(rows)
    mean, _ = model.encode_hits(model.hear_hits(batch.heard, batch.frame, batch.hit, batch.wave), batch.asked)
    normal = model.normal(mean, batch.asked, kind).numpy()
    pick = np.linspace(0, len(normal) - 1, CLOUD_HITS).round().astype(int) if len(normal) > CLOUD_HITS \
        else np.arange(CLOUD_HITS) % len(normal)
    return normal[pick].clip(-8, 8)


@torch.no_grad()
def cloud_of(model: GrainModel, hits: Hits, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray, npt.NDArray[np.int64]]:
    """Grains, as many of each class [CLOUD_GRAINS, LATENT], and their classes"""
    rng, each, found = np.random.default_rng(0), CLOUD_GRAINS // model.classes, []
    for kind in range(model.classes):
        batch = hits.batch(rows[hits.corpus.kind[rows] == kind])
        mean, _ = model.encode_grains(batch.heard, batch.frame, batch.told)
        found.append(mean.numpy()[rng.choice(len(mean), each, replace=len(mean) < each)])
    return np.concatenate(found), np.repeat(np.arange(model.classes), each)


def plane_of(cloud: npt.NDArray) -> tuple[npt.NDArray, npt.NDArray]:
    """The middle of the cloud and its two principal axes, each as long as a deviation [LATENT], [2, LATENT]"""
    middle = cloud.mean(0)
    _, value, axes = np.linalg.svd(cloud - middle, full_matrices=False)
    return middle, axes[:2] * (value[:2, None] / np.sqrt(len(cloud)))


def pitch_range(f0_hz: npt.NDArray) -> dict[str, float]:
    """Of nearly all of these, from a note to another, so that the middle is a note, too: tracks are tuned from there."""
    low, high = (round(69 + 12 * np.log2(hz / 440)) for hz in np.percentile(f0_hz, [1, 99]))
    high -= (high - low) % 2
    return {'min_hz': round(440 * 2 ** ((low - 69) / 12), 3), 'max_hz': round(440 * 2 ** ((max(high, low + 2) - 69) / 12), 3)}


def middle_hz(pitch: dict[str, float] | None) -> float:
    """As the plugin has it, in single precision; 0 without a pitch"""
    return float(np.sqrt(np.float32(pitch['min_hz']) * np.float32(pitch['max_hz']))) if pitch else 0.0


@torch.no_grad()
def parity_rows(model: GrainModel, f0_hz: float) -> list[npt.NDArray]:
    """A drawn hit of the first class, with that pitch or 0, and its sound to the last grain's middle."""
    e = torch.randn(1, EMBEDDING, generator=torch.Generator().manual_seed(PARITY_SEED))
    middles, kind = times(PARITY_FRAMES), one_hot(torch.tensor([0]), model.classes).float()
    asked = told_of(kind, torch.tensor([f0_hz]))
    frame, told = torch.from_numpy(middles).float(), asked.expand(len(middles), -1)
    raw = model.raw(e, asked)
    z, onset = model.play(raw.expand(len(middles), -1), frame, told), model.strike(raw, asked)[0].numpy()
    density, level, at = (part.numpy() for part in model.decode_grains(z, frame, told))
    sound = synthesise(density, level, at, middles, int(middles[-1]), PARITY_SEED, slots_at(f0_hz), onset)
    return [e.numpy(), kind.numpy(), middles, z.numpy(), density, level, at, onset, sound]


@torch.no_grad()
def verify(model: GrainModel, folder: Path, hits: Hits, row: int) -> float:
    """The graphs against the networks on a hit of the corpus; -> the largest difference, dB as hundredths."""
    batch = hits.batch(np.array([row]))
    run = {name: onnxruntime.InferenceSession(folder / f'{name}.onnx', providers=['CPUExecutionProvider']) for name in GRAPHS}
    given = {'class': batch.kind.numpy(), 'frame': batch.frame.numpy()}
    if model.pitched:
        given['pitch'] = batch.asked[:, -1].numpy()
    kind = int(batch.kind.argmax())
    mean, _ = model.encode_hits(model.hear_hits(batch.heard, batch.frame, batch.hit, batch.wave), batch.asked)
    e = model.normal(mean, batch.asked, kind)
    raw = model.raw(e, batch.asked)
    z = model.play(raw.expand(len(batch.frame), -1), batch.frame, batch.told)
    pairs = []

    def compare(name: str, own: dict[str, npt.NDArray], wanted: list[tuple[torch.Tensor, float]]) -> None:
        made = run[name].run(None, own | given)
        pairs.extend(float(np.abs(a - b.numpy()).max() * scale) for a, (b, scale) in zip(made, wanted, strict=True))
    features = batch.heard.numpy()
    compare('sequence', {'e': e.numpy()}, [(z, 1), (model.strike(raw, batch.asked), 1)])
    compare('decoder', {'z': z.numpy()}, [(part, scale) for part, scale in zip(model.decode_grains(z, batch.frame, batch.told),
                                                                              (0.01, 0.01, 1))])
    compare('grain_encoder', {'features': features}, [(model.encode_grains(batch.heard, batch.frame, batch.told)[0], 1)])
    pooled = model.hear_hits(batch.heard, batch.frame, batch.hit, batch.wave)
    compare('hit_encoder', {'features': features, 'wave': batch.wave.numpy()}, [(e, 1), (model.class_reader(pooled).softmax(1), 1)])
    return max(pairs)


def export_grains(checkpoint: Path, cache: Path, folder: Path, name: str, description: str, licence: str, provenance: str,
                  commit: str = '') -> dict[str, Any]:
    """Write the package; -> its manifest. Raises ExportError for a model that should not be played."""
    model, saved = load_grains(checkpoint)
    model.load_state_dict({name: value.half().float() if value.numel() >= 1024 else value for name, value in model.state_dict().items()})
    hits = Hits(Corpus.load(cache))
    corpus = hits.corpus
    rows = corpus.trained
    if not all(torch.isfinite(value).all() for value in model.state_dict().values()):
        raise ExportError('the model has values that are not numbers; train it again with a lower learning rate')
    folder.mkdir(parents=True, exist_ok=True)
    for part, graph in GRAPHS.items():
        onnx.save(graph(model), folder / f'{part}.onnx')
    worst = max(verify(model, folder, hits, row) for row in rows[np.linspace(0, len(rows) - 1, 8).astype(int)])
    if not worst < PARITY_TOLERANCE:
        raise ExportError(f'{folder}: the graphs differ from the networks by {worst:.1e}')
    cloud, kinds = cloud_of(model, hits, rows)
    middle, axes = plane_of(cloud)
    tables = write_lists(folder / 'tables.f32', [
        *(hits_of(model, hits, rows[corpus.kind[rows] == kind], kind) for kind in range(model.classes)), axes, middle, cloud, kinds])
    pitch = pitch_range(corpus.f0_hz[rows]) if corpus.is_pitched else None
    parity = write_lists(folder / 'parity.f32', parity_rows(model, middle_hz(pitch)))
    lengths = [corpus.length_frames(kind) / SR for kind in range(model.classes)]
    level_db = 20 * np.log10(np.sqrt(np.square(corpus.wave[rows]).mean(1)) + 1e-5)

    def entry(file: str) -> dict[str, str]:
        return {'file': file, 'sha256': sha256(folder / file)}
    manifest = {
        'format': 1, 'kind': 'granular', 'name': name, 'description': description, 'licence': licence, 'provenance': provenance,
        'training': {'steps': saved['steps'], 'minutes': round((saved['seconds'] + saved.get('tuned_seconds', 0.0)) / 60, 1), 'hits': len(rows), 'commit': commit},
        'sample_rate_hz': SR, 'hop_frames': LAST_HOP, 'delay_frames': 0,
        'loudness_db': dict(zip(('p01', 'p50', 'p99'), np.percentile(level_db, [1, 50, 99]).round(2).tolist())),
        'classes': corpus.classes, 'embedding': EMBEDDING, 'latent': LATENT,
        'partials': 'harmonics' if pitch else 'slots', 'pitch': pitch,
        'length_s': [round(max(length, 0.05), 3) for length in lengths],
        **{part: entry(f'{part}.onnx') for part in GRAPHS},
        'tables': {'file': 'tables.f32', 'sha256': tables}, 'cloud': CLOUD_HITS, 'grains': len(cloud),
        'parity': {'file': 'parity.f32', 'sha256': parity, 'grains': len(times(PARITY_FRAMES)), 'seed': PARITY_SEED,
                   'tolerance': PARITY_TOLERANCE},
    }
    write_manifest(folder, manifest)
    sounds = 'notes' if pitch else 'hits'
    print(f'{folder}: {len(rows)} {sounds} of {model.classes} classes; graphs within {worst:.1e} of the networks')
    return json.loads(json.dumps(manifest))
