"""The grain model's networks as ONNX graphs: all grains of a hit in one call, told the pitch if it has any. See `docs/package.md`."""
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import torch

from .grains_features import BANDS, FARTHEST, FEATURES, FIRST_HOP, GROWTH, LAST_HOP, ONSET, SLOTS, SR
from .grains_nets import EMBEDDING, LATENT, LONGEST, MOMENTS, POOLED, SPANNED, WAVES, GrainModel
from .stream import Graph, weights


class HalfGraph(Graph):
    """Keeps large weights in half precision, and computes with them in single: half the file, for weights that were rounded
    before."""

    def constant(self, value: npt.ArrayLike, dtype: type = np.float32) -> str:
        if dtype is not np.float32 or np.size(value) < 1024:
            return super().constant(value, dtype)
        return self.rounded(value)

    def exact(self, value: npt.ArrayLike) -> str:
        """What was not rounded before."""
        return super().constant(value)


@dataclass
class Told:
    """What a graph is told of a hit; the pitch is empty where there is none."""
    kind: str
    pitch: str

    def parts(self, model: GrainModel) -> list[tuple[str, int]]:
        """As `grains_nets.told_of`."""
        return [(self.kind, model.classes), *([(self.pitch, 1)] if self.pitch else [])]


def begin(name: str, model: GrainModel, own: str, width: int, rows: str | int) -> tuple[HalfGraph, str, Told, str]:
    """-> the graph, its own input, what it is told, frame"""
    graph = HalfGraph(name)
    inputs = graph.input(own, width, rows), graph.input('class', model.classes, 1), graph.input('frame', None, 'grains')
    pitch = graph.reshape(graph.input('pitch', None, 1), 1) if model.pitched else ''
    return graph, inputs[0], Told(inputs[1], pitch), graph.reshape(inputs[2], 1)


def length(graph: Graph, frame: str) -> str:
    """As `grains_nets.length_of`."""
    hop = graph.op('Min', graph.add(graph.mul(frame, GROWTH), FIRST_HOP), graph.constant(float(LAST_HOP)))
    octaves = graph.mul(graph.op('Log', graph.mul(hop, 1 / FIRST_HOP)), 1 / math.log(2))
    return graph.mul(octaves, 1 / math.log2(LAST_HOP / FIRST_HOP))


def place(graph: Graph, frame: str) -> str:
    later = graph.add(graph.mul(frame, 1 / (0.0005 * SR)), 1.0)
    return graph.mul(graph.op('Log', later), 1 / math.log(2) / LONGEST)


def times(graph: Graph, frame: str) -> str:
    """As `grains_nets.times_of`, without its ones."""
    at = place(graph, frame)
    angle = graph.mul(at, math.pi * np.arange(1, WAVES + 1)[None])
    return graph.concat(graph.op('Cos', angle), graph.op('Sin', angle), at, graph.mul(frame, 1 / SR), length(graph, frame))


def first_layer(graph: Graph, layer: torch.nn.Linear, parts: list[tuple[str, int]], ones: int = 0) -> str:
    """A layer on what is put together of parts, some for each grain and some for all; `ones` more that are always 1."""
    weight, bias, at, total = weights(layer.weight), weights(layer.bias), 0, ''
    for value, width in parts:
        share = graph.op('MatMul', value, graph.constant(weight[:, at:at + width].T))
        total = graph.op('Add', total, share) if total else share
        at += width
    return graph.add(total, bias + weight[:, at:at + ones].sum(1))


def silu(graph: Graph, x: str) -> str:
    return graph.op('Mul', x, graph.op('Sigmoid', x))


def layers(graph: Graph, net: torch.nn.Sequential, x: str) -> str:
    """The rest of a network behind its first layer."""
    for part in net[1:]:
        x = graph.linear(x, weights(part.weight), weights(part.bias)) if isinstance(part, torch.nn.Linear) else silu(graph, x)
    return x


def heard(graph: Graph, model: GrainModel, features: str) -> str:
    mean, spread = weights(model.heard_mean), weights(model.heard_spread)
    return graph.mul(graph.add(features, -mean), 1 / spread)


def middles(graph: Graph, model: GrainModel, told: Told) -> str:
    """The middles of the classes [classes, EMBEDDING], at the pitch if there is one"""
    if not told.pitch:
        return graph.constant(weights(model.class_mean))
    return graph.add(graph.op('Mul', told.pitch, graph.constant(weights(model.class_slope))), weights(model.class_mean))


def raw(graph: Graph, model: GrainModel, e: str, told: Told) -> str:
    """As `GrainModel.raw`."""
    each = graph.op('MatMul', e, graph.constant(weights(model.class_axes).reshape(-1, EMBEDDING).T))
    each = graph.op('Reshape', each, graph.constant([model.classes, EMBEDDING], np.int64))
    return graph.op('MatMul', told.kind, graph.op('Add', each, middles(graph, model, told)))


