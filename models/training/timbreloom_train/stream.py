"""The networks one hop at a time, as ONNX graphs written operator by operator.

At one hop per call the cost in ONNX Runtime is overhead per operator (about 1 us each) and reading the weights, far more
than arithmetic, so the graphs are written by hand: everything is [batch, channels], all history lies in one flat state
that one Split takes apart and one Concat puts together (each piece keeps one column too many, which the next call's
Split drops: no Slice), and the DFTs leave their bins in permuted order, to which the matrices around them are arranged.

Measured on one core of a cloud server, encoder + decoder per hop of 11.6 ms: 0.27 ms, with a decoder in eight bits 0.23
(another server took 1.4 ms for the same networks traced by PyTorch's exporter, 436 operators).
"""
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from scipy.signal import lfilter

from . import nets
from .features import HANN, HOP, N_FFT, N_MEL, POWER_FLOOR, POWER_SCALE, SR, a_weighting, mel_matrix
from .flicker import KEPT

SYNTH_GRID = (32, 32)       # rows and columns of the synthesis spectrum: see `forward_dft`
HISS_COLUMNS = (SYNTH_GRID[0] // 2 + 1) * 2 * SYNTH_GRID[1]    # its real and imaginary parts in the DFT's own order
FLICKER_COLUMNS = len(KEPT) * nets.NOISE_BANDS
OPSET = 20                  # the first with Gelu
MICROSOFT = 'com.microsoft' # ONNX Runtime's own operators
QUANTUM = 64                # weights that share a scale


class Graph:
    """Collects nodes and constants; every value is named by its node."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, width: int | None, rows: str | int = 'batch') -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows] + ([width] if width else [])))
        return name

    def output(self, name: str, value: str, width: int | None, rows: str | int = 'batch') -> None:
        self.nodes.append(helper.make_node('Identity', [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows] + ([width] if width else [])))

    def constant(self, value: npt.ArrayLike, dtype: type = np.float32) -> str:
        name = f'c{len(self.constants)}'
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype), name))
        return name

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        return self.ops(kind, *inputs, outputs=outputs, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> list[str]:
        names = [f'v{len(self.nodes)}_{i}' for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def split(self, value: str, sizes: list[int], axis: int) -> list[str]:
        return self.ops('Split', value, self.constant(sizes, np.int64), outputs=len(sizes), axis=axis)

    def reshape(self, value: str, *shape: int) -> str:
        return self.op('Reshape', value, self.constant([-1, *shape], np.int64))

    def concat(self, *values: str, axis: int = 1) -> str:
        return self.op('Concat', *values, axis=axis)

    def mul(self, a: str, constant: npt.ArrayLike) -> str:
        return self.op('Mul', a, self.constant(constant))

    def add(self, a: str, constant: npt.ArrayLike) -> str:
        return self.op('Add', a, self.constant(constant))

    def linear(self, x: str, weight: npt.NDArray, bias: npt.NDArray) -> str:
        """x [batch, in], weight [out, in], bias [out]"""
        return self.op('Gemm', x, self.constant(weight.T), self.constant(bias))

    def rounded(self, value: npt.ArrayLike) -> str:
        """A constant kept in half precision, for values that were rounded to it before; ONNX Runtime widens it once, as it loads."""
        return self.op('Cast', self.constant(value, np.float16), to=TensorProto.FLOAT)

    def linear_half(self, x: str, weight: npt.NDArray, bias: npt.NDArray) -> str:
        """`linear`, half the file"""
        return self.op('Gemm', x, self.rounded(weight.T), self.constant(bias))

    def linear_8bit(self, x: str, weight: npt.NDArray, bias: npt.NDArray) -> str:
        """`linear` with whole numbers from -127 to 127 for weights and a scale for each QUANTUM of them; ONNX Runtime rounds
        x likewise (Dettmers et al., ICLR 2022, block-wise). A quarter of the memory that a hop has to read."""
        n, k = weight.shape
        blocks = np.pad(weight, ((0, 0), (0, -k % QUANTUM))).reshape(n, -1, QUANTUM)
        scale = np.maximum(np.abs(blocks).max(2) / 127, 1e-12)
        whole = np.round(blocks / scale[..., None]) + 128
        return self.op('MatMulNBits', x, self.constant(whole, np.uint8), self.constant(scale), '', '', self.constant(bias),
                       domain=MICROSOFT, K=k, N=n, bits=8, block_size=QUANTUM, accuracy_level=4)

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [('', OPSET)] + [(MICROSOFT, 1)] * any(node.domain for node in self.nodes)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*opset) for opset in opsets], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model


class State:
    """The flat state: each piece is stored with the columns that the next call drops."""

    def __init__(self, graph: Graph, pieces: list[tuple[int, int]]) -> None:
        """pieces: (columns kept, columns dropped in front) in order."""
        self.graph, self.pieces = graph, pieces
        self.size = sum(kept + dropped for kept, dropped in pieces)
        sizes = [size for kept, dropped in pieces for size in ((dropped, kept) if dropped else (kept,))]
        values = iter(graph.split(graph.input('state', self.size), sizes, axis=1))
        self.old = []
        for _, dropped in pieces:
            if dropped:
                next(values)
            self.old.append(next(values))
        self.taken = 0
        self.new: list[list[str]] = []

    def extend(self, value: str) -> str:
        """The next piece with `value` appended; the whole is what the state keeps."""
        whole = self.graph.concat(self.old[self.taken], value)
        self.swap()[1].append(whole)
        return whole

    def swap(self) -> tuple[str, list[str]]:
        """The next piece, and the list that collects what takes its place."""
        old: str = self.old[self.taken]
        self.taken += 1
        self.new.append([])
        return old, self.new[-1]

    def finish(self) -> None:
        assert self.taken == len(self.pieces), 'every piece of the state is used once'
        self.graph.output('state_out', self.graph.concat(*sum(self.new, [])), self.size)


def weights(parameter: torch.Tensor) -> npt.NDArray[np.float64]:
    return parameter.detach().double().numpy()


def stack_pieces(stack: nets.Stack) -> list[tuple[int, int]]:
    """What the first layer saw, then what all blocks saw: a row per hop."""
    width, row = stack.first.in_channels, stack.first.out_channels * len(stack.blocks)
    return [((nets.Stack.KERNEL - 1) * width, width), ((nets.NextBlock.KERNEL - 1) * row, row)]


def stack(graph: Graph, state: State, net: nets.Stack, x: str, first: Callable[..., str], linear: Callable[..., str]) -> str:
    """nets.Stack on one hop: x [batch, c_in] -> [batch, channels]. first and linear, of the first layer and of the blocks:
    `graph.linear`, `linear_half` or `linear_8bit`."""
    taps = weights(net.first.weight)                                           # [out, in, tap]
    x = first(state.extend(x), taps.transpose(0, 2, 1).reshape(len(taps), -1), weights(net.first.bias))
    # what the depthwise convolutions make of the past, of all blocks at once; this hop is added in each block
    taps = np.concatenate([weights(block.depthwise.weight)[:, 0] for block in net.blocks]).T     # [tap, block * channel]
    bias = np.concatenate([weights(block.depthwise.bias) for block in net.blocks])
    past, kept = state.swap()
    kept.append(past)
    y = graph.reshape(graph.mul(past, taps[:-1].reshape(1, -1)), *taps[:-1].shape)
    y = graph.op('MatMul', graph.constant(np.ones((1, len(taps) - 1))), y)       # a third of the time of ReduceSum
    y = graph.add(graph.reshape(y, len(bias)), bias)
    count = len(net.blocks)
    pasts = graph.split(y, [len(bias) // count] * count, axis=1)
    for block, past, tap in zip(net.blocks, pasts, np.split(taps[-1], count)):
        kept.append(x)
        y = normalise(graph, graph.op('Add', past, graph.mul(x, tap)), block.norm)
        y = linear(y, weights(block.up.weight), weights(block.up.bias))
        y = graph.op('Gelu', y, approximate='tanh')
        scale = weights(block.scale)
        y = linear(y, weights(block.down.weight) * scale[:, None], weights(block.down.bias) * scale)
        x = graph.op('Add', x, y)
    return normalise(graph, x, net.norm)


def normalise(graph: Graph, x: str, norm: torch.nn.LayerNorm) -> str:
    return graph.op('LayerNormalization', x, graph.constant(weights(norm.weight)), graph.constant(weights(norm.bias)),
                    axis=-1, epsilon=norm.eps)


class Places(NamedTuple):
    """What lies at each place [rows/2+1, columns] of `forward_dft`."""

    bins: npt.NDArray[np.int64]         # 0 to rows * columns / 2
    is_conjugate: npt.NDArray[np.bool_]
    is_spare: npt.NDArray[np.bool_]     # the bin is at another place too


def dft_places(rows: int, columns: int) -> Places:
    """Frequency k lies in row k mod rows. The rows above rows/2 are left out: a real frame has there the conjugates of the
    others."""
    size = rows * columns
    row = np.arange(rows // 2 + 1)[:, None]
    k = row + rows * np.arange(columns)[None]
    is_conjugate = k > size // 2
    return Places(np.minimum(k, size - k), is_conjugate, is_conjugate & (row % (rows // 2) == 0))


def forward_dft(graph: Graph, frame: str, rows: int, columns: int, window: npt.NDArray) -> str:
    """frame [batch, rows*columns] -> [batch, rows/2+1, 2*columns], real parts then imaginary parts in each row.

    Cooley and Tukey (1965), one step: two small products instead of one that would be bound by memory.
    """
    size, near = rows * columns, rows // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(near), np.arange(rows)) / rows
    real, imag = np.cos(angle), -np.sin(angle)
    x = graph.mul(graph.reshape(frame, rows, columns), window.reshape(rows, columns))
    # each row as real, imag, -imag, real: the twiddle is one product, its sums are left to the product that follows
    x = graph.op('MatMul', graph.constant(np.stack([real, imag, -imag, real], 1).reshape(4 * near, rows)), x)
    twiddle = 2 * np.pi * np.outer(np.arange(near), np.arange(columns)) / size
    cosine, sine = np.cos(twiddle), -np.sin(twiddle)
    x = graph.mul(x, np.stack([cosine, cosine, sine, sine], 1).reshape(4 * near, columns))
    angle = 2 * np.pi * np.outer(np.arange(columns), np.arange(columns)) / columns
    matrix = np.block([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return graph.op('MatMul', graph.reshape(x, near, 4 * columns), graph.constant(np.concatenate([matrix, matrix])))


def inverse_weight(rows: int, columns: int) -> npt.NDArray[np.float64]:
    """What `inverse_dft` wants each place [rows/2+1, columns] to be multiplied by beforehand; 0 for spare ones."""
    size, places = rows * columns, dft_places(rows, columns)
    is_real = (places.bins == 0) | (places.bins == size // 2)
    return np.where(places.is_spare, 0.0, np.where(is_real, 1.0, 2.0)) / size


def inverse_dft(graph: Graph, spectrum: str, rows: int, columns: int, window: npt.NDArray) -> str:
    """[batch, rows/2+1, 2*columns] (weighted by `inverse_weight`) -> [batch, rows*columns] times window"""
    size, near = rows * columns, rows // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(columns), np.arange(columns)) / columns
    cosine, sine = np.cos(angle), np.sin(angle)
    real, imag = np.concatenate([cosine, -sine]), np.concatenate([sine, cosine])      # from [re | im]: [2*columns, columns]
    x = graph.op('MatMul', spectrum, graph.constant(np.concatenate([real, imag, -imag, real], 1)))
    twiddle = 2 * np.pi * np.outer(np.arange(near), np.arange(columns)) / size
    cosine, sine = np.cos(twiddle), np.sin(twiddle)
    x = graph.mul(x, np.concatenate([cosine, cosine, sine, sine], 1))
    angle = 2 * np.pi * np.outer(np.arange(rows), np.arange(near)) / rows
    real, imag = np.cos(angle), -np.sin(angle)
    x = graph.reshape(x, 4 * near, columns)
    x = graph.op('MatMul', graph.constant(np.stack([real, imag, real, imag], 2).reshape(rows, 4 * near)), x)
    return graph.reshape(graph.mul(x, window.reshape(rows, columns)), size)


def power_of(graph: Graph, spectrum: str, rows: int, columns: int) -> str:
    """what `forward_dft` gives -> the power at each place [batch, (rows/2+1) * columns]"""
    both = np.concatenate([np.eye(columns), np.eye(columns)])
    power = graph.op('MatMul', graph.op('Mul', spectrum, spectrum), graph.constant(both))
    return graph.reshape(power, (rows // 2 + 1) * columns)


def of_power(bands: npt.NDArray, rows: int, columns: int) -> npt.NDArray[np.float64]:
    """bands [bands, bins], sums of the bins' power -> the same of `power_of` [places, bands]"""
    places = dft_places(rows, columns)
    return np.where(places.is_spare.ravel(), 0.0, bands[:, places.bins.ravel()]).T


def mel_front(graph: Graph, frame: str) -> tuple[str, str]:
    """frame [batch, N_FFT] -> the log-mel spectrum [batch, N_MEL] and the loudness [batch] that `features.analyse` gives"""
    rows, columns = 64, 32
    power = power_of(graph, forward_dft(graph, frame, rows, columns, HANN), rows, columns)
    bands = of_power(np.concatenate([mel_matrix(), a_weighting()[None]]) * POWER_SCALE, rows, columns)
    mel, total = graph.split(graph.op('MatMul', power, graph.constant(bands)), [N_MEL, 1], axis=1)
    total = graph.add(total, POWER_FLOOR)
    ratio = graph.op('Min', graph.op('Div', mel, total), graph.constant(100.0))        # +20 dB; -70 dB comes of the 1e-7
    log_mel = graph.op('Log', graph.add(ratio, 1e-7))
    log_mel = graph.add(graph.mul(log_mel, 10 / math.log(10) / 15), 3.0)
    loudness = graph.op('Reshape', graph.mul(graph.op('Log', total), 10 / math.log(10)), graph.constant([-1], np.int64))
    return log_mel, loudness


def encoder_graph(encoder: nets.Encoder) -> tuple[onnx.ModelProto, int]:
    """audio [batch, HOP], state -> latent [batch, LATENT], loudness [batch], state_out; and the state's size"""
    graph = Graph('encoder')
    audio = graph.input('audio', HOP)
    state = State(graph, [(N_FFT - HOP, HOP), *stack_pieces(encoder.stack)])
    log_mel, loudness = mel_front(graph, state.extend(audio))
    hidden = stack(graph, state, encoder.stack, log_mel, graph.linear, graph.linear)
    weight, bias = weights(encoder.head.weight)[:nets.LATENT], weights(encoder.head.bias)[:nets.LATENT]
    graph.output('latent', graph.linear(hidden, weight, bias), nets.LATENT)
    graph.output('loudness', loudness, None)
    state.finish()
    return graph.model(), state.size


SCATTER_BLOCK = 32


def scatter(graph: Graph, raw: str, taps: npt.NDArray) -> str:
    """raw [batch, SCATTER + HOP] (the first sample is not used) -> [batch, HOP]: a convolution as one small product
    over overlapping runs of blocks. ONNX Runtime's Conv takes five times as long for one channel."""
    length = SCATTER_BLOCK + nets.SCATTER
    blocks = graph.reshape(raw, (nets.SCATTER + HOP) // SCATTER_BLOCK, SCATTER_BLOCK)
    run = np.arange(HOP // SCATTER_BLOCK)[:, None] + np.arange(length // SCATTER_BLOCK)[None]
    runs = graph.reshape(graph.op('Gather', blocks, graph.constant(run, np.int64), axis=1), len(run), length)
    matrix = np.zeros((length, SCATTER_BLOCK))
    for column in range(SCATTER_BLOCK):
        matrix[column + 1:column + 1 + nets.SCATTER, column] = taps
    return graph.reshape(graph.op('MatMul', runs, graph.constant(matrix)), HOP)


def comb(graph: Graph, f0: str, start: str) -> tuple[str, str]:
    """f0 [batch, 1], start phase [batch, 1] in cycles -> one hop of `nets.harmonic_comb` [batch, HOP], phase after it"""
    phase = graph.op('Add', graph.mul(f0, np.arange(1, HOP + 1)[None] / SR), start)
    cycle = graph.op('Sub', phase, graph.op('Floor', phase))
    end = graph.split(cycle, [HOP - 1, 1], axis=1)[1]
    phase = graph.op('Clip', cycle, graph.constant(nets.NEAREST_PHASE), graph.constant(1 - nets.NEAREST_PHASE))
    angle = graph.mul(phase, math.pi)
    count = graph.op('Max', graph.op('Floor', graph.op('Div', graph.constant(nets.TOP_HARMONIC_HZ), f0)), graph.constant(1.0))
    odd = graph.add(graph.mul(count, 2.0), 1.0)
    ratio = graph.op('Div', graph.op('Sin', graph.op('Mul', angle, odd)), graph.op('Sin', angle))
    half_level = graph.op('Sqrt', graph.op('Div', graph.constant(0.5), count))
    twice = graph.op('Add', graph.add(ratio, -1.0), twice_low_partials(graph, cycle, count))
    return graph.op('Mul', twice, half_level), end


def twice_low_partials(graph: Graph, cycle: str, count: str) -> str:
    """nets.low_partials without its last factor, twice: cycle [batch, HOP], count [batch, 1] -> [batch, HOP]"""
    turned = [(k, angle) for k, angle in enumerate(nets.LOW_PHASES, 1) if abs(math.sin(angle / 2)) > 1e-9]
    order = np.array([k for k, _ in turned])
    angle = np.array([a for _, a in turned])
    wave = graph.mul(graph.reshape(cycle, 1, HOP), 2 * math.pi * order[:, None])
    wave = graph.op('Sin', graph.add(wave, angle[:, None] / 2))
    # a partial counts when count >= k, and both are whole numbers
    there = graph.op('Clip', graph.add(count, 1.0 - order[None]), graph.constant(0.0), graph.constant(1.0))
    weight = graph.reshape(graph.mul(there, -4 * np.sin(angle / 2)[None]), 1, len(order))
    return graph.reshape(graph.op('MatMul', weight, wave), HOP)


def decoder_inputs(graph: Graph, decoder: nets.Decoder, latent: str, loudness: str, f0: str, voicing: str) -> str:
    """nets.Decoder.inputs on one hop; all [batch, 1] but latent."""
    ones, zeros = np.ones(nets.LATENT), np.zeros(nets.LATENT)
    if decoder.stage == 'general':
        return graph.add(graph.mul(graph.concat(latent, loudness), [*ones, 1 / 20]), [*zeros, 2])
    places = weights(decoder.pitch_bumps)
    pitch = graph.op('Log', graph.op('Max', f0, graph.constant(30.0)))
    gap = graph.add(pitch, -places[None] * math.log(2))
    bumps = graph.op('Exp', graph.mul(graph.op('Mul', gap, gap), -1 / (0.35 * math.log(2)) ** 2))
    plain = graph.concat(latent, loudness, pitch, voicing, bumps)
    same, none = np.ones_like(places), np.zeros_like(places)
    return graph.add(graph.mul(plain, [*ones, 1 / 20, 1 / math.log(2), 1, *same]), [*zeros, 2, -8, 0, *none])


def flickers(decoder: nets.Decoder) -> bool:
    return bool(decoder.flicker.any())


def noise_columns(decoder: nets.Decoder) -> int:
    """How many random numbers a hop takes: the hiss, and the flicker where there is any."""
    return HISS_COLUMNS + FLICKER_COLUMNS * flickers(decoder)


def flickered(graph: Graph, state: State, decoder: nets.Decoder, bands: str, fresh: str) -> str:
    """nets.Decoder.flickering on one hop: fresh [batch, FLICKER_COLUMNS]; both bands' logarithms [batch, HARMONIC_BANDS + NOISE_BANDS]"""
    kept = np.repeat(KEPT, nets.NOISE_BANDS)
    old, next_old = state.swap()
    drawn = graph.op('Add', graph.mul(old, kept), graph.mul(fresh, np.sqrt(1 - kept ** 2)))
    next_old.append(drawn)
    strength = weights(decoder.flicker)
    to_bands = np.concatenate([weights(decoder.noise_to_harmonic), np.eye(nets.NOISE_BANDS)], 1)
    matrix = np.concatenate([row[:, None] * to_bands for row in strength])
    return graph.op('Add', bands, graph.linear(drawn, matrix.T, -0.5 * (strength ** 2).sum(0) @ to_bands))


def drawn_flicker(columns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The noise of each speed that the decoder graph makes of its noise columns [hops, HISS_COLUMNS + FLICKER_COLUMNS]:
    [hops, len(KEPT), NOISE_BANDS]"""
    fresh = columns[:, HISS_COLUMNS:].reshape(len(columns), len(KEPT), nets.NOISE_BANDS)
    return np.stack([lfilter([math.sqrt(1 - kept ** 2)], [1, -kept], fresh[:, speed], axis=0)
                     for speed, kept in enumerate(KEPT)], 1).astype(np.float32)


@torch.no_grad()
def round_weights(decoder: nets.Decoder) -> None:
    """Round what the graph keeps in half precision, so that both stay equal; the blocks' scales go into the weights beside them."""
    for block in decoder.stack.blocks:
        block.down.weight.mul_(block.scale[:, None])
        block.down.bias.mul_(block.scale)
        block.scale.fill_(1.0)
    blocks = [linear for block in decoder.stack.blocks for linear in (block.up, block.down)]
    for part in (decoder.stack.first, decoder.to_harmonic, decoder.to_noise, *blocks):
        part.weight.copy_(part.weight.half().float())


def decoder_graph(decoder: nets.Decoder, is_8bit: bool = False, is_half: bool = True) -> tuple[onnx.ModelProto, int]:
    """latent [batch, LATENT], loudness, f0, voicing [batch], noise [batch, noise_columns(decoder)], state, and for the general
    stage sound [batch, HOP] -> audio [batch, HOP], state_out; and the state's size.

    is_8bit: the blocks' matrices, which are most of the decoder, in eight bits (the encoder's stay as they are: its latents
    would be off by 3 % of their deviation, RMS, and by 22 % at most). is_half: all its matrices in half precision, for a decoder that
    `round_weights` has had."""
    rows, columns = SYNTH_GRID
    is_general = decoder.stage == 'general'
    graph = Graph('decoder')
    latent = graph.input('latent', nets.LATENT)
    loudness, f0, voicing = (graph.reshape(graph.input(name, None), 1) for name in ('loudness', 'f0', 'voicing'))
    noise, fresh = graph.input('noise', noise_columns(decoder)), ''
    if flickers(decoder):
        noise, fresh = graph.split(noise, [HISS_COLUMNS, FLICKER_COLUMNS], axis=1)
    sound = graph.input('sound', HOP) if is_general else ''
    # phase in cycles, raw comb, scattered comb of the last hop, second half of the last frame, the input's last two
    # hops (the general stage's delay is one frame: the frame to be shaped is over when its hop begins), the stack
    state = State(graph, [(1, 0), (nets.SCATTER, HOP), (HOP, 0), (HOP, 0)] + [(nets.SYNTH, HOP)] * is_general
                  + stack_pieces(decoder.stack) + [(FLICKER_COLUMNS, 0)] * flickers(decoder))

    f0 = graph.op('Max', f0, graph.constant(1.0))
    features = decoder_inputs(graph, decoder, latent, loudness, f0, voicing)
    start, phase = state.swap()
    raw_comb, end = comb(graph, f0, start)
    phase.append(end)
    scattered = scatter(graph, state.extend(raw_comb), weights(decoder.scatter))
    last_scattered, kept = state.swap()
    kept.append(scattered)
    frame = graph.concat(last_scattered, scattered)
    window = weights(decoder.window)
    carry, next_carry = state.swap()
    noise = graph.reshape(noise, rows // 2 + 1, 2 * columns)
    bins = dft_places(rows, columns).bins.ravel()
    # the spectrum of white noise of variance 1: real and imaginary part have the variance SYNTH / 2
    noise_gain = math.sqrt(nets.SYNTH / 2)
    flat_bands = ''
    if is_general:
        heard = state.old[state.taken]
        state.extend(sound)
        power = graph.op('ReduceMean', graph.op('Mul', heard, heard), graph.constant([1], np.int64), keepdims=1)
        fill = graph.add(graph.mul(graph.op('Sqrt', power), 10 ** (nets.FILL_DB / 20)), nets.FILL_LEAST)
        voiced_fill = graph.op('Mul', fill, voicing)
        spectrum = forward_dft(graph, graph.op('Add', heard, graph.op('Mul', frame, voiced_fill)), rows, columns, window)
        rest = graph.reshape(graph.mul(graph.op('Sub', fill, voiced_fill), noise_gain), 1, 1)
        spectrum = graph.op('Add', spectrum, graph.op('Mul', noise, rest))
        power = power_of(graph, spectrum, rows, columns)
        to_bands = nets.flatten_bands().double().numpy()
        gather = of_power(to_bands / to_bands.sum(1, keepdims=True), rows, columns)
        level = graph.op('Log', graph.add(graph.op('MatMul', power, graph.constant(gather)), nets.FLATTEN_FLOOR))
        flat_bands = graph.mul(level, -0.5)
    else:
        spectrum = forward_dft(graph, frame, rows, columns, window)

    dense = graph.linear_half if is_half else graph.linear
    hidden = stack(graph, state, decoder.stack, features, dense, graph.linear_8bit if is_8bit else dense)
    weight = np.concatenate([weights(decoder.to_harmonic.weight), weights(decoder.to_noise.weight)])
    bias = np.concatenate([weights(decoder.to_harmonic.bias) - 4, weights(decoder.to_noise.bias) - 5])
    bands = graph.op('Clip', dense(hidden, weight, bias), graph.constant(-14.0), graph.constant(5.0))
    bands = graph.op('Add', bands, graph.mul(loudness, math.log(10) / 20))
    if fresh:
        bands = flickered(graph, state, decoder, bands, fresh)
    harmonic, hiss = graph.split(bands, [nets.HARMONIC_BANDS, nets.NOISE_BANDS], axis=1)
    with np.errstate(divide='ignore'):
        log_weight = np.maximum(np.log(inverse_weight(rows, columns).ravel()), -80)

    def envelope(bands: str, to_bins: npt.NDArray, log_gain: float) -> str:
        gains = graph.op('Exp', graph.linear(bands, to_bins[:, bins].T, log_weight + log_gain))
        gains = graph.reshape(gains, rows // 2 + 1, columns)
        return graph.concat(gains, gains, axis=2)

    hiss_gain = envelope(hiss, weights(decoder.noise_to_bins), math.log(noise_gain))
    source_to_bins = weights(decoder.harmonic_to_bins)
    if is_general:
        harmonic = graph.concat(harmonic, flat_bands)
        source_to_bins = np.concatenate([source_to_bins, nets.flatten_bands().double().numpy()])
    voiced = graph.op('Mul', spectrum, envelope(harmonic, source_to_bins, 0.0))
    breath = graph.op('Mul', noise, hiss_gain)
    made = inverse_dft(graph, graph.op('Add', voiced, breath), rows, columns, window)
    head, tail = graph.split(made, [HOP, HOP], axis=1)
    next_carry.append(tail)
    graph.output('audio', graph.op('Add', head, carry), HOP)
    state.finish()
    return graph.model(), state.size


def noise_spectrum(columns: npt.NDArray[np.float32]) -> npt.NDArray[np.complex64]:
    """The complex spectra [hops, BINS] that the decoder graph makes of its noise columns [hops, HISS_COLUMNS or more]."""
    places = dft_places(*SYNTH_GRID)
    real, imag = np.moveaxis(columns[:, :HISS_COLUMNS].reshape(len(columns), -1, 2, SYNTH_GRID[1]), 2, 0)
    value = np.where(places.is_conjugate, real - 1j * imag, real + 1j * imag)
    spectrum = np.zeros((len(columns), nets.BINS), np.complex64)
    spectrum[:, places.bins[~places.is_spare]] = value[:, ~places.is_spare]
    return spectrum * np.float32(math.sqrt(nets.SYNTH / 2))
