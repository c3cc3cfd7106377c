//! What a graph's file says, looked through before ONNX Runtime reads it: nothing beside the file, no random numbers, and
//! no more of anything than a model needs.
//!
//! The reader of the wire format is our own: of a file of up to 256 MiB a handful of fields is asked for, without a copy,
//! and with bounds that a generated reader does not have. A field that comes twice is looked at twice, since what the
//! runtime makes of it is not ours to know.

mod wire;

use std::collections::HashMap;

use wire::{Fields, Malformed, Value};

/// Nodes, with functions written out where they are called. Ours have 150.
const MAX_NODES: u64 = 20_000;

/// Graphs within graphs, and functions that call functions.
const MAX_DEPTH: usize = 8;

const MAX_FUNCTIONS: usize = 1000;

/// Values of a tensor, declared or stored: 256 MiB.
const MAX_VALUES: u64 = 64 << 20;

const MAX_AXES: usize = 16;

/// Operators that draw random numbers: a bounce would not be what was played, and the doctor would judge another sound.
const RANDOM: [&[u8]; 9] = [
    b"RandomNormal",
    b"RandomNormalLike",
    b"RandomUniform",
    b"RandomUniformLike",
    b"Multinomial",
    b"Bernoulli",
    b"BiasDropout",
    b"BitmaskDropout",
    b"Sampling",
];

/// Random while it trains, which its third input says.
const DROPOUT: &[u8] = b"Dropout";

/// Names a file for an accelerator to read.
const CONTEXT: &[u8] = b"EPContext";

/// Why a graph is not handed to ONNX Runtime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("it is no ONNX file, or a damaged one. Ask the model's maker for a new copy")]
    NotOnnx,
    /// Which is taken without checks.
    #[error("it is in ONNX Runtime's own format. Export it as ONNX")]
    OrtFormat,
    #[error("a part of it lies in another file ({0}). Export it in one file")]
    Outside(String),
    #[error(
        "it draws random numbers by itself ({0}), and would sound different each time. Export it with the input “noise” in their place"
    )]
    Random(String),
    #[error("it has {found} {what}, at most {most} are accepted. Export it in a simpler form")]
    TooMuch {
        what: &'static str,
        /// Where there is no end, a word.
        found: String,
        most: u64,
    },
    #[error("“{tensor}” has an axis of {axis} values. Export it again")]
    Axis { tensor: String, axis: i64 },
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::NotOnnx
    }
}

/// Looks through a graph's file. Quick: weights are passed over.
///
/// # Errors
/// The first thing found that speaks against loading it.
pub(super) fn check(file: &[u8]) -> Result<(), Refusal> {
    // A flatbuffer with this mark.
    if file.get(4..8) == Some(b"ORTM") {
        return Err(Refusal::OrtFormat);
    }
    let mut main = Body::default();
    let mut functions = HashMap::new();
    for field in Fields::of(file) {
        match field? {
            (7, graph) => main.graph(graph.bytes()?, 0)?,
            // Training's own graphs: nothing for a player.
            (20, _) => return Err(too_much("graphs for training", 1, 0)),
            (25, function) => {
                let (name, body) = function_of(function.bytes()?)?;
                if functions.insert(name, body).is_some() {
                    return Err(Refusal::NotOnnx);
                }
                if functions.len() > MAX_FUNCTIONS {
                    return Err(too_much("functions", functions.len() as u64, MAX_FUNCTIONS as u64));
                }
            }
            _ => {}
        }
    }
    let nodes = main.written_out(&functions, &mut HashMap::new(), 0)?;
    if main.graphs == 0 {
        return Err(Refusal::NotOnnx);
    }
    if nodes > MAX_NODES { Err(too_much("operators", nodes, MAX_NODES)) } else { Ok(()) }
}

fn too_much(what: &'static str, found: u64, most: u64) -> Refusal {
    Refusal::TooMuch { what, found: found.to_string(), most }
}