def spanned(graph: Graph, model: GrainModel, wave: str, told: Told) -> str:
    """What of a first wave is like those of its class, as in `GrainModel.strike`."""
    basis = graph.constant(weights(model.class_waves).reshape(-1, ONSET))
    each = graph.op('MatMul', told.kind, graph.constant(np.repeat(np.eye(model.classes), SPANNED, 1)))
    share = graph.op('Mul', graph.op('MatMul', wave, graph.op('Transpose', basis, perm=[1, 0])), each)
    return graph.op('MatMul', share, basis)


def sequence_graph(model: GrainModel) -> onnx.ModelProto:
    """e [1, EMBEDDING], class [1, classes], frame [grains] -> z [grains, LATENT], onset [1, ONSET]"""
    graph, e, told, frame = begin('sequence', model, 'e', EMBEDDING, 1)
    inner = raw(graph, model, e, told)
    first = first_layer(graph, model.sequence[0], [(inner, EMBEDDING), *told.parts(model), (times(graph, frame), 2 * WAVES + 3)], 1)
    graph.output('z', layers(graph, model.sequence, first), LATENT, 'grains')
    if model.pitched:
        graph.output('onset', graph.constant(np.zeros((1, ONSET))), ONSET, 1)
        return graph.model()
    first = first_layer(graph, model.striker[0], [(inner, EMBEDDING), *told.parts(model)])
    wave = graph.mul(layers(graph, model.striker, first), weights(model.fade))
    graph.output('onset', spanned(graph, model, wave, told), ONSET, 1)
    return graph.model()


def decoder_graph(model: GrainModel) -> onnx.ModelProto:
    """z [grains, LATENT], class, frame -> density_db [grains, BANDS], level_db, place [grains, SLOTS]"""
    graph, z, told, frame = begin('decoder', model, 'z', LATENT, 'grains')
    first = first_layer(graph, model.grain_decoder[0], [(z, LATENT), (length(graph, frame), 1), *told.parts(model)])
    made = graph.add(graph.mul(layers(graph, model.grain_decoder, first), weights(model.made_spread)), weights(model.made_mean))
    density, level, at = graph.split(made, [BANDS, SLOTS, SLOTS], 1)
    graph.output('density_db', density, BANDS, 'grains')
    graph.output('level_db', level, SLOTS, 'grains')
    graph.output('place', graph.mul(graph.op('Tanh', at), FARTHEST), SLOTS, 'grains')
    return graph.model()


def grain_encoder_graph(model: GrainModel) -> onnx.ModelProto:
    """features [grains, FEATURES], class, frame -> z [grains, LATENT]"""
    graph, features, told, frame = begin('grain_encoder', model, 'features', FEATURES, 'grains')
    parts = [(heard(graph, model, features), FEATURES), (length(graph, frame), 1), *told.parts(model)]
    both = layers(graph, model.grain_encoder, first_layer(graph, model.grain_encoder[0], parts))
    graph.output('z', graph.split(both, [LATENT, LATENT], 1)[0], LATENT, 'grains')
    return graph.model()


def hit_encoder_graph(model: GrainModel) -> onnx.ModelProto:
    """features [grains, FEATURES], wave [1, ONSET], class, frame -> e [1, EMBEDDING], kind [1, classes]"""
    graph, features, told, frame = begin('hit_encoder', model, 'features', FEATURES, 'grains')
    wave = graph.input('wave', ONSET, 1)
    parts = [(heard(graph, model, features), FEATURES), (times(graph, frame), 2 * WAVES + 3)]
    said = silu(graph, layers(graph, model.hit_ear, first_layer(graph, model.hit_ear[0], parts, 1)))
    gap = graph.mul(graph.add(place(graph, frame), -np.linspace(0, 1, MOMENTS)[None]), 1 / 0.06)
    near = graph.op('Transpose', graph.add(graph.op('Exp', graph.mul(graph.op('Mul', gap, gap), -0.5)), 1e-6), perm=[1, 0])
    total = graph.op('ReduceSum', near, graph.constant([1], np.int64), keepdims=1)
    mean = graph.op('Div', graph.op('MatMul', near, said), total)
    own = layers(graph, model.wave_ear, first_layer(graph, model.wave_ear[0], [(wave, ONSET)]))
    pooled = graph.concat(graph.reshape(mean, MOMENTS * POOLED), own)
    width = weights(model.class_reader.weight).shape[1]
    first = first_layer(graph, model.hit_encoder[0], [(pooled, width), *told.parts(model)])
    inner = graph.split(layers(graph, model.hit_encoder, first), [EMBEDDING, EMBEDDING], 1)[0]
    away = graph.op('Sub', inner, middles(graph, model, told))
    back = np.linalg.inv(weights(model.class_axes))
    each = graph.op('MatMul', graph.op('Unsqueeze', away, graph.constant([1], np.int64)), graph.exact(back.transpose(0, 2, 1)))
    each = graph.op('Reshape', each, graph.constant([model.classes, EMBEDDING], np.int64))
    graph.output('e', graph.op('MatMul', told.kind, each), EMBEDDING, 1)
    named = graph.linear(pooled, weights(model.class_reader.weight), weights(model.class_reader.bias))
    graph.output('kind', graph.op('Softmax', named, axis=1), model.classes, 1)
    return graph.model()
