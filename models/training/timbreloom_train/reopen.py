"""A package opened again: the networks that its graphs were written from, to train on from.

The graphs hold every weight, at a place and in an arrangement that `stream.py` decides. So a graph is written from networks whose weights
are numbers that tell which weight they are, and read like a key. What a package leaves out - how sure the encoder is of its latents - is
small and the same everywhere.
"""
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from . import nets, stream
from .features import HOP, N_FFT, N_MEL

FIRST = 2_000_000            # key of the first weight: above all constants of a graph, and each a whole number in 32 bits
SURE_LOG_VAR = -4.0
# the graph holds these with something added
LESS = {'to_harmonic.bias': 4.0, 'to_noise.bias': 5.0}
Graph = Callable[[Any], onnx.ModelProto]


def constants(graph: onnx.ModelProto) -> list[npt.NDArray[Any]]:
    return [numpy_helper.to_array(each) for each in graph.graph.initializer]


def read(net: torch.nn.Module, graph_of: Graph, shipped: onnx.ModelProto) -> None:
    """Fill the network with the weights of a graph that `graph_of` wrote from one like it. A block's scale, which the graph has in the
    weights beside it, becomes 1. Raises ValueError where it is another graph."""
    parts = {name: part for name, part in net.named_parameters()}
    found: dict[str, tuple[int, int]] = {}
    at = FIRST
    with torch.no_grad():
        for name, part in parts.items():
            if name.endswith('.scale'):
                part.fill_(1.0)
                continue
            keys = torch.arange(at, at + part.numel(), dtype=torch.float64).reshape(part.shape)
            part.copy_(keys + LESS.get(name, 0.0))
            found[name] = (at - FIRST, part.numel())
            at += part.numel()
    if at >= 1 << 24:
        raise ValueError('too many weights to be told apart')
    values = np.full(at - FIRST, np.nan)
    ours, theirs = constants(graph_of(net)), constants(shipped)
    if [each.shape for each in ours] != [each.shape for each in theirs]:
        raise ValueError('its graph is not one that this version writes')
    for key, value in zip(ours, theirs):
        if key.dtype == np.float32:
            place = np.round(key.astype(np.float64)).astype(np.int64).ravel() - FIRST
            values[place[place >= 0]] = value.ravel()[place >= 0]
    with torch.no_grad():
        for name, (first, count) in found.items():
            parts[name].copy_(torch.tensor(values[first:first + count]).reshape(parts[name].shape) + LESS.get(name, 0.0))


def read_8bit(decoder: nets.Decoder, shipped: onnx.ModelProto) -> None:
    """The blocks' matrices of `Graph.linear_8bit`, which are in no key."""
    held = {each.name: numpy_helper.to_array(each) for each in shipped.graph.initializer}
    nodes = iter(node for node in shipped.graph.node if node.op_type == 'MatMulNBits')
    with torch.no_grad():
        for block in decoder.stack.blocks:
            for linear in (block.up, block.down):
                _, whole, scale, _, _, bias = next(nodes).input
                matrix = (held[whole].astype(np.float64) - 128) * held[scale].reshape(held[whole].shape[:2])[..., None]
                linear.weight.copy_(torch.tensor(matrix.reshape(len(matrix), -1)[:, :linear.in_features]))
                linear.bias.copy_(torch.tensor(held[bias]))


def loaded(folder: Path, entry: dict[str, Any]) -> onnx.ModelProto:
    """A graph of the folder, its hash compared. Raises ValueError."""
    name = str(entry['file'])
    if name in ('.', '..') or any(mark in name for mark in '/\\:'):
        raise ValueError(f'{name!r} is no file name without a folder')
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != entry['sha256']:
        raise ValueError(f'{name} is not the file that its manifest tells of')
    return onnx.load_model_from_string(content)


def sizes(shipped: onnx.ModelProto, state_size: int, rest: int, width: int) -> tuple[int, int]:
    """-> channels and blocks of a stack, out of the size of the graph's state. rest: what else is in it; width: of the stack's input."""
    norms = [each for each in shipped.graph.node if each.op_type == 'LayerNormalization']
    blocks = max(len(norms) - 1, 1)
    channels = (state_size - rest - nets.Stack.KERNEL * width) // (nets.NextBlock.KERNEL * blocks)
    if channels < 1:
        raise ValueError('its graph is not one that this version writes')
    return channels, blocks


def reopened(folder: Path) -> tuple[nets.Encoder, nets.Decoder, dict[str, Any]]:
    """-> networks and manifest. Raises ValueError for a package that this version cannot read."""
    try:
        about: dict[str, Any] = json.loads((folder / 'manifest.json').read_text())
        if about.get('kind') != 'continuous':
            raise ValueError('it is no continuous model')
        graphs = [loaded(folder, about[part]) for part in ('encoder', 'decoder')]
        if missing := [key for key in ('training', 'delay_frames', 'latent', 'reference_cloud') if key not in about]:
            raise ValueError(f'its manifest has no {", ".join(missing)}')
        stage, is_8bit = about.get('stage', 'pitched'), any(node.op_type == 'MatMulNBits' for node in graphs[1].graph.node)
        encoder = nets.Encoder(*sizes(graphs[0], about['encoder']['state_size'], N_FFT, N_MEL))
        read(encoder, lambda net: stream.encoder_graph(net)[0], graphs[0])
        with torch.no_grad():
            encoder.head.weight[nets.LATENT:] = 0
            encoder.head.bias[nets.LATENT:] = SURE_LOG_VAR
        has_flicker = about.get('flicker_columns', 0) > 0
        rest = 1 + nets.SCATTER + 3 * HOP + (nets.SYNTH + HOP) * (stage == 'general') + stream.FLICKER_COLUMNS * has_flicker
        width = nets.LATENT + (3 + nets.PITCH_BUMPS if stage == 'pitched' else 1)
        decoder = nets.Decoder(*sizes(graphs[1], about['decoder']['state_size'], rest, width), stage)
        # any: which weights the graph holds does not depend on how strong it is
        decoder.flicker.fill_(float(has_flicker))
        read(decoder, lambda net: stream.decoder_graph(net, is_8bit, is_half=False)[0], graphs[1])
        decoder.flicker.zero_()
        if is_8bit:
            read_8bit(decoder, graphs[1])
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, StopIteration, IndexError, DecodeError,
            onnx.checker.ValidationError) as error:
        raise ValueError(f'{folder}: cannot be trained on from: {error}; give a package that this version wrote') from error
    return encoder.eval(), decoder.eval(), about