/// A text from the file, short enough to be shown, without anything that moves a terminal's cursor.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(60).collect()
}

/// Domain and name.
type Operator<'a> = (&'a [u8], &'a [u8]);

/// ONNX's own domain has two names.
fn operator<'a>(domain: &'a [u8], name: &'a [u8]) -> Operator<'a> {
    (if domain == b"ai.onnx" { b"" } else { domain }, name)
}

/// The nodes of a graph or a function, those of graphs within it included.
#[derive(Default)]
struct Body<'a> {
    graphs: usize,
    /// What is called, and how often.
    calls: HashMap<Operator<'a>, u64>,
    nodes: u64,
}

/// A function's name and nodes.
fn function_of(message: &[u8]) -> Result<(Operator<'_>, Body<'_>), Refusal> {
    let (mut body, mut domain, mut name) = (Body::default(), &[][..], &[][..]);
    for field in Fields::of(message) {
        match field? {
            (1, text) => name = text.bytes()?,
            (10, text) => domain = text.bytes()?,
            (7, node) => body.node(node.bytes()?, 0)?,
            (11, attribute) => body.attribute(attribute.bytes()?, 0)?,
            (12, value) => value_info(value.bytes()?)?,
            _ => {}
        }
    }
    Ok((operator(domain, name), body))
}

