"""The discrete model's networks as ONNX graphs, one hop per call: `stream.py`'s way."""
import math

import numpy as np
import onnx
import torch

from . import nets
from .codes_nets import BANDS, WIDTH, CodeDecoder, CodeEncoder
from .features import HOP, N_FFT
from .stream import Graph, State, mel_front, normalise, weights


def layers(graph: Graph, net: torch.nn.Sequential, x: str) -> str:
    for part in net:
        if isinstance(part, torch.nn.Linear):
            x = graph.linear(x, weights(part.weight), weights(part.bias))
        elif isinstance(part, torch.nn.LayerNorm):
            x = normalise(graph, x, part)
        else:
            x = graph.op('Gelu', x, approximate='tanh')
    return x


def encoder_graph(encoder: CodeEncoder) -> tuple[onnx.ModelProto, int]:
    """audio [batch, HOP], voicing [batch], state -> vector [batch, WIDTH], loudness [batch], state_out; the state's size"""
    graph = Graph('encoder')
    audio, voicing = graph.input('audio', HOP), graph.reshape(graph.input('voicing', None), 1)
    state = State(graph, [(N_FFT - HOP, HOP)])
    log_mel, loudness = mel_front(graph, state.extend(audio))
    cepstrum = graph.op('MatMul', log_mel, graph.constant(weights(encoder.cepstrum)))
    rough = graph.add(graph.mul(voicing, -2.0), 2.0)
    graph.output('vector', layers(graph, encoder.net, graph.concat(cepstrum, rough)), WIDTH)
    graph.output('loudness', loudness, None)
    state.finish()
    return graph.model(), state.size


def decoder_graph(decoder: CodeDecoder) -> onnx.ModelProto:
    """vector [batch, WIDTH], f0 [batch] -> bands [batch, BANDS]; no state, so that a code sounds the same everywhere"""
    graph = Graph('decoder')
    vector, f0 = graph.input('vector', WIDTH), graph.reshape(graph.input('f0', None), 1)
    octave = graph.mul(graph.op('Log', graph.op('Max', f0, graph.constant(30.0))), 1 / math.log(2))
    gap = graph.op('Sub', octave, graph.constant(weights(decoder.pitch_bumps)[None]))
    bumps = graph.op('Exp', graph.mul(graph.op('Mul', gap, gap), -1 / 0.35 ** 2))
    raw = layers(graph, decoder.net, graph.concat(vector, graph.add(octave, -8.0), bumps))
    rest = np.concatenate([np.full(nets.HARMONIC_BANDS, -4.0), np.full(nets.NOISE_BANDS, -5.0)])
    graph.output('bands', graph.op('Clip', graph.add(raw, rest), graph.constant(-14.0), graph.constant(5.0)), BANDS)
    return graph.model()
