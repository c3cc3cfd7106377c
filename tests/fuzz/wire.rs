//! Graphs that are almost right: ONNX files are protocol buffers, whose messages can be taken apart and put together again with
//! all lengths as they should be, without knowing what they mean.

use fastrand::Rng;

enum Content {
    Varint(u64),
    Fixed(Vec<u8>),
    Bytes(Vec<u8>),
    Message(Vec<Field>),
}

struct Field {
    key: u64,
    content: Content,
}

/// Changes one to three places.
pub fn mutate(bytes: &[u8], random: &mut Rng) -> Option<Vec<u8>> {
    let mut fields = parse(bytes, 0)?;
    for _ in 0..random.usize(1..4) {
        change(&mut fields, random);
    }
    Some(write(&fields))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 127) << shift;
        if first & 128 == 0 {
            return Some(value);
        }
    }
    None
}

fn parse(mut bytes: &[u8], depth: u32) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let mut take = |count: usize| {
            let (taken, rest) = bytes.split_at_checked(count)?;
            bytes = rest;
            Some(taken.to_vec())
        };
        let content = match key & 7 {
            0 => Content::Varint(varint(&mut bytes)?),
            1 => Content::Fixed(take(8)?),
            5 => Content::Fixed(take(4)?),
            2 => {
                let count = varint(&mut bytes)?;
                let (inner, rest) = bytes.split_at_checked(usize::try_from(count).ok()?)?;
                bytes = rest;
                // A text may look like a message; then it is changed as one, which does no harm.
                match parse(inner, depth + 1) {
                    Some(message) if !message.is_empty() && depth < 12 => Content::Message(message),
                    _ => Content::Bytes(inner.to_vec()),
                }
            }
            _ => return None,
        };
        if key >> 3 == 0 {
            return None;
        }
        fields.push(Field { key, content });
    }
    Some(fields)
}

fn write(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        put(&mut bytes, field.key);
        match &field.content {
            Content::Varint(value) => put(&mut bytes, *value),
            Content::Fixed(inner) => bytes.extend(inner),
            Content::Bytes(inner) => {
                put(&mut bytes, inner.len() as u64);
                bytes.extend(inner);
            }
            Content::Message(inner) => {
                let inner = write(inner);
                put(&mut bytes, inner.len() as u64);
                bytes.extend(inner);
            }
        }
    }
    bytes
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn change(fields: &mut Vec<Field>, random: &mut Rng) {
    if fields.is_empty() {
        return;
    }
    let at = random.usize(..fields.len());
    match random.u32(..12) {
        0 => drop(fields.remove(at)),
        1 => {
            let copy = write(&fields[at..=at]);
            fields.extend(parse(&copy, 0).unwrap_or_default());
        }
        2 => {
            let other = random.usize(..fields.len());
            fields.swap(at, other);
        }
        _ => match &mut fields[at].content {
            Content::Varint(value) => {
                let odd = [0, 1, 2, 7, 64, 1 << 20, 1 << 31, u64::MAX, u64::MAX - 1, 1 << 40];
                *value =
                    if random.bool() { odd[random.usize(..odd.len())] } else { value.wrapping_add(random.u64(..4)) };
            }
            Content::Fixed(inner) => {
                let odd = [f32::NAN, f32::INFINITY, 1e30, -1e30, 0.0, 1e-40];
                let odd = odd[random.usize(..odd.len())].to_le_bytes();
                inner.iter_mut().zip(odd).for_each(|(to, from)| *to = from);
            }
            Content::Bytes(inner) => *inner = odd_bytes(inner, random),
            Content::Message(inner) => change(inner, random),
        },
    }
}

/// Names of operators, of this graph's own tensors, and numbers at the ends of their ranges.
fn odd_bytes(bytes: &[u8], random: &mut Rng) -> Vec<u8> {
    const NAMES: [&str; 24] = [
        "Loop",
        "If",
        "Scan",
        "Expand",
        "ConstantOfShape",
        "Range",
        "Tile",
        "Concat",
        "Gather",
        "Reshape",
        "Squeeze",
        "Slice",
        "RandomNormal",
        "Shape",
        "NonZero",
        "Pad",
        "Identity",
        "audio",
        "latent",
        "state",
        "loudness",
        "noise",
        "",
        "x",
    ];
    let mut bytes = bytes.to_vec();
    match random.u32(..5) {
        0 => NAMES[random.usize(..NAMES.len())].into(),
        1 => {
            bytes.truncate(random.usize(..=bytes.len()));
            bytes
        }
        2 => bytes.repeat(random.usize(2..6)),
        3 if bytes.len() >= 4 => {
            let at = random.usize(..=bytes.len() - 4);
            let odd = [f32::NAN.to_bits(), 1e30f32.to_bits(), u32::MAX, 0, 1 << 31, 3];
            bytes[at..at + 4].copy_from_slice(&odd[random.usize(..odd.len())].to_le_bytes());
            bytes
        }
        _ => {
            if !bytes.is_empty() {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            bytes
        }
    }
}