impl<'a> Body<'a> {
    fn graph(&mut self, message: &'a [u8], depth: usize) -> Result<(), Refusal> {
        deeper(depth)?;
        self.graphs += 1;
        for field in Fields::of(message) {
            match field? {
                (1, node) => self.node(node.bytes()?, depth)?,
                (5, stored) => tensor(stored.bytes()?)?,
                (15, stored) => sparse_tensor(stored.bytes()?)?,
                (11..=13, value) => value_info(value.bytes()?)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn node(&mut self, message: &'a [u8], depth: usize) -> Result<(), Refusal> {
        let (mut domain, mut inputs) = (&[][..], 0);
        let mut names = Vec::new();
        for field in Fields::of(message) {
            match field? {
                // One that is left out is there without a name.
                (1, input) => inputs += usize::from(inputs < 2 || !input.bytes()?.is_empty()),
                (4, text) => names.push(text.bytes()?),
                (5, attribute) => self.attribute(attribute.bytes()?, depth)?,
                (7, text) => domain = text.bytes()?,
                _ => {}
            }
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(too_much("operators", self.nodes, MAX_NODES));
        }
        for name in names {
            if RANDOM.contains(&name) || (name == DROPOUT && inputs > 2) {
                return Err(Refusal::Random(shown(name)));
            }
            if name == CONTEXT {
                return Err(Refusal::Outside(shown(name)));
            }
            *self.calls.entry(operator(domain, name)).or_default() += 1;
        }
        Ok(())
    }

    fn attribute(&mut self, message: &'a [u8], depth: usize) -> Result<(), Refusal> {
        for field in Fields::of(message) {
            match field? {
                (5 | 10, stored) => tensor(stored.bytes()?)?,
                (22 | 23, stored) => sparse_tensor(stored.bytes()?)?,
                (6 | 11, graph) => self.graph(graph.bytes()?, depth + 1)?,
                (14 | 15, kind) => value_type(kind.bytes()?, "an attribute", 0)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// How many nodes there are where every function is written out at its call.
    fn written_out(
        &self,
        functions: &HashMap<Operator<'a>, Body<'a>>,
        known: &mut HashMap<Operator<'a>, u64>,
        depth: usize,
    ) -> Result<u64, Refusal> {
        deeper(depth)?;
        let mut nodes = self.nodes;
        for (operator, times) in &self.calls {
            let Some(function) = functions.get(operator) else { continue };
            let inner = match known.get(operator) {
                Some(&inner) => inner,
                None => function.written_out(functions, known, depth + 1)?,
            };
            known.insert(*operator, inner);
            nodes = nodes.saturating_add(inner.saturating_mul(*times));
        }
        Ok(nodes)
    }
}

fn deeper(depth: usize) -> Result<(), Refusal> {
    let most = MAX_DEPTH as u64;
    if depth > MAX_DEPTH {
        return Err(Refusal::TooMuch {
            what: "levels of graphs or functions in one another",
            found: format!("over {most}"),
            most,
        });
    }
    Ok(())
}

/// A stored tensor: within the file.
fn tensor(message: &[u8]) -> Result<(), Refusal> {
    let (mut name, mut dims, mut is_outside) = (&[][..], Vec::new(), false);
    for field in Fields::of(message) {
        match field? {
            (1, value) => dims.extend(value.integers()?),
            (8, text) => name = text.bytes()?,
            (13, _) => is_outside = true,
            // Anything but “in this file”; as the runtime does, by the lower half.
            (14, Value::Varint(place)) => is_outside |= place as u32 != 0,
            _ => {}
        }
    }
    if is_outside {
        return Err(Refusal::Outside(format!("the weights “{}”", shown(name))));
    }
    shape(name, &dims, 0)
}

fn sparse_tensor(message: &[u8]) -> Result<(), Refusal> {
    let mut dims = Vec::new();
    for field in Fields::of(message) {
        match field? {
            (1 | 2, stored) => tensor(stored.bytes()?)?,
            (3, value) => dims.extend(value.integers()?),
            _ => {}
        }
    }
    shape(b"a sparse tensor", &dims, 0)
}

/// A declared input, output or value between.
fn value_info(message: &[u8]) -> Result<(), Refusal> {
    let (mut name, mut kinds) = (&[][..], Vec::new());
    for field in Fields::of(message) {
        match field? {
            (1, text) => name = text.bytes()?,
            (2, kind) => kinds.push(kind.bytes()?),
            _ => {}
        }
    }
    kinds.into_iter().try_for_each(|kind| value_type(kind, &shown(name), 0))
}

fn value_type(message: &[u8], name: &str, depth: usize) -> Result<(), Refusal> {
    deeper(depth)?;
    for field in Fields::of(message) {
        let (field, value) = field?;
        let Value::Bytes(inner) = value else { continue };
        for part in Fields::of(inner) {
            match (field, part?) {
                // Dense and sparse tensors.
                (1 | 8, (2, declared)) => declared_shape(declared.bytes()?, name)?,
                // Lists and optional values of a type; maps to one.
                (4 | 9, (1, kind)) | (5, (2, kind)) => value_type(kind.bytes()?, name, depth + 1)?,
                _ => {}
            }
        }
    }
    Ok(())
}

fn declared_shape(message: &[u8], name: &str) -> Result<(), Refusal> {
    let mut dims = Vec::new();
    for field in Fields::of(message) {
        let (1, axis) = field? else { continue };
        let mut value = None;
        for part in Fields::of(axis.bytes()?) {
            if let (1, Value::Varint(size)) = part? {
                value = Some(size as i64);
            }
        }
        // One that is only known at run time.
        dims.push(value.unwrap_or(-1));
    }
    shape(name.as_bytes(), &dims, -1)
}

/// Axes of a tensor: not many, none below `least`, and not too many values in all.
fn shape(name: &[u8], dims: &[i64], least: i64) -> Result<(), Refusal> {
    if dims.len() > MAX_AXES {
        return Err(too_much("axes in a tensor", dims.len() as u64, MAX_AXES as u64));
    }
    let mut values = 1u64;
    for &axis in dims {
        if axis < least {
            return Err(Refusal::Axis { tensor: shown(name), axis });
        }
        // An axis of no values, or one that is not known, makes the others no smaller.
        values = values.saturating_mul(axis.max(1) as u64);
    }
    if values > MAX_VALUES { Err(too_much("values in a tensor", values, MAX_VALUES)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
